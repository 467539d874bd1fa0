"""Taking up what a process that is gone has left: whose a running step is, and what had still to follow."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from macae.agents import lifecycle
from macae.agents.team import MANAGER
from macae.agents.unplanned import tell_lost_goals
from macae.errors import Conflict
from macae.memory.atwork import step_owned
from macae.models import ApprovalRequest, Event, EventType, Plan, PlanStatus, Step, StepStatus

if TYPE_CHECKING:
    from macae.engine.session import LiveSession

__all__ = ["Recovery"]

log = logging.getLogger(__name__)

MOST_RELEASES = 3
"""How often a step may be taken back from this very process before the person is asked about it."""

SETTLED = frozenset({PlanStatus.completed, PlanStatus.failed, PlanStatus.impossible})
"""A plan in one of these leaves nothing to take up. In a cancelled one a step may still have been running."""


class Recovery:
    """Compares what is stored of a session with what is under way. A running step belongs to a process, its owner: one whose
    owner is gone is released, or shown to the person as interrupted."""

    def __init__(self, session: LiveSession) -> None:
        self._session, self._memory, self._gate = session, session.memory, session.gate
        self._released: Counter[str] = Counter()
        """By step: how often it was taken back although this very process carried it out."""
        self._asked: dict[str, tuple[int, ...]] = {}
        """By plan: the versions with which the manager was last asked to go on."""

    async def recover(self, recent: Sequence[Event]) -> None:
        """Catch up with every plan of the session that is not settled, and tell of goals among the `recent` events, oldest first,
        whose planning went with its process."""
        memory = self._memory
        await tell_lost_goals(memory, recent)
        for plan in await memory.store.find(
            Plan, user_id=memory.user_id, session_id=memory.session_id, data_type="plan"
        ):
            if plan.overall_status not in SETTLED:
                await self._session.parts.spending.refresh(memory.session_id)
                await self.catch_up(plan.id)

    async def catch_up(self, plan_id: str) -> bool:
        """Look at what is stored and go on with it. Whether anything is under way, here or elsewhere: if not, only a person
        can move the plan on."""
        if self._session.tasks.of(plan_id):
            return True
        state = await self._memory.state(plan_id, fresh=True)
        elsewhere = False
        for step in list(state.steps.values()):
            if step.status is not StepStatus.action_requested:
                continue
            if await self.is_owned(step):
                elsewhere = True
            else:
                await self.release(step, state.plan)
        state = await self._memory.state(plan_id)
        follow = state.follow_up(list(state.steps.values()), self._memory.store.owner)
        seen = (state.plan.version, *(step.version for step in state.steps.values()))
        # A manager of somebody's own may see nothing to do here: it is asked once.
        if (follow.steps or follow.plan is not None) and self._asked.get(plan_id) != seen:
            self._asked[plan_id] = seen
            await self._session.send(
                ApprovalRequest(
                    plan_id=plan_id, session_id=self._memory.session_id, user_id=self._memory.user_id
                ),
                MANAGER,
            )
            return True
        return elsewhere

    def ask_anew(self, plan_id: str) -> None:
        """Let the manager be asked once more about a plan that has not changed: its work had failed."""
        self._asked.pop(plan_id, None)

    async def is_owned(self, step: Step) -> bool:
        """Whether a living process carries the step out."""
        if step.owner == self._memory.store.owner:
            return step.id in self._gate.runs
        return await step_owned(self._memory.store, step)

    async def release(self, step: Step, plan: Plan) -> None:
        """Store that a step's owner is gone."""
        memory = self._memory
        if plan.overall_status is PlanStatus.cancelled:
            freed = lifecycle.cancel(step)
            event = memory.event(EventType.step_cancelled, freed, step.agent, freed.error or "")
        else:
            if step.owner == memory.store.owner:
                self._released[step.id] += 1
            # If its outcome can't be stored again and again, going on by itself would only cost.
            in_vain = self._released[step.id] >= MOST_RELEASES
            freed = lifecycle.release(step, self._gate.known_effects(step), in_vain)
            text = "; ".join(freed.interrupted_calls) or "no changing call had started; it runs again"
            # As of a goal whose planner is gone: when the work ended is not known, only that it did before now.
            lost = step.owner != memory.store.owner
            event = memory.event(
                EventType.step_interrupted, freed, step.agent, text, calls=freed.interrupted_calls, lost=lost
            )
        new = [memory.question(freed)] if freed.status is StepStatus.awaiting_feedback else []
        try:
            await memory.commit(freed, new=new, events=[event])
        except Conflict:
            log.info("%s was taken up elsewhere", lifecycle.describe(step))
