"""The chat context of an agent, remembered: AutoGen's buffered context over a store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Self, cast

from autogen_core.model_context import BufferedChatCompletionContext
from autogen_core.models import LLMMessage
from pydantic import BaseModel

from macae.config import load_settings
from macae.errors import InvalidInput
from macae.memory.chat import ChatMessage, StoredMessage, view
from macae.memory.session import Guard, SessionMemory
from macae.memory.sqlite import SQLiteStore
from macae.memory.store import Change, Store

__all__ = ["ContextConfig", "CosmosBufferedChatCompletionContext"]


class ContextConfig(BaseModel):
    """What a context is rebuilt from; `store_path` is set where it lives in an embedded store."""

    session_id: str
    user_id: str
    buffer_size: int = 100
    initial_messages: list[StoredMessage] | None = None
    agent: str = ""
    write_through: bool = True
    store_path: str | None = None


class _State(BaseModel):
    messages: list[StoredMessage]
    earlier: int = 0


class CosmosBufferedChatCompletionContext(SessionMemory, BufferedChatCompletionContext):
    """An agent's chat with its model, kept in a store, and with it the guide's memory methods (`SessionMemory`).

    The name is the guide's; the store may be any (default: the embedded SQLite file of the settings, which the context then
    owns and closes). `agent` keeps the chats of several agents in one session apart. The model is sent the last
    `buffer_size` messages behind one that says what is not shown.

    With `write_through` each message is durable when `add_message` returns. Without, messages wait for `flush()`, or travel
    in somebody else's write: `store.write(user, session, [Change(step, …), *context.pending_changes()])`; a message counts as
    saved once its write has succeeded. `discard()` forgets those of an attempt that is given up.
    """

    component_config_schema = ContextConfig  # type: ignore[assignment]  # the parent declares its own kind
    component_provider_override = "macae.memory.context.CosmosBufferedChatCompletionContext"

    def __init__(
        self,
        session_id: str,
        user_id: str,
        buffer_size: int = 100,
        initial_messages: list[LLMMessage] | None = None,
        *,
        store: Store | None = None,
        agent: str = "",
        write_through: bool = True,
        guard: Guard | None = None,
    ) -> None:
        if buffer_size < 1:
            raise InvalidInput(f"A buffer of {buffer_size} messages cannot be: buffer_size is at least 1.")
        BufferedChatCompletionContext.__init__(self, buffer_size, initial_messages)
        self._owned = SQLiteStore(load_settings().store_path) if store is None else None
        SessionMemory.__init__(
            self, session_id, user_id, store=store or cast(Store, self._owned), guard=guard
        )
        self.agent = agent
        self._write_through = write_through
        self._held: list[ChatMessage] = []
        self._earlier = 0  # how many stored messages stand before the held ones
        self._loaded = False
        self._lock = asyncio.Lock()

    # The chat

    async def add_message(self, message: LLMMessage) -> None:
        """Add one message. With `write_through`, raises StoreError when it could not be stored; then it was not added."""
        async with self._lock:
            await self._load()
            record = self._append(message)
            if self._write_through:
                try:
                    await self._save()
                except BaseException:
                    if not record.version:
                        self._held.remove(record)
                    raise

    async def get_messages(self) -> list[LLMMessage]:
        """What the model is sent: the last `buffer_size` messages, every tool call answered, and a note on what is cut."""
        async with self._lock:
            await self._load()
            return view(
                [message for record in self._held for message in record.messages],
                self._buffer_size,
                self._earlier,
            )

    async def clear(self) -> None:
        """Forget the whole chat, in the store too."""
        async with self._lock:
            await self._erase()

    async def flush(self) -> None:
        """Store what is pending."""
        async with self._lock:
            await self._load()
            await self._save()

    def pending_changes(self) -> list[Change]:
        """What is not saved yet, to be part of one atomic write; hand it over to one write at a time."""
        return [Change(record, 0) for record in self._held if not record.version]

    async def stage(self, messages: Sequence[LLMMessage]) -> list[Change]:
        """Add messages without storing them: the changes are for the caller's own atomic write, or for `unstage`."""
        async with self._lock:
            await self._load()
            return [Change(self._append(*messages), 0)] if messages else []

    def unstage(self, changes: Sequence[Change]) -> None:
        """Take staged messages out again, because the write that they were for was not made."""
        gone = {change.document.id for change in changes}
        self._held = [record for record in self._held if record.id not in gone]

    def discard(self) -> None:
        """Forget what is not saved yet."""
        self._held = [record for record in self._held if record.version]

    async def save_state(self) -> Mapping[str, Any]:
        """The chat as plain data: the messages that can be shown, and the count of those before them."""
        async with self._lock:
            await self._load()
            state = _State(
                messages=[message for record in self._held for message in record.messages],
                earlier=self._earlier,
            )
            return state.model_dump(mode="json")

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Replace the chat by a saved one, in the store too."""
        loaded = _State.model_validate(state)
        async with self._lock:
            await self._erase()
            self._earlier = loaded.earlier
            for message in loaded.messages:
                self._append(message)
            if self._write_through:
                await self._save()

    # Life

    async def open(self) -> None:
        """Open the store and read what it holds of this chat."""
        await self._store.open()
        async with self._lock:
            await self._load()

    async def close(self) -> None:
        """Store what is pending; close the store where it is this context's own."""
        if self._loaded:
            await self.flush()
        if self._owned is not None:
            await self._owned.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _to_config(self) -> ContextConfig:  # type: ignore[override]
        path = getattr(self._store, "path", None)
        return ContextConfig(
            session_id=self.session_id,
            user_id=self.user_id,
            buffer_size=self._buffer_size,
            initial_messages=self._initial_messages,
            agent=self.agent,
            write_through=self._write_through,
            store_path=str(path) if path is not None else None,
        )

    @classmethod
    def _from_config(cls, config: ContextConfig) -> Self:  # type: ignore[override]
        given = config.model_dump(exclude={"store_path", "initial_messages"})
        context = cls(**given, initial_messages=config.initial_messages)
        if config.store_path is not None:
            context._store = context._owned = SQLiteStore(config.store_path)
        return context

    # Inside

    async def _load(self) -> None:
        if self._loaded:
            return
        # More than is shown, so that a cut never falls between a call and its result for want of the call.
        stored = await self._store.find(
            ChatMessage,
            user_id=self.user_id,
            session_id=self.session_id,
            agent=self.agent,
            limit=self._buffer_size + 20,
            newest_first=True,
        )
        self._held = stored[::-1]
        self._earlier = self._held[0].index if self._held else 0
        self._loaded = True
        if not stored:
            for message in self._initial_messages or ():
                self._append(message)

    def _append(self, first: LLMMessage, *more: LLMMessage) -> ChatMessage:
        last = self._held[-1] if self._held else None
        record = ChatMessage(
            session_id=self.session_id,
            user_id=self.user_id,
            agent=self.agent,
            index=last.index + len(last.messages) if last else self._earlier,
            message=first,
            more=list(more),
        )
        self._held.append(record)
        return record

    async def _save(self) -> None:
        changes = self.pending_changes()
        if changes:
            await self._store.write(self.user_id, self.session_id, changes)
        self._trim()

    def _trim(self) -> None:
        surplus = len(self._held) - 2 * (self._buffer_size + 20)
        if surplus > 0 and all(record.version for record in self._held[:surplus]):
            del self._held[:surplus]
            self._earlier = self._held[0].index

    async def _erase(self) -> None:
        stored = await self._store.find(
            ChatMessage, user_id=self.user_id, session_id=self.session_id, agent=self.agent
        )
        if stored:
            await self._store.delete(self.user_id, self.session_id, [record.id for record in stored])
        self._held, self._earlier, self._loaded = [], 0, True
