"""Azure Application Insights: spans as dependencies, and a custom event for each thing that happens to a plan."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from macae.config import Settings
from macae.models import Event, EventType
from macae.monitoring.otel.connection import OURS, THEIRS, checked_connection
from macae.monitoring.otel.content import clipped, shown
from macae.monitoring.otel.notes import NOTED

if TYPE_CHECKING:
    from macae.monitoring.otel.outbox import Outbox
    from macae.monitoring.otel.sink import SpanSink

__all__ = ["AzureSink", "azure_sink"]

CLOSING = 2.2
"""Seconds."""
QUIET = frozenset(
    {
        EventType.model_called,
        EventType.thought,
        EventType.message,
        EventType.document_changed,
        EventType.memory_queried,
    }
)
"""Stored events that are no custom events: the spans tell of them."""
WORDS = NOTED | {
    EventType.tool_started: ("tool", "effect"),
    EventType.tool_finished: ("tool", "state"),
    EventType.plan_changed: ("status",),
}
"""By event: the parts of its data that are names, and so may be sent like numbers: nobody said them."""


class AzureSink:
    """Sends spans and custom events. `lost` counts what could not be sent, `trouble` says why."""

    name = "azure"

    def __init__(self, spans: SpanSink, events: Outbox, content: bool) -> None:
        self._spans, self._events, self._content = spans, events, content

    def write(self, events: Sequence[Event]) -> None:
        """Take events. Never waits for Azure."""
        self._spans.write(events)
        self._events.put(
            (f"macae.{event.type.value}", properties(event, self._content), event.time, event.trace_id)
            for event in events
            if event.seq and event.type not in QUIET
        )

    def close(self) -> None:
        """Send what waits, both at once, within 2.2 seconds."""
        self._events.finish()
        until = time.monotonic() + CLOSING
        self._spans.close(CLOSING)
        self._events.close(until - time.monotonic())

    @property
    def lost(self) -> int:
        """Spans and events that could not be sent."""
        return self._spans.lost + self._events.lost

    @property
    def trouble(self) -> str:
        """Why the last batch that failed was not sent."""
        return self._spans.trouble or self._events.trouble


def connection_of(settings: Settings) -> str:
    """The connection string of the settings, else the package's own variable's. Raises ConfigError."""
    given = settings.azure_monitor.get_secret_value() if settings.azure_monitor else ""
    return checked_connection(given or os.environ.get(THEIRS, ""), OURS if given else THEIRS)


def azure_sink(settings: Settings) -> AzureSink:
    """The sink for Application Insights (MACAE_AZURE_MONITOR or APPLICATIONINSIGHTS_CONNECTION_STRING).

    Raises ConfigError when the connection string is missing or wrong, or the package is not installed.
    """
    text = connection_of(settings)
    from macae.monitoring.otel.appinsights import event_outbox, span_sender
    from macae.monitoring.otel.otlp import PROVIDERS
    from macae.monitoring.otel.past import stored_events
    from macae.monitoring.otel.sink import SpanSink

    spans = SpanSink(
        lambda read: span_sender(text),
        content=settings.trace_content,
        provider=PROVIDERS[settings.provider],
        past=stored_events(settings),
        name="azure",
    )
    return AzureSink(spans, event_outbox(text), settings.trace_content)


def properties(event: Event, content: bool) -> dict[str, str]:
    """An event as the custom dimensions of a custom event: who and where, names and numbers; texts where content is asked for."""
    personal = event.agent == event.user_id or (
        event.type is EventType.step_approved and not event.agent.startswith("auto:")
    )
    found = {
        "session_id": event.session_id,
        "plan_id": event.plan_id,
        "step_id": event.step_id or "",
        "agent": "person" if personal and not content else event.agent,
        "seq": str(event.seq),
    }
    if content:
        found |= {"user_id": event.user_id, "text": clipped(event.text)}
    for name, value in event.data.items():
        named = isinstance(value, str) and name in WORDS.get(event.type, ())
        if content or named or isinstance(value, int | float):
            found.setdefault(name, shown(value))
    return {name: value for name, value in found.items() if value}
