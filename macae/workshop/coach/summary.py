"""What a coach may see of a learner: numbers, and the names that the learner chose. No source code, no other text."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["ChallengeSummary", "Summary", "clean_name"]

LONGEST_NAME = 40
JOINERS = "\u200c\u200d"
"""Invisible, but names in some scripts need them."""


def clean_name(text: object) -> str:
    """A name on one line, without what cannot be seen (control characters, changes of direction), at most 40 characters."""
    seen = (
        c if c.isprintable() or c in JOINERS else "" if unicodedata.category(c) == "Cf" else " "
        for c in str(text)
    )
    return " ".join("".join(seen).split())[:LONGEST_NAME].strip()


Name = Annotated[str, BeforeValidator(clean_name), Field(max_length=LONGEST_NAME)]
MOST, LONGEST = 9_999, 100_000.0


def at_most(limit: float) -> BeforeValidator:
    """Whoever left a notebook open for a year is still told of, only not exactly."""
    return BeforeValidator(lambda value: min(value, limit) if isinstance(value, int | float) else value)


Count = Annotated[int, at_most(MOST), Field(ge=0)]
Minutes = Annotated[float, at_most(LONGEST), Field(ge=0, allow_inf_nan=False)]


class ChallengeSummary(BaseModel):
    """How a learner stands in one challenge. Times are in minutes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int = Field(ge=0, le=99)
    title: Name = ""
    passed: Count = 0
    """Exercises passed."""
    total: Count = 0
    """Exercises that the challenge has."""
    failed: Count = 0
    """Checks that said "not yet"."""
    hints: Count = 0
    """Hints taken."""
    solutions: Count = 0
    """Solutions shown."""
    minutes: Minutes = 0.0
    """Time spent in it."""
    stuck: Minutes | None = None
    """Minutes since the last pass (or since it was opened). None: not opened yet, or everything in it is passed."""

    @property
    def done(self) -> bool:
        """Whether every exercise is passed."""
        return self.total > 0 and self.passed >= self.total

    @property
    def begun(self) -> bool:
        """Whether the learner has opened it."""
        return self.stuck is not None or self.minutes > 0 or self.passed + self.failed + self.hints > 0


class Summary(BaseModel):
    """How a learner stands: what goes to the coach, and nothing else.

    Whoever makes one fills `challenge`, `exercise` and `challenges` (those that were opened are enough);
    `learner`, `team`, `name` and `sent` are filled in by what sends it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    learner: str = Field("", pattern=r"^[a-z0-9-]{0,40}$")
    """A random id, made on the learner's computer. It says nothing about the person."""
    team: Name = ""
    """MACAE_TEAM."""
    name: Name = ""
    """MACAE_NAME; empty unless the learner wants it."""
    challenge: int | None = Field(None, ge=0, le=99)
    """The number of the challenge that was touched last. None: nothing was begun."""
    exercise: Name = ""
    """The name of the exercise that was touched last."""
    challenges: tuple[ChallengeSummary, ...] = Field((), max_length=20)
    sent: float = Field(0.0, ge=0, le=4_102_444_800, allow_inf_nan=False)
    """When it was made, in seconds since 1970, by the learner's clock."""
