"""A plan made anew, after an answer or a failure: what the planner is told, what stays, what goes, what comes."""

from __future__ import annotations

from dataclasses import dataclass

from macae.agents import lifecycle
from macae.agents.lifecycle import Arrow
from macae.agents.planstate import PlanState
from macae.agents.prompttext import one_line, quoted
from macae.models import InputTask, Plan, PlanStatus, PlanWithSteps, Step, StepStatus

__all__ = ["Revision", "planning_task", "revise", "revised_plan"]

REPLACEABLE = frozenset(
    {
        StepStatus.planned,
        StepStatus.awaiting_feedback,
        StepStatus.approved,
        StepStatus.failed,
        StepStatus.rejected,
    }
)
"""Steps that a new plan may do without. What runs or is over stays."""
MAX_ANSWER = 2_000
"""Characters of a question or of its answers that the planner is told again."""


@dataclass(frozen=True)
class Revision:
    """What a new plan makes of the stored one."""

    plan: Plan
    kept: list[Step]
    """Stored steps that the new plan has too, with their approvals; some now wait for other steps."""
    gone: list[Step]
    added: list[Step]


def planning_task(state: PlanState, answer: str | None, words: str | None) -> InputTask:
    """The goal with all that has been asked, answered, done and refused since, as a task for the planner."""
    plan = state.plan
    lines = [quoted(plan.initial_goal)]
    if plan.human_clarification_request:
        lines += [
            f"Question asked: {one_line(plan.human_clarification_request, MAX_ANSWER)}",
            f"Answer: {one_line(joined_answers(plan, answer), MAX_ANSWER)}",
        ]
    steps = sorted(state.steps.values(), key=lambda step: step.index)
    lines += told("Done so far", [s for s in steps if s.status is StepStatus.completed])
    lines += told("Being done", [s for s in steps if s.status is StepStatus.action_requested])
    lines += told("What failed", [s for s in steps if s.status is StepStatus.failed])
    lines += told("What the person rejected", [s for s in steps if s.status is StepStatus.rejected])
    if words:
        lines.append(f"The person says: {one_line(words, 1000)}")
    return InputTask(session_id=plan.session_id, user_id=plan.user_id, description="\n".join(lines))


def told(title: str, steps: list[Step]) -> list[str]:
    """Steps with what came of them, under a title."""
    lines = [
        f"{s.index}. {s.agent}, {one_line(s.task)}: {one_line(s.agent_reply or s.error or s.human_feedback or '')}"
        for s in steps[-20:]
    ]
    return [f"{title}:", *lines] if lines else []


def joined_answers(plan: Plan, answer: str | None) -> str:
    """All that the person has answered for this plan."""
    return "; ".join(part for part in (plan.human_clarification_response, answer) if part)


def revise(state: PlanState, planned: PlanWithSteps, answer: str | None) -> Revision:
    """Hold the new plan against the stored one. A step of the same agent, action and call stays as it is."""
    old = state.plan
    candidates = [s for s in state.steps.values() if s.status in REPLACEABLE]
    same = {sameness(s): s for s in candidates if s.status not in (StepStatus.failed, StepStatus.rejected)}
    ids: dict[str, str] = {}
    twins: list[tuple[Step, Step]] = []
    fresh: list[Step] = []
    for step in planned.steps:
        twin = same.pop(sameness(step), None)
        ids[step.id] = twin.id if twin else step.id
        if twin:
            twins.append((twin, step))
        else:
            fresh.append(step)
    stays = {twin.id for twin, _ in twins}
    first = max((step.index for step in state.steps.values()), default=0)
    owner = {"plan_id": old.id, "session_id": old.session_id, "user_id": old.user_id, "version": 0}
    return Revision(
        plan=revised_plan(old, planned, answer),
        kept=[keep(state, twin, needs(step, ids)) for twin, step in twins],
        gone=[lifecycle.move(step, Arrow.supersede) for step in candidates if step.id not in stays],
        added=[
            step.model_copy(
                update={
                    **owner,
                    "index": first + number,
                    "status": StepStatus.planned,
                    "approval": None,
                    "depends_on": needs(step, ids),
                }
            )
            for number, step in enumerate(fresh, 1)
        ],
    )


def keep(state: PlanState, step: Step, depends_on: list[str]) -> Step:
    """A stored step in the new plan. If it would now run at once because it waits for less, the person is asked again."""
    after = step.model_copy(update={"depends_on": depends_on})
    waits = any(other not in state.steps for other in depends_on) or not state.is_clear(after)
    if step.status is StepStatus.approved and not waits and not state.is_clear(step):
        return lifecycle.move(after, Arrow.edit, approval=None)
    return after


def needs(step: Step, ids: dict[str, str]) -> list[str]:
    """What a step of the new plan depends on, in stored ids."""
    return [ids[other] for other in step.depends_on if other in ids]


def revised_plan(old: Plan, planned: PlanWithSteps, answer: str | None) -> Plan:
    """The plan's row after the revision."""
    if planned.overall_status is PlanStatus.impossible:
        status = PlanStatus.impossible
    elif planned.human_clarification_request:
        status = PlanStatus.awaiting_clarification
    else:
        status = PlanStatus.in_progress if planned.steps else PlanStatus.failed
    return old.model_copy(
        update={
            "overall_status": status,
            "summary": planned.summary,
            "human_clarification_request": planned.human_clarification_request
            or old.human_clarification_request,
            "human_clarification_response": joined_answers(old, answer) or None,
            "revisions": old.revisions + (answer is None),
            "usage": old.usage + planned.usage,
        }
    )


def sameness(step: Step) -> tuple[str, str, str | None, str]:
    """What makes two steps the same one."""
    return step.agent, step.task, step.function, repr(sorted((step.arguments or {}).items()))
