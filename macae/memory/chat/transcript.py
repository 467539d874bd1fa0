"""One agent's chat as it is stored: its newest messages at hand, and a summary of what came before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autogen_core.models import LLMMessage

from macae.memory.chat.messages import ChatMessage
from macae.memory.chat.summary import ChatSummary, condensed, lines_of, note
from macae.memory.chat.turns import Turn, newest, shortened, turns_of
from macae.memory.store import Change, Store
from macae.models.base import new_id

__all__ = ["Bounds", "Transcript"]

_MOST = 2000
"""Stored messages that are read again for a summary that is missing. Older ones are only counted."""
_CHUNK = 50
"""Messages in one document, where a whole chat is written at once."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a chat a model is sent."""

    messages: int
    tokens: int | None
    summary: int
    """The most bytes of the summary's lines."""

    @property
    def batch(self) -> int:
        """How many messages go into the summary at a time. Until then they are condensed anew at each look."""
        return max(20, self.messages // 2)


class Transcript:
    """The messages of a chat from some place on (`held`), and the summary of those before. Needs `load` first."""

    def __init__(self, store: Store, user_id: str, session_id: str, agent: str, bounds: Bounds) -> None:
        self.store = store
        self.bounds = bounds
        self.held: list[ChatMessage] = []
        self._of: dict[str, Any] = {"user_id": user_id, "session_id": session_id, "agent": agent}
        self.summary = ChatSummary(**self._of)
        self.loaded = False
        self._first = 0
        self._handed = ""

    # Reading

    @property
    def begin(self) -> int:
        """The place of the first message that is held."""
        return self.held[0].index if self.held else self._first

    async def load(self, initial: Sequence[LLMMessage]) -> None:
        """Read what can be shown, and what the summary lacks. A chat that is not there yet begins with `initial`."""
        if self.loaded:
            return
        # More than is shown: the rest is not in the summary yet, or in one turn with what is shown.
        reach = self.bounds.messages + self.bounds.batch + 20
        held = await self._messages(reach)
        summary = self.summary
        if held and (held[0].index > 0 or self._start(held)):
            found = await self.store.find(ChatSummary, **self._of, limit=1, newest_first=True)
            summary = found[0] if found else summary
            missing = held[0].index - summary.upto
            if missing > 0:
                held = await self._messages(len(held) + min(missing, _MOST))
        self.held, self.summary, self.loaded = held, summary, True
        if not held:
            for message in initial:
                self.append(message)

    async def _messages(self, limit: int) -> list[ChatMessage]:
        found = await self.store.find(ChatMessage, **self._of, limit=limit, newest_first=True)
        found.reverse()
        found.sort(
            key=lambda record: record.index
        )  # steps may end in another order than they were given places
        return found

    # What is shown

    def view(self) -> list[LLMMessage]:
        """What the model is sent: the newest turns that fit, behind a note on all before them."""
        turns, start = self._shown()
        bounds = self.bounds
        if bounds.tokens is not None and start == len(turns) - 1:
            turns[-1] = shortened(turns[-1], self._room())
        shown = [message for turn in turns[start:] for message in turn.messages]
        hidden = turns[start].index if start < len(turns) else 0
        if not hidden:
            return shown
        gap = [turn for turn in turns[:start] if turn.index >= self.summary.upto]
        lines = condensed([*self.summary.lines, *lines_of(gap)], self.note_size)
        return [note(hidden, lines, self.summary.by, self._unread), *shown]

    def _shown(self) -> tuple[list[Turn], int]:
        turns = self._turns(self.held)
        start = newest(turns, self.bounds.messages, self.bounds.tokens)
        if self.bounds.tokens is not None and (start or self.begin):
            start = newest(turns, self.bounds.messages, self._room())  # the note needs room, too
        return turns, start

    def _turns(self, held: Sequence[ChatMessage]) -> list[Turn]:
        return turns_of(
            (record.index + place, message)
            for record in held
            for place, message in enumerate(record.messages)
        )

    def _start(self, held: Sequence[ChatMessage]) -> int:
        return newest(self._turns(held), self.bounds.messages, self.bounds.tokens)

    @property
    def note_size(self) -> int:
        """The most bytes of the note on what is not shown."""
        # A byte is about a quarter of a token: so the note never takes more than half of the bound.
        most = self.bounds.tokens
        return self.bounds.summary if most is None else min(self.bounds.summary, most)

    def _room(self) -> int:
        assert self.bounds.tokens is not None
        return max(self.bounds.tokens - self.note_size // 4 - 80, self.bounds.tokens // 4)

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
            lines = condensed([*self.summary.lines, *lines_of(gap)], self.note_size)
        places = (turn.index for turn in self._turns(self.held))
        self._replace(
            upto=next((place for place in places if place > gap[-1].index), self.held[-1].end),
            unread=self._unread,
            lines=lines,
            by=by,
        )

    def _replace(self, **fields: Any) -> None:
        # A new document each time: nobody else who writes at the same time can be in conflict with it.
        self.summary = ChatSummary(id=new_id(), **self._of, **fields)

    # Writing

    def append(self, first: LLMMessage, *more: LLMMessage) -> ChatMessage:
        """Add messages, as one document that is not stored yet."""
        record = ChatMessage(
            **self._of,
            index=self.held[-1].end if self.held else self._first,
            message=first,
            more=list(more),
        )
        self.held.append(record)
        return record

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
        waits = self.summary.lines and not self.summary.version and self._handed != self.summary.id
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
        kinds: tuple[type[ChatMessage] | type[ChatSummary], ...] = (ChatMessage, ChatSummary)
        ids = [document.id for kind in kinds for document in await self.store.find(kind, **self._of)]
        if ids:
            await self.store.delete(self._of["user_id"], self._of["session_id"], ids)
        self.held, self.summary, self.loaded = [], ChatSummary(**self._of), True
        self._first, self._handed = 0, ""

    def restore(self, messages: Sequence[LLMMessage], begin: int, summary: dict[str, Any]) -> None:
        """Make an erased chat a saved one, whose first message stood at `begin`."""
        self._first = begin
        self._replace(**{"upto": begin, **summary})
        for place in range(0, len(messages), _CHUNK):
            self.append(*messages[place : place + _CHUNK])
