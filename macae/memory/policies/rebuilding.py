"""Removing from a memory that can only add and clear."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.memory import Memory, MemoryContent, MemoryQueryResult

from macae.errors import InvalidInput
from macae.memory.policies.entries import id_of, identified, with_metadata
from macae.memory.policies.inner import add_to, removes
from macae.memory.policies.wrapping import Call, WrappedMemory

__all__ = ["RebuildingMemory", "removable"]


class RebuildingMemory(WrappedMemory):
    """Keeps a copy of every entry; to remove one it clears the inner memory and adds the others again.

    So it costs as many writes as entries are left, and a crash in between loses them: for memories of one process.
    The inner memory must begin empty, or `holds` must name what is in it: anything else would be lost (InvalidInput).
    """

    rebuilds = True

    def __init__(self, inner: Memory, holds: Iterable[MemoryContent] = ()) -> None:
        super().__init__(inner)
        self._held = {id_of(content): content for content in map(identified, holds)}
        self._known = bool(self._held)
        self._turn = asyncio.Lock()

    async def add_many(
        self, contents: Sequence[MemoryContent], cancellation_token: CancellationToken | None = None
    ) -> None:
        """Add; entries with known ids are replaced."""
        async with self._turn:
            await self._look()
            named = {id_of(content): content for content in map(identified, contents)}
            if self._held.keys() & named.keys():
                await self._rebuild({**self._held, **named})
            else:
                await add_to(self.inner, [_copy(content) for content in named.values()], cancellation_token)
                self._held |= named

    async def delete(self, ids: Sequence[str]) -> None:
        """Clear, and add the rest again."""
        async with self._turn:
            await self._look()
            if self._held.keys() & set(ids):
                await self._rebuild({id: content for id, content in self._held.items() if id not in set(ids)})

    async def ids(self) -> list[str]:
        """The ids of all entries."""
        return list(self._held)

    async def get(self, ids: Sequence[str]) -> list[MemoryContent]:
        """The entries with these ids."""
        return [self._held[id] for id in ids if id in self._held]

    async def around(self, call: Call, run: Any) -> Any:
        """Forget the copies when all is cleared; give what is found its own id again."""
        result = await run()
        if call.name == "clear":
            self._held, self._known = {}, True
        if isinstance(result, MemoryQueryResult):
            return MemoryQueryResult(results=[_named(content, self._held) for content in result.results])
        return result

    async def _look(self) -> None:
        if not self._known and (await self.inner.query("")).results:
            raise InvalidInput(
                f"{type(self.inner).__name__} already holds entries, and it cannot remove single ones. "
                "Begin with an empty one, name what it holds (RebuildingMemory(inner, holds=[…])), or use SQLMemory."
            )
        self._known = True

    async def _rebuild(self, held: dict[str, MemoryContent]) -> None:
        self._held = held  # first: after a failure the next change puts all of it back
        await self.inner.clear()
        await add_to(self.inner, [_copy(content) for content in held.values()])


def _named(found: MemoryContent, held: Mapping[str, MemoryContent]) -> MemoryContent:
    # Some memories give what they find an id of their own, or none.
    if id_of(found) in held:
        return found
    own = next((id for id, content in held.items() if content.content == found.content), None)
    return with_metadata(found, id=own) if own else found


def _copy(content: MemoryContent) -> MemoryContent:
    return content.model_copy(
        update={"metadata": dict(content.metadata or {})}
    )  # some write into what they get


def removable(memory: Memory) -> Memory:
    """The memory itself where it can remove single entries, else a RebuildingMemory around it."""
    return memory if removes(memory) else RebuildingMemory(memory)
