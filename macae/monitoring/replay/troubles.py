"""What went wrong, each trouble told once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from macae.models import Event, EventType
from macae.monitoring.replay.findings import Problem
from macae.monitoring.replay.lives import Lives
from macae.monitoring.replay.one_event import row_of
from macae.monitoring.replay.ordering import Moment
from macae.monitoring.replay.views import PLANNER, ModelCall, ToolCall

__all__ = ["problems", "stops"]

E = EventType
Call = ModelCall | ToolCall


def problems(
    moments: Sequence[Moment], lives: Lives, models: Sequence[ModelCall], tools: Sequence[ToolCall]
) -> list[Problem]:
    """Calls, steps and goals that failed. A step or a goal that failed because its last call failed is not told again."""
    found = [
        Problem(c.end, c.agent, "model", f"{c.model or 'model'}: {c.error}", c.step_id, c.plan_id, c.seq)
        for c in models
        if not (c.ok or c.stopped)
    ]
    found += [
        Problem(c.end, c.agent, "tool", f"{c.tool}: {c.result or _came(c)}", c.step_id, c.plan_id, c.seq)
        for c in tools
        if not c.ok
    ]
    made: list[Call] = [*models, *tools]
    by_step: dict[str | None, list[Call]] = {}
    for call in sorted(made, key=lambda call: (call.end, call.seq)):
        by_step.setdefault(call.step_id, []).append(call)
    for at, event in moments:
        if event.type == E.step_failed and not event.at_limit:
            step = lives.steps.get(event.step_id or "")
            begun = max((a.start for a in step.attempts if a.start <= at), default=0.0) if step else 0.0
            if not _repeats(event.text, [c for c in by_step.get(event.step_id, ()) if begun <= c.end <= at]):
                found.append(_own(at, "step", event))
        elif event.type == E.goal_refused:
            found.append(_own(at, "goal", event))
        elif event.type == E.planning_failed:
            asked = {
                other.seq
                for _, other in moments
                if other.type == E.model_called and (other.agent, other.trace_id) == (PLANNER, event.trace_id)
            }
            if not _repeats(event.text, [c for c in models if c.seq in asked and c.end <= at]):
                found.append(_own(at, "goal", event))
    return sorted(found, key=lambda problem: (problem.seconds, problem.seq))


def _came(call: ToolCall) -> str:
    """What is known of a failed call that has no result."""
    if call.state != "unknown":
        return call.state
    return "it was cut off" if call.effect == "read" else "it may have run"


def stops(moments: Sequence[Moment]) -> list[Problem]:
    """Each time that a limit has stopped a step: nobody's error."""
    return [_own(at, "step", event) for at, event in moments if event.at_limit]


def _own(at: float, kind: Literal["step", "goal"], event: Event) -> Problem:
    return Problem(at, row_of(event), kind, event.text, event.step_id, event.plan_id, event.seq)


def _repeats(text: str, calls: Sequence[Call]) -> bool:
    """Whether a step's failure says only what its attempt's last failed call said: after that one nothing else was done."""
    failures = [_why(call) for call in calls]
    last = next((why for why in reversed(failures) if why is not None), None)
    return last is not None and (failures[-1] is not None or bool(last and last in text))


def _why(call: Call) -> str | None:
    """Why a call failed; None when it did not, or was called off."""
    if isinstance(call, ModelCall):
        return None if call.ok or call.stopped else call.error
    return None if call.ok else call.result
