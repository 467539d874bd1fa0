"""How long calls took, and who was slow. Seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from macae.errors import InvalidInput
from macae.monitoring.percentile import percentile
from macae.monitoring.recorded import of_recording
from macae.monitoring.recording import Recording
from macae.monitoring.replay.views import ModelCall

__all__ = ["Slow", "percentile", "percentiles", "slowest", "slowest_agent", "time_to_first_token"]

Of = Literal["model", "tool"]
Thing = Literal["calls", "tools", "steps", "agents"]


@dataclass(frozen=True, slots=True)
class Slow:
    """Something that took long: a model call, a tool call, a step, or an agent (then its mean model call)."""

    name: str
    seconds: float
    start: float
    """Seconds from the recording's start; 0 for an agent."""
    step_id: str | None


@of_recording
def percentiles(
    recording: Recording, points: Sequence[float] = (50, 95, 99), of: Of = "model"
) -> dict[float, float | None]:
    """The latency of model (or tool) calls that went well, by percentile; None where there were none."""
    if of not in ("model", "tool"):
        raise InvalidInput(f"Percentiles are of 'model' or 'tool' calls, not of {of!r}.")
    made = (
        [call.seconds for call in recording.model_calls if call.ok]
        if of == "model"
        else [call.seconds for call in recording.tool_calls if call.state == "completed" and not call.lost]
    )
    return {point: percentile(made, point) for point in points}


@of_recording
def time_to_first_token(recording: Recording, point: float = 50) -> float | None:
    """Until the first piece of a streamed reply came, by percentile; None when nothing was streamed."""
    return percentile((c.first_token for c in recording.model_calls if c.first_token is not None), point)


@of_recording
def slowest(recording: Recording, what: Thing = "calls", most: int = 5) -> list[Slow]:
    """The slowest model calls, tool calls, steps (time of work) or agents (their mean model call), the slowest first."""
    if what == "calls":
        found = [
            Slow(f"{c.agent}: {c.model or 'model'}", c.seconds, c.start, c.step_id)
            for c in recording.model_calls
        ]
    elif what == "tools":
        found = [Slow(f"{c.agent}: {c.tool}", c.seconds, c.start, c.step_id) for c in recording.tool_calls]
    elif what == "steps":
        found = [Slow(s.task or s.id, s.seconds, s.start or 0.0, s.id) for s in recording.steps if s.attempts]
    elif what == "agents":
        found = [
            Slow(agent, sum(took) / len(took), 0.0, None) for agent, took in _latencies(recording.model_calls)
        ]
    else:
        raise InvalidInput(f"The slowest 'calls', 'tools', 'steps' or 'agents' can be told, not {what!r}.")
    return sorted(found, key=lambda slow: -slow.seconds)[:most]


@of_recording
def slowest_agent(recording: Recording) -> str | None:
    """Whose model calls take longest on average; None when nobody made one."""
    found = slowest(recording, "agents", 1)
    return found[0].name if found else None


def _latencies(made: Iterable[ModelCall]) -> list[tuple[str, list[float]]]:
    by_agent: dict[str, list[float]] = {}
    for call in made:
        by_agent.setdefault(call.agent, []).append(call.seconds)
    return list(by_agent.items())
