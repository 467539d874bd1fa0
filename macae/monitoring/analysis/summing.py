"""All figures of a session at once, and two sessions side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields

from macae.monitoring.analysis.amounts import calls, cost, tokens
from macae.monitoring.analysis.latency import percentiles, slowest_agent, time_to_first_token
from macae.monitoring.analysis.looping import loops
from macae.monitoring.analysis.times import (
    busiest_agent,
    model_time,
    parallelism,
    tool_time,
    waiting_time,
    work_time,
)
from macae.monitoring.analysis.trouble import error_rate, grounding
from macae.monitoring.recorded import of_recording, recorded
from macae.monitoring.recording import Recording

__all__ = ["Difference", "Summary", "compare", "summary"]


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one session. Times in seconds, money in US dollars at list price; None: not measured, or not known."""

    session_id: str
    title: str
    status: str
    seconds: float
    work_seconds: float
    waiting_seconds: float
    model_seconds: float
    tool_seconds: float
    steps: int
    steps_completed: int
    steps_failed: int
    model_calls: int
    tool_calls: int
    memory_queries: int
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    unpriced: int
    """Model calls whose price is not known; they are not in `usd`."""
    latency_p50: float | None
    latency_p95: float | None
    latency_p99: float | None
    first_token_p50: float | None
    errors: int
    error_rate: float | None
    stopped: int
    """How often a limit has stopped a step. Such a step is neither an error nor among those that failed."""
    violations: int
    alerts: int
    loops: int
    grounding: float | None
    """The mean share of claims in replies that their sources bear out."""
    parallelism: float | None
    slowest_agent: str | None
    busiest_agent: str | None

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens


@of_recording
def summary(recording: Recording) -> Summary:
    """All figures of a session."""
    made, used, paid = calls(recording), tokens(recording), cost(recording)
    took = percentiles(recording)
    statuses = Counter(step.status for step in recording.steps)
    return Summary(
        session_id=recording.session_id,
        title=recording.title,
        status=recording.status,
        seconds=recording.seconds,
        work_seconds=work_time(recording),
        waiting_seconds=waiting_time(recording),
        model_seconds=model_time(recording),
        tool_seconds=tool_time(recording),
        steps=len(recording.steps),
        steps_completed=statuses["completed"],
        steps_failed=statuses["failed"] - sum(step.at_limit for step in recording.steps),
        model_calls=made.model,
        tool_calls=made.tool,
        memory_queries=made.memory,
        prompt_tokens=used.prompt,
        completion_tokens=used.completion,
        usd=paid.usd,
        unpriced=paid.unpriced,
        latency_p50=took[50],
        latency_p95=took[95],
        latency_p99=took[99],
        first_token_p50=time_to_first_token(recording),
        errors=len(recording.errors),
        error_rate=error_rate(recording),
        stopped=len(recording.stopped),
        violations=sum(violation.count for violation in recording.violations),
        alerts=len(recording.alerts),
        loops=len(loops(recording)),
        grounding=grounding(recording),
        parallelism=parallelism(recording),
        slowest_agent=slowest_agent(recording),
        busiest_agent=busiest_agent(recording),
    )


LESS_IS_BETTER = frozenset(
    {
        "seconds", "work_seconds", "waiting_seconds", "model_seconds", "tool_seconds", "steps_failed", "prompt_tokens",
        "completion_tokens", "usd", "unpriced", "latency_p50", "latency_p95", "latency_p99", "first_token_p50", "errors",
        "error_rate", "stopped", "violations", "alerts", "loops", "model_calls",
    }
)  # fmt: skip
MORE_IS_BETTER = frozenset({"steps_completed", "grounding"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two sessions. `change` is after minus before; None where one of them is not known."""

    name: str
    before: float | None
    after: float | None
    change: float | None
    better: bool | None
    """Whether `after` is the better one; None where they are the same, or neither is better as such."""

    @property
    def ratio(self) -> float | None:
        """After by before; None where that says nothing."""
        return self.after / self.before if self.before and self.after is not None else None


def compare(before: Recording | Summary, after: Recording | Summary) -> list[Difference]:
    """What two sessions differ in, figure by figure; the same ones are told too."""
    one, two = (s if isinstance(s, Summary) else summary(recorded(s)) for s in (before, after))
    found = []
    for field in fields(Summary):
        old, new = getattr(one, field.name), getattr(two, field.name)
        if isinstance(old, str) or isinstance(new, str) or (old is None and new is None):
            continue
        change = None if old is None or new is None else new - old
        sign = -1 if field.name in LESS_IS_BETTER else 1 if field.name in MORE_IS_BETTER else 0
        better = None if not change or not sign else change * sign > 0
        # A sum that lacks calls is no saving.
        if field.name == "usd" and (one.unpriced or two.unpriced):
            better = None
        found.append(Difference(field.name, old, new, change, better))
    return found
