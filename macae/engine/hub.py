"""Live events: whoever subscribes is told what was stored, as soon as it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import Context, copy_context

from macae.models import Event, EventSink
from macae.monitoring.scope import NOTHING, entered

__all__ = ["Hub", "copied"]

log = logging.getLogger(__name__)


class Hub:
    """Hands each event to all that have subscribed. A subscriber that raises is logged and does not disturb the others.

    A subscriber runs in the context in which it has subscribed, and in no scope: what it starts belongs to nobody's plan.
    """

    def __init__(self) -> None:
        self._sinks: dict[int, tuple[EventSink, str | None, Context]] = {}
        self._next = 0

    def subscribe(self, sink: EventSink, plan_id: str | None = None) -> Callable[[], None]:
        """Call `sink` with each event (of one plan, if given) until the returned function is called."""
        number = self._next = self._next + 1
        context = copy_context()
        context.run(entered, NOTHING)
        self._sinks[number] = (sink, plan_id, context)

        def unsubscribe() -> None:
            self._sinks.pop(number, None)

        return unsubscribe

    def emit(self, event: Event) -> None:
        """Tell everybody."""
        for sink, plan_id, context in list(self._sinks.values()):
            if plan_id is None or plan_id == event.plan_id:
                try:
                    context.copy().run(sink, event)  # a copy: a subscriber may itself make events
                except Exception:
                    log.exception("A subscriber failed on %s", event.type)


def copied(event: Event) -> Event:
    """The event for somebody who may do with it as they like."""
    return event.model_copy(update={"data": {**event.data}, "changes": {**event.changes}})
