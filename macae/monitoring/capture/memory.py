"""A memory whose queries are told as events."""

from __future__ import annotations

import time
from typing import Any

from autogen_core.memory import Memory, MemoryQueryResult, UpdateContextResult

from macae.memory.policies.wrapping import Call, WrappedMemory
from macae.models import EventType
from macae.monitoring.capture.stream import Tell

__all__ = ["ObservedMemory"]


class ObservedMemory(WrappedMemory):
    """Does what `inner` does, and tells of each query. `name` is what the memory is called, `agent` whose it is."""

    def __init__(self, inner: Memory, tell: Tell, *, name: str = "memory", agent: str = "") -> None:
        super().__init__(inner)
        self.name, self.agent, self._tell = name, agent, tell

    async def around(self, call: Call, run: Any) -> Any:
        """Time it, and tell."""
        if call.name not in ("query", "update_context"):
            return await run()
        began = time.perf_counter()
        result = await run()
        found = result.memories if isinstance(result, UpdateContextResult) else result
        entries = found.results if isinstance(found, MemoryQueryResult) else []
        self._tell(
            EventType.memory_queried,
            self.agent,
            str(getattr(call.query, "content", call.query) or "(the conversation)"),
            memory=self.name,
            seconds=round(time.perf_counter() - began, 4),
            results=len(entries),
            sources=[str((one.metadata or {}).get("id", "")) for one in entries],
        )
        return result
