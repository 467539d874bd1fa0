"""What becomes of a plan and its steps when a person ends it. Nothing here is stored."""

from __future__ import annotations

from collections.abc import Collection

from macae.agents import lifecycle
from macae.agents.lifecycle import Arrow
from macae.agents.planstate import UNDECIDED, PlanState
from macae.errors import NotAllowed
from macae.models import PlanStatus, Step, StepStatus
from macae.models.plans import OPEN_STEP

__all__ = ["come_to", "ended_steps"]


def come_to(state: PlanState) -> PlanStatus:
    """What a plan is when nothing more is done. Raises NotAllowed while a step runs."""
    if state.counts[StepStatus.action_requested]:
        raise NotAllowed("A step is running. Wait for it (engine.wait), or cancel the plan.")
    if state.counts[StepStatus.failed]:
        return PlanStatus.failed
    return PlanStatus.completed if state.counts[StepStatus.completed] else PlanStatus.cancelled


def ended_steps(state: PlanState, cancelled: bool, running: Collection[str]) -> tuple[list[Step], list[Step]]:
    """The steps that end with the plan, cancelled or else skipped; and the undecided ones that stay as they are.

    `running`: ids of the steps that this process carries out. They end by themselves: their outcome then knows of the plan's end.
    """
    ending = [
        step
        for step in state.steps.values()
        if (step.status in OPEN_STEP or (step.status is StepStatus.rejected and not cancelled))
        and not (step.status is StepStatus.action_requested and step.id in running)
    ]
    changed = [lifecycle.cancel(step) if cancelled else skipped(step) for step in ending]
    stay = [step for step in state.steps.values() if step.status in UNDECIDED and step not in ending]
    return changed, stay


def skipped(step: Step) -> Step:
    """The step skipped; of one that is approved the yes is taken back first."""
    return lifecycle.move(
        lifecycle.move(step, Arrow.edit) if step.status is StepStatus.approved else step, Arrow.skip
    )
