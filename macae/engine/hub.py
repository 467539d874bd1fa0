"""Live events: whoever subscribes is told what was stored, as soon as it is."""

from __future__ import annotations

import logging
from collections.abc import Callable

from macae.models import Event, EventSink

__all__ = ["Hub"]

log = logging.getLogger(__name__)


class Hub:
    """Hands each event to all that have subscribed. A subscriber that raises is logged and does not disturb the others."""

    def __init__(self) -> None:
        self._sinks: dict[int, tuple[EventSink, str | None]] = {}
        self._next = 0

    def subscribe(self, sink: EventSink, plan_id: str | None = None) -> Callable[[], None]:
        """Call `sink` with each event (of one plan, if given) until the returned function is called."""
        number = self._next = self._next + 1
        self._sinks[number] = (sink, plan_id)

        def unsubscribe() -> None:
            self._sinks.pop(number, None)

        return unsubscribe

    def emit(self, event: Event) -> None:
        """Tell everybody."""
        for sink, plan_id in list(self._sinks.values()):
            if plan_id is None or plan_id == event.plan_id:
                try:
                    sink(event)
                except Exception:
                    log.exception("A subscriber failed on %s", event.type)
