"""Real runs, sent to a real collector by OTLP."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from macae import Engine, Settings
from macae.errors import ConfigError
from macae.models import Event, PlanStatus, PlanWithSteps
from macae.monitoring.otel import SpanSink, agentops_destination, otlp_sink
from macae.monitoring.otel.answers import MOST, refusal_in
from macae.monitoring.otel.outbox import Outbox
from macae.monitoring.sinks import SinkRunner
from tests.monitoring.otel.conftest import Story
from tests.support.bakery import TWO, bakery
from tests.support.otlp_server import OtlpServer, Span

SECRET = "s3cr3t-of-the-collector"


def settings(url: str, home: Path | str = "nowhere", **more: Any) -> Settings:
    return Settings(otlp_endpoint=url, home=Path(home), _env_file=None, **more)  # type: ignore[call-arg]


def tree(spans: list[Span]) -> dict[str, list[str]]:
    """For each span's name, the names below it."""
    by_id = {span.id: span.name for span in spans}
    found: dict[str, list[str]] = {}
    for span in sorted(spans, key=lambda s: s.start):
        found.setdefault(by_id.get(span.parent, span.parent), []).append(span.name)
    return found


async def finished(engine: Engine, plan: PlanWithSteps) -> PlanWithSteps:
    while True:
        await engine.approve_all(plan)
        plan = await engine.wait(plan, timeout=30)
        if not plan.awaiting_feedback:
            return plan


