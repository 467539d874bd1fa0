"""Forget the least used and the oldest."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from autogen_core import CancellationToken
from autogen_core.memory import Memory, MemoryContent, MemoryQueryResult, UpdateContextResult
from autogen_core.model_context import ChatCompletionContext

from macae.errors import InvalidInput, NotAllowed
from macae.memory.policies.entries import id_of, identified, with_metadata
from macae.memory.policies.inner import delete_from, get_from, ids_of
from macae.memory.policies.rebuilding import removable
from macae.memory.policies.wrapping import Call, WrappedMemory
from macae.memory.semantic.context import recall

__all__ = ["EvictingMemory"]


class EvictingMemory(WrappedMemory):
    """Keeps at most `limit` entries, those last written or found by a query, and none older than `age` seconds.

    What is evicted is deleted from the inner memory. One that can only add and clear is cleared and filled again
    (RebuildingMemory says what that costs). It counts what is there at its first call, and what is added through it.
    """

    def __init__(
        self, inner: Memory, limit: int = 1000, age: float = math.inf, clock: Callable[[], float] = time.time
    ) -> None:
        if limit < 1 or not age > 0:
            raise InvalidInput("EvictingMemory keeps at least one entry (limit), for more than 0 seconds.")
        super().__init__(removable(inner))
        self.limit, self.age, self.clock = limit, age, clock
        self._used: dict[str, float] | None = None  # by id, the least used first: when it was written
        self._turn = asyncio.Lock()

    async def add_many(
        self, contents: Sequence[MemoryContent], cancellation_token: CancellationToken | None = None
    ) -> None:
        """Add, with id and time; then evict what is too much."""
        stamped = [with_metadata(identified(one), added=self.clock()) for one in contents]
        await super().add_many(stamped, cancellation_token)

    async def around(self, call: Call, run: Any) -> Any:
        """Evict before every reading and after every adding."""
        async with self._turn:
            used = self._used = await _known(self.inner, self.clock()) if self._used is None else self._used
            if call.writes:
                await run()
                for id in list(used) if call.name == "clear" else call.ids:
                    used.pop(id, None)
                _use(used, {id_of(one): self.clock() for one in call.contents})
                await self._evict(used)
                return None
            with suppress(NotAllowed):  # a reader may not delete: a writer's next call does
                await self._evict(used)
        result = await run()
        if isinstance(result, MemoryQueryResult):  # the best of what it found was used last
            fresh = [one for one in result.results if not self._is_old(_written(one, math.inf))]
            _use(used, {id: used[id] for id in map(id_of, reversed(fresh)) if id in used})
            return MemoryQueryResult(results=fresh)
        return result

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        """Tell the model what a query finds, so that the entries count as used."""
        return await recall(self, model_context)

    def _is_old(self, written: float) -> bool:
        return written <= self.clock() - self.age

    async def _evict(self, used: dict[str, float]) -> None:
        young = [id for id, written in used.items() if not self._is_old(written)]
        gone = used.keys() - set(young[-self.limit :])
        await delete_from(self.inner, sorted(gone))
        for id in gone:
            del used[id]


async def _known(memory: Memory, now: float) -> dict[str, float]:
    try:
        entries = await get_from(memory, await ids_of(memory))
    except NotAllowed:  # who may not look does not count what was there before
        return {}
    return {id_of(one): _written(one, now) for one in sorted(entries, key=lambda one: _written(one, now))}


def _written(content: MemoryContent, otherwise: float) -> float:
    written = (content.metadata or {}).get("added")
    return float(written) if isinstance(written, int | float) else otherwise


def _use(used: dict[str, float], times: dict[str, float]) -> None:
    for id, written in times.items():
        used.pop(id, None)
        used[id] = written
