"""The key numbers of two sessions, and how they differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from macae.monitoring.figures.words import duration, percentile, tokens, usd

if TYPE_CHECKING:
    from macae.monitoring.recording import Recording

__all__ = ["WORK", "Difference", "differences"]

WORK = ("model", "tool", "memory", "error")
"""The kinds of bars in which something other than a person works."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One key number of both sessions. For all of them less is better; `verdict` speaks of the second session."""

    name: str
    first: str
    second: str
    change: str
    verdict: Literal["better", "worse", "same", ""]


def differences(a: Recording, b: Recording) -> list[Difference]:
    """The key numbers of two sessions and how they differ. A change of less than one percent is the same."""
    return [
        _compared("duration", a.seconds, b.seconds, duration),
        _compared("work without waiting", _worked(a), _worked(b), duration),
        _compared("waiting for a person", _waited(a), _waited(b), duration, judged=False),
        _compared("model calls", len(a.model_calls), len(b.model_calls), lambda n: f"{n:,.0f}"),
        _compared("p95 latency", _slowest(a), _slowest(b), duration),
        _compared("prompt tokens", _tokens(a)[0], _tokens(b)[0], tokens),
        _compared("completion tokens", _tokens(a)[1], _tokens(b)[1], tokens),
        _compared("cost", _cost(a), _cost(b), usd),
        _compared("tool calls", len(a.tool_calls), len(b.tool_calls), lambda n: f"{n:,.0f}", judged=False),
        _compared("errors", len(a.errors), len(b.errors), lambda n: f"{n:,.0f}"),
        _compared("alerts", len(a.alerts), len(b.alerts), lambda n: f"{n:,.0f}"),
    ]


def _compared(
    name: str, a: float | None, b: float | None, words: Callable[[float], str], *, judged: bool = True
) -> Difference:
    if a is None or b is None:
        unknown = "unpriced" if name == "cost" else "–"
        return Difference(name, words(a) if a is not None else unknown, words(b) if b is not None else unknown, "", "")  # fmt: skip
    if a == b or abs(b - a) < 0.01 * max(abs(a), abs(b)):
        return Difference(name, words(a), words(b), "same", "same")
    sign = "−" if b < a else "+"
    change = (
        f"{sign}{abs(b - a) / a * 100:,.0f} %" if a and abs(b - a) / a < 10 else f"{sign}{words(abs(b - a))}"
    )
    return Difference(name, words(a), words(b), change, ("better" if b < a else "worse") if judged else "")


def _waited(one: Recording) -> float:
    return sum(bar.end - bar.start for bar in one.bars if bar.kind == "waiting")


def _worked(one: Recording) -> float:
    """Seconds in which at least one call ran."""
    total, reach = 0.0, 0.0
    for start, end in sorted((bar.start, bar.end) for bar in one.bars if bar.kind in WORK):
        total += max(0.0, end - max(start, reach))
        reach = max(reach, end)
    return total


def _slowest(one: Recording) -> float | None:
    return percentile([call.seconds for call in one.model_calls if call.ok], 0.95)


def _tokens(one: Recording) -> tuple[int, int]:
    calls = one.model_calls
    return sum(c.prompt_tokens for c in calls), sum(c.completion_tokens for c in calls)


def _cost(one: Recording) -> float | None:
    """US dollars; None where the price of any call is not known."""
    if one.unpriced:
        return None
    return one.costs[-1][1] if one.costs else 0.0
