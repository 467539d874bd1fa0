"""A plan and its steps held in memory, and what follows when one of the steps changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from macae.agents import lifecycle
from macae.agents.lifecycle import Arrow
from macae.models import EventType, Plan, PlanStatus, PlanWithSteps, Step, StepStatus
from macae.models.plans import OPEN_STEP

__all__ = ["UNDECIDED", "FollowUp", "PlanState"]

CLEARED = frozenset({StepStatus.completed, StepStatus.skipped})
"""A dependency in one of these statuses holds nothing back."""
UNDECIDED = frozenset({StepStatus.failed, StepStatus.rejected})
"""A person has still to say what is to become of a step in one of these."""


class FollowUp:
    """What a change of steps leads to: more changed steps (with what happened to each), and maybe a changed plan."""

    def __init__(self) -> None:
        self.steps: list[tuple[Step, EventType]] = []
        self.plan: Plan | None = None


class PlanState:
    """The held truth of one plan. The stored versions decide; this saves reading them again."""

    def __init__(self, plan: Plan, steps: Iterable[Step] = ()) -> None:
        self.replanning = False
        """While the rest is planned anew nothing is offered or dispatched."""
        self.reset(plan, steps)

    def reset(self, plan: Plan, steps: Iterable[Step]) -> None:
        """Hold this, and nothing of what was held before."""
        self.stale = False
        """Whether a write failed, so that the store has to be asked what is true."""
        self.plan = plan
        self.steps: dict[str, Step] = {}
        self.counts: Counter[StepStatus] = Counter()
        self.dependents: defaultdict[str, list[str]] = defaultdict(list)
        self.done: list[str] = []
        """The completed steps, in the order in which they were completed."""
        for step in steps:
            self.put(step)

    def take(self, plan: Plan, steps: Iterable[Step]) -> None:
        """Take what was read from the store; what was written here meanwhile is newer, and stays."""
        if self.stale:
            self.reset(plan, steps)
            return
        if plan.version >= self.plan.version:
            self.plan = plan
        for step in steps:
            self.put(step)

    def put(self, step: Step) -> None:
        """Take a step's newer version. An older one is passed over."""
        held = self.steps.get(step.id)
        if held is not None:
            if held.version > step.version:
                return
            self.counts[held.status] -= 1
        for other in step.depends_on:
            if held is None or other not in held.depends_on:
                self.dependents[other].append(step.id)
        if step.status is StepStatus.completed and (held is None or held.status is not StepStatus.completed):
            self.done.append(step.id)
        self.counts[step.status] += 1
        self.steps[step.id] = step

    def is_clear(self, step: Step, changed: dict[str, Step] | None = None) -> bool:
        """Whether all that the step depends on is completed or skipped."""
        for other in step.depends_on:
            held = (changed or {}).get(other) or self.steps.get(other)
            if held is not None and held.status not in CLEARED and held.status is not StepStatus.superseded:
                return False
        return True

    def follow_up(self, changed: Iterable[Step], owner: str) -> FollowUp:
        """What happens next once `changed` is stored: steps to offer, approved steps to claim for `owner`, the plan's end.

        Only the changed steps and their direct dependents are looked at, so the cost does not grow with the plan.
        """
        overlay = {step.id: step for step in changed}
        found = FollowUp()
        if self.replanning or self.plan.overall_status is not PlanStatus.in_progress:
            return found
        near = dict(overlay)
        for step_id in overlay:
            for dependent in self.dependents[step_id]:
                near.setdefault(dependent, self.steps[dependent])
        for step in near.values():
            clear = self.is_clear(step, overlay)
            if step.status is StepStatus.planned and (clear or self.is_concrete(step)):
                found.steps.append((lifecycle.move(step, Arrow.offer), EventType.step_offered))
            elif step.status is StepStatus.approved and clear and step.approval is not None:
                found.steps.append((lifecycle.claim(step, owner), EventType.step_started))
        found.plan = self.outcome([*overlay.values(), *(step for step, _ in found.steps)])
        return found

    @staticmethod
    def is_concrete(step: Step) -> bool:
        """Whether a person can judge the step before its dependencies are done: no argument hangs on their results."""
        return step.function is None or step.arguments is not None

    def outcome(self, changed: Iterable[Step]) -> Plan | None:
        """The plan with its final status, when `changed` leaves nothing to do or decide; else None.

        Completed means: at least one step was completed, and the others were skipped or superseded.
        """
        counts = self.counts.copy()
        for step in {step.id: step for step in changed}.values():
            held = self.steps.get(step.id)
            if held is not None:
                counts[held.status] -= 1
            counts[step.status] += 1
        if any(counts[status] for status in OPEN_STEP | UNDECIDED):
            return None
        status = PlanStatus.completed if counts[StepStatus.completed] else PlanStatus.cancelled
        return self.plan.model_copy(update={"overall_status": status})

    def joined(self) -> PlanWithSteps:
        """The plan with its steps, for the caller to keep."""
        return PlanWithSteps.of(self.plan, [step.model_copy() for step in self.steps.values()])
