"""The numbers above the monitor: a session's key numbers, then the metrics of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from macae.monitoring.analysis.kpis import Kpi, kpis
from macae.monitoring.analysis.summing import summary
from macae.ui.monitor.metrics import Metric

__all__ = ["key_numbers"]


def key_numbers(
    recording: Any, metrics: Iterable[Metric], budget_usd: float | None = None, limit_seconds: float = 5.0
) -> list[Kpi]:
    """The numbers of every session, and the metrics of one's own; of one that failed, what it raised."""
    own = [
        Kpi(metric.name, metric.text, "bad" if metric.error else "own", metric.error) for metric in metrics
    ]
    return [*kpis(summary(recording), budget_usd, limit_seconds), *own]
