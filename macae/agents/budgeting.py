"""What the manager does about limits before it begins something: it warns, and it refuses what nobody can allow any more."""

from __future__ import annotations

from collections.abc import Iterable

from macae.agents.budget import limits_of, warnings_due
from macae.agents.ledger import Ledger
from macae.agents.planstate import PlanState
from macae.agents.team import MANAGER
from macae.config import Settings
from macae.errors import LimitReached
from macae.models import Event, EventType, Plan, Step

__all__ = ["budget_warnings", "refuse_when_stopped"]


def budget_warnings(memory: Ledger, settings: Settings, plan: Plan, steps: Iterable[Step]) -> list[Event]:
    """An event for each limit that is nearly used up and was not warned of yet, to be stored with the next write."""
    if memory.spending is None:
        return []
    limits = limits_of(plan, steps, settings, spending=memory.spending)
    return [
        memory.event(
            EventType.budget_warned,
            plan,
            MANAGER,
            limit.warning,
            scope=limit.scope,
            kind=limit.kind,
            used=limit.used,
            limit=limit.at,
        )
        for limit in warnings_due(limits, plan, memory.spending)
    ]


async def refuse_when_stopped(memory: Ledger, settings: Settings, state: PlanState | None = None) -> None:
    """Look at what was used, by other processes too; with `state` by its plan too.

    Raises LimitReached where a limit lets nothing more be allowed or nobody knows how much was used, StoreError.
    """
    if memory.spending is None:
        return
    await memory.spending.refresh(memory.session_id, force=True)
    plan, steps = (None, ()) if state is None else (state.plan, tuple(state.steps.values()))
    for limit in limits_of(plan, steps, settings, spending=memory.spending, session_id=memory.session_id):
        if limit.reached and not limit.raisable:
            raise LimitReached(f"Nothing more is planned: {limit.text}")
