"""Application Insights: what arrives at a local ingestion endpoint."""

from __future__ import annotations

import importlib.util
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from macae import Settings
from macae.errors import ConfigError
from macae.monitoring import telemetry, track_event_if_configured
from macae.monitoring.azure import azure_sink, properties
from macae.monitoring.otel.appinsights import options
from macae.monitoring.otel.connection import checked_connection
from macae.monitoring.scope import Scope, in_scope
from macae.monitoring.telemetry import flush_tracked_events
from tests.monitoring.otel.conftest import TRACE, Story
from tests.support.bakery import TWO, bakery
from tests.support.otlp_server import InsightsServer

VARIABLE = "APPLICATIONINSIGHTS_CONNECTION_STRING"
KEY = "deadbeef-0000-4000-8000-00000000beef"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """What the sink sets for the package (no reports about itself) is taken back."""
    before = dict(os.environ)
    yield
    flush_tracked_events(0)
    for name in set(os.environ) - set(before):
        del os.environ[name]


def settings(connection: str, **more: Any) -> Settings:
    return Settings(azure_monitor=connection, home=Path("nowhere"), _env_file=None, **more)  # type: ignore[call-arg]


async def test_a_run_arrives(insights: InsightsServer, tmp_path: Path) -> None:
    async with bakery(tmp_path, TWO, sinks="azure", azure_monitor=insights.connection) as engine:
        plan = await engine.submit("Bake and sell")
        await engine.approve_all(plan)
        await engine.wait(plan, timeout=30)
    spans, events = insights.of("RemoteDependencyData"), insights.of("EventData")
    names = [span["name"] for span in spans]
    assert {"invoke_workflow plan", "waiting for a person", "execute_tool bake"} <= set(names)
    told = [event["name"] for event in events]
    assert told.count("macae.step_approved") == 2 and told.count("macae.plan_created") == 1
    assert told[0] == "macae.goal_received" and "macae.plan_changed" in told
    approved = next(e for e in events if e["name"] == "macae.step_approved")["properties"]
    assert approved["plan_id"] == plan.id and approved["agent"] == "person"
    traces = {i["tags"]["ai.operation.id"] for i in insights.items if i["data"]["baseType"] != "MetricData"}
    assert len(traces) == 1, "events and spans are found together"
    assert "oat" not in repr(insights.items) and "Bake and sell" not in repr(insights.items)
    assert {r.path.partition("?")[0] for r in insights.requests} == {"/v2.1/track"}


def test_all_spans_arrive_not_a_sample(insights: InsightsServer) -> None:
    sink = azure_sink(settings(insights.connection))
    for number in range(25):
        story = Story(trace=f"{number + 1:032x}", plan=f"p{number}").planned("A")
        story.worked("s1", at=5)
        sink.write(story.ended(16).events)
    sink.close()
    insights.wait(lambda: len(insights.of("RemoteDependencyData")) == 25 * 8)
    assert sink.lost == 0


def test_alerts_are_custom_events_without_words(insights: InsightsServer) -> None:
    story = Story().planned("A")
    story.add(
        "alert_raised",
        5,
        text="Bob Jones is over budget",
        rule="budget",
        severity="critical",
        value=2.5,
        key="Bob Jones",
    )
    story.called(6, 1, "s1")
    sink = azure_sink(settings(insights.connection))
    sink.write(story.events)
    sink.close()
    insights.wait(lambda: any(e["name"] == "macae.alert_raised" for e in insights.of("EventData")))
    raised = next(e for e in insights.of("EventData") if e["name"] == "macae.alert_raised")["properties"]
    assert raised["rule"] == "budget" and raised["severity"] == "critical" and raised["value"] == "2.5"
    assert "Bob" not in repr(insights.items) and "ann@" not in repr(insights.items)
    assert "macae.model_called" not in [e["name"] for e in insights.of("EventData")]


def test_words_of_an_event_of_ones_own_are_not_sent() -> None:
    story = Story()
    words = ("kind", "status", "where", "scope", "hash", "tool", "entity")
    step = story.add("step_completed", 5, "s1", **dict.fromkeys(words, "Bob Jones"), boxes=3)
    warned = story.add("budget_warned", 6, scope="plan", kind="usd", status="Bob Jones", used=0.5)
    assert "Bob" not in repr(properties(step, False)) and properties(step, False)["boxes"] == "3"
    told = properties(warned, False)
    assert (told["scope"], told["kind"], told["used"]) == ("plan", "usd", "0.5") and "status" not in told
    assert properties(step, True)["kind"] == "Bob Jones"


def test_words_are_sent_when_they_are_asked_for(insights: InsightsServer) -> None:
    sink = azure_sink(settings(insights.connection, trace_content=True))
    sink.write(Story().planned("A").events)
    sink.close()
    insights.wait(lambda: bool(insights.of("EventData")))
    goal = insights.of("EventData")[0]["properties"]
    assert goal["text"] == "Fire Bob Jones" and goal["user_id"] == "ann@example.org"


