"""One memory for a whole team."""

from __future__ import annotations

from typing import Any

from autogen_core.memory import Memory, MemoryContent, MemoryMimeType, MemoryQueryResult, UpdateContextResult
from autogen_core.model_context import ChatCompletionContext

from macae.memory.policies.entries import text_of, with_metadata
from macae.memory.policies.wrapping import WrappedMemory
from macae.memory.semantic.context import recall

__all__ = ["TeamMemory"]


class TeamMemory(WrappedMemory):
    """One agent's view of a memory that a team shares: give each agent its own, around the same inner memory.

    Who wrote an entry is stored with it (`metadata["agent"]`, set here whatever the entry says), and told to the model that reads it.
    `query(…, by="ann")` finds what ann wrote. As a tool (`tools=[memory.remember]`) it lets the agent write.
    """

    def __init__(self, inner: Memory, agent: str) -> None:
        super().__init__(inner)
        self.agent = agent

    async def incoming(self, content: MemoryContent) -> MemoryContent:
        """Sign it."""
        return with_metadata(content, agent=self.agent)

    async def query(
        self, query: Any = "", cancellation_token: Any = None, *, by: str | None = None, **kwargs: Any
    ) -> MemoryQueryResult:
        """What the team knows about it, or what one of its agents wrote."""
        found = await super().query(query, cancellation_token, **kwargs)
        return (
            found if by is None else MemoryQueryResult(results=[c for c in found.results if author(c) == by])
        )

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        """Tell the model what is known, and by whom."""
        return await recall(_Signed(self), model_context)

    async def remember(self, note: str) -> str:
        """Remember a note for the whole team."""
        await self.add(MemoryContent(content=note, mime_type=MemoryMimeType.TEXT))
        return f"Noted for the team: {note}"


class _Signed(WrappedMemory):
    async def query(self, *args: Any, **kwargs: Any) -> MemoryQueryResult:
        """What is found, each with its author in front."""
        found = await self.inner.query(*args, **kwargs)
        told = [c.model_copy(update={"content": f"{author(c)}: {text_of(c)}"}) for c in found.results]
        return MemoryQueryResult(results=told)


def author(content: MemoryContent) -> str:
    """Who wrote it, as the team's memory knows."""
    return str((content.metadata or {}).get("agent") or "unknown")
