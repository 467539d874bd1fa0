"""One agent's chat as it is stored: its newest messages at hand, and a summary of what came before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autogen_core.models import LLMMessage

from macae.memory.chat.bounds import Bounds
from macae.memory.chat.config import SavedSummary
from macae.memory.chat.messages import ChatMessage, turns_in
from macae.memory.chat.stored import StoredChat
from macae.memory.chat.summary import ChatSummary, condensed, lines_of, note
from macae.memory.chat.turns import Turn, shortened
from macae.memory.store import Change, Store
from macae.models.base import new_id

__all__ = ["Transcript"]

_MOST = 2000
"""Stored messages that are read again for a summary that is missing. Older ones are only counted."""
_CHUNK = 50
"""Messages in one document, where a whole chat is written at once."""


class Transcript:
    """The messages of a chat from some place on (`held`), and the summary of those before. Needs `load` first."""

    def __init__(self, store: Store, user_id: str, session_id: str, agent: str, bounds: Bounds) -> None:
        self.bounds = bounds
        self.held: list[ChatMessage] = []
        self._stored = StoredChat(store, user_id, session_id, agent)
        self._edition = 0
        self.summary = self._no_summary()
        self.loaded = False
        self._first = 0
        self._handed = ""
        self._doubted: ChatMessage | None = None
        self._is_replaced = False
        self._turns: tuple[list[tuple[str, int]], list[Turn]] = ([], [])

    # Reading

    @property
    def begin(self) -> int:
        """The place of the first message that is held."""
        return self.held[0].index if self.held else self._first

    async def load(self, initial: Sequence[LLMMessage]) -> None:
        """Read what can be shown, and what the summary lacks. A chat that is not there yet begins with `initial`.

        What waits to be stored stays, unless it turns out to be stored already.
        """
        if self.loaded:
            return
        # More than is shown: the rest is not in the summary yet, or in one turn with what is shown.
        held = await self._stored.newest(self.bounds.messages + self.bounds.batch + 20)
        self._edition = held[0].edition if held else self._edition
        summary = self._no_summary()
        if held and (held[0].index > 0 or self.bounds.start(turns_in(held)) > 0):
            summary = await self._stored.summary(self._edition) or summary
            missing = held[0].index - summary.upto
            if missing > 0:
                held = await self._stored.newest(len(held) + min(missing, _MOST))
        waiting = [record for record in self.held if not record.version]
        own = self.summary
        if own.lines and not own.version and own.id != summary.id and own.upto >= summary.upto:
            summary = own
        self.held, self.summary, self.loaded = held, summary, True
        stored = {record.id for record in held}
        for record in waiting:
            if record.id not in stored:
                record.index, record.edition = max(record.index, self._end), self._edition
                self.held.append(record)
        if not self.held:
            for message in initial:
                self.append(message)

    @property
    def _end(self) -> int:
        return self.held[-1].end if self.held else self._first

    def _no_summary(self) -> ChatSummary:
        return ChatSummary(**self._stored.of, edition=self._edition)

    # What is shown

    def view(self) -> list[LLMMessage]:
        """What the model is sent: the newest turns that fit, behind a note on all before them."""
        turns, start = self._shown()
        room = self.bounds.room
        if room is not None and start == len(turns) - 1:
            turns = [*turns[:-1], shortened(turns[-1], room)]
        shown = [message for turn in turns[start:] for message in turn.messages]
        hidden = turns[start].index if start < len(turns) else 0
        if not hidden:
            return shown
        gap = [turn for turn in turns[:start] if turn.index >= self.summary.upto]
        lines = condensed([*self.summary.lines, *lines_of(gap)], self.bounds.note_size)
        return [note(hidden, lines, self.summary.by, self._unread), *shown]

    def _shown(self) -> tuple[list[Turn], int]:
        # Asked several times for each message that is added.
        held = [(record.id, record.index) for record in self.held]
        if held != self._turns[0]:
            self._turns = held, turns_in(self.held)
        turns = self._turns[1]
        return turns, self.bounds.start(turns, is_cut=self.begin > 0)

    @property
    def _unread(self) -> int:
        return self.summary.unread + max(0, self.begin - self.summary.upto)

    # The summary

    def due(self, times: int = 1) -> list[Turn]:
        """The turns that are to go into the summary now: stored, not shown, not in it yet, and enough of them."""
        turns, start = self._shown()
        unsaved = next((record.index for record in self.held if not record.version), None)
        gap = [
            turn
            for turn in turns[:start]
            if turn.index >= self.summary.upto and (unsaved is None or turn.index < unsaved)
        ]
        count = sum(len(turn.messages) for turn in gap)
        return gap if count >= times * self.bounds.batch else []

    def fold(self, gap: Sequence[Turn], lines: list[str] | None = None) -> None:
        """Take these turns into the summary; without `lines`, by rules. It is stored with the next write."""
        if not gap or gap[0].index < self.summary.upto:
            return  # somebody else did
        by = "rules" if lines is None else "model"
        if self.summary.upto and self.summary.by != by:
            by = "model and rules"
        if lines is None:
            lines = condensed([*self.summary.lines, *lines_of(gap)], self.bounds.note_size)
        places = (turn.index for turn in self._shown()[0])
        self._replace(
            upto=next((place for place in places if place > gap[-1].index), self.held[-1].end),
            unread=self._unread,
            lines=lines,
            by=by,
        )

    def _replace(self, **fields: Any) -> None:
        # A new document each time: nobody else who writes at the same time can be in conflict with it.
        self.summary = ChatSummary(id=new_id(), **self._stored.of, edition=self._edition, **fields)

    # Writing

    def append(self, first: LLMMessage, *more: LLMMessage) -> ChatMessage:
        """Add messages, as one document that is not stored yet."""
        record = ChatMessage(
            **self._stored.of,
            edition=self._edition,
            index=self._end,
            message=first,
            more=list(more),
        )
        self.held.append(record)
        return record

    def add(self, message: LLMMessage) -> ChatMessage | None:
        """Add a message; None when it is the one of a failed write, given again, and that write was made after all."""
        doubted, self._doubted = self._doubted, None
        if doubted is None or doubted.message.model_dump_json() != message.model_dump_json():
            return self.append(message)
        if any(record.id == doubted.id for record in self.held):
            return None
        record = self.append(message)
        record.id = doubted.id  # should the failed write be made yet, this one is not
        return record

    def doubt(self, record: ChatMessage | None = None) -> None:
        """A write failed. Whether it was made is not known, so the store is read before anything else.

        What waits is written again; not so `record`, which its caller is told of.
        """
        self.loaded = False
        if record is not None:
            self._doubted = record
            self.unstage({record.id})

    def pending(self) -> list[Change]:
        """What is not stored yet."""
        return [Change(record, 0) for record in self.held if not record.version] + self._pending_summary()

    def staged(self, messages: Sequence[LLMMessage]) -> list[Change]:
        """Add messages for somebody's own write; a summary that waits goes with the first of them."""
        changes = [Change(self.append(*messages), 0), *self._pending_summary()]
        self._handed = self.summary.id
        return changes

    def unstage(self, gone: set[str]) -> None:
        """Take documents out again that were not written."""
        self.held = [record for record in self.held if record.id not in gone]
        if self._handed in gone:
            self._handed = ""

    def _pending_summary(self) -> list[Change]:
        # Never alone: without a message nobody would read it.
        new = self.held and self.summary.lines and not self.summary.version
        waits = new and self._handed != self.summary.id
        return [Change(self.summary, 0)] if waits else []

    def trim(self) -> None:
        """Let go of what is stored and in the summary, once it is worth it."""
        if len(self.held) <= self.bounds.messages + self.bounds.batch:
            return
        turns, start = self._shown()
        first = min(self.summary.upto, turns[start].index if turns else 0)
        surplus = sum(record.end <= first and record.version > 0 for record in self.held)
        if surplus > self.bounds.batch:
            del self.held[:surplus]

    async def erase(self) -> None:
        """Remove the whole chat from the store."""
        self.loaded = False  # should it fail half-way, the rest is read again
        await self._stored.remove()
        self._forget()
        self.loaded, self._is_replaced = True, False

    def replace(self, messages: Sequence[LLMMessage], begin: int, summary: SavedSummary) -> None:
        """Begin the chat anew with saved messages, the first of which stood at `begin`. Nothing is stored or removed yet.

        What is stored of the chat before does not count any more once the first of these messages is; `tidy` removes it.
        """
        self._forget()
        self._edition, self._first = self._edition + 1, begin
        self.loaded = self._is_replaced = True
        upto = begin if summary.upto is None else summary.upto
        self._replace(**summary.model_dump(exclude={"upto"}), upto=upto)
        for place in range(0, len(messages), _CHUNK):
            self.append(*messages[place : place + _CHUNK])

    def give_up(self) -> None:
        """The write of a replaced chat failed: the store is read again to see which of the two there is."""
        self._forget()
        self._edition, self.loaded = 0, False

    async def tidy(self) -> None:
        """Remove what is left over of a chat that was replaced. Call it once nothing is pending."""
        if self._is_replaced:
            await self._stored.remove(before=self._edition)
            self._is_replaced = False

    def _forget(self) -> None:
        self.held, self.summary = [], self._no_summary()
        self._first, self._handed, self._doubted = 0, "", None
