"""Puts real values back into a text that arrives in pieces."""

from __future__ import annotations

from macae.monitoring.compliance.placeholders import Placeholders

__all__ = ["PieceRestorer"]


class PieceRestorer:
    """Holds back the end of what has come while it may be the beginning of a placeholder."""

    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders
        self._names = [name.lower() for name in placeholders.names]
        self._longest = max((len(name) for name in self._names), default=0)
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown now."""
        text = self._held + piece
        keep = self._open(text)
        # Never a cut right behind a letter or digit: what a name is, only its neighbours tell.
        self._held = text[len(text) - keep :] if keep else ""
        return self._placeholders.restored(text[: len(text) - keep] if keep else text)

    def rest(self) -> str:
        """What was held back, once nothing more comes."""
        held, self._held = self._held, ""
        return self._placeholders.restored(held)

    def _open(self, text: str) -> int:
        """How many characters at the end may belong to a placeholder that is not whole yet."""
        low = text[-self._longest - 1 :].lower() if self._longest else ""
        for size in range(min(len(low), self._longest), 0, -1):
            tail = low[-size:]
            if any(name.startswith(tail) for name in self._names):
                return size
        return 0
