"""Planning that came to nothing: told of on the audit trail, also when the process that planned is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

from macae.agents.ledger import Ledger
from macae.agents.team import PLANNER
from macae.errors import MacaeError
from macae.memory.atwork import lost_goals, open_goals
from macae.models import Event, EventType, Plan
from macae.monitoring.capture.fitting import fitted

__all__ = ["planning_failed", "tell_lost_goals"]

log = logging.getLogger(__name__)

STOPPED = "Planning was stopped before there was a plan. Give the goal again."
LOST = "The process that planned this has ended, and there is no plan. Give the goal again."


async def planning_failed(memory: Ledger, error: BaseException, plan: Plan | None = None) -> None:
    """Store that no plan came of it, and why, with what it has used. Raises nothing: whoever asked is told of the error itself."""
    if isinstance(error, asyncio.CancelledError):
        why = STOPPED
    else:
        why = str(error) if isinstance(error, MacaeError) else f"{type(error).__name__}: {error}"
    text, data = fitted(why, {"error_type": type(error).__name__})
    await told(memory, [memory.event(EventType.planning_failed, plan, PLANNER, text, **data)])


async def tell_lost_goals(memory: Ledger, recent: Iterable[Event]) -> None:
    """Tell of each goal among these events, oldest first, whose planning went with its process. Raises StoreError."""
    lost = []
    for goal in await lost_goals(memory.store, open_goals(recent)):
        event = memory.event(EventType.planning_failed, None, PLANNER, LOST, lost=True)
        lost.append(event.model_copy(update={"trace_id": goal.trace_id}))
    if lost:
        await told(memory, lost)


async def told(memory: Ledger, events: Sequence[Event]) -> None:
    """Store these events. When that fails, the log says so."""
    try:
        await memory.commit(events=events)
    except MacaeError as error:
        log.warning("That a planning came to nothing was not stored: %s", error)
