"""The plans of a session as this process knows them: held, so that what follows need not read them again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from macae.agents.planstate import PlanState
from macae.errors import NotFound
from macae.memory.rules import version_of
from macae.memory.session import SessionMemory
from macae.memory.store import Store
from macae.models import Plan, Step

__all__ = ["KnownPlans"]


class KnownPlans(SessionMemory):
    """A session's memory that holds the plans which are being worked on. The store decides what is true."""

    def __init__(self, store: Store, session_id: str, user_id: str) -> None:
        super().__init__(session_id, user_id, store=store)
        self.store = store
        self._plans: dict[str, PlanState] = {}
        self._told: dict[str, int] = {}
        """By document: the version that was told from here. What others wrote may have been told by nobody."""
        self._last: asyncio.Future[None] | None = None
        """The newest write."""

    async def state(self, plan_id: str, fresh: bool = False) -> PlanState:
        """The plan as it is held, else (or when `fresh`, or when a write failed) as it is stored. Raises NotFound."""
        held = self._plans.get(plan_id)
        if held is not None and not fresh and not held.stale:
            return held
        await self.settled()
        plan = await self.store.get(Plan, plan_id, user_id=self.user_id, session_id=self.session_id)
        if plan is None:
            raise NotFound(f"There is no plan {plan_id!r} in session {self.session_id!r} for you.")
        steps = await self.store.find(
            Step, user_id=self.user_id, session_id=self.session_id, plan_id=plan_id, data_type="step"
        )
        held = self._plans.get(plan_id)
        if held is not None:
            held.take(plan, steps)
            return held
        held = self._plans[plan_id] = PlanState(plan, steps)
        return held

    def peek(self, plan_id: str, step_id: str) -> Step | None:
        """The step if it is held, without a look at the store."""
        state = self._plans.get(plan_id)
        return state.steps.get(step_id) if state and not state.stale else None

    def held(self, step: Step) -> Step:
        """The newest version of a step of a held plan."""
        return self._plans[step.plan_id].steps[step.id]

    async def held_step(self, plan_id: str, step_id: str) -> Step:
        """A step of the plan. A step of another plan is not found: raises NotFound."""
        state = await self.state(plan_id)
        step = state.steps.get(step_id)
        if step is None:
            raise NotFound(f"There is no step {step_id!r} in the plan {plan_id!r}.")
        return step

    def when_settled(self, then: Callable[[], None]) -> None:
        """Call `then` as soon as the newest write has its answer: now, when nothing is under way."""
        if self._last is None or self._last.done():
            then()
        else:
            self._last.add_done_callback(lambda done: then())

    async def settled(self) -> None:
        """Wait until everything that was submitted so far is durable, or has failed."""
        while self._last is not None and not self._last.done():
            await asyncio.wait({self._last})

    def _before(self, document: Plan | Step) -> Plan | Step | None:
        """The version that a write builds on, where it is held and was told from here. Without it the document is told as a whole."""
        state = self._plans.get(document.id if isinstance(document, Plan) else document.plan_id)
        if state is None or state.stale:
            return None
        held = state.plan if isinstance(document, Plan) else state.steps.get(document.id)
        version = version_of(document)
        known = held is not None and held is not document and held.version == version
        return held if known and self._told.get(document.id) == version else None

    def _never_told(self, documents: Sequence[Plan | Step]) -> list[Plan | Step]:
        """The rest of those plans that were stored before anything was told of plans: they carry no trace."""
        given = {document.id for document in documents}
        plans = {d.id if isinstance(d, Plan) else d.plan_id for d in documents}
        found: list[Plan | Step] = []
        for state in (self._plans[plan] for plan in plans if plan in self._plans):
            if not state.plan.trace_id and state.plan.version and not state.stale:
                found += [state.plan, *state.steps.values()]
        return [document for document in found if document.id not in given and document.id not in self._told]

    def _hold(self, document: Plan | Step) -> None:
        if isinstance(document, Plan):
            state = self._plans.get(document.id)
            if state is None:
                self._plans[document.id] = PlanState(document)
            else:
                state.plan = document
        elif document.plan_id in self._plans:
            self._plans[document.plan_id].put(document)
