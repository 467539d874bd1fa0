"""A span and a metric for every call."""

from __future__ import annotations

import time
from typing import Any

from autogen_core.memory import Memory, MemoryQueryResult, UpdateContextResult
from opentelemetry import metrics, trace

from macae.memory.policies.wrapping import Call, WrappedMemory

__all__ = ["TracedMemory"]


class TracedMemory(WrappedMemory):
    """Gives OpenTelemetry a span `memory NAME` and a value of `macae.memory.duration` (seconds) a call.

    Both carry the collection, the operation and, after a failure, the error's class; the span also the number of entries and the
    duration. Never what is remembered, asked or named. Without providers of its own it uses the global ones.
    """

    def __init__(
        self, inner: Memory, collection: str = "memory", *,
        tracers: trace.TracerProvider | None = None, meters: metrics.MeterProvider | None = None,
    ) -> None:  # fmt: skip
        super().__init__(inner)
        self.collection = collection
        self._tracer = trace.get_tracer("macae.memory", tracer_provider=tracers)
        meter = metrics.get_meter("macae.memory", meter_provider=meters)
        self._duration = meter.create_histogram(
            "macae.memory.duration", "s", "How long a memory's call took."
        )

    async def around(self, call: Call, run: Any) -> Any:
        """Time it."""
        told: dict[str, Any] = {
            "macae.memory.collection": self.collection,
            "macae.memory.operation": call.name,
        }
        with self._tracer.start_as_current_span(
            f"memory {call.name}", attributes=told, record_exception=False, set_status_on_exception=False
        ) as span:  # an error's text may quote content: only its class is told
            began, count = time.perf_counter(), 0
            try:
                result = await run()
                count = _count(call, result)
                return result
            except BaseException as error:
                told["error.type"] = type(error).__name__
                span.set_attribute("error.type", told["error.type"])
                span.set_status(trace.StatusCode.ERROR)
                raise
            finally:
                seconds = time.perf_counter() - began
                span.set_attributes({"macae.memory.count": count, "macae.memory.duration": seconds})
                self._duration.record(seconds, told)


def _count(call: Call, result: Any) -> int:
    """Entries that were written or found."""
    if isinstance(result, UpdateContextResult):
        result = result.memories
    if isinstance(result, MemoryQueryResult):
        return len(result.results)
    return len(result) if isinstance(result, list) else len(call.contents or call.ids)
