"""A step's reply held against what its agent had before it, as the plan's documents tell."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from macae.models import Event, Plan, Step, StepStatus
from macae.monitoring.grounding.checking import Grounding, check_reply
from macae.monitoring.rebuilding import rebuild
from macae.monitoring.replay.views import HUMAN

__all__ = ["check_session", "check_step"]


def check_step(
    reply: str,
    plan: Plan,
    step: Step,
    others: Iterable[Step] = (),
    more: Iterable[str] = (),
    today: date | None = None,
) -> Grounding:
    """Check a step's reply. Its sources are the results of its calls, `more` (what else its agent was given, such as its instructions),
    and what earlier steps found and replied, as the agent was told it; an ungrounded claim of theirs was told with them.

    Asked was the goal, the step, its approved calls, and what the person said. The arguments of reading calls are the model's own
    words, and bear out nothing.
    """
    found = [call.result for call in step.calls if call.result]
    for other in others:
        if other.id != step.id and other.status is StepStatus.completed:
            found += [
                other.task,
                other.agent_reply or "",
                *(call.result for call in other.calls if call.result),
            ]
    asked = [
        plan.initial_goal,
        plan.human_clarification_response or "",
        step.task,
        step.agent,
        step.human_feedback or "",
        *(f"{call.tool} {_json(call.arguments)}" for call in step.calls if call.effect == "change"),
        today.isoformat() if today is not None else "",
    ]
    return check_reply(reply, [*found, *more], "\n".join(asked))


def check_session(events: Iterable[Event]) -> dict[str, Grounding]:
    """The replies of a stored session's finished steps, checked anew, by step id; the person's own steps are not checked.

    Raises InvalidInput when events are missing in between.
    """
    found = {}
    for plan in rebuild(events):
        for step in plan.steps:
            if step.status is StepStatus.completed and step.agent_reply and step.agent != HUMAN:
                earlier = [other for other in plan.steps if other.index < step.index]
                found[step.id] = check_step(step.agent_reply, plan, step, earlier)
    return found


def _json(arguments: object) -> str:
    return json.dumps(arguments, ensure_ascii=False, default=str)
