"""From drafts to OpenTelemetry's spans: a tracer provider of our own, so that nobody else's tracing is touched."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from macae.monitoring.otel.drafts import Draft

__all__ = ["SpanWriter", "resource"]

SCOPE = "macae"


def resource() -> Resource:
    """Who sends: service `macae`, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise."""
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    try:
        own = {"service.version": version("macae")}
    except PackageNotFoundError:
        own = {}
    return Resource.create(own if named else own | {"service.name": "macae"})


class _GivenIds(IdGenerator):
    """Ids that were decided before."""

    trace = span = 0

    def generate_trace_id(self) -> int:
        """The trace's."""
        return self.trace

    def generate_span_id(self) -> int:
        """The span's."""
        return self.span


class _Collected(SpanProcessor):
    """Hands on each span that has ended."""

    def __init__(self, take: Callable[[Sequence[ReadableSpan]], None]) -> None:
        self._take = take

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing to do."""

    def on_end(self, span: ReadableSpan) -> None:
        """Take it."""
        self._take([span])


class SpanWriter:
    """Makes spans of drafts and hands them to `take`. All are kept: sampling is the collector's business. One thread at a time."""

    def __init__(self, take: Callable[[Sequence[ReadableSpan]], None]) -> None:
        self._ids = _GivenIds()
        self.provider = TracerProvider(
            sampler=ALWAYS_ON, resource=resource(), id_generator=self._ids, shutdown_on_exit=False
        )
        self.provider.add_span_processor(_Collected(take))
        self._tracer = self.provider.get_tracer(SCOPE)

    def write(self, draft: Draft) -> None:
        """Make the span."""
        self._ids.trace, self._ids.span = int(draft.trace_id, 16), draft.id
        context = Context()  # empty: a span of whoever calls must not become the parent
        if draft.parent is not None:
            above = SpanContext(self._ids.trace, draft.parent, False, TraceFlags(TraceFlags.SAMPLED))
            context = set_span_in_context(NonRecordingSpan(above), context)
        span = self._tracer.start_span(
            draft.name,
            context=context,
            kind=SpanKind.CLIENT if draft.client else SpanKind.INTERNAL,
            attributes=draft.attributes,
            start_time=nanoseconds(draft.start),
        )
        for note in draft.notes:
            span.add_event(note.name, note.attributes, nanoseconds(note.time))
        if draft.error:
            span.set_status(Status(StatusCode.ERROR, draft.description or draft.error))
        span.end(nanoseconds(draft.end))


def nanoseconds(time: float) -> int:
    """Unix seconds as nanoseconds."""
    return max(0, int(time * 1e9))
