"""Finding what is stored of a user by what they give: an id, or what they were shown."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from macae.engine import given
from macae.errors import InvalidInput, NotFound
from macae.memory.atwork import AtWork, at_work
from macae.memory.recent import recent_events
from macae.models import Event, Plan, Session, Step

if TYPE_CHECKING:
    from macae.memory.store import Store
    from macae.monitoring.recording import Recording

__all__ = ["Lookup"]


class Lookup:
    """Finds the rows of one user. What is another's is not there. Each raises NotFound, saying where to look, and StoreError."""

    def __init__(self, store: Store, user_id: str) -> None:
        self._store, self._user_id = store, user_id

    async def session(self, session_id: str) -> Session:
        """The session's row. Raises InvalidInput for what is no text."""
        if not isinstance(session_id, str):
            raise InvalidInput(f"The session id must be text, not {type(session_id).__name__}.")
        found = await self._store.get(Session, session_id, user_id=self._user_id, session_id=session_id)
        if found is None:
            raise NotFound(
                f"There is no session {session_id[:100]!r} of yours. engine.sessions() lists them."
            )
        return found

    async def plan(self, plan: Plan | str, session_id: str | None = None) -> Plan:
        """The plan's row. Raises InvalidInput for what is no plan."""
        plan = given.plan_given(plan)
        plan_id = plan if isinstance(plan, str) else plan.id
        session_id = session_id or (None if isinstance(plan, str) else plan.session_id)
        if session_id is None:
            row = await self._row(plan_id, "plan")
            found = Plan.model_validate(row) if row else None
        else:
            found = await self._store.get(Plan, plan_id, user_id=self._user_id, session_id=session_id)
        if found is None:
            raise NotFound(
                f"There is no plan {plan_id[:100]!r} of yours. engine.plans(session_id) lists a session's."
            )
        return found

    async def step(self, step_id: str) -> Step:
        """The step's row."""
        row = await self._row(step_id, "step")
        if row is None:
            raise NotFound(f"There is no step {step_id[:100]!r} of yours.")
        return Step.model_validate(row)

    async def recent(self, session_id: str, since: float = math.inf) -> list[Event]:
        """The session's newest events, oldest first: 200, or more where `since` (Unix time, seconds) is longer ago; none of no session."""
        return await recent_events(self._store, user_id=self._user_id, session_id=session_id, since=since)

    async def at_work(self, session_id: str) -> AtWork:
        """Whether any process works on the session, this one or another, and what one that is gone has left."""
        return await at_work(self._store, self._user_id, session_id)

    async def recording(
        self,
        session_id: str,
        shown: Callable[[list[Event]], list[Event]] = list,
        *,
        now: float | None = None,
    ) -> Recording:
        """All that is stored of a session, as it stands at `now` (Unix time, seconds; None: this moment): what has not ended counts
        up to then, and what no process works on up to its last sign of life. `shown` makes of the events what may be seen.
        """
        # Here, for it brings all that reads events: an engine starts without.
        from macae.monitoring.recording import Recording

        await self.session(session_id)
        work = await self.at_work(session_id)  # before the events: what ended meanwhile is then among them
        events = await self._store.events(user_id=self._user_id, session_id=session_id)
        return Recording(shown(events), now=time.time() if now is None else now, left=work.is_left)

    async def _row(self, id: str, kind: str) -> Any:
        """The row with this id, in whichever session it is; None where there is none."""
        rows = await self._store.query(
            "SELECT * FROM c WHERE c.id=@id AND c.data_type=@kind",
            [{"name": "@id", "value": id}, {"name": "@kind", "value": kind}],
            user_id=self._user_id,
        )
        return rows[0] if rows else None
