"""Search over what agents and people said: the store's messages in a semantic memory, each with where it comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autogen_core.memory import MemoryContent, MemoryMimeType
from autogen_core.models import AssistantMessage, LLMMessage, UserMessage

from macae.memory.chat.messages import ChatMessage
from macae.memory.semantic.memory import SemanticMemory
from macae.models import AgentMessage

if TYPE_CHECKING:
    from macae.config import Settings
    from macae.memory.store import Store

__all__ = ["MessageIndex", "Said"]

LONGEST = 20_000
"""Characters of a message that are kept; what an embedding reads of it is less."""
BATCH = 32
"""Messages that are embedded in one call: a slow model then keeps within the call's time, and what was done stays done."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message that was found, and its source."""

    text: str
    who: str
    """The agent, or `user`."""
    session_id: str
    plan_id: str
    step_id: str
    when: int
    """Unix seconds; 0 where it is not known."""
    kind: str
    """`message` (said in the session) or `turn` (of an agent's conversation with its model)."""
    score: float
    """From 0 to 1."""


class MessageIndex:
    """One user's messages, of all sessions. `update` takes in what is new; `search` finds. Close it, or use `async with`.

    Raises what the store and `SemanticMemory` raise.
    """

    def __init__(
        self, store: Store, *, user_id: str, settings: Settings | None = None, **options: Any
    ) -> None:
        self._store = store
        self._memory = SemanticMemory("messages", user_id=user_id, settings=settings, **options)
        self._user_id = self._memory.user_id

    async def update(
        self, session_id: str | None = None, told: Callable[[int, int], None] | None = None
    ) -> int:
        """Bring the index to what the store holds, of one session or of all. Gives how many messages are new or changed.

        Only those are embedded; what was deleted from the store goes. `told` hears how many of how many are done. A failure on
        the way leaves what was done: do it again.
        """
        found: dict[str, MemoryContent] = {}
        for message in await self._store.find(AgentMessage, user_id=self._user_id, session_id=session_id):
            where = {"plan_id": message.plan_id, "step_id": message.step_id or ""}
            source = {"who": message.source, "session_id": message.session_id, "kind": "message", **where}
            found |= _entry(message.id, message.content, source, message.ts)
        for turn in await self._store.find(ChatMessage, user_id=self._user_id, session_id=session_id):
            for number, (who, text) in enumerate(_spoken(turn.messages, turn.agent)):
                source = {"who": who, "agent": turn.agent, "session_id": turn.session_id, "kind": "turn"}
                found |= _entry(f"{turn.id}#{number}", text, source, turn.ts)
        known = set(await self._memory.ids({"session_id": session_id} if session_id else None))
        new = [content for identifier, content in found.items() if identifier not in known]
        if gone := known - set(found):
            await self._memory.delete(sorted(gone))
        for start in range(0, len(new), BATCH):
            await self._memory.add_many(new[start : start + BATCH])
            if told:
                told(min(start + BATCH, len(new)), len(new))
        return len(new)

    async def search(
        self, question: str, *, k: int = 5, threshold: float | None = None, session_id: str | None = None
    ) -> list[Said]:
        """What was said about it, best first; with `session_id`, in that session alone."""
        where = {"session_id": session_id} if session_id else None
        found = await self._memory.query(question, k=k, threshold=threshold, where=where)
        return [_said(content) for content in found.results]

    async def close(self) -> None:
        """Let go of the index. The store stays open."""
        await self._memory.close()

    async def __aenter__(self) -> MessageIndex:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _spoken(messages: list[LLMMessage], agent: str) -> Iterator[tuple[str, str]]:
    """Who said what: without system messages, tool calls and their results."""
    for message in messages:
        if isinstance(message, (UserMessage, AssistantMessage)) and isinstance(message.content, str):
            yield (message.source or "user") if isinstance(message, UserMessage) else agent, message.content


def _entry(identifier: str, text: str, source: dict[str, Any], when: int | None) -> dict[str, MemoryContent]:
    """The entry of one message; none where nothing was said. Its id is a hash of all that: what has changed is another entry."""
    clean = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")[:LONGEST]
    if not clean.strip():
        return {}
    name = hashlib.sha256(json.dumps([identifier, clean, source]).encode("ascii")).hexdigest()[:32]
    metadata = {**source, "id": name, "when": when or 0}
    return {name: MemoryContent(content=clean, mime_type=MemoryMimeType.TEXT, metadata=metadata)}


def _said(content: MemoryContent) -> Said:
    own = content.metadata or {}
    return Said(
        str(content.content), own.get("who", ""), own.get("session_id", ""), own.get("plan_id", ""),
        own.get("step_id", ""), own.get("when", 0), own.get("kind", ""), own.get("score", 0.0),
    )  # fmt: skip
