"""The same question, the same answer, without asking again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from autogen_core.memory import Memory, MemoryQueryResult, UpdateContextResult
from autogen_core.model_context import ChatCompletionContext
from cachetools import TTLCache

from macae.memory.policies.entries import dumped
from macae.memory.policies.wrapping import Call, WrappedMemory
from macae.memory.semantic.context import recall

__all__ = ["CachedMemory"]


class CachedMemory(WrappedMemory):
    """Answers a query from the last `size` answers, until something is written through this object or `seconds` pass.

    What another process or another wrapper writes is seen after `seconds` at the latest. `hits` and `misses` count.
    """

    def __init__(
        self, inner: Memory, size: int = 256, seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        super().__init__(inner)
        self.hits = self.misses = self._writes = 0
        self._answers: TTLCache[str, MemoryQueryResult] = TTLCache(size, seconds, clock)

    async def around(self, call: Call, run: Any) -> Any:
        """Answer from the cache where it can; forget it with every write, before and after."""
        if call.name == "query":
            key = repr((_key(call.query), sorted(call.options.items())))
            if (known := self._answers.get(key)) is not None:
                self.hits += 1
                return known.model_copy(deep=True)
            self.misses += 1
            before, found = self._writes, await run()
            if before == self._writes:  # nothing was written meanwhile: the answer still holds
                self._answers[key] = found.model_copy(deep=True)
            return found
        try:
            return await run()
        finally:
            if call.writes:
                self._writes += 1
                self._answers.clear()

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        """Tell the model what a query finds, from the cache where it can."""
        return await recall(self, model_context)


def _key(query: Any) -> str:
    return query if isinstance(query, str) else dumped(query) if hasattr(query, "mime_type") else repr(query)
