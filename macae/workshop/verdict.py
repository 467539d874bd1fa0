"""What a check says: passed, not yet, or not attempted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from macae.errors import CheckFailed

__all__ = ["NotYet", "Status", "Verdict", "ended"]


class Status(StrEnum):
    """How an attempt stands."""

    passed = "passed"
    not_yet = "not yet"
    not_attempted = "not attempted"


def ended(text: str) -> str:
    """A text with a sign at its end that ends a sentence."""
    return text if text.endswith(("?", "!", "…", ":")) else f"{text.rstrip('.')}."


@dataclass(frozen=True)
class Verdict:
    """What came of a check."""

    exercise: str
    status: Status
    proven: tuple[str, ...] = ()
    """What was shown to hold, a line each; also of an attempt that failed later."""
    kind: str = ""
    """A short word for the failure, such as `no-await`; hints go by it."""
    expected: str = ""
    seen: str = ""
    look: str = ""
    """Where to look, or what to do next."""
    line: str = ""
    """The learner's line that it happened on, where that is known."""
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.status is Status.passed:
            return f"{self.exercise}: passed. {' '.join(self.proven)}".strip()
        if self.status is Status.not_attempted:
            return f"{self.exercise}: not attempted. {self.expected}".strip()
        parts = [f"Expected: {self.expected}", f"Seen: {self.seen}", f"At {self.line}" if self.line else "", self.look]  # fmt: skip
        return f"{self.exercise}: not yet. " + " ".join(ended(part) for part in parts if part)


class NotYet(CheckFailed):
    """Raised inside a check: what was wrong. Becomes a verdict."""

    def __init__(self, kind: str, expected: str, seen: str, look: str = "", line: str = "") -> None:
        super().__init__(f"Expected: {expected}. Seen: {seen}. {look}".strip())
        self.kind, self.expected, self.seen, self.look, self.line = kind, expected, seen, look, line
