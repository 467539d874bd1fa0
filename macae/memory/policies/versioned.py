"""Entries with a history."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.memory import ListMemory, Memory, MemoryContent, MemoryMimeType

from macae.errors import NotFound
from macae.memory.policies.entries import dumped, id_of, identified, revived, with_metadata
from macae.memory.policies.inner import add_to, get_from
from macae.memory.policies.rebuilding import removable
from macae.memory.policies.wrapping import Call, WrappedMemory

__all__ = ["VersionedMemory"]


class VersionedMemory(WrappedMemory):
    """Adding under a known id (`metadata["id"]`) makes version 2, 3, …; queries see the newest, `history` and `at` all.

    The last `keep` older versions of each entry go to the memory `history`, which must last as long as they are to: without one
    they are kept in this process. Deleting keeps the history; `clear` forgets it too. Times are Unix seconds.
    """

    def __init__(
        self, inner: Memory, history: Memory | None = None, keep: int = 20,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        super().__init__(removable(inner))
        self.past, self.keep, self.clock = removable(history or ListMemory()), keep, clock
        self._turn = asyncio.Lock()

    async def add_many(
        self, contents: Sequence[MemoryContent], cancellation_token: CancellationToken | None = None
    ) -> None:
        """Add; what each replaces goes to the history first, so that a crash in between loses nothing."""
        async with self._turn:
            for content in contents:
                older = await self._put_away(id_of(content))
                version = 1 + max((_number(one, "version", 0) for one in older), default=0)
                now = with_metadata(identified(content), version=int(version), written=self.clock())
                await add_to(self.inner, [now], cancellation_token)

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete; what was there goes to the history."""
        async with self._turn:
            for id in ids:
                await self._put_away(id)
            await super().delete(ids)

    async def history(self, id: str) -> list[MemoryContent]:
        """All versions that are kept, oldest first: `metadata` has version, written and (where it was replaced) until."""
        return [*_versions(await get_from(self.past, [id])), *await get_from(self.inner, [id])]

    async def at(self, id: str, version: int | None = None, time: float | None = None) -> MemoryContent:
        """The version with this number, or the one that held at this time (default: now). Raises NotFound."""
        moment = self.clock() if time is None else time
        for one in reversed(await self.history(id)):
            held = _number(one, "written", -math.inf) <= moment < _number(one, "until", math.inf)
            if (version is None and held) or (version is not None and _number(one, "version", 1) == version):
                return one
        raise NotFound(f"There is no such version of {id!r}. `await memory.history(id)` lists what is kept.")

    async def around(self, call: Call, run: Any) -> Any:
        """Clearing forgets the history too."""
        if call.name == "clear":
            await self.past.clear()
        return await run()

    async def close(self) -> None:
        """Close both."""
        await self.past.close()
        await self.inner.close()

    async def _put_away(self, id: str) -> list[MemoryContent]:
        """Take what is there now into the history; gives all that is known of the entry."""
        older = _versions(await get_from(self.past, [id])) if id else []
        for one in await get_from(self.inner, [id]) if id else []:
            gone = with_metadata(one, until=self.clock(), version=int(_number(one, "version", 1)))
            kept = [old for old in older if _number(old, "version", 1) != _number(gone, "version", 1)]
            older = [*kept, gone][-self.keep :]
            texts = {"versions": [dumped(old) for old in older]}
            book = MemoryContent(content=texts, mime_type=MemoryMimeType.JSON, metadata={"id": id})
            await add_to(self.past, [book])
        return older


def _versions(found: list[MemoryContent]) -> list[MemoryContent]:
    return [
        revived(text) for book in found if isinstance(book.content, dict) for text in book.content["versions"]
    ]


def _number(content: MemoryContent, name: str, otherwise: float) -> float:
    value = (content.metadata or {}).get(name, otherwise)
    return float(value) if isinstance(value, int | float) else otherwise
