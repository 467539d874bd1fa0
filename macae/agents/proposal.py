"""What a planner has answered, a plan that is not stored yet: held against the team, and made true of the goal it is for."""

from __future__ import annotations

from typing import Any

from macae.agents.team import HUMAN, Team
from macae.errors import PlanError
from macae.models import InputTask, Plan, PlanStatus, PlanWithSteps, Step, StepStatus

__all__ = ["proposed_plan", "stamped"]


def proposed_plan(answer: Any, team: Team) -> PlanWithSteps:
    """The planner's plan. Raises PlanError when its answer is none, or names agents that the team does not have."""
    if not isinstance(answer, PlanWithSteps):
        raise PlanError(
            f"The planner answered with {type(answer).__name__}, not with a PlanWithSteps. "
            "Its handler of InputTask must be decorated with @message_handler and return the plan."
        )
    for step in answer.steps:
        if step.agent != HUMAN and step.agent not in team:
            raise PlanError(f"The plan names an agent {step.agent!r} that the team does not have.")
    return answer


def stamped(planned: PlanWithSteps, task: InputTask) -> tuple[Plan, list[Step]]:
    """The plan and its steps with the task's session, user and goal, and with a status that is true of them."""
    owner = {"session_id": task.session_id, "user_id": task.user_id, "version": 0}
    status = planned.overall_status
    if planned.human_clarification_request and not planned.human_clarification_response:
        status = PlanStatus.awaiting_clarification
    elif not planned.steps and status is not PlanStatus.impossible:
        status = PlanStatus.failed  # an empty plan is never a completed one
    own = {**owner, "initial_goal": task.description, "overall_status": status}
    plan = Plan(**{**planned.model_dump(include=set(Plan.model_fields)), **own})
    steps = [
        step.model_copy(update={**owner, "plan_id": plan.id, "status": StepStatus.planned, "approval": None})
        for step in planned.steps
    ]
    return plan, steps
