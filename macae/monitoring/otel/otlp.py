"""OTLP over HTTP: to Phoenix, Jaeger, any collector."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from macae.config import Settings
from macae.errors import ConfigError
from macae.monitoring.otel.address import Address, address_of
from macae.monitoring.otel.past import stored_events

if TYPE_CHECKING:
    from macae.monitoring.otel.outbox import Sender
    from macae.monitoring.otel.sink import SpanSink

__all__ = ["PROVIDERS", "otlp_sink"]

PROVIDERS = {"openai": "openai", "azure": "azure.ai.openai", "offline": "offline"}
"""Our names of who answers, in OpenTelemetry's words."""


def otlp_sink(settings: Settings) -> SpanSink:
    """The sink that sends traces and metrics by OTLP (MACAE_OTLP_ENDPOINT, MACAE_OTLP_HEADERS, or OTEL_EXPORTER_OTLP_*).

    Raises ConfigError for an address or headers that cannot be used; a destination that is down is no error.
    """
    address = address_of(settings)
    compression = os.environ.get("OTEL_EXPORTER_OTLP_COMPRESSION", "none").strip().lower() or "none"
    if compression not in ("none", "gzip", "deflate"):
        raise ConfigError("OTEL_EXPORTER_OTLP_COMPRESSION must be none, gzip or deflate.")

    from macae.monitoring.otel.sink import SpanSink

    return SpanSink(
        lambda read: sender(address, compression, read),
        content=settings.trace_content,
        provider=PROVIDERS[settings.provider],
        past=stored_events(settings),
        name="otlp",
        temporality=temporality(),
    )


def temporality() -> dict[type, Any] | None:
    """What OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE asks for."""
    wanted = os.environ.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "").strip().lower()
    if wanted not in ("delta", "lowmemory"):
        return None
    from opentelemetry.sdk.metrics import Counter, Histogram
    from opentelemetry.sdk.metrics.export import AggregationTemporality

    return {Counter: AggregationTemporality.DELTA, Histogram: AggregationTemporality.DELTA}


def sender(address: Address, compression: str, read: Callable[[], Any]) -> Sender:
    """The exporters, ready. Called in the sending thread: their packages take long to load."""
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    from macae.monitoring.otel.http import TIMEOUT, Session
    from macae.monitoring.otel.sending import ExporterSender

    session = Session(address.host, address.headers)
    options: dict[str, Any] = {
        "headers": address.headers,
        "timeout": TIMEOUT,
        "compression": Compression(compression),
    }
    spans = OTLPSpanExporter(endpoint=address.traces, session=session, **options)
    metrics = None
    if address.metrics:
        metrics = OTLPMetricExporter(endpoint=address.metrics, session=Session(address.host), **options)
    return ExporterSender(spans, metrics, read, failed=lambda: session.refusal)
