"""The doctor's look for sessions that stand still, because the process that worked on them is gone."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from macae.errors import MacaeError
from macae.workshop.findings import Finding, ok, warning

if TYPE_CHECKING:
    from macae.config import Settings
    from macae.memory.atwork import AtWork
    from macae.memory.store import Store
    from macae.models import Plan

__all__ = ["check_sessions"]

LOOKED_THROUGH = 100
"""Newest sessions that are looked at."""
LONGEST = 20.0
"""Seconds that the look may take."""


async def check_sessions(settings: Settings) -> list[Finding]:
    """How many sessions of the user stand still. Nothing where there is no store, or it cannot be read: that is said elsewhere."""
    from macae.memory.opening import open_store

    if settings.store == "sqlite" and not settings.store_path.is_file():
        return []
    store = open_store(settings)
    try:
        async with asyncio.timeout(LONGEST):
            try:
                await store.open()
                left = await left_sessions(store, settings.user)
            finally:
                await store.close()
    except (MacaeError, TimeoutError):  # the store's own finding says why
        return []
    if not left:
        return [ok("Sessions", "none stands still because its process is gone")]
    session, work = left[0]
    many = "1 session stands" if len(left) == 1 else f"{len(left)} sessions stand"
    newest = "" if len(left) == 1 else "the newest is "
    return [
        warning(
            "Sessions",
            f"{many} still, for the process that worked on it is gone: {newest}{session}{work.since_text}",
            f"`macae resume {session}` takes it up; `macae sessions` lists all.",
        )
    ]


async def left_sessions(store: Store, user_id: str) -> list[tuple[str, AtWork]]:
    """The user's sessions that something was left in, newest first. Raises StoreError."""
    from macae.memory.atwork import at_work
    from macae.models import Plan
    from macae.models.plans import OVER_PLAN

    page = await store.sessions(user_id=user_id, limit=LOOKED_THROUGH)
    plans: defaultdict[str, list[Plan]] = defaultdict(list)
    for plan in await store.find(Plan, user_id=user_id, data_type="plan", limit=1_000, newest_first=True):
        plans[plan.session_id].append(plan)
    found = []
    for row in page.items:
        mine = plans[row.session_id]
        if mine and all(plan.overall_status in OVER_PLAN for plan in mine):
            continue
        work = await at_work(store, user_id, row.session_id)
        if work.is_left:
            found.append((row.session_id, work))
    return found
