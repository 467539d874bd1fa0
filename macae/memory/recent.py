"""The newest events of a session, read back from the end: what somebody needs to know who takes the session up."""

from __future__ import annotations

import math

from macae.memory.store import Store
from macae.models import Event

__all__ = ["recent_events"]

LIMITS = (200, 5_000)
"""Events that are read: the first where they go back far enough."""


async def recent_events(
    store: Store, *, user_id: str, session_id: str, since: float = math.inf
) -> list[Event]:
    """The last 200 events, oldest first; up to 5,000 where those after `since` (Unix time, seconds) are more. Raises StoreError."""
    found: list[Event] = []
    for limit in LIMITS:
        found = await store.events(user_id=user_id, session_id=session_id, limit=limit, newest_first=True)
        if len(found) < limit or found[-1].time < since:
            break
    return found[::-1]
