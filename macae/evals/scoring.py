"""Whether a plan is right: agents, ordered tools, and required arguments after normalising case, spaces, dates and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from macae.evals.cases import Expected, ExpectedStep, GoalCase
from macae.evals.outcomes import PlannedCall, PlannedOutcome

__all__ = ["normalise", "score"]

_DATES = (
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:T00:00(?::00)?)?",
    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
)


def normalise(value: Any) -> str:
    """A value in one form: folded case and spaces, `1,500.00` as 1500, dates as YYYY-MM-DD, plurals and articles dropped."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ", ".join(normalise(v) for v in value)
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).split()).strip(" .!?\"'“”").casefold()
    for pattern in _DATES:
        match = re.fullmatch(pattern, text, re.IGNORECASE)
        if match:
            return f"{int(match['y']):04d}-{int(match['m']):02d}-{int(match['d']):02d}"
    number = re.fullmatch(
        r"[$€£]?\s*(-?\d{1,3}(?:,\d{3})+|-?\d+)(\.\d+)?\s*(?:usd|eur|gbp|dollars?|euros?|%|percent)?", text
    )
    if number:
        return f"{float(number[1].replace(',', '') + (number[2] or '')):g}"
    text = re.sub(r"^(?:the|a|an|our|my) (?=\w)", "", text)
    return " ".join(_singular(word) for word in re.split(r"[\s_-]+", text))


def _singular(word: str) -> str:
    bare = word.removesuffix("'s").removesuffix("’s")
    return bare[:-1] if len(bare) > 3 and bare.endswith("s") and not bare.endswith("ss") else bare


def _fits(wanted: Any, given: Any) -> bool:
    if isinstance(wanted, list):
        return any(_fits(w, given) for w in wanted)
    if wanted == "*":
        return given not in (None, "", [])
    if isinstance(wanted, str) and wanted.startswith("~"):
        return all(word in normalise(given) for word in normalise(wanted[1:]).split(" "))
    return normalise(wanted) == normalise(given)


def _one_of(wanted: str | list[str] | None, given: str | None) -> bool:
    options = wanted if isinstance(wanted, list) else [wanted]
    return any((w or "").casefold() == (given or "").casefold() for w in options)


def step_problems(wanted: ExpectedStep, given: PlannedCall) -> list[str]:
    """What is wrong with a step, a clause each."""
    wrong = []
    if not _one_of(wanted.tool, given.tool):
        wrong.append(f"tool {given.tool or 'none'} instead of {_say(wanted.tool)}")
    if wanted.agent is not None and not _one_of(wanted.agent, given.agent):
        wrong.append(f"agent {given.agent} instead of {_say(wanted.agent)}")
    for name, value in wanted.arguments.items():
        if name not in given.arguments:
            if not _fits(value, ""):
                wrong.append(f"{given.tool}: {name} is missing, {value!r} expected")
        elif not _fits(value, given.arguments[name]):
            wrong.append(f"{given.tool}: {name} is {given.arguments[name]!r} instead of {value!r}")
    return wrong


def _say(value: str | list[str] | None) -> str:
    return " or ".join(value) if isinstance(value, list) else value or "none"


def _steps(expected: Expected, given: Sequence[PlannedCall]) -> list[str]:
    if not expected.ordered:
        return _unordered(expected, given)
    wrong: list[str] = []
    at = 0
    for number, wanted in enumerate(expected.steps, 1):
        ahead = len(given) if expected.extra else at + 1
        found = next(
            (k for k in range(at, min(ahead, len(given))) if not step_problems(wanted, given[k])), None
        )
        if found is not None:
            at = found + 1
        elif not wanted.optional:
            near = given[at] if at < len(given) else None
            wrong += [f"step {number}: {p}" for p in step_problems(wanted, near)] if near else [f"step {number} ({_say(wanted.tool)}) is missing"]  # fmt: skip
            at += 0 if expected.extra else 1
    if not expected.extra:
        wrong += [f"{c.agent}, {c.tool or 'no tool'} is not needed" for c in given[at:]]
    return wrong


def _unordered(expected: Expected, given: Sequence[PlannedCall]) -> list[str]:
    left, wrong = list(given), []
    for wanted in expected.steps:
        found = next((c for c in left if not step_problems(wanted, c)), None)
        if found is not None:
            left.remove(found)
        elif not wanted.optional:
            same = next((c for c in left if _one_of(wanted.tool, c.tool)), None)
            wrong += step_problems(wanted, same) if same else [f"{_say(wanted.tool)} is missing"]
            if same:
                left.remove(same)
    return (
        wrong
        if expected.extra
        else [*wrong, *(f"{c.agent}, {c.tool or 'no tool'} is not needed" for c in left)]
    )


def score(case: GoalCase, outcome: PlannedOutcome) -> list[str]:
    """What is wrong with the plan, a sentence each; empty when the goal passes."""
    expected = case.expect
    asked_before = case.question is not None
    if expected.impossible:
        if outcome.impossible and not outcome.steps:
            return []
        return ["it should be impossible, but " + ("it asks: " + outcome.question if outcome.question else f"it has {len(outcome.steps)} steps ({', '.join(c.tool or c.agent for c in outcome.steps)})")]  # fmt: skip
    if outcome.impossible:
        return [f"it was called impossible: {outcome.impossible}"]
    if expected.asking and not asked_before:
        if not outcome.question:
            return ["it should ask, but it does not"]
        missing = [
            w
            for w in expected.asks
            if not any(p.casefold() in outcome.question.casefold() for p in w.split("|"))
        ]
        return [f"the question does not ask for {w}: {outcome.question}" for w in missing]
    if outcome.question:
        return [f"it asks without need: {outcome.question}"]
    return _steps(expected, outcome.steps)
