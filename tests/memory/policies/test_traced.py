"""Traces and metrics: each call is seen, with no content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from autogen_core.memory import ListMemory
from autogen_core.model_context import BufferedChatCompletionContext
from autogen_core.models import UserMessage
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from macae.errors import InvalidInput
from macae.memory.policies import CachedMemory, SQLMemory, TracedMemory, ValidatedMemory
from tests.memory.policies.support import note


class Seen:
    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers, self.meters = TracerProvider(), MeterProvider([self.reader])
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))

    @property
    def spans(self) -> list[Any]:
        return list(self.exporter.get_finished_spans())

    @property
    def points(self) -> list[Any]:
        data = self.reader.get_metrics_data()
        assert data is not None
        (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
        assert (metric.name, metric.unit) == ("macae.memory.duration", "s")
        return list(metric.data.data_points)


@pytest.fixture
def seen() -> Iterator[Seen]:
    given = Seen()
    yield given
    given.tracers.shutdown()
    given.meters.shutdown()


async def test_each_call_is_a_span_and_a_value_without_content(seen: Seen, tmp_path: Path) -> None:
    inner = ValidatedMemory(CachedMemory(SQLMemory(tmp_path / "m.db")))
    memory = TracedMemory(inner, "notes", tracers=seen.tracers, meters=seen.meters)
    context = BufferedChatCompletionContext(5)
    await context.add_message(UserMessage(content="sesame?", source="user"))
    await memory.add_many([note("open sesame one", "sesame-1"), note("open sesame two", "sesame-2")])
    await memory.query("sesame", k=1)
    await memory.update_context(context)
    await memory.get(["sesame-1"])
    await memory.ids()
    await memory.delete(["sesame-1"])
    await memory.clear()
    told = [(span.name, span.attributes["macae.memory.count"]) for span in seen.spans]
    assert told == [
        ("memory add", 2), ("memory query", 1), ("memory update_context", 2), ("memory get", 1), ("memory ids", 2),
        ("memory delete", 1), ("memory clear", 0),
    ]  # fmt: skip
    for span in seen.spans:
        assert span.attributes["macae.memory.collection"] == "notes"
        assert 0 < span.attributes["macae.memory.duration"] < 30
        assert "sesame" not in span.to_json()
    assert {point.attributes["macae.memory.operation"]: point.count for point in seen.points} == {
        name.removeprefix("memory "): 1 for name, _ in told
    }
    assert "sesame" not in str(seen.points)


async def test_a_failure_is_told_by_its_class_only(seen: Seen) -> None:
    def refuse(content: Any) -> str:
        return f"sesame is in {content.content}"

    memory = TracedMemory(
        ValidatedMemory(ListMemory(), refuse), "notes", tracers=seen.tracers, meters=seen.meters
    )
    with pytest.raises(InvalidInput, match="sesame"):
        await memory.add(note("the word"))
    (span,) = seen.spans
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"] == "InvalidInput"
    assert "sesame" not in span.to_json() and not span.events
    (point,) = seen.points
    assert point.attributes["error.type"] == "InvalidInput"


async def test_without_providers_it_costs_nothing_and_works() -> None:
    memory = TracedMemory(CachedMemory(ListMemory()))
    await memory.add(note("tea"))
    assert len((await memory.query("")).results) == 1
