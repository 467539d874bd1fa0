"""What other processes did for a plan, read from the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from macae.config import Settings
from macae.errors import MacaeError
from macae.models import Event
from macae.monitoring.otel.traces import Past

__all__ = ["stored_events"]

log = logging.getLogger(__name__)

LIMIT = 2.0
"""Seconds."""


def stored_events(settings: Settings) -> Past:
    """Reads a session's events from the store of the settings. To be called in a thread without an event loop.

    Where nothing can be read the answer is empty: spans then begin with the first thing that was seen.
    """

    def past(event: Event, after: int) -> Sequence[Event]:
        if settings.store == "sqlite" and not settings.store_path.is_file():
            return []
        try:
            return asyncio.run(asyncio.wait_for(read(settings, event, after), LIMIT))
        except (MacaeError, OSError, RuntimeError, TimeoutError) as error:
            log.debug("The past of a plan cannot be read: %s", error)
            return []

    return past


async def read(settings: Settings, event: Event, after: int) -> list[Event]:
    """The session's events after that number, but only the user's own."""
    from macae.memory.opening import open_store

    store = open_store(settings)
    await store.open()
    try:
        return await store.events(user_id=event.user_id, session_id=event.session_id, after=after)
    finally:
        await store.close()
