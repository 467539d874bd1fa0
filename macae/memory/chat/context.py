"""The chat context of an agent, remembered: AutoGen's buffered context over a store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Self

from autogen_core.model_context import BufferedChatCompletionContext
from autogen_core.models import ChatCompletionClient, LLMMessage

from macae.config import load_settings
from macae.errors import InvalidInput
from macae.memory.chat.config import ContextConfig, ContextState, dumped
from macae.memory.chat.summarising import OnResult, notes_or_none
from macae.memory.chat.transcript import Bounds, Transcript
from macae.memory.opening import open_store
from macae.memory.session import Guard, SessionMemory
from macae.memory.sqlite.store import SQLiteStore
from macae.memory.store import Change, Store

__all__ = ["ContextConfig", "CosmosBufferedChatCompletionContext"]

_LEAST = 200


class CosmosBufferedChatCompletionContext(SessionMemory, BufferedChatCompletionContext):
    """An agent's chat with its model, kept in a store, and with it the guide's memory methods (`SessionMemory`).

    The name is the guide's; the store may be any (default: the settings' one, which the context then owns and closes). `agent`
    keeps the chats of several agents in one session apart.

    The model is sent the last `buffer_size` messages (and no more than about `buffer_tokens`), and before them a note of at
    most `summary_size` characters on all that came earlier: names, numbers, decisions, tool calls and their results. The note
    is made by rules, or by `model_client` within `summary_timeout` seconds (by rules when it fails); it is stored, and
    extended when enough has been added.

    With `write_through` each message is durable when `add_message` returns. Without, messages wait for `flush()`, or travel
    in somebody else's write: `store.write(user, session, [Change(step, …), *context.pending_changes()])`; a message counts as
    saved once its write has succeeded. `discard()` forgets those of an attempt that is given up.
    """

    component_config_schema = ContextConfig  # type: ignore[assignment]  # the parent declares its own kind
    component_provider_override = "macae.memory.chat.context.CosmosBufferedChatCompletionContext"

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
        buffer_tokens: int | None = None,
        summary_size: int = 3000,
        model_client: ChatCompletionClient | None = None,
        summary_timeout: float = 20.0,
    ) -> None:
        if buffer_size < 1:
            raise InvalidInput(f"A buffer of {buffer_size} messages cannot be: buffer_size is at least 1.")
        for name, value in (("buffer_tokens", buffer_tokens), ("summary_size", summary_size)):
            if value is not None and value < _LEAST:
                raise InvalidInput(f"{name} is at least {_LEAST}, not {value}: less holds nothing.")
        BufferedChatCompletionContext.__init__(self, buffer_size, initial_messages)
        self._owned = open_store(load_settings()) if store is None else None
        used = store or self._owned
        assert used is not None
        SessionMemory.__init__(self, session_id, user_id, store=used, guard=guard)
        self.agent = agent
        self._write_through = write_through
        self._client, self._timeout = model_client, summary_timeout
        bounds = Bounds(buffer_size, buffer_tokens, summary_size)
        self._chat = Transcript(used, user_id, session_id, agent, bounds)
        self._lock = asyncio.Lock()
        self._writing_notes = False

    # The chat

    async def add_message(self, message: LLMMessage) -> None:
        """Add one message. With `write_through`, raises StoreError when it could not be stored; then it was not added."""
        async with self._lock:
            await self._load()
            record = self._chat.append(message)
            if self._write_through:
                try:
                    await self._save()
                except BaseException:
                    if not record.version:
                        self._chat.unstage({record.id})
                    raise

    async def get_messages(self) -> list[LLMMessage]:
        """What the model is sent: the newest messages within the bounds, every tool call answered, and a note on those before."""
        await self.summarise()
        async with self._lock:
            return self._chat.view()

    async def summarise(
        self, model_client: ChatCompletionClient | None = None, on_result: OnResult | None = None
    ) -> None:
        """Extend the stored note on earlier messages, when enough are not in it yet. `get_messages` does it by itself.

        By the context's model, or this one; without any, and when it fails, by rules. `on_result` is told of the model call.
        """
        client = model_client or self._client
        async with self._lock:
            await self._load()
            gap = self._chat.due()
            if client is None or not gap or self._writing_notes:
                if client is None:
                    self._chat.fold(gap)
                return
            self._writing_notes, before = True, self._chat.summary
        try:  # not under the lock: messages can be added meanwhile
            size = self._chat.note_size
            lines = await notes_or_none(client, before.lines, gap, size, self._timeout, on_result)
        finally:
            self._writing_notes = False
        async with self._lock:
            if self._chat.summary is before:
                self._chat.fold(gap, lines)

    async def clear(self) -> None:
        """Forget the whole chat, in the store too."""
        async with self._lock:
            await self._chat.erase()

    async def flush(self) -> None:
        """Store what is pending."""
        async with self._lock:
            await self._load()
            await self._save()

    def pending_changes(self) -> list[Change]:
        """What is not saved yet, to be part of one atomic write; hand it over to one write at a time."""
        return self._chat.pending()

    async def stage(self, messages: Sequence[LLMMessage]) -> list[Change]:
        """Add messages without storing them: the changes are for the caller's own atomic write, or for `unstage`."""
        async with self._lock:
            await self._load()
            self._bound()
            self._chat.trim()
            return self._chat.staged(messages) if messages else []

    def unstage(self, changes: Sequence[Change]) -> None:
        """Take staged messages out again, because the write that they were for was not made."""
        self._chat.unstage({change.document.id for change in changes})

    def discard(self) -> None:
        """Forget what is not saved yet."""
        self._chat.unstage({record.id for record in self._chat.held if not record.version})

    async def save_state(self) -> Mapping[str, Any]:
        """The chat as plain data: the messages at hand, the count of those before them, and the note on those."""
        async with self._lock:
            await self._load()
            chat = self._chat
            state = ContextState(
                messages=[message for record in chat.held for message in record.messages],
                earlier=chat.begin,
                summary=chat.summary.model_dump(include={"upto", "unread", "lines", "by"}),
            )
            return state.model_dump(mode="json")

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Replace the chat by a saved one, in the store too."""
        loaded = ContextState.model_validate(state)
        async with self._lock:
            await self._chat.erase()
            self._chat.restore(loaded.messages, loaded.earlier, loaded.summary)
            if self._write_through:
                await self._save()

    # Life

    async def initialize(self) -> None:
        """The guide's name for `open`."""
        await self.open()

    async def open(self) -> None:
        """Open the store and read what it holds of this chat."""
        await self._store.open()
        async with self._lock:
            await self._load()

    async def close(self) -> None:
        """Store what is pending; close the store where it is this context's own."""
        try:
            if self._chat.loaded:
                await self.flush()
        finally:
            if self._owned is not None:
                await self._owned.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _to_config(self) -> ContextConfig:  # type: ignore[override]
        bounds = self._chat.bounds
        return ContextConfig(
            session_id=self.session_id,
            user_id=self.user_id,
            buffer_size=bounds.messages,
            initial_messages=self._initial_messages,
            agent=self.agent,
            write_through=self._write_through,
            buffer_tokens=bounds.tokens,
            summary_size=bounds.summary,
            summary_timeout=self._timeout,
            model_client=dumped(self._client),
            store_path=str(self._store.path) if isinstance(self._store, SQLiteStore) else None,
        )

    @classmethod
    def _from_config(cls, config: ContextConfig) -> Self:  # type: ignore[override]
        given = config.model_dump(exclude={"store_path", "initial_messages", "model_client"})
        client = config.model_client
        store = SQLiteStore(config.store_path) if config.store_path is not None else None
        context = cls(
            **given,
            store=store,
            initial_messages=config.initial_messages,
            model_client=ChatCompletionClient.load_component(client) if client is not None else None,
        )
        context._owned = store or context._owned
        return context

    # Inside

    async def _load(self) -> None:
        await self._chat.load(self._initial_messages or ())

    def _bound(self) -> None:
        # Where nobody asks for the messages, no model is asked either: rules keep what is held within bounds.
        self._chat.fold(self._chat.due(4 if self._client is not None else 1))

    async def _save(self) -> None:
        self._bound()
        if changes := self.pending_changes():
            await self._store.write(self.user_id, self.session_id, changes)
        self._chat.trim()
