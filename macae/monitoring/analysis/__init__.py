"""Questions about recorded sessions, a function each: `duration(recording)`, `cost(recording)`, `slowest(recording)`, …

`summary` answers them all at once, `compare` holds two sessions side by side, `aggregate` takes many together. Times are in seconds, money
in US dollars at list price; None means that something was not measured or is not known, never zero.
"""

from __future__ import annotations

from macae.monitoring.analysis.aggregating import AgentFigures, Aggregate, aggregate
from macae.monitoring.analysis.amounts import Calls, Cost, Throughput, Tokens, calls, cost, throughput, tokens
from macae.monitoring.analysis.kpis import Kpi, kpis
from macae.monitoring.analysis.latency import (
    Slow,
    percentile,
    percentiles,
    slowest,
    slowest_agent,
    time_to_first_token,
)
from macae.monitoring.analysis.looping import Loop, loops
from macae.monitoring.analysis.summing import Difference, Summary, compare, summary
from macae.monitoring.analysis.times import (
    busiest_agent,
    busy_time,
    duration,
    model_time,
    parallelism,
    tool_time,
    waiting_time,
    work_time,
)
from macae.monitoring.analysis.trouble import error_rate, errors, findings, grounding, stopped, violations

__all__ = [
    "AgentFigures",
    "Aggregate",
    "Calls",
    "Cost",
    "Difference",
    "Kpi",
    "Loop",
    "Slow",
    "Summary",
    "Throughput",
    "Tokens",
    "aggregate",
    "busiest_agent",
    "busy_time",
    "calls",
    "compare",
    "cost",
    "duration",
    "error_rate",
    "errors",
    "findings",
    "grounding",
    "kpis",
    "loops",
    "model_time",
    "parallelism",
    "percentile",
    "percentiles",
    "slowest",
    "slowest_agent",
    "stopped",
    "summary",
    "throughput",
    "time_to_first_token",
    "tokens",
    "tool_time",
    "violations",
    "waiting_time",
    "work_time",
]
