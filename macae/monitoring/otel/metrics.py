"""GenAI metrics and ours, counted from the spans that this process sends."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData
from opentelemetry.sdk.resources import Resource

from macae.monitoring.otel import names as n
from macae.monitoring.otel.drafts import Draft

__all__ = ["Metrics"]

TOKENS = tuple(4**power for power in range(14))
"""The conventions' bounds for tokens: 1, 4, 16, … 67,108,864."""
SECONDS = tuple(0.01 * 2**power for power in range(14))
"""The conventions' bounds for durations: 0.01, 0.02, … 81.92."""
WAITS = (1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400, 604_800)
"""Seconds that people take."""


class Metrics:
    """Its own meter provider, read when asked."""

    def __init__(self, resource: Resource, temporality: dict[type, Any] | None = None) -> None:
        self._reader = InMemoryMetricReader(preferred_temporality=temporality)
        self._provider = MeterProvider([self._reader], resource, shutdown_on_exit=False)
        meter = self._provider.get_meter("macae")

        def seconds(name: str, description: str, bounds: tuple[float, ...] = SECONDS) -> Any:
            return meter.create_histogram(name, "s", description, explicit_bucket_boundaries_advisory=bounds)

        self._tokens = meter.create_histogram(
            n.TOKEN_USAGE,
            "{token}",
            "Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=TOKENS,
        )
        self._operation = seconds(n.OPERATION_DURATION, "GenAI operation duration.")
        self._first = seconds(n.TIME_TO_FIRST_TOKEN, "Time until the first piece of a streamed answer.")
        self._tool = seconds(n.TOOL_DURATION, "Duration of a tool call.")
        self._waiting = seconds(n.WAITING_DURATION, "How long a person was waited for.", WAITS)
        self._cost = meter.create_counter(n.COSTS, "USD", "Cost of model calls at list prices.")

    def count(self, draft: Draft) -> None:
        """Count a span."""
        found, seconds = draft.attributes, draft.end - draft.start
        operation = found.get(n.OPERATION)
        if n.WAITING in found:
            self._waiting.record(seconds, pick(found, n.WAITING, n.DECISION))
        elif operation == "execute_tool":
            self._tool.record(seconds, pick(found, n.TOOL, n.AGENT, n.STATE, n.EFFECT))
        elif operation == "chat":
            about = pick(found, n.OPERATION, n.PROVIDER, n.MODEL, n.AGENT)
            self._operation.record(seconds, about | pick(found, n.ERROR))
            for kind, name in (("input", n.INPUT_TOKENS), ("output", n.OUTPUT_TOKENS)):
                if name in found:
                    self._tokens.record(found[name], about | {n.TOKEN_TYPE: kind})
            if n.FIRST_TOKEN in found:
                self._first.record(found[n.FIRST_TOKEN], about)
            if n.COST in found:
                self._cost.add(found[n.COST], about)

    def read(self) -> MetricsData | None:
        """All of them as they stand now; None when nothing was counted yet."""
        data = self._reader.get_metrics_data()
        return data if data is not None and data.resource_metrics else None


def pick(found: dict[str, Any], *names: str) -> dict[str, Any]:
    """Those of the attributes that are there."""
    return {name: found[name] for name in names if name in found}
