"""The key numbers of a session as people read them: one list for the monitor, the picture and the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from macae.monitoring.analysis.summing import Summary
from macae.monitoring.replay.costing import Cost
from macae.monitoring.words import duration, plural, tokens, usd

__all__ = ["HURRY", "Kpi", "kpis"]

HURRY = 0.8
"""From which part of a budget on the cost is marked."""
Tone = Literal["", "ask", "bad", "own"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A number with its name."""

    label: str
    value: str
    tone: Tone = ""
    """ask: look at it; bad: trouble; own: the reader's own metric."""
    tip: str = ""
    """What there is to say beside it."""

    @property
    def trouble(self) -> bool:
        """Whether it is drawn as trouble."""
        return self.tone == "bad"


def kpis(told: Summary, budget_usd: float | None = None, limit_seconds: float | None = 5.0) -> list[Kpi]:
    """The key numbers. `budget_usd` (US dollars) is what the cost is measured against, `limit_seconds` the latency."""
    sent, got = told.prompt_tokens, told.completion_tokens
    slow = told.latency_p95
    tip = "95 of 100 model calls that went well took no longer"
    late = limit_seconds is not None and slow is not None and slow > limit_seconds
    found = [
        Kpi(plural("model call", told.model_calls), f"{told.model_calls:,}"),
        Kpi(plural("tool call", told.tool_calls), f"{told.tool_calls:,}"),
        Kpi("tokens in / out", f"{tokens(sent)} / {tokens(got)}", tip=f"{sent:,} in, {got:,} out"),
        Kpi(
            "p95 latency",
            "–" if slow is None else duration(slow),
            "ask" if late else "",
            tip if limit_seconds is None else f"{tip}; marked above {duration(limit_seconds)}",
        ),
        _cost(Cost(told.usd, told.unpriced), told.model_calls, budget_usd),
        Kpi("waited for people", duration(told.waiting_seconds)),
        _count("error", told.errors),
        _count("alert", told.alerts),
    ]
    if told.stopped:
        tip = "steps that a limit has stopped: offered again when more is allowed"
        found.append(Kpi("stopped by a limit", f"{told.stopped:,}", "ask", tip))
    if told.violations:
        found.append(_count("compliance finding", told.violations))
    return found


def _cost(cost: Cost, calls: int, budget: float | None) -> Kpi:
    tip = f"{cost.unpriced:,} of {calls:,} calls have no known price" if cost.unpriced else ""
    if not budget:
        return Kpi("cost", cost.short, tip=tip)
    amount = cost.usd or 0.0
    tone: Tone = "bad" if amount >= budget else "ask" if amount >= HURRY * budget else ""
    return Kpi(f"cost of {usd(budget)}", cost.short, tone, tip)


def _count(what: str, number: int) -> Kpi:
    return Kpi(plural(what, number), f"{number:,}", "bad" if number else "")
