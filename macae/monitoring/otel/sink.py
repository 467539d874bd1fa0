"""The sink that makes spans and metrics of events, for any OpenTelemetry exporter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from macae.models import Event
from macae.monitoring.otel.calls import Form
from macae.monitoring.otel.metrics import Metrics
from macae.monitoring.otel.outbox import CLOSING, SIZE, Outbox, Sender, text_size
from macae.monitoring.otel.sending import ExporterSender
from macae.monitoring.otel.traces import Past, Traces
from macae.monitoring.otel.writer import SpanWriter

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter

__all__ = ["SpanSink"]


class SpanSink:
    """A sink that sends one trace a plan: `Engine(sinks=[SpanSink(FileSpanExporter("spans.ndjson"))])`.

    `exporter` is any OpenTelemetry SpanExporter (or a function that makes a Sender, given how to read the metrics), `metrics`
    any MetricExporter. `content`: whether goals, prompts, arguments, results and people's names are written too. `provider`:
    who answers, in OpenTelemetry's words. `past`: where to look up what other processes did for a plan (`stored_events`).
    `size`: how many spans may wait. `temporality`: as OpenTelemetry's metric readers take it.

    Sending has a thread of its own; `sent` and `lost` (spans) and `trouble` (why) tell how it goes.
    """

    def __init__(
        self,
        exporter: SpanExporter | Callable[[Callable[[], Any]], Sender],
        *,
        metrics: MetricExporter | None = None,
        content: bool = False,
        provider: str = "",
        past: Past | None = None,
        name: str = "spans",
        size: int = SIZE,
        temporality: dict[type, Any] | None = None,
    ) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._traces = Traces(Form(provider, content), past)
        self._writer = SpanWriter(lambda spans: self._outbox.put(spans))
        self.metrics = Metrics(self._writer.provider.resource, temporality)
        """What was counted; `read()` gives OpenTelemetry's MetricsData."""
        self._closed = False
        self._outbox = Outbox(name, lambda: self._sender(exporter, metrics), size=size, weigh=span_size)

    def _sender(self, exporter: Any, metrics: Any) -> Sender:
        if hasattr(exporter, "export"):
            return ExporterSender(exporter, metrics, self.metrics.read)
        sender: Sender = exporter(self.metrics.read)
        return sender

    def write(self, events: Sequence[Event]) -> None:
        """Take events, in order. Never waits for the destination; an event that came before changes nothing."""
        with self._lock:
            for event in events:
                for draft in self._traces.take(event):
                    self.metrics.count(draft)
                    self._writer.write(draft)

    def close(self, seconds: float = CLOSING) -> None:
        """Send the roots of the plans that are not over, and whatever waits; at most so many seconds. Idempotent."""
        if self._closed:
            return
        self._closed = True
        # A write that hangs (on a slow store) must not make closing hang.
        if self._lock.acquire(timeout=seconds / 5):
            try:
                for draft in self._traces.close():
                    self._writer.write(draft)
            finally:
                self._lock.release()
        self._outbox.close(seconds)

    @property
    def sent(self) -> int:
        """Spans that the destination took."""
        return self._outbox.sent

    @property
    def lost(self) -> int:
        """Spans that could not be sent."""
        return self._outbox.lost

    @property
    def trouble(self) -> str:
        """Why the last batch that failed was not sent, "" when none did."""
        return self._outbox.trouble


def span_size(span: ReadableSpan) -> int:
    """About how many characters a span is."""
    return 500 + text_size(span.attributes) + sum(100 + text_size(note.attributes) for note in span.events)
