"""Sinks: where events go beside the store. None of them can slow, stop or fail a run that has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.sinks.ndjson import NdjsonSink, StoredEvents, read_events
    from macae.monitoring.sinks.opening import open_sinks
    from macae.monitoring.sinks.runner import SinkRunner, close_runners
    from macae.monitoring.sinks.sink import Health, Sink
    from macae.monitoring.sinks.trace import TraceSink, trace_line

__all__ = [
    "Health",
    "NdjsonSink",
    "Sink",
    "SinkRunner",
    "StoredEvents",
    "TraceSink",
    "close_runners",
    "open_sinks",
    "read_events",
    "trace_line",
]

_PACKAGE = "macae.monitoring.sinks"
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Health": f"{_PACKAGE}.sink",
        "NdjsonSink": f"{_PACKAGE}.ndjson",
        "Sink": f"{_PACKAGE}.sink",
        "SinkRunner": f"{_PACKAGE}.runner",
        "StoredEvents": f"{_PACKAGE}.ndjson",
        "TraceSink": f"{_PACKAGE}.trace",
        "close_runners": f"{_PACKAGE}.runner",
        "open_sinks": f"{_PACKAGE}.opening",
        "read_events": f"{_PACKAGE}.ndjson",
        "trace_line": f"{_PACKAGE}.trace",
    },
)
