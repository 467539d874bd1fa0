"""Application Insights: the exporters and what they are given. Their packages take long to load, so the sending thread does it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from macae.monitoring.otel.connection import THEIRS, checked_connection
from macae.monitoring.otel.drafts import span_id
from macae.monitoring.otel.outbox import NotSent, Outbox, text_size

if TYPE_CHECKING:
    from macae.monitoring.otel.outbox import Sender

__all__ = ["event_outbox", "span_sender"]

TIMEOUT = 2.0
"""Seconds to connect, and to wait for an answer. With the package's own values a dead endpoint blocks for minutes."""


def options(text: str) -> dict[str, Any]:
    """What every exporter of the package is made with."""
    # This process reports to your resource: not about itself, and not to ask how it is to behave.
    os.environ.setdefault("APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED", "true")
    os.environ.setdefault("APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL", "true")
    # The package reads it, too, and takes no other form of it, not even an empty one.
    theirs = os.environ.pop(THEIRS, "")
    if theirs.strip():
        os.environ[THEIRS] = checked_connection(theirs, THEIRS)
    return {
        "connection_string": text,
        "disable_offline_storage": True,
        "timeout": TIMEOUT,
        "read_timeout": TIMEOUT,
        "retry_total": 0,
        "instrumentation_collection": True,
        "max_envelopes_per_second": 0,  # no limit: what is above it would be dropped, and not told
    }


def told() -> NotSent:
    """Why a batch was not taken."""
    return NotSent("Application Insights cannot be reached or did not take it.")


def span_sender(text: str) -> Sender:
    """The exporter of spans. All are sent: the tracer provider that makes them keeps 100%."""
    from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter
    from opentelemetry.sdk.trace import TracerProvider

    from macae.monitoring.otel.sending import ExporterSender
    from macae.monitoring.otel.writer import resource

    own = TracerProvider(resource=resource(), shutdown_on_exit=False)
    return ExporterSender(AzureMonitorTraceExporter(tracer_provider=own, **options(text)), failed=told)


def event_outbox(text: str) -> Outbox:
    """A queue of custom events: (name, properties, Unix time, trace id)."""
    return Outbox("azure-events", lambda: event_sender(text), weigh=lambda item: text_size(item[1]))


def event_sender(text: str) -> Sender:
    """The exporter of custom events."""
    from azure.monitor.opentelemetry.exporter import AzureMonitorLogExporter

    from macae.monitoring.otel.sending import ExporterSender

    return EventSender(ExporterSender(AzureMonitorLogExporter(**options(text)), failed=told), record_maker())


class EventSender:
    """Makes log records of custom events, marked as what Application Insights calls one."""

    def __init__(self, sender: Sender, make: Callable[..., Any]) -> None:
        self._sender, self._make = sender, make

    def send(self, items: Sequence[tuple[str, Mapping[str, str], float, str]]) -> None:
        """Send a batch. Raises NotSent."""
        self._sender.send([self._make(*item) for item in items])

    def tick(self, last: bool) -> None:
        """Nothing else is due."""

    def close(self) -> None:
        """Let go."""
        self._sender.close()


def record_maker() -> Callable[..., Any]:
    """Makes the records."""
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.context import Context
    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    from macae.monitoring.otel.writer import nanoseconds, resource

    who = resource()

    def make(name: str, properties: Mapping[str, str], time: float, trace_id: str) -> Any:
        attributes = {**properties, "microsoft.custom_event.name": name}
        context = Context()
        if re.fullmatch("[0-9a-f]{32}", trace_id):
            attributes["trace_id"] = trace_id
            root = SpanContext(
                int(trace_id, 16), span_id(trace_id, "plan"), False, TraceFlags(TraceFlags.SAMPLED)
            )
            context = set_span_in_context(NonRecordingSpan(root), context)
        record = LogRecord(
            timestamp=nanoseconds(time),
            observed_timestamp=nanoseconds(time),
            context=context,
            severity_number=SeverityNumber.INFO,
            body=name,
            attributes=attributes,
        )
        return ReadableLogRecord(log_record=record, resource=who)

    return make
