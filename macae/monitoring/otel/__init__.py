"""OpenTelemetry: one trace a plan, by the conventions for GenAI, and metrics; to any exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.otel.agentops import agentops_destination
    from macae.monitoring.otel.files import FileSpanExporter
    from macae.monitoring.otel.otlp import otlp_sink
    from macae.monitoring.otel.past import stored_events
    from macae.monitoring.otel.sink import SpanSink

__all__ = ["FileSpanExporter", "SpanSink", "agentops_destination", "otlp_sink", "stored_events"]

_PACKAGE = "macae.monitoring.otel"
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "FileSpanExporter": f"{_PACKAGE}.files",
        "SpanSink": f"{_PACKAGE}.sink",
        "agentops_destination": f"{_PACKAGE}.agentops",
        "otlp_sink": f"{_PACKAGE}.otlp",
        "stored_events": f"{_PACKAGE}.past",
    },
)
