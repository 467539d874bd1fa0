"""How a learner stands, worked out from what the record holds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from macae.workshop.coach.summary import ChallengeSummary, Summary
from macae.workshop.record import Entry
from macae.workshop.registry import challenges

__all__ = ["ChallengeStanding", "ExerciseStanding", "standing", "summarise"]

PAUSE = 10 * 60
"""Seconds without a sign of life after which somebody is not at it any more."""
AWAY = 60 * 60
"""Seconds without one after which nobody is stuck but away: over lunch, or over night. Then the clock begins anew."""


@dataclass
class ExerciseStanding:
    """One exercise."""

    name: str
    title: str
    passed: bool = False
    failed: int = 0
    """Checks that said "not yet"."""
    hints: int = 0
    """Different hints taken: to look at one again costs nothing."""
    solution: bool = False
    kind: str | None = None
    """How the last check failed; None when it passed, or none was made."""
    level: int = 0
    """Hints taken since the last check that failed in another way."""


@dataclass
class ChallengeStanding:
    """One challenge. Times are in seconds."""

    number: int
    title: str
    minutes: int
    """What it is meant to take."""
    exercises: dict[str, ExerciseStanding] = field(default_factory=dict)
    spent: float = 0.0
    opened: float | None = None
    moved: float | None = None
    """When the last exercise was passed, or else when it was opened."""

    @property
    def passed(self) -> int:
        """Exercises that are passed."""
        return sum(one.passed for one in self.exercises.values())

    @property
    def done(self) -> bool:
        """Whether all are."""
        return self.passed == len(self.exercises) > 0


def standing(entries: Sequence[Entry]) -> list[ChallengeStanding]:
    """Each challenge as it stands after these entries."""
    found = {
        c.number: ChallengeStanding(
            c.number, c.title, c.minutes, {e.name: ExerciseStanding(e.name, e.title) for e in c.exercises.values()}
        )
        for c in challenges()
    }  # fmt: skip
    texts = {e.name: e for c in challenges() for e in c.exercises.values()}
    told: dict[str, set[str]] = {}
    before: float | None = None
    for entry in entries:
        challenge = found.get(entry.challenge)
        if challenge is None:
            continue
        if before is not None:
            challenge.spent += min(max(entry.at - before, 0.0), PAUSE)
            if entry.at - before > AWAY:
                for one in found.values():
                    one.moved = entry.at if one.opened is not None else None
        before = entry.at
        if challenge.opened is None:
            challenge.opened = challenge.moved = entry.at
        exercise = challenge.exercises.get(entry.exercise)
        if exercise is None:
            continue
        if entry.what == "passed":
            if not exercise.passed:
                challenge.moved = entry.at
            exercise.passed, exercise.kind, exercise.level = True, None, 0
        elif entry.what == "not yet":
            exercise.failed += 1
            if entry.detail != exercise.kind:
                exercise.kind, exercise.level = entry.detail, 0
        elif entry.what == "hint":
            hints = texts[exercise.name].hints_after(exercise.kind)
            seen = told.setdefault(exercise.name, set())
            seen.update(hints[: exercise.level + 1][-1:])
            exercise.hints = len(seen)
            exercise.level += 1
        elif entry.what == "solution":
            exercise.solution = True
    return list(found.values())


def summarise(entries: Sequence[Entry]) -> Summary:
    """What a coach is told. Raises nothing for an empty record."""
    now = time.time()
    rows = []
    for one in standing(entries):
        if one.opened is None:
            continue
        tried = one.exercises.values()
        rows.append(
            ChallengeSummary(
                number=one.number,
                title=one.title,
                passed=one.passed,
                total=len(one.exercises),
                failed=sum(e.failed for e in tried),
                hints=sum(e.hints for e in tried),
                solutions=sum(e.solution for e in tried),
                minutes=round(one.spent / 60, 1),
                stuck=None if one.done or one.moved is None else round(max(now - one.moved, 0) / 60, 1),
            )
        )
    last = entries[-1] if entries else None
    named = next((e.exercise for e in reversed(entries) if e.exercise), "")
    return Summary(
        challenge=last.challenge if last else None, exercise=named, challenges=tuple(rows), sent=now
    )
