"""The rest of a plan planned anew, after an answer or a wish: the planner is asked, and what came of it is stored with its events."""

from __future__ import annotations

from typing import Protocol

from macae.agents.budgeting import refuse_when_stopped
from macae.agents.context import AgentContext
from macae.agents.ledger import Ledger
from macae.agents.planstate import PlanState
from macae.agents.revision import Revision, planning_task, revise
from macae.agents.team import MANAGER, PLANNER
from macae.agents.unplanned import planning_failed
from macae.errors import Conflict, PlanError
from macae.models import EventType, InputTask, PlanStatus, PlanWithSteps, StepStatus

__all__ = ["plan_again"]


class Leader(Protocol):
    """What planning anew needs of the manager."""

    context: AgentContext

    async def ask_planner(self, task: InputTask) -> PlanWithSteps:
        """The planner's plan."""

    async def process_next_step(self, plan_id: str) -> None:
        """Offer and carry out whatever is ready."""


async def plan_again(
    manager: Leader, state: PlanState, user_id: str, answer: str | None = None, words: str | None = None
) -> PlanWithSteps:
    """Replace what is left of a plan. Steps under way finish; if the planner fails, all stays as it is."""
    memory, plan_id, before = manager.context.memory, state.plan.id, state.plan
    await refuse_when_stopped(memory, manager.context.settings, state)
    state.replanning = True
    try:
        planned = await manager.ask_planner(planning_task(state, answer, words))
    except BaseException as error:
        await planning_failed(memory, error, before)
        raise
    finally:
        state.replanning = False
    if planned.overall_status is PlanStatus.impossible and answer is None:
        no_way = PlanError(f"The planner sees no other way: {planned.summary}")
        await planning_failed(memory, no_way, before)
        await manager.process_next_step(plan_id)
        raise no_way
    for _ in range(10):
        state = await memory.state(plan_id)
        now = state.plan
        if (now.overall_status, now.revisions) != (before.overall_status, before.revisions):
            raise Conflict(f"The plan has changed meanwhile: it is {now.overall_status} now.", now)
        revision = revise(state, planned, answer)
        try:
            await store_revision(memory, revision, user_id, answer, words)
            break
        except Conflict:  # a step has ended meanwhile
            await memory.state(plan_id, fresh=True)
    else:
        raise Conflict("The plan is being changed by others without pause. Try again.", state.plan)
    await manager.process_next_step(plan_id)
    return (await memory.state(plan_id)).joined()


async def store_revision(
    memory: Ledger, revision: Revision, user_id: str, answer: str | None, words: str | None
) -> None:
    """Store a revision, its new steps offered."""
    plan = revision.plan
    said = [memory.said(user_id, text, plan.id) for text in (answer, words) if text]
    state = await memory.state(plan.id)
    changed = {step.id: step for step in [*revision.kept, *revision.gone, *revision.added]}
    trial = PlanState(plan, [*(s for s in state.steps.values() if s.id not in changed), *changed.values()])
    open_steps = [s for s in changed.values() if s.status is StepStatus.planned]
    offered = trial.follow_up(open_steps, memory.store.owner).steps
    changed |= {step.id: step for step, _ in offered}
    events = [memory.event(EventType.clarification_answered, plan, user_id, answer)] if answer else []
    events.append(
        memory.event(
            EventType.plan_changed,
            plan,
            PLANNER,
            plan.summary or "",
            status=plan.overall_status,
            words=words or "",
            kept=len(revision.kept),
            gone=len(revision.gone),
            added=len(revision.added),
        )
    )
    events += [memory.event(EventType.step_superseded, step, PLANNER, step.task) for step in revision.gone]
    # A kept step that would now run sooner than the person knew is asked about again.
    offered += [
        (step, EventType.step_offered)
        for step in revision.kept
        if step.status is StepStatus.awaiting_feedback and state.steps[step.id].status is StepStatus.approved
    ]
    events += [memory.event(type, step, MANAGER, step.task) for step, type in offered]
    if plan.overall_status is PlanStatus.awaiting_clarification:
        ask = plan.human_clarification_request or ""
        events.append(memory.event(EventType.clarification_asked, plan, PLANNER, ask))
    questions = [memory.question(step) for step, _ in offered]
    await memory.commit(plan, *changed.values(), new=[*said, *questions], events=events)
