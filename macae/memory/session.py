"""What an agent may remember and look up: the guide's methods, for one user, over any store."""

from __future__ import annotations

from macae.memory.items import ItemMemory
from macae.memory.models import Item
from macae.memory.rules import Guard, approvals_are_the_engines, version_of
from macae.models import AgentMessage, Plan, Session, Step

__all__ = ["Guard", "Item", "SessionMemory", "approvals_are_the_engines"]


class SessionMemory(ItemMemory):
    """One user's view of a store, standing in one session.

    `add_…` creates (Conflict when it exists), `update_…` changes the version that was read (Conflict, with `.current`, when
    somebody else was first; InvalidInput for a version below 0), `get_…` gives None or an empty list for what is not there. Every write is durable when it returns.
    All raise StoreError when the store fails.
    """

    # Sessions

    async def add_session(self, session: Session) -> None:
        """Remember a session: one row each, whose id is the session's."""
        session.session_id = session.session_id or self.session_id
        session.id = session.session_id
        await self._write(session, 0)

    async def update_session(self, session: Session) -> None:
        """Store a changed session."""
        await self._write(session, version_of(session))

    async def get_session(self, session_id: str) -> Session | None:
        """The row of a session."""
        found = await self._store.find(Session, user_id=self.user_id, session_id=session_id, limit=1)
        return found[0] if found else None

    async def get_all_sessions(
        self, limit: int | None = None, before: Session | str | None = None
    ) -> list[Session]:
        """The user's sessions, newest first; all of them unless `limit` says how many.

        `before` is the last one (or its id) of the page before: then the next page. Empty when that one is not there.
        """
        found: list[Session] = []
        last = before if isinstance(before, str | None) else before.id
        cursor: str | None = None
        while limit is None or len(found) < limit:
            size = 100 if limit is None or last is not None else min(100, limit - len(found))
            page = await self._store.sessions(user_id=self.user_id, limit=size, before=cursor)
            items = page.items
            if last is not None:
                places = [place for place, session in enumerate(items) if session.id == last]
                items = items[places[0] + 1 :] if places else []
                last = None if places else last
            found += items
            cursor = page.next
            if cursor is None:
                break
        return found if limit is None else found[: max(0, limit)]

    # Plans and steps

    async def add_plan(self, plan: Plan) -> None:
        """Remember a new plan. Of a PlanWithSteps only the plan: its steps have rows of their own."""
        await self._write(plan, 0)

    async def update_plan(self, plan: Plan) -> None:
        """Store a changed plan."""
        await self._write(plan, version_of(plan))

    async def get_plan_by_session(self, session_id: str) -> Plan | None:
        """The newest plan of a session."""
        plans = await self._store.find(
            Plan, user_id=self.user_id, session_id=session_id, limit=1, newest_first=True
        )
        return plans[0] if plans else None

    async def get_plan(self, plan_id: str, session_id: str | None = None) -> Plan | None:
        """A plan by its id, of this session unless another is named."""
        return await self._get(Plan, plan_id, session_id)

    async def get_all_plans(self, limit: int | None = None, before: Plan | str | None = None) -> list[Plan]:
        """The user's plans of all sessions, newest first; all of them unless `limit` says how many.

        `before` is the last one (or its id) of the page before: then the next page. Empty when that one is not there.
        Each page is read from the newest plan on, so one far back costs as much as all before it: for a long way back, ask
        for more at once.
        """
        last = before if isinstance(before, str | None) else before.id
        if last is None:
            return await self._store.find(Plan, user_id=self.user_id, limit=limit, newest_first=True)
        reach: int | None = None if limit is None else 4 * max(1, limit)
        while True:
            plans = await self._store.find(Plan, user_id=self.user_id, limit=reach, newest_first=True)
            place = next((place for place, plan in enumerate(plans) if plan.id == last), len(plans))
            page = plans[place + 1 :]
            whole = reach is None or len(plans) < reach
            if whole or (limit is not None and len(page) >= limit):
                return page if limit is None else page[: max(0, limit)]
            reach = 4 * (reach or 1)  # the page lies further back

    async def add_step(self, step: Step) -> None:
        """Remember a new step. Raises NotAllowed when it carries an approval, or counts as approved or done: see `update_step`."""
        await self._write(step, 0)

    async def update_step(self, step: Step) -> None:
        """Store a changed step. Raises NotAllowed when its approval was changed.

        So it does for a step that is to become `approved`, `action_requested` or `completed`, unless it was approved and its
        attempt goes on: the engine carries steps out.
        """
        await self._write(step, version_of(step))

    async def get_step(self, step_id: str, session_id: str | None = None) -> Step | None:
        """A step by its id."""
        return await self._get(Step, step_id, session_id)

    async def get_steps_by_plan(self, plan_id: str, session_id: str | None = None) -> list[Step]:
        """The steps of a plan, in its order."""
        steps = await self._store.find(
            Step, user_id=self.user_id, session_id=session_id or self.session_id, plan_id=plan_id
        )
        return sorted(steps, key=lambda step: step.index)

    get_steps_for_plan = get_steps_by_plan

    # What was said

    async def add_agent_message(self, message: AgentMessage) -> None:
        """Remember something that was said."""
        await self._write(message, 0)

    async def get_agent_messages_by_session(self, session_id: str) -> list[AgentMessage]:
        """What was said in a session, oldest first."""
        return await self._store.find(AgentMessage, user_id=self.user_id, session_id=session_id)
