"""Where the time went: waiting for people, working, in models, in tools. Seconds."""

from __future__ import annotations

from collections.abc import Iterable

from macae.monitoring.recorded import of_recording
from macae.monitoring.recording import Recording
from macae.monitoring.replay.views import Bar
from macae.monitoring.replay.waits import total

__all__ = [
    "busiest_agent",
    "busy_time",
    "duration",
    "model_time",
    "parallelism",
    "tool_time",
    "waiting_time",
    "work_time",
]


@of_recording
def duration(recording: Recording) -> float:
    """From the first event to the last."""
    return recording.seconds


@of_recording
def waiting_time(recording: Recording) -> float:
    """How long at least one question to a person was open. Answers by a setting (auto-approval) are not waited for."""
    return _covered(recording.bars, "waiting")


@of_recording
def work_time(recording: Recording) -> float:
    """How long something was planned or carried out; what ran at the same time counts once."""
    lives, end = recording.lives, recording.seconds
    attempts = [attempt for step in lives.steps.values() for attempt in step.attempts]
    attempts += [attempt for plan in lives.plans.values() for attempt in plan.planning]
    attempts += lives.plannings.by_trace.values()
    return total((attempt.start, end if attempt.end is None else attempt.end) for attempt in attempts)


@of_recording
def model_time(recording: Recording) -> float:
    """How long at least one model call ran."""
    failed = [(call.start, call.end) for call in recording.model_calls if not call.ok]
    return total([*_spans(recording.bars, "model"), *failed])


@of_recording
def tool_time(recording: Recording) -> float:
    """How long at least one tool ran."""
    return total((call.start, call.end) for call in recording.tool_calls)


@of_recording
def parallelism(recording: Recording) -> float | None:
    """How many agents worked at the same time, on average over the time in which any did. 1.0: one after the other."""
    by_agent = busy_time(recording)
    any_busy = total((bar.start, bar.end) for bar in recording.bars if bar.kind != "waiting")
    return sum(by_agent.values()) / any_busy if any_busy > 0 else None


def _covered(bars: Iterable[Bar], kind: str) -> float:
    return total(_spans(bars, kind))


def _spans(bars: Iterable[Bar], kind: str) -> list[tuple[float, float]]:
    return [(bar.start, bar.end) for bar in bars if bar.kind == kind]


@of_recording
def busy_time(recording: Recording) -> dict[str, float]:
    """Seconds of model calls, tools and searches by agent; what one agent does at the same time counts once."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for bar in recording.bars:
        if bar.kind != "waiting":
            spans.setdefault(bar.agent, []).append((bar.start, bar.end))
    return {agent: total(mine) for agent, mine in spans.items()}


@of_recording
def busiest_agent(recording: Recording) -> str | None:
    """Who worked longest; None when nobody did."""
    busy = busy_time(recording)
    return max(busy, key=lambda agent: busy[agent]) if busy else None
