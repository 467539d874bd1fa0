"""The documents of one agent's chat in the store."""

from __future__ import annotations

from typing import Any

from macae.memory.chat.messages import ChatMessage
from macae.memory.chat.summary import ChatSummary
from macae.memory.store import Store

__all__ = ["StoredChat"]


class StoredChat:
    """Reads and removes them. Where a chat was replaced, the highest edition counts, and the rest is only left over."""

    def __init__(self, store: Store, user_id: str, session_id: str, agent: str) -> None:
        self._store = store
        self.of: dict[str, Any] = {"user_id": user_id, "session_id": session_id, "agent": agent}
        """Whose chat it is: the fields that all its documents share."""

    async def newest(self, limit: int) -> list[ChatMessage]:
        """The newest documents with messages, in the order of their places."""
        found = await self._store.find(ChatMessage, **self.of, limit=limit, newest_first=True)
        found.reverse()
        edition = max((record.edition for record in found), default=0)
        # Steps may end in another order than they were given places.
        return sorted((r for r in found if r.edition == edition), key=lambda record: record.index)

    async def summary(self, edition: int) -> ChatSummary | None:
        """The newest summary, if it is of this edition."""
        found = await self._store.find(ChatSummary, **self.of, limit=1, newest_first=True)
        return found[0] if found and found[0].edition == edition else None

    async def remove(self, before: int | None = None) -> None:
        """Remove all documents, or those of the editions before this one."""
        kinds: tuple[type[ChatMessage] | type[ChatSummary], ...] = (ChatMessage, ChatSummary)
        ids = [
            document.id
            for kind in kinds
            for document in await self._store.find(kind, **self.of)
            if before is None or document.edition < before
        ]
        if ids:
            await self._store.delete(self.of["user_id"], self.of["session_id"], ids)
