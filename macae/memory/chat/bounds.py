"""How much of a chat a model is sent, and which of its turns fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from macae.memory.chat.turns import Turn, newest

__all__ = ["Bounds"]


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

    @property
    def note_size(self) -> int:
        """The most bytes of the note on what is not shown."""
        # A byte is about a quarter of a token: so the note never takes more than half of the bound.
        return self.summary if self.tokens is None else min(self.summary, self.tokens)

    @property
    def room(self) -> int | None:
        """The tokens that are left beside the note."""
        if self.tokens is None:
            return None
        return max(self.tokens - self.note_size // 4 - 80, self.tokens // 4)

    def start(self, turns: Sequence[Turn], is_cut: bool = False) -> int:
        """From which turn on they are shown. `is_cut`: there is a note before them in any case."""
        start = newest(turns, self.messages, self.tokens)
        if self.tokens is not None and (start or is_cut):
            start = newest(turns, self.messages, self.room)  # the note needs room, too
        return start
