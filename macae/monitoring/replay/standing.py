"""How things stand: the session's status, its plans and steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from macae.models import EventType, PlanStatus, StepStatus
from macae.monitoring.replay.costing import spent
from macae.monitoring.replay.fields import number_or_none
from macae.monitoring.replay.known import PlanLife
from macae.monitoring.replay.lives import Lives
from macae.monitoring.replay.ordering import Moment
from macae.monitoring.replay.views import ModelCall, PlanView, StepView
from macae.monitoring.replay.waits import joined, total

__all__ = ["plan_views", "status_of", "status_text", "step_views"]

E = EventType

FINAL = {
    PlanStatus.completed.value: "finished",
    PlanStatus.paused.value: "paused",
    PlanStatus.awaiting_clarification.value: "waiting",
}

ORDER = (
    "interrupted",
    "working",
    "planning",
    "waiting",
    "paused",
    "failed",
    "impossible",
    "finished",
    "cancelled",
)
"""Which status counts before which."""


LEFT = {"working": "interrupted", "planning": "interrupted"}
"""What these are where no process works on the session."""


def status_of(lives: Lives, left: bool = False) -> str:
    """The session's status in one word: of several plans that counts which is furthest from its end, or went worst.

    `left`: no process works on it.

    A goal that got no plan is the session's failure only where there is nothing else; beside plans it is one of the problems.
    """
    states = [plan_status(plan, lives) for plan in lives.plans.values()]
    if lives.plannings.open:
        states.append("planning")
    if not states:
        states.append("failed" if lives.plannings.by_trace or lives.refused else "planning")
    known = min(states, key=_place)
    return LEFT.get(known, known) if left else known


def _place(status: str) -> int:
    return ORDER.index(status) if status in ORDER else len(ORDER)


def status_text(plans: Sequence[PlanView], status: str) -> str:
    """The status for people to read: where several plans ended differently, how many did how."""
    counts = Counter(plan.status for plan in plans)
    if status == "planning" and "planning" not in counts:
        counts["planning"] = 1
    if len(counts) < 2:
        return status
    return ", ".join(f"{counts[known]} {known}" for known in sorted(counts, key=_place))


def plan_status(plan: PlanLife, lives: Lives) -> str:
    """One plan's status, in the words of a recording."""
    if plan.status != PlanStatus.in_progress.value:
        return FINAL.get(plan.status, plan.status)
    steps = [step for step in lives.steps.values() if step.plan_id == plan.id]
    if any(step.attempts and step.attempts[-1].end is None for step in steps):
        return "working"
    if plan.planning and plan.planning[-1].end is None:
        return "planning"
    asked = any(step.asks and step.asks[-1].end is None for step in steps)
    return "waiting" if asked else "working"


def plan_views(lives: Lives, steps: Sequence[StepView], left: bool = False) -> list[PlanView]:
    """The plans, oldest first. `left`: no process works on them."""
    stand = {id: plan_status(plan, lives) for id, plan in lives.plans.items()}
    return [
        PlanView(
            plan.id,
            plan.goal,
            LEFT.get(stand[plan.id], stand[plan.id]) if left else stand[plan.id],
            tuple(step.id for step in steps if step.plan_id == plan.id),
        )
        for plan in lives.plans.values()
    ]


def step_views(
    moments: Sequence[Moment], lives: Lives, calls: Sequence[ModelCall], horizon: float, left: bool = False
) -> list[StepView]:
    """The steps by plan and place. `horizon`: the end of what goes on; `left`: nothing does any more."""
    used: dict[str, list[ModelCall]] = {}
    for call in calls:
        used.setdefault(call.step_id or "", []).append(call)
    grounded = {
        event.step_id: number_or_none(event.data.get("score"))
        for _, event in moments
        if event.type == E.reply_checked and event.step_id
    }
    plans = {id: number for number, id in enumerate(lives.plans)}
    found = []
    for step in lives.steps.values():
        mine = used.get(step.id, [])
        paid = spent(mine)
        waits = [(a.start, horizon if a.end is None else a.end) for a in step.asks if not a.automatic]
        found.append(
            StepView(
                id=step.id,
                plan_id=step.plan_id,
                index=step.index,
                agent=step.agent,
                task=step.task,
                status=step.status,
                start=step.attempts[0].start if step.attempts else None,
                end=step.ended,
                seconds=total((a.start, horizon if a.end is None else a.end) for a in step.attempts),
                waited=total(joined(waits)),
                tokens=sum(call.tokens for call in mine),
                usd=None if paid.unpriced else paid.usd,
                reply=step.reply,
                grounded=grounded.get(step.id),
                attempts=len(step.attempts),
                error=step.error,
                approved_by=step.approvals[-1][2] if step.approvals else "",
                function=step.function,
                arguments=step.arguments,
                unpriced=paid.unpriced,
                at_limit=step.at_limit and step.status == StepStatus.failed,
                lost=any(a.lost or (left and a.end is None) for a in step.attempts),
            )
        )
    order = {step.id: place for place, step in enumerate(found)}
    return sorted(found, key=lambda s: (plans.get(s.plan_id, len(plans)), s.index or len(found), order[s.id]))
