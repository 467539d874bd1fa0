"""The numbers above the monitor: what a recording has cost, in calls, tokens, seconds and US dollars, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from macae.monitoring.figures.words import duration, percentile, tokens, usd
from macae.ui.monitor.fragments import Kpi
from macae.ui.monitor.metrics import Metric

__all__ = ["kpis", "own"]

HURRY = 0.8
"""From which part of a budget on it is marked."""


def kpis(recording: Any, budget_usd: float | None = None, limit_seconds: float = 5.0) -> list[Kpi]:
    """The numbers of every session."""
    calls, tools = recording.model_calls, recording.tool_calls
    sent, got = sum(call.prompt_tokens for call in calls), sum(call.completion_tokens for call in calls)
    slow = percentile((call.seconds for call in calls), 0.95)
    waited = sum(bar.end - bar.start for bar in recording.bars if bar.kind == "waiting")
    found = [
        Kpi("model calls", f"{len(calls):,}"),
        Kpi("tool calls", f"{len(tools):,}"),
        Kpi("tokens in / out", f"{tokens(sent)} / {tokens(got)}", tip=f"{sent:,} in, {got:,} out"),
        Kpi(
            "p95 latency",
            "–" if slow is None else duration(slow),
            "ask" if slow is not None and slow > limit_seconds else "",
            f"95 of 100 model calls took no longer; marked above {duration(limit_seconds)}",
        ),
        _cost(recording, budget_usd),
        Kpi("waited for people", duration(waited)),
        Kpi("errors", f"{len(recording.errors):,}", "bad" if recording.errors else ""),
        Kpi("alerts", f"{len(recording.alerts):,}", "bad" if recording.alerts else ""),
    ]
    if recording.violations:
        found.append(Kpi("violations", f"{len(recording.violations):,}", "bad"))
    return found


def _cost(recording: Any, budget: float | None) -> Kpi:
    priced = [call.usd for call in recording.model_calls if call.usd is not None]
    unpriced = recording.unpriced
    if not priced:
        return Kpi(
            "cost",
            "unpriced" if unpriced else "$0.00",
            tip="The model's price is not known" if unpriced else "",
        )
    amount = sum(priced)
    label = f"of {usd(budget)}" if budget else "cost"
    tip = f"{unpriced:,} of {unpriced + len(priced):,} calls have no known price" if unpriced else ""
    tone = "" if not budget or amount < HURRY * budget else "ask" if amount < budget else "bad"
    return Kpi(label, f"{usd(amount)}{' +' if unpriced else ''}", tone, tip)


def own(metrics: Iterable[Metric]) -> list[Kpi]:
    """The metrics of one's own; of one that failed, what it raised."""
    return [
        Kpi(metric.name, metric.text, "bad" if metric.error else "own", metric.error) for metric in metrics
    ]
