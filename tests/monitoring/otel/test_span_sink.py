"""Spans to a file, to a stream, to an exporter of one's own; and what importing costs."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from macae import Engine, Settings
from macae.errors import StoreError
from macae.monitoring.otel import FileSpanExporter, SpanSink, stored_events
from macae.monitoring.otel.sending import ExporterSender
from tests.monitoring.otel.conftest import TRACE, Story


async def test_the_recipe(tmp_path: Path) -> None:
    spans = tmp_path / "deep" / "spans.ndjson"
    async with Engine(
        settings=Settings(home=tmp_path, _env_file=None),  # type: ignore[call-arg]
        sinks=[SpanSink(FileSpanExporter(spans))],
    ) as engine:
        plan = await engine.submit("Onboard Jessica Smith")
        await engine.approve_all(plan)
        await engine.wait(plan, timeout=30)
    found = [json.loads(line) for line in spans.read_text(encoding="utf-8").splitlines()]
    assert {span["name"].split()[0] for span in found} == {
        "invoke_workflow", "invoke_agent", "chat", "execute_tool", "step", "waiting",
    }  # fmt: skip
    assert len({span["context"]["trace_id"] for span in found}) == 1
    assert "Jessica" not in spans.read_text(encoding="utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(spans.stat().st_mode) == 0o600


def test_to_a_stream() -> None:
    stream = io.StringIO()
    sink = SpanSink(FileSpanExporter(stream))
    sink.write(Story().planned("A").ended(9).events)
    sink.close()
    assert [json.loads(line)["name"] for line in stream.getvalue().splitlines()][-1] == "invoke_workflow plan"


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        FileSpanExporter(tmp_path)


def test_any_exporter() -> None:
    exporter = InMemorySpanExporter()
    sink = SpanSink(exporter, name="mine")
    sink.write(Story().planned("A").events)
    sink.close()
    sink.close()
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == [
        "chat gpt-4o",
        "invoke_agent PlannerAgent",
        "invoke_workflow plan",
    ]
    assert sink.sent == 3 and sink.lost == 0 and sink.trouble == "" and sink.name == "mine"
    assert spans[0].start_time == 1_800_000_001_000_000_000 and spans[0].end_time == 1_800_000_003_000_000_000
    assert (
        sink.metrics.read() is not None and InMemoryMetricReader
    )  # the numbers are there for whoever has no exporter


def test_a_span_of_whoever_calls_does_not_become_the_parent() -> None:
    exporter = InMemorySpanExporter()
    sink = SpanSink(exporter)
    with TracerProvider(shutdown_on_exit=False).get_tracer("theirs").start_as_current_span("theirs"):
        sink.write(Story().planned("A").ended(9).events)
    sink.close()
    root = exporter.get_finished_spans()[-1]
    assert root.parent is None and format(root.get_span_context().trace_id, "032x") == TRACE


def test_metrics_that_nobody_takes_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Exporter:
        taken = 0
        answer = SpanExportResult.FAILURE

        def export(self, data: object, timeout_millis: float) -> SpanExportResult:
            self.taken += 1
            return self.answer

    refusing, taking = Exporter(), Exporter()
    taking.answer = SpanExportResult.SUCCESS
    monkeypatch.setattr("macae.monitoring.otel.sending.EVERY", 0.0)
    for exporter in (refusing, taking):
        sender = ExporterSender(None, exporter, lambda: "numbers")
        for _ in range(10):
            sender.tick(last=False)
    assert (refusing.taken, taking.taken) == (3, 10)
    monkeypatch.setattr("macae.monitoring.otel.sending.EVERY", 60.0)
    sender.tick(last=False)
    sender.tick(last=True)
    assert taking.taken == 11, "only when they are due, and at the end"


def test_the_past_is_only_the_users_own(tmp_path: Path) -> None:
    past = stored_events(Settings(home=tmp_path, _env_file=None))  # type: ignore[call-arg]
    assert past(Story().planned("A").events[0], 0) == [] and not list(tmp_path.iterdir()), (
        "nothing is created"
    )


async def test_the_past_of_another_user_is_not_read(tmp_path: Path) -> None:
    import asyncio

    settings = Settings(home=tmp_path, _env_file=None)  # type: ignore[call-arg]
    seen = []
    async with Engine(settings=settings, user_id="ann") as engine:
        engine.subscribe(seen.append)
        await engine.submit("Onboard Jessica Smith")
    past, event = stored_events(settings), next(e for e in seen if e.seq)
    assert len(await asyncio.to_thread(past, event, 0)) == len([e for e in seen if e.seq])
    stranger = event.model_copy(update={"user_id": "bob"})
    assert await asyncio.to_thread(past, stranger, 0) == []


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, macae, macae.monitoring, macae.monitoring.otel, macae.monitoring.azure, macae.monitoring.telemetry\n"
        "from macae.monitoring import track_event_if_configured\n"
        "heavy = ('opentelemetry.sdk', 'opentelemetry.exporter', 'azure.monitor', 'requests')\n"
        "assert not [name for name in sys.modules if name.startswith(heavy)]"
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MACAE_", "APPLICATION"))}
    env["PYTHONPATH"] = str(Path(__file__).parents[3])
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, env=env)
