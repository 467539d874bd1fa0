"""One memory for a whole team."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.memory import Memory, MemoryContent, MemoryMimeType, MemoryQueryResult, UpdateContextResult
from autogen_core.model_context import ChatCompletionContext

from macae.errors import NotAllowed
from macae.memory.options import MOST
from macae.memory.policies.entries import id_of, text_of, with_metadata
from macae.memory.policies.inner import get_from, removes, takes
from macae.memory.policies.turns import turn_of
from macae.memory.policies.wrapping import WrappedMemory
from macae.memory.semantic.context import recall

__all__ = ["TeamMemory"]


class TeamMemory(WrappedMemory):
    """One agent's view of a memory that a team shares: give each agent its own, around the same inner memory.

    Who wrote an entry is stored with it (`metadata["agent"]`, set here whatever the entry says), and told to the model that reads it.
    `query(…, by="ann")` finds what ann wrote. As a tool (`tools=[memory.remember]`) it lets the agent write. Nobody replaces what
    another wrote (NotAllowed); deleting is not guarded here. Closing one view leaves the memory open, unless it `owns` it.
    """

    def __init__(self, inner: Memory, agent: str, *, owns: bool = False) -> None:
        super().__init__(inner)
        self.agent, self.owns = agent, owns

    async def incoming(self, content: MemoryContent) -> MemoryContent:
        """Sign it."""
        return with_metadata(content, agent=self.agent)

    async def add_many(
        self, contents: Sequence[MemoryContent], cancellation_token: CancellationToken | None = None
    ) -> None:
        """Add, all or nothing, unless one has the id of another's entry."""
        ids = [id for id in map(id_of, contents) if id]
        if not ids or not removes(self.inner):  # then nothing is replaced
            return await super().add_many(contents, cancellation_token)
        async with turn_of(self):
            for one in await get_from(self.inner, ids):
                if author(one) not in (self.agent, "unknown"):
                    raise NotAllowed(
                        f"The entry {id_of(one)!r} is {author(one)}'s. Add yours under an id of its own."
                    )
            await super().add_many(contents, cancellation_token)

    async def query(
        self, query: Any = "", cancellation_token: Any = None, *, by: str | None = None, **kwargs: Any
    ) -> MemoryQueryResult:
        """What the team knows about it, or what one of its agents wrote."""
        if by is None:
            return await super().query(query, cancellation_token, **kwargs)
        if takes(self.inner, "where"):
            kwargs["where"] = {**(kwargs.get("where") or {}), "agent": by}
            return await super().query(query, cancellation_token, **kwargs)
        most = kwargs.get("k")
        more = {"k": MOST} if takes(self.inner, "k") else {}  # what others wrote must not crowd it out
        found = await super().query(query, cancellation_token, **{**kwargs, **more})
        return MemoryQueryResult(results=[one for one in found.results if author(one) == by][:most])

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
