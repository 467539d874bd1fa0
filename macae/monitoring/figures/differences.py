"""The key numbers of two sessions, and how they differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from macae.monitoring.words import duration, tokens, usd

if TYPE_CHECKING:
    from macae.monitoring.analysis.summing import Summary
    from macae.monitoring.recording import Recording

__all__ = ["WORK", "Difference", "differences"]

WORK = ("model", "tool", "memory", "error")
"""The kinds of bars in which something other than a person works."""
Words = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One key number of both sessions. `verdict` speaks of the second one; "" where neither more nor less is better."""

    name: str
    first: str
    second: str
    change: str
    verdict: Literal["better", "worse", "same", ""]


def differences(a: Recording, b: Recording) -> list[Difference]:
    """The key numbers of two sessions and how they differ. A change of less than one percent is the same."""
    from macae.monitoring.analysis.summing import summary

    one, two = summary(a), summary(b)
    rows: list[tuple[str, str, Words, int]] = [
        ("duration", "seconds", duration, -1),
        ("time at work", "work_seconds", duration, -1),
        ("waiting for a person", "waiting_seconds", duration, 0),
        ("model calls", "model_calls", _count, -1),
        ("p95 latency", "latency_p95", duration, -1),
        ("prompt tokens", "prompt_tokens", tokens, -1),
        ("completion tokens", "completion_tokens", tokens, -1),
        ("cost", "usd", usd, -1),
        ("tool calls", "tool_calls", _count, 0),
        ("errors", "errors", _count, -1),
        ("alerts", "alerts", _count, -1),
        ("compliance findings", "violations", _count, -1),
        ("claims grounded", "grounding", _share, 1),
    ]
    found = [_compared(name, _of(one, field), _of(two, field), words, wanted) for name, field, words, wanted in rows]  # fmt: skip
    return [row for row in found if (row.first, row.second) != ("–", "–")]


def _of(one: Summary, field: str) -> float | None:
    if field == "usd" and one.unpriced:
        return None  # a sum that lacks calls is no cost
    value: float | None = getattr(one, field)
    return value


def _compared(name: str, a: float | None, b: float | None, words: Words, wanted: int) -> Difference:
    if a is None or b is None:
        unknown = "unpriced" if name == "cost" else "–"
        return Difference(name, words(a) if a is not None else unknown, words(b) if b is not None else unknown, "", "")  # fmt: skip
    if a == b or abs(b - a) < 0.01 * max(abs(a), abs(b)):
        return Difference(name, words(a), words(b), "same", "same")
    sign = "−" if b < a else "+"
    change = (
        f"{sign}{abs(b - a) / a * 100:,.0f} %" if a and abs(b - a) / a < 10 else f"{sign}{words(abs(b - a))}"
    )
    verdict: Literal["better", "worse", ""] = ""
    if wanted:
        verdict = "better" if (b > a) is (wanted > 0) else "worse"
    return Difference(name, words(a), words(b), change, verdict)


def _count(number: float) -> str:
    return f"{number:,.0f}"


def _share(number: float) -> str:
    return f"{number:.0%}"
