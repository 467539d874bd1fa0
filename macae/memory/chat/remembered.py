"""An agent's chat, remembered: the methods of AutoGen's contexts over a stored transcript."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from autogen_core.models import ChatCompletionClient, LLMMessage

from macae.memory.chat.config import ContextState, SavedSummary
from macae.memory.chat.summarising import notes_or_none
from macae.memory.chat.transcript import Transcript
from macae.memory.store import Change, Store

__all__ = ["RememberedChat"]


class RememberedChat:
    """The chat's part of a context. `_remember` makes it ready."""

    session_id: str
    user_id: str
    _store: Store

    def _remember(
        self,
        chat: Transcript,
        initial: Sequence[LLMMessage],
        write_through: bool,
        client: ChatCompletionClient | None,
        timeout: float,
    ) -> None:
        self._chat, self._initial = chat, initial
        self._write_through = write_through
        self._client, self._timeout = client, timeout
        self._lock = asyncio.Lock()
        self._writing_notes = False

    async def add_message(self, message: LLMMessage) -> None:
        """Add one message. With `write_through`, it is durable when this returns; raises StoreError when that failed.

        Then it was not added, as far as is known: the chat is read again before anything else is done with it. To try again, give
        the same message next: it is stored once, also when the failed write turns out to have been made.
        """
        async with self._lock:
            await self._load()
            record = self._chat.add(message)
            if record is None or not self._write_through:
                return
            try:
                await self._save()
            except BaseException:
                self._chat.doubt(None if record.version else record)
                raise

    async def get_messages(self) -> list[LLMMessage]:
        """What the model is sent: the newest messages within the bounds, every tool call answered, and a note on those before."""
        await self.summarise()
        async with self._lock:
            return self._chat.view()

    async def summarise(self, model_client: ChatCompletionClient | None = None) -> None:
        """Extend the stored note on earlier messages, when enough are not in it yet. `get_messages` does it by itself.

        By the context's model, or this one; without any, and when it fails, by rules.
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
            size = self._chat.bounds.note_size
            lines = await notes_or_none(client, before.lines, gap, size, self._timeout)
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
        """Store what is pending. It may be repeated after a StoreError: each message is stored once."""
        async with self._lock:
            await self._load()
            try:
                await self._save()
            except BaseException:
                self._chat.doubt()
                raise
            await self._chat.tidy()

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
                summary=SavedSummary(**chat.summary.model_dump(include=set(SavedSummary.model_fields))),
            )
            return state.model_dump(mode="json")

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Replace the chat by a saved one: with `write_through` in the store too, else there with the next `flush`.

        Raises InvalidInput, and changes nothing, for what is no saved chat. After a StoreError the store has the old chat or
        the new one, never less; the same state can be loaded again. (Of a state without messages, none may be left.)
        """
        loaded = ContextState.of(state)
        async with self._lock:
            await self._load()
            self._chat.replace(loaded.messages, loaded.earlier, loaded.summary)
            if not self._write_through:
                return
            try:
                await self._save()
                await self._chat.tidy()  # only now: what is lost on the way is never the only one
            except BaseException:
                self._chat.give_up()
                raise

    # Inside

    async def _load(self) -> None:
        await self._chat.load(self._initial)

    def _bound(self) -> None:
        # Where nobody asks for the messages, no model is asked either: rules keep what is held within bounds.
        self._chat.fold(self._chat.due(4 if self._client is not None else 1))

    async def _save(self) -> None:
        self._bound()
        if changes := self.pending_changes():
            await self._store.write(self.user_id, self.session_id, changes)
        self._chat.trim()
