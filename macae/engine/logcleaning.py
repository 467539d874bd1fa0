"""Events on their way to sinks: cleaned in the sinks' threads, and what is found only there is told on the engine's loop."""

from __future__ import annotations

import asyncio
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from macae.models import Event
from macae.monitoring.compliance.cleaning import clean_event
from macae.monitoring.compliance.findingevents import finding_data
from macae.monitoring.compliance.policy import Action, Route

if TYPE_CHECKING:
    from macae.engine.parts import EngineParts

__all__ = ["LogCleaner"]


class LogCleaner:
    """What an engine's sinks apply to each event. It does not keep a forgotten engine alive."""

    def __init__(self, engine: EngineParts) -> None:
        self._compliance = engine.compliance
        self._engine = weakref.ref(engine)
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Begin to tell of findings, on the running loop."""
        self._loop = asyncio.get_running_loop()

    def __call__(self, event: Event) -> Event:
        """The event as a sink may have it."""

        def tell(route: Route, entity: str, action: Action, count: int, where: str) -> None:
            # What the store's route looks for as well was told when the event was stored.
            if self._compliance.policy.action(entity, "store") == "allow" and self._loop is not None:
                with suppress(RuntimeError):  # the loop is closed: nobody is there to be told
                    data = finding_data(route, entity, action, count, where)
                    self._loop.call_soon_threadsafe(self._told, event, data)

        return clean_event(self._compliance, event, tell)

    def _told(self, event: Event, data: dict[str, Any]) -> None:
        engine = self._engine()
        live = engine and engine.live_sessions.get(engine.user_id, event.session_id)
        if live:
            live.findings.of(event, data)
