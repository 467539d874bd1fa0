"""What a step looks like: which words, which icon, which colour, and what a person can do now."""

from __future__ import annotations

from dataclasses import dataclass

from macae.agents.team import HUMAN
from macae.models import PlanStatus, PlanWithSteps, Step, StepStatus
from macae.monitoring.words import STEP_WORDS

__all__ = ["HUMAN", "PLAN_LOOK", "Look", "StepView", "blockers", "plan_look", "view"]


@dataclass(frozen=True, slots=True)
class Look:
    """A status as it is shown. `tone` is a CSS class: ok, busy, ask, bad, off or quiet."""

    label: str
    icon: str
    tone: str


STEP_LOOK = {
    StepStatus.planned: Look(STEP_WORDS["planned"], "clock-o", "quiet"),
    StepStatus.awaiting_feedback: Look(STEP_WORDS["awaiting_feedback"], "hand-paper-o", "ask"),
    StepStatus.approved: Look(STEP_WORDS["approved"], "thumbs-o-up", "busy"),
    StepStatus.action_requested: Look(STEP_WORDS["action_requested"], "spinner fa-spin", "busy"),
    StepStatus.completed: Look(STEP_WORDS["completed"], "check", "ok"),
    StepStatus.failed: Look(STEP_WORDS["failed"], "exclamation-triangle", "bad"),
    StepStatus.rejected: Look(STEP_WORDS["rejected"], "ban", "off"),
    StepStatus.skipped: Look(STEP_WORDS["skipped"], "step-forward", "off"),
    StepStatus.cancelled: Look(STEP_WORDS["cancelled"], "times-circle", "off"),
    StepStatus.superseded: Look(STEP_WORDS["superseded"], "history", "off"),
}
PLAN_LOOK = {
    PlanStatus.in_progress: Look("In progress", "play", "busy"),
    PlanStatus.awaiting_clarification: Look("One question first", "question-circle", "ask"),
    PlanStatus.paused: Look("Paused", "pause", "ask"),
    PlanStatus.completed: Look("Completed", "check", "ok"),
    PlanStatus.failed: Look("Failed", "exclamation-triangle", "bad"),
    PlanStatus.cancelled: Look("Cancelled", "times-circle", "off"),
    PlanStatus.impossible: Look("Not possible", "ban", "bad"),
}
WAITS = Look("Waits for you", "hand-paper-o", "ask")
BLOCKED = Look("Blocked", "lock", "quiet")
INTERRUPTED = Look("Interrupted", "bolt", "ask")
YOURS = Look("Your turn", "pencil", "ask")
REFUSED = Look("A tool said no", "exclamation-triangle", "ask")
PENDING = Look("Asks again", "hand-paper-o", "ask")
STUCK = frozenset({StepStatus.failed, StepStatus.rejected, StepStatus.cancelled})
"""A step that stands so lets nothing that depends on it run."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as the board shows it: its look, and which of its controls can be used."""

    look: Look
    decide: bool = False
    """Approve, reject, edit."""
    answer: bool = False
    """The person's own step: an answer, and skip."""
    recover: bool = False
    """Retry, skip; or finish the plan as it stands."""
    settle: bool = False
    """Interrupted: it was done, run it again, skip."""
    blocked_by: tuple[Step, ...] = ()

    @property
    def asks(self) -> bool:
        """It waits for a person's decision."""
        return self.decide or self.answer or self.settle


def blockers(step: Step, plan: PlanWithSteps) -> tuple[Step, ...]:
    """The steps that keep this one from running and need a person, found through all it depends on."""
    by_id = {other.id: other for other in plan.steps}
    found: dict[str, Step] = {}
    seen: set[str] = set()
    todo = list(step.depends_on)
    while todo:
        other = by_id.get(todo.pop())
        if other is None or other.id in seen:
            continue
        seen.add(other.id)
        if other.status in STUCK:
            found[other.id] = other
        else:
            todo.extend(other.depends_on)
    return tuple(sorted(found.values(), key=lambda other: other.index))


def view(step: Step, plan: PlanWithSteps) -> StepView:
    """How this step is shown now."""
    look = step_look(step)
    if plan.overall_status is not PlanStatus.in_progress:
        # Nothing is decided while a plan waits for an answer or at a limit; one that failed can be taken up where it did.
        retry = plan.overall_status is PlanStatus.failed and step.status is StepStatus.failed
        return StepView(look, recover=retry)
    if step.status is StepStatus.awaiting_feedback:
        blocked = blockers(step, plan)
        if step.interrupted:
            return StepView(INTERRUPTED, settle=True, blocked_by=blocked)
        if step.agent == HUMAN:
            return StepView(YOURS, answer=True, blocked_by=blocked)
        return StepView(PENDING if step.pending_call else look, decide=True, blocked_by=blocked)
    if step.status in {StepStatus.failed, StepStatus.rejected}:
        return StepView(look, recover=True)
    if step.status in {StepStatus.planned, StepStatus.approved}:
        blocked = blockers(step, plan)
        return StepView(BLOCKED if blocked else look, blocked_by=blocked)
    return StepView(look)


def plan_look(plan: PlanWithSteps, stuck: bool) -> Look:
    """The look of the plan's status; `stuck`: a person has to say what becomes of a rejected or failed step."""
    waits = stuck and plan.overall_status is PlanStatus.in_progress
    return WAITS if waits else PLAN_LOOK[plan.overall_status]


def step_look(step: Step) -> Look:
    """The look of its status. Where an agent could only report a refusal, a green tick would be a lie."""
    if step.status is StepStatus.completed and step.calls and step.calls[-1].is_error:
        return REFUSED
    return STEP_LOOK[step.status]
