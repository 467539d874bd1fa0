"""What other processes have stored of a session: looked at before an alert is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from macae.models import Event, EventType
from macae.monitoring.alerts.alert import Alert
from macae.monitoring.alerts.recalling import last_told

__all__ = ["Elsewhere", "Past"]

log = logging.getLogger(__name__)

SECONDS = 5.0
"""How long reading may take."""
Past = Callable[[str], Awaitable[Sequence[Event]]]
"""Gives the newest stored events of a session, oldest first."""


class Elsewhere:
    """The store, as alerts look into it. Without `past` it is empty, and so it is when it cannot be read: the log says so."""

    def __init__(self, past: Past | None = None) -> None:
        self._past = past

    async def stored(self, session_id: str) -> Sequence[Event]:
        """The newest stored events of a session."""
        if self._past is None:
            return ()
        try:
            async with asyncio.timeout(SECONDS):
                return await self._past(session_id)
        except Exception as error:
            log.warning("What is stored of a session could not be read: %s", type(error).__name__)
            return ()

    async def has_told(self, alert: Alert) -> bool:
        """Whether it is stored already that this alert was raised, or resolved."""
        last = last_told(await self.stored(alert.session_id)).get((alert.rule, alert.key))
        if last is None:
            return False
        raised = last.type is EventType.alert_raised
        return raised if alert.open else not raised and last.time >= alert.raised