@contextmanager
def dead_port() -> Iterator[str]:
    """An address where nobody listens, and nobody will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


async def test_a_run_is_one_trace(collector: OtlpServer, tmp_path: Path) -> None:
    async with bakery(tmp_path, TWO, sinks="otlp", otlp_endpoint=collector.url) as engine:
        plan = await engine.submit("Bake and sell")
        done = await finished(engine, plan)
    assert done.overall_status is PlanStatus.completed
    assert len({span.trace for span in collector.spans}) == 1
    assert len({span.id for span in collector.spans}) == len(collector.spans)
    found = tree(collector.spans)
    assert found[""] == ["invoke_workflow plan"]
    assert found["invoke_workflow plan"] == [
        "invoke_agent PlannerAgent",
        "step 1 BakerAgent",
        "step 2 ShopAgent",
    ]
    assert found["step 1 BakerAgent"] == ["waiting for a person", "invoke_agent BakerAgent"]
    assert set(found["invoke_agent BakerAgent"]) == {"chat ScriptedClient", "execute_tool bake"} or (
        {name.split()[0] for name in found["invoke_agent BakerAgent"]} == {"chat", "execute_tool"}
    )
    root = collector.named("invoke_workflow")[0]
    assert root.attributes["macae.plan.id"] == plan.id and root.attributes["macae.plan.status"] == "completed"
    assert root.attributes["gen_ai.conversation.id"] == plan.session_id
    assert root.resource["service.name"] == "macae"
    chats = collector.named("chat")
    used = sum(
        s.attributes["gen_ai.usage.input_tokens"] + s.attributes["gen_ai.usage.output_tokens"] for s in chats
    )
    assert used == root.attributes["macae.usage.tokens"] > 0
    assert all(chat.kind == 3 for chat in chats), "a model call is a call to somebody else"
    baking = collector.named("execute_tool bake")[0]
    agent = collector.named("invoke_agent BakerAgent")[0]
    assert agent.start <= baking.start <= baking.end <= agent.end <= root.end
    assert not any("oat" in repr(span) for span in collector.spans), "content is off"


async def test_two_engines_continue_one_plan(collector: OtlpServer, tmp_path: Path) -> None:
    async with bakery(tmp_path, TWO, sinks="otlp", otlp_endpoint=collector.url) as engine:
        plan = await engine.submit("Bake and sell")
    collector.wait(lambda: bool(collector.named("invoke_workflow")))
    before = len(collector.spans)
    async with bakery(tmp_path, TWO, sinks="otlp", otlp_endpoint=collector.url) as engine:
        await finished(engine, plan)
    spans = collector.spans
    assert (
        len({span.trace for span in spans}) == 1 and len({span.id for span in spans}) == len(spans) > before
    )
    assert {span.parent for span in spans} - {""} <= {span.id for span in spans}
    root, more = collector.named("invoke_workflow")[0], collector.named("plan continued")[0]
    assert root.attributes["macae.plan.open"] and root.attributes["macae.plan.open_waits"] == 2
    assert more.parent == root.id and more.attributes["macae.plan.status"] == "completed"
    for wait in collector.named("waiting"):
        assert wait.start < root.end < wait.end, "it began in the first process"


def test_a_connection_that_the_server_closed_meanwhile(collector: OtlpServer) -> None:
    sink = otlp_sink(settings(collector.url))
    story = Story().planned("A")
    sink.write(story.events)
    collector.wait(lambda: sink.sent > 0)
    collector.drop_connections()
    sink.write(story.ended(9).events[-1:])
    sink.close(10)
    assert len(collector.spans) == 3 and sink.lost == 0


async def test_content_is_sent_when_it_is_asked_for(collector: OtlpServer, tmp_path: Path) -> None:
    async with bakery(tmp_path, TWO, sinks="otlp", otlp_endpoint=collector.url, trace_content=True) as engine:
        await finished(engine, await engine.submit("Bake and sell"))
    assert collector.named("invoke_workflow")[0].attributes["macae.goal"] == "Bake and sell"
    assert "oat" in collector.named("execute_tool bake")[0].attributes["gen_ai.tool.call.arguments"]
    assert any("gen_ai.input.messages" in chat.attributes for chat in collector.named("chat"))


def burst(plans: int) -> list[Any]:
    events = []
    for number in range(plans):
        story = Story(trace=f"{number + 1:032x}", plan=f"p{number}")
        story.planned("A").worked("s1", at=5)
        events += story.ended(16).events
    return events


def test_a_burst_loses_nothing(collector: OtlpServer) -> None:
    events = burst(200)
    assert len(events) > 2_000
    sink = otlp_sink(settings(collector.url))
    began = time.perf_counter()
    sink.write(events)
    assert time.perf_counter() - began < 5, "writing does not wait for the collector"
    collector.wait(lambda: sink.sent >= 512)
    sink.close(10)
    assert len(collector.spans) == 200 * 8 == sink.sent and sink.lost == 0
    assert len({span.id for span in collector.spans}) == 200 * 8


def test_metrics(collector: OtlpServer) -> None:
    story = Story().planned("A")
    story.worked("s1", at=64)
    sink = otlp_sink(settings(collector.url, provider="openai"))
    sink.write(story.ended(75).events)
    sink.close(10)
    points = collector.metrics
    tokens = {
        p.attributes[-1].value.string_value: p.sum for p in points["gen_ai.client.token.usage"] if p.sum
    }
    by_kind: dict[str, float] = {}
    for point in points["gen_ai.client.token.usage"]:
        about = {a.key: a.value.string_value for a in point.attributes}
        by_kind[about["gen_ai.token.type"]] = by_kind.get(about["gen_ai.token.type"], 0) + point.sum
        assert about["gen_ai.provider.name"] == "openai" and about["gen_ai.request.model"] == "gpt-4o"
    assert tokens and by_kind == {"input": 200, "output": 20}
    assert sum(p.sum for p in points["gen_ai.client.operation.duration"]) == 4
    assert sum(p.sum for p in points["gen_ai.client.operation.time_to_first_chunk"]) == 0.5
    assert [(p.sum, p.count) for p in points["macae.tool.duration"]] == [(3, 1)]
    assert [(p.sum, p.count) for p in points["macae.waiting.duration"]] == [(60, 1)]
    assert sum(p.as_double for p in points["macae.cost"]) == 1.0


def test_a_destination_that_takes_no_metrics_gets_the_spans() -> None:
    with OtlpServer(metrics=False) as server:
        sink = otlp_sink(settings(server.url))
        sink.write(Story().planned("A").ended(9).events)
        sink.close(10)
        assert len(server.spans) == 3 and sink.lost == 0


def test_metrics_can_be_left_out(collector: OtlpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    sink = otlp_sink(settings(collector.url))
    sink.write(Story().planned("A").ended(9).events)
    sink.close(10)
    assert {r.path for r in collector.requests} == {"/v1/traces"}


@pytest.mark.parametrize("mode", ["dead", "hang", "drip", "drip body", "drop", 500])
def test_a_destination_in_trouble_costs_at_most_three_seconds(
    mode: str, collector: OtlpServer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    collector.mode = mode
    with dead_port() as nobody, caplog.at_level(logging.DEBUG):
        sink = otlp_sink(
            settings(nobody if mode == "dead" else collector.url, otlp_headers=f"api-key={SECRET}")
        )
        began = time.perf_counter()
        sink.write(Story().planned("A").ended(9).events)
        assert time.perf_counter() - began < 1
        began = time.perf_counter()
        sink.close()
        assert time.perf_counter() - began < 3
    assert len(collector.requests) <= 1, "no storm of retries"
    assert sink.sent == 0 and sink.lost == 3, "what was under way is counted"
    assert not [r for r in caplog.records if r.name.startswith(("opentelemetry", "urllib3"))], "no noise"
    told = caplog.text + sink.trouble + repr(vars(sink)) + "".join(capsys.readouterr())
    assert SECRET not in told


@pytest.mark.parametrize("mode", ["drip", "drip body", "endless"])
def test_an_answer_without_end_is_cut(mode: str, collector: OtlpServer) -> None:
    collector.mode = mode
    sink = otlp_sink(settings(collector.url))
    story = Story().planned("A")
    sink.write(story.events)
    collector.wait(lambda: sink.lost == 2, 5)
    assert collector.url in sink.trouble and collector.written < 30_000_000
    collector.mode = "ok"
    sink.write(story.ended(9).events[-1:])
    sink.close(10)
    assert len(collector.spans) == 1 == sink.sent and sink.lost == 2, "the next is sent all the same"


PARTIAL = ExportTraceServiceResponse(
    partial_success={"rejected_spans": 2, "error_message": f"quota\x1b[2J of {SECRET}"}
)
ANSWERS = [
    ("application/x-protobuf", PARTIAL.SerializeToString(), 2),
    ("application/json", b'{"partialSuccess": {"rejectedSpans": "2", "errorMessage": "quota"}, "new": 1}', 2),
    ("application/json", b'{"partialSuccess": {"rejectedSpans": "many"}}', 3),
    ("text/html", b"<html>Please log in</html>", 3),
    ("", b"<html>Please log in</html>", 3),
    ("application/json", b"{}", 0),
    ("application/x-protobuf", ExportTraceServiceResponse(partial_success={}).SerializeToString(), 0),
]


@pytest.mark.parametrize(("kind", "answer", "lost"), ANSWERS)
def test_a_good_status_is_not_all_that_counts(
    kind: str, answer: bytes, lost: int, collector: OtlpServer
) -> None:
    collector.answer = kind, answer
    sink = otlp_sink(settings(collector.url, otlp_headers=f"Authorization=Bearer%20{SECRET}"))
    sink.write(Story().planned("A").ended(9).events)
    sink.close(10)
    assert (sink.sent, sink.lost) == (3 - lost, lost)
    assert bool(sink.trouble) is bool(lost) and SECRET not in sink.trouble and sink.trouble.isprintable()
    if lost == 2:
        assert "refused 2 spans: quota" in sink.trouble


def test_an_answer_that_grows_when_it_is_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000), 1)
    assert len(bomb) > MOST, "else the limit on what is read is not the one that is tried"
    few = gzip.compress(PARTIAL.SerializeToString())
    tracemalloc.start()
    try:
        for body, told in ((bomb[:MOST], "like a collector"), (few, "2 spans"), (b"no", "like a collector")):
            refusal = refusal_in(body, {"content-encoding": "gzip"}, "host")
            assert refusal is not None and told in str(refusal)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_connections_are_used_again(collector: OtlpServer) -> None:
    sink = otlp_sink(settings(collector.url))
    sink.write(burst(80))
    sink.close(10)
    assert sink.sent == 640 and len(collector.requests) >= 3 and len(collector._connections) == 2


def heavy(number: int) -> Event:
    said = [{"role": "user", "text": "x" * 9_000}]
    story = Story()
    story.plan = "p"
    event = story.called(5, 1, "s1", call=f"call-{number}", reply="y" * 9_000, sent=said)
    event.seq = number + 1
    return event


def test_what_is_too_large_is_sent_in_parts(collector: OtlpServer) -> None:
    collector.limit = 300_000
    sink = otlp_sink(settings(collector.url, trace_content=True))
    sink.write([heavy(number) for number in range(200)])
    sink.close(20)
    sizes = [len(r.body) for r in collector.requests]
    assert sink.lost == 0 and collector.refused < 10
    assert len({s.id for s in collector.spans if s.name.startswith("chat")}) == 200
    assert max(sizes) < 1_200_000, "no batch is as large as its number of spans allows"


def test_one_that_is_too_large_by_itself_is_lost(collector: OtlpServer) -> None:
    collector.limit = 6_000
    sink = otlp_sink(settings(collector.url, trace_content=True))
    sink.write([*Story().planned("A").events, heavy(99)])
    sink.close(20)
    assert sink.lost == 1 and sink.sent == 3 and "413" in sink.trouble


def test_what_was_under_way_at_the_end_is_counted_once() -> None:
    entered, gate = threading.Event(), threading.Event()

    class Slow:
        def send(self, items: Any) -> None:
            entered.set()
            gate.wait(30)

        def tick(self, last: bool) -> None:
            """Nothing."""

        def close(self) -> None:
            """Nothing."""

    box = Outbox("slow", Slow, batch=2)
    box.put(range(5))
    assert entered.wait(10)
    box.close(0)
    assert (box.sent, box.lost) == (0, 5)
    gate.set()
    box.close(10)
    assert (box.sent, box.lost) == (0, 5), "it was said to be lost"


def test_what_waits_for_a_sender_that_cannot_be_made_is_counted() -> None:
    gate = threading.Event()

    def make() -> Any:
        gate.wait(30)
        raise ValueError("no")

    box = Outbox("none", make)
    box.put(range(5))
    gate.set()
    box._thread.join(10)
    box.put(range(2))
    assert (box.sent, box.lost, box.trouble) == (0, 7, "ValueError")


def test_a_destination_that_comes_back_gets_everything(collector: OtlpServer) -> None:
    collector.mode = 503
    sink = otlp_sink(settings(collector.url))
    sink.write(Story().planned("A").ended(9).events)
    collector.wait(lambda: bool(sink.trouble))
    assert "503" in sink.trouble and sink.lost == 0
    collector.mode = "ok"
    sink.close(10)
    assert len(collector.spans) == 3 and sink.lost == 0


def test_what_is_refused_is_counted(collector: OtlpServer) -> None:
    collector.mode = 400
    sink = otlp_sink(settings(collector.url))
    sink.write(Story().planned("A").ended(9).events)
    sink.close(10)
    assert sink.lost == 3 and "400" in sink.trouble and collector.url in sink.trouble


def test_the_sinks_health_tells_of_trouble(collector: OtlpServer) -> None:
    collector.mode = 400
    runner = SinkRunner(otlp_sink(settings(collector.url, otlp_headers=f"api-key={SECRET}")), wait=0.01)
    for event in Story().planned("A").ended(9).events:
        runner.put(event)
    collector.wait(lambda: runner.health.lost == 3)
    assert "400" in runner.health.last_error and SECRET not in repr(runner.health)
    runner.close(5)


def test_while_nothing_can_be_sent_memory_is_bounded() -> None:
    class Never:
        def export(self, spans: Any) -> Any:
            raise OSError("never")

        def shutdown(self) -> None:
            """Nothing."""

    sink = SpanSink(Never(), size=100)  # type: ignore[arg-type]
    sink.write(burst(200))
    assert sink.lost >= 200 * 8 - 100 - 512, "all but what waits and what is being tried"
    sink.close()
    assert sink.lost == 200 * 8 and "never" not in sink.trouble and sink.trouble == "OSError"


def test_what_a_sending_thread_logs_is_not_heard_but_everybody_else_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Loud:
        def __init__(self) -> None:
            self.log = logging.getLogger("opentelemetry.made.when.it.is.loaded")

        def send(self, items: Any) -> None:
            self.log.error("sent %s", SECRET)

        def tick(self, last: bool) -> None:
            """Nothing."""

        def close(self) -> None:
            """Nothing."""

    box = Outbox("loud", Loud)
    box.put([1])
    box.close(10)
    assert box.sent == 1 and not caplog.records
    logging.getLogger("opentelemetry.made.when.it.is.loaded").error("heard")
    assert caplog.messages == ["heard"]


def test_the_headers_arrive_and_no_redirect_is_followed(collector: OtlpServer) -> None:
    with OtlpServer() as thief:
        collector.redirect = thief.url
        sink = otlp_sink(
            settings(collector.url, otlp_headers=f"Authorization=Bearer%20{SECRET},x-team=a%2Cb")
        )
        sink.write(Story().planned("A").ended(9).events)
        sink.close(10)
        assert collector.requests[0].headers["authorization"] == f"Bearer {SECRET}"
        assert collector.requests[0].headers["x-team"] == "a,b"
        assert not thief.requests and sink.lost == 3


def test_a_password_in_netrc_does_not_replace_the_key(
    collector: OtlpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password hunter2\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    for url, sent in ((collector.url, f"Bearer {SECRET}"), (f"http://u:p@{collector.url[7:]}", "Basic dTpw")):
        sink = otlp_sink(settings(url, otlp_headers=f"Authorization=Bearer%20{SECRET}"))
        sink.write(Story().planned("A").ended(9).events)
        sink.close(10)
        assert {r.headers["authorization"] for r in collector.requests} == {sent}
        collector.requests.clear()


def test_opentelemetrys_own_variables(collector: OtlpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"api-key={SECRET}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "bakery")
    sink = otlp_sink(settings(""))
    sink.write(Story().planned("A").ended(9).events)
    sink.close(10)
    assert collector.requests[0].headers["api-key"] == SECRET
    assert collector.spans[0].resource["service.name"] == "bakery"


@pytest.mark.parametrize(
    "url",
    [
        "localhost:4318",
        "ftp://host",
        "http://",
        "http://host:99999",
        f"http://h/?key={SECRET}",
        f"{SECRET}",
        "http://a b",
    ],
)
def test_a_wrong_address_is_told_by_its_variable(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="MACAE_OTLP_ENDPOINT") as told:
        otlp_sink(settings(url))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    with pytest.raises(ConfigError, match="OTEL_EXPORTER_OTLP_ENDPOINT") as also:
        otlp_sink(settings(""))
    assert SECRET not in f"{told.value}{also.value}"


@pytest.mark.parametrize(
    "given", [SECRET, f"a b={SECRET}", f"key={SECRET}%0d%0aX: 1", f"=%20{SECRET}", f"k=é{SECRET}"]
)
def test_wrong_headers_are_told_by_their_variable(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="MACAE_OTLP_HEADERS") as told:
        otlp_sink(settings("http://127.0.0.1:9", otlp_headers=given))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", given)
    with pytest.raises(ConfigError, match="OTEL_EXPORTER_OTLP_HEADERS") as also:
        otlp_sink(settings("http://127.0.0.1:9"))
    assert SECRET not in f"{told.value}{also.value}"


def test_agentops_is_only_a_destination() -> None:
    options = agentops_destination(f"{SECRET},%")
    assert options["otlp_headers"] == f"Authorization=Bearer%20{SECRET}%2C%25"
    with pytest.raises(ConfigError) as told:
        agentops_destination(f"{SECRET}\nX: 1")
    assert SECRET not in str(told.value)


def test_nobody_elses_tracing_is_touched(collector: OtlpServer) -> None:
    from opentelemetry import metrics, trace

    before = trace.get_tracer_provider(), metrics.get_meter_provider()
    sink = otlp_sink(settings(collector.url))
    sink.write(Story().planned("A").ended(9).events)
    sink.close(10)
    assert (trace.get_tracer_provider(), metrics.get_meter_provider()) == before
    assert not [t.name for t in threading.enumerate() if t.name.startswith(("macae-send", "Otel"))]