WRONG = [
    "nonsense",
    f"InstrumentationKey={KEY}x",
    f"InstrumentationKey={KEY};IngestionEndpoint=not-a-url-{KEY}",
    f"InstrumentationKey={KEY};IngestionEndpoint=https://user:{KEY}@host/",
    f"InstrumentationKey={KEY};Broken",
    f"IngestionEndpoint=https://host/{KEY}",
    f"InstrumentationKey={KEY};IngestionEndpoint=https://host/?a=b",
    f"InstrumentationKey={KEY};Authorization=aad",
]
ENDPOINT = "https://westeurope-5.in.applicationinsights.azure.com/"
UNTIDY = [
    f" instrumentationkey = {KEY} ; ingestionendpoint = {ENDPOINT} ",
    f"InstrumentationKey={{{KEY.upper()}}};;IngestionEndpoint={ENDPOINT};",
    f"Authorization=ikey;INSTRUMENTATIONKEY={KEY};\nIngestionEndpoint={ENDPOINT};Unknown=1",
]


@pytest.mark.parametrize("untidy", UNTIDY)
def test_a_connection_string_is_given_to_the_package_as_it_reads_it(
    untidy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.monitor.opentelemetry.exporter._connection_string_parser import ConnectionStringParser

    plain = f"InstrumentationKey={KEY};IngestionEndpoint={ENDPOINT}"
    assert checked_connection(untidy, "MACAE_AZURE_MONITOR") == plain
    for theirs in (untidy, "", " "):
        monkeypatch.setenv(VARIABLE, theirs)
        given = options(plain)["connection_string"]
        read = ConnectionStringParser(given)  # reads the variable, too
        assert (read.instrumentation_key, read.endpoint, read.region) == (KEY, ENDPOINT, "westeurope")


def test_parts_of_the_cloud_are_kept() -> None:
    text = f"InstrumentationKey={KEY};EndpointSuffix=ai.contoso.com;Location=westus2;AADAudience=https://a.b/"
    assert checked_connection(text, VARIABLE) == text


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_connection_string_is_told_by_its_variable(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="MACAE_AZURE_MONITOR") as told:
        azure_sink(settings(wrong))
    monkeypatch.setenv(VARIABLE, wrong)
    with pytest.raises(ConfigError, match=VARIABLE) as also:
        azure_sink(Settings(_env_file=None))  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match=VARIABLE) as tracked:
        track_event_if_configured("planned")
    assert KEY not in f"{told.value}{also.value}{tracked.value}" and "nonsense" not in str(told.value)


def test_no_connection_string_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="MACAE_AZURE_MONITOR"):
        azure_sink(Settings(_env_file=None))  # type: ignore[call-arg]


def test_the_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "macae.monitoring.otel.connection.find_spec",
        lambda n: None if n.startswith("azure.monitor") else real(n),
    )
    with pytest.raises(ConfigError, match="pip install azure-monitor-opentelemetry-exporter"):
        azure_sink(settings(f"InstrumentationKey={KEY}"))


@pytest.mark.parametrize("mode", ["dead", "hang", 500])
def test_an_endpoint_in_trouble_costs_at_most_three_seconds(
    mode: str | int, insights: InsightsServer, caplog: pytest.LogCaptureFixture
) -> None:
    insights.mode = mode
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:{taken.getsockname()[1]}/"
        with caplog.at_level(logging.DEBUG):
            sink = azure_sink(settings(dead if mode == "dead" else insights.connection))
            sink.write(Story().planned("A").ended(9).events)
            began = time.perf_counter()
            sink.close()
            assert time.perf_counter() - began < 3
    assert len(insights.requests) <= 2, "one for the spans, one for the events"
    assert not [r for r in caplog.records if r.name.startswith(("azure", "urllib3", "opentelemetry"))]
    assert KEY not in caplog.text + sink.trouble


def test_an_event_of_ones_own(insights: InsightsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, insights.connection)
    began = time.perf_counter()
    track_event_if_configured("order shipped", {"boxes": 3, "to": "Rome", "fragile": True})
    with in_scope(Scope(trace_id=TRACE)):
        track_event_if_configured("inside")
    assert time.perf_counter() - began < 1, "the caller does not wait"
    assert flush_tracked_events(10) == 0
    shipped, inside = insights.of("EventData")
    assert shipped["name"] == "order shipped"
    assert shipped["properties"] == {"boxes": "3", "to": "Rome", "fragile": "true"}
    assert inside["properties"]["trace_id"] == TRACE


def test_without_a_connection_string_nothing_happens() -> None:
    track_event_if_configured("planned", {"steps": 3})
    assert flush_tracked_events(0) == 0


LAST_WORDS = """
import time
from macae.monitoring import telemetry
telemetry.track_event_if_configured("first words")
box, = telemetry._boxes.values()
until = time.monotonic() + 60
while not box.sent and time.monotonic() < until:  # loading the package takes as long as it takes
    time.sleep(0.05)
telemetry.track_event_if_configured("last words")
"""


def test_events_are_sent_when_the_program_ends(insights: InsightsServer) -> None:
    env = os.environ | {VARIABLE: insights.connection, "PYTHONPATH": str(Path(__file__).parents[3])}
    subprocess.run([sys.executable, "-c", LAST_WORDS], env=env, check=True, timeout=90)
    assert [event["name"] for event in insights.of("EventData")] == ["first words", "last words"]


def test_what_could_not_be_sent_is_told_when_the_program_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        monkeypatch.setenv(VARIABLE, f"InstrumentationKey={KEY};IngestionEndpoint={endpoint}")
        track_event_if_configured("lost")
        telemetry._at_exit()
    assert "1 custom events could not be sent" in caplog.text and KEY not in caplog.text
