"""What follows from a change of a plan: worked out and stored with it in one write, before anything is started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from macae.agents.budgeting import budget_warnings, pause_at_limit
from macae.agents.context import AgentContext
from macae.agents.planstate import PlanState
from macae.agents.team import MANAGER
from macae.errors import Conflict
from macae.memory.store import Change
from macae.models import BaseDataModel, Event, EventType, Plan, PlanStatus, Step

__all__ = ["advance"]


class Leader(Protocol):
    """What going on with a plan needs of the manager."""

    context: AgentContext

    def execute(self, steps: Sequence[tuple[Step, EventType]]) -> None:
        """Start the steps that were claimed."""


async def advance(
    manager: Leader,
    state: PlanState,
    *changed: Step,
    look_at: Sequence[Step] = (),
    new: Sequence[BaseDataModel] = (),
    events: Sequence[Event] = (),
    also: Sequence[Change] = (),
) -> None:
    """Store `changed` together with all that follows from it, then start what was claimed.

    Another process may get in between: what follows is then worked out again. Raises Conflict only when one of `changed`
    itself was changed elsewhere.
    """
    memory, settings = manager.context.memory, manager.context.settings
    if memory.spending is not None:
        await memory.spending.refresh(memory.session_id)
    warned: list[Event] | None = None
    for _ in range(10):
        near = {step.id: state.steps.get(step.id, step) for step in look_at}
        follow = state.follow_up([*near.values(), *changed], memory.store.owner)
        if not changed and not follow.steps and follow.plan is None:
            return
        reason = pause_at_limit(memory, settings, state, follow, changed)
        if warned is None:
            near_end = {**state.steps, **{step.id: step for step in changed}}.values()
            warned = budget_warnings(memory, settings, state.plan, near_end)
        told = [memory.event(type, step, MANAGER, step.task) for step, type in follow.steps]
        if follow.plan is not None:
            status = follow.plan.overall_status
            told.append(
                memory.event(EventType.plan_changed, follow.plan, MANAGER, reason or status, status=status)
            )
        questions = [memory.question(step) for step, type in follow.steps if type is EventType.step_offered]
        documents: list[Plan | Step] = [*changed, *(step for step, _ in follow.steps)]
        rows = [*also]
        if follow.plan is not None:
            documents.append(follow.plan)
            rows.append(memory.session_row(status, reason or follow.plan.summary))
        expected = {step.id: step.version for step in changed}
        try:
            await memory.commit(
                *documents, new=[*new, *questions], events=[*events, *warned, *told], also=rows
            )
        except Conflict:
            state = await memory.state(state.plan.id, fresh=True)
            for step in changed:
                now = state.steps.get(step.id)
                if now is None or now.version != expected[step.id]:
                    raise
                if state.plan.overall_status is PlanStatus.cancelled:
                    raise
            continue
        manager.execute(follow.steps)
        # Another step may have been stored at the same moment, each of the two not knowing of the other: look once more.
        state = await memory.state(state.plan.id)
        look_at, changed, new, events, also = [*look_at, *changed], (), (), (), ()
        warned = []
    raise Conflict("The plan is being changed by others without pause. Try again.", state.plan)
