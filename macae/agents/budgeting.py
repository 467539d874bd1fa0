"""What the manager does about limits before it begins something: it warns, pauses, and refuses what nobody can allow any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from macae.agents.budget import held, limits_of, names_limit, used_up, warnings_due
from macae.agents.ledger import Ledger
from macae.agents.planstate import FollowUp, PlanState
from macae.agents.team import MANAGER
from macae.config import Settings
from macae.errors import LimitReached
from macae.models import Event, EventType, Plan, PlanStatus, Step, StepStatus

__all__ = ["budget_warnings", "pause_at_limit", "refuse_when_stopped", "stopped_by_limit"]


def budget_warnings(memory: Ledger, settings: Settings, plan: Plan, steps: Iterable[Step]) -> list[Event]:
    """An event for each limit that is nearly used up and was not warned of yet, to be stored with the next write."""
    if memory.spending is None:
        return []
    limits = limits_of(plan, steps, settings, spending=memory.spending)
    return [
        memory.event(
            EventType.budget_warned,
            plan,
            MANAGER,
            limit.warning,
            scope=limit.scope,
            kind=limit.kind,
            used=limit.used,
            limit=limit.at,
        )
        for limit in warnings_due(limits, plan, memory.spending)
    ]


def pause_at_limit(
    memory: Ledger, settings: Settings, state: PlanState, follow: FollowUp, changed: Sequence[Step]
) -> str | None:
    """When a limit is reached, have the plan paused in `follow` instead of more steps started; gives the reason, else None."""
    wants_more = any(type is EventType.step_started for _, type in follow.steps)
    stopped = any(step.status is StepStatus.failed for step in changed)
    if follow.plan is not None or not (wants_more or stopped):
        return None
    steps = {**state.steps, **{step.id: step for step in changed}}
    reason = used_up(state.plan, steps.values(), settings, spending=memory.spending)
    if reason:
        follow.steps = [(step, type) for step, type in follow.steps if type is not EventType.step_started]
        follow.plan = state.plan.model_copy(update={"overall_status": PlanStatus.paused})
    return reason


def stopped_by_limit(memory: Ledger, settings: Settings, state: PlanState, step: Step) -> bool:
    """Whether a limit has stopped a failed step: its error names one, and one is reached. An agent's words alone would not do."""
    if not names_limit(step.error):
        return False
    steps = {**state.steps, step.id: step}
    return held(state.plan, steps.values(), settings, spending=memory.spending) is not None


async def refuse_when_stopped(memory: Ledger, settings: Settings, state: PlanState | None = None) -> None:
    """Look at what was used, by other processes too; with `state` by its plan too.

    Raises LimitReached where a limit lets nothing more be allowed or nobody knows how much was used, StoreError.
    """
    if memory.spending is None:
        return
    await memory.spending.refresh(memory.session_id, force=True)
    plan, steps = (None, ()) if state is None else (state.plan, tuple(state.steps.values()))
    for limit in limits_of(plan, steps, settings, spending=memory.spending, session_id=memory.session_id):
        if limit.reached and not limit.raisable:
            raise LimitReached(f"Nothing more is planned: {limit.text}")
