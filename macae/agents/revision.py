"""A plan made anew: what stays, what goes, what comes."""

from __future__ import annotations

from macae.agents import lifecycle
from macae.agents.lifecycle import Arrow
from macae.agents.planstate import PlanState
from macae.models import HumanClarification, InputTask, Plan, PlanStatus, PlanWithSteps, Step, StepStatus
from macae.models.plans import OPEN_STEP

__all__ = ["clarified_task", "revised"]


def clarified_task(plan: Plan, message: HumanClarification) -> InputTask:
    """The goal with the question and the answers so far, as a task for the planner."""
    answers = joined_answers(plan, message.human_clarification)
    return InputTask(
        session_id=plan.session_id,
        user_id=plan.user_id,
        description=f"{plan.initial_goal}\nQuestion asked: {plan.human_clarification_request}\nAnswer: {answers}",
    )


def joined_answers(plan: Plan, answer: str) -> str:
    """All that the person has answered for this plan."""
    return "; ".join(part for part in (plan.human_clarification_response, answer) if part)


def revised(state: PlanState, planned: PlanWithSteps, answer: str) -> tuple[Plan, list[Step], list[Step]]:
    """The plan after an answer, the steps that are superseded, and the steps that are new.

    A stored step that the new plan has too (same agent, action and call) stays as it is, with its approval.
    """
    old = state.plan
    open_steps = [step for step in state.steps.values() if step.status in OPEN_STEP]
    same = {sameness(step): step for step in open_steps if step.status is not StepStatus.action_requested}
    ids: dict[str, str] = {}
    kept: set[str] = set()
    added: list[Step] = []
    first = max((step.index for step in state.steps.values()), default=0)
    for step in planned.steps:
        twin = same.get(sameness(step))
        if twin is not None and twin.id not in kept:
            kept.add(twin.id)
            ids[step.id] = twin.id
        else:
            ids[step.id] = step.id
            added.append(step)
    gone = [
        lifecycle.move(step, Arrow.supersede)
        for step in open_steps
        if step.id not in kept and step.status is not StepStatus.action_requested
    ]
    new = [
        step.model_copy(
            update={
                "plan_id": old.id,
                "session_id": old.session_id,
                "user_id": old.user_id,
                "version": 0,
                "index": first + number,
                "status": StepStatus.planned,
                "approval": None,
                "depends_on": [ids[other] for other in step.depends_on if other in ids],
            }
        )
        for number, step in enumerate(added, 1)
    ]
    asks_again = planned.human_clarification_request
    status = (
        PlanStatus.impossible
        if planned.overall_status is PlanStatus.impossible
        else PlanStatus.awaiting_clarification
        if asks_again
        else PlanStatus.in_progress
        if planned.steps
        else PlanStatus.failed
    )
    plan = old.model_copy(
        update={
            "overall_status": status,
            "summary": planned.summary,
            "human_clarification_request": asks_again or old.human_clarification_request,
            "human_clarification_response": joined_answers(old, answer),
        }
    )
    return plan, gone, new


def sameness(step: Step) -> tuple[str, str, str | None, str]:
    """What makes two steps the same one."""
    return step.agent, step.task, step.function, repr(sorted((step.arguments or {}).items()))
