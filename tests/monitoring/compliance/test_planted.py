"""Secrets planted wherever a text comes from: none of them is in a sink, a log, a report, the trail or the store."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from autogen_core.models import FunctionExecutionResultMessage, LLMMessage

from macae import AgentSpec, Engine, Settings, Team
from macae.errors import InvalidInput
from macae.models import Event, EventType, PlanStatus, StepStatus
from macae.monitoring.logs import json_handler
from macae.monitoring.recording import Recording
from macae.monitoring.report import report_html
from macae.tools import tool
from tests.support.scripted import ScriptedClient, approved_call, planned

WRITTEN = {
    "team": "sk-¦team4fGh7Kd92mXq0PzLw8Rt3Vb6Ny1",
    "document": "AKI¦AQ7DOCUMENT77AB3X",
    "result": "ghp¦_ReSuLt42F292c6912E7710c838347Ae178B4",
    "error": "xox¦b-2048-1029384756-ErRoRfGhIjKl",
    "reply": "sk-¦reply8Fk29dLs0Qw7Er6Ty5Ui4Op3Zx",
    "thought": "git¦hub_pat_11THOUGHT0aBcDeFgHiJkL0123456789",
    "exception": "Acc¦ountKeyValue0exception1234567890==",
    "environment": "pla¦in-value-from-the-environment-77",
    "query": "hf_¦QuErYabcdefghijklmnopqrstuvwx12",
}
"""With a sign in each that is taken out, so that nobody takes this file for a leak."""
SECRETS = {name: secret.replace("¦", "") for name, secret in WRITTEN.items()}
TYPED = "sk-¦typed9f86d081884c7d659a2feaa0c55".replace("¦", "")


@tool(effect="read")
async def lookup(what: str) -> str:
    """Look something up."""
    if what == "document":
        return f"From the handbook: the key is {SECRETS['document']}."
    if what == "environment":
        return f"env says {SECRETS['environment']}"
    return f"Found: {SECRETS['result']}"


@tool(effect="read")
async def fails(why: str) -> str:
    """Fail with a secret in the error."""
    raise ValueError(f"could not sign in with {SECRETS['error']}")


@tool(effect="read")
async def breaks(why: str) -> str:
    """Fail with a connection string in the error."""
    raise RuntimeError(f"AccountName=x;AccountKey={SECRETS['exception']};EndpointSuffix=y")


def team() -> Team:
    return Team(
        [AgentSpec("KeyAgent", f"You know the key {SECRETS['team']}. Never tell.", [lookup, fails, breaks])],
        name="Keys",
    )


def leaky(messages: Sequence[LLMMessage], tools: list[str], json_output: Any) -> Any:
    """Plans three steps, and repeats every secret that it knows of in its replies."""
    if json_output is not None:
        return planned(
            *({"agent": "KeyAgent", "function": "lookup", "args": {"what": what}} for what in ("document", "environment", "row")),
            {"agent": "KeyAgent", "function": "fails", "args": {"why": "now"}},
            {"agent": "KeyAgent", "function": "breaks", "args": {"why": "now"}},
        )  # fmt: skip
    last = messages[-1]
    if isinstance(last, FunctionExecutionResultMessage):
        said = "; ".join(result.content for result in last.content)
        return f"{said} And my own is {SECRETS['reply']}."
    call = approved_call(messages)
    return [call] if call else "Nothing to call."


class ThinkingClient(ScriptedClient):
    """A client whose replies carry a thought."""

    async def create(self, *args: Any, **more: Any) -> Any:
        result = await super().create(*args, **more)
        return result.model_copy(update={"thought": f"I should not say {SECRETS['thought']}."})


def dump_of(database: Path) -> str:
    """All that a database holds, as SQL."""
    with closing(sqlite3.connect(database)) as db:
        return "\n".join(db.iterdump())


def files_of(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.name: file.read_bytes().decode("utf-8", "replace") for file in files}


class Kept:
    """A sink that keeps what it is given."""

    name = "kept"

    def __init__(self) -> None:
        self.events: list[Event] = []

    def write(self, events: Sequence[Event]) -> None:
        self.events += events

    def close(self) -> None:
        pass


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTOSO_SERVICE_TOKEN", SECRETS["environment"])


async def test_planted_secrets_are_nowhere(
    tmp_path: Path, planted: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "macae")
    kept = Kept()
    live: list[Event] = []
    settings = Settings(home=tmp_path, sinks="ndjson,trace")
    client = ThinkingClient(leaky)
    async with Engine(settings=settings, model=client, team=team(), sinks=[kept]) as engine:
        handler = json_handler(
            tmp_path / "log.jsonl", redact=lambda text: engine.compliance.clean(text, "log")
        )
        logging.getLogger("macae").addHandler(handler)
        engine.subscribe(live.append)
        with pytest.raises(InvalidInput, match="API_KEY"):
            await engine.submit(f"Look up the row with my key {TYPED}.")
        plan = await engine.submit("Look up the row.")
        for step in plan.steps:
            with pytest.raises(InvalidInput, match="API_KEY"):
                await engine.approve(step, note=f"use {TYPED}")
        await engine.approve_all(plan)
        done = await engine.wait(plan, 20)
        await engine.skip(next(step for step in done.steps if step.status is StepStatus.failed))
        done = await engine.wait(plan, 20)
        assert done.overall_status in (PlanStatus.failed, PlanStatus.in_progress)
        events = await engine.session_events(plan.session_id)
        report = report_html(Recording(events))
        logging.getLogger("macae").removeHandler(handler)
        handler.close()
    said = str(client.seen)
    assert "API_KEY_1" in said and not any(secret in said for secret in SECRETS.values()), "sent to the model"
    assert sum(event.type is EventType.tool_finished for event in events) == 5
    told = {
        (event.data["route"], event.data["entity"])
        for event in events
        if event.type is EventType.violation_found
    }
    assert {
        ("model", "API_KEY"),
        ("store", "API_KEY"),
        ("store", "CONNECTION_STRING"),
        ("input", "API_KEY"),
    } <= told
    assert any(event.type is EventType.goal_refused for event in live)

    places = {
        "store": dump_of(tmp_path / "macae.db"),
        "trail": json.dumps([event.model_dump(mode="json") for event in events]),
        "live": json.dumps([event.model_dump(mode="json") for event in live]),
        "sink": json.dumps([event.model_dump(mode="json") for event in kept.events]),
        "report": report,
        "log": caplog.text,
    }
    places |= files_of(tmp_path)
    assert "agent_events.ndjson" in places and "agent_trace.log" in places
    found = [
        (place, name) for place, text in places.items() for name, secret in {**SECRETS, "typed": TYPED}.items() if secret in text
    ]  # fmt: skip
    assert not found


IN_CALL = {"password": "Sommer2026xQ", "pin": 471183, "api_key": "9f8e7d6c5b4a39281706f5e4d3c2b1a0"}
IN_RESULT = {"password": "Winter2027yQ", "note": "password: WINTER_2027", "pin": 882914}


@tool(effect="read")
async def sign_in(password: str, pin: int, api_key: str) -> dict[str, Any]:
    """Sign in."""
    assert {"password": password, "pin": pin, "api_key": api_key} == IN_CALL
    return IN_RESULT


def signs_in(messages: Sequence[LLMMessage], tools: list[str], json_output: Any) -> Any:
    """Plans one call, makes it as it sees it, and repeats the result."""
    if json_output is not None:
        return planned({"agent": "DoorAgent", "function": "sign_in", "args": IN_CALL})
    last = messages[-1]
    if isinstance(last, FunctionExecutionResultMessage):
        return "; ".join(result.content for result in last.content)
    call = approved_call(messages)
    return [call] if call else "Nothing to call."


async def test_secrets_known_only_by_their_names_are_nowhere(tmp_path: Path) -> None:
    client = ScriptedClient(signs_in)
    team = Team([AgentSpec("DoorAgent", "You open doors.", [sign_in])], name="Doors")
    settings = Settings(home=tmp_path, sinks="ndjson,trace")
    async with Engine(settings=settings, model=client, team=team) as engine:
        plan = await engine.submit("Open the door.")
        await engine.approve_all(plan)
        done = await engine.wait(plan, 20)
        assert done.overall_status is PlanStatus.completed, done.steps[0].error
        screen = engine.shown_plan(done).model_dump_json(include={"steps": {"__all__": {"agent_reply"}}})
    store = dump_of(tmp_path / "macae.db")
    sinks = {name: text for name, text in files_of(tmp_path).items() if not name.startswith("macae.db")}
    assert {"agent_events.ndjson", "agent_trace.log"} <= sinks.keys()
    places = {"model": str(client.seen), "screen": screen, **sinks}
    values = ["Sommer2026xQ", "471183", IN_CALL["api_key"], "Winter2027yQ", "WINTER_2027", "882914"]
    found = [(place, value) for place, text in places.items() for value in values if str(value) in text]
    assert not found
    assert not [value for value in values[3:] if str(value) in store], (
        "a call stays in the trail, what came of it does not"
    )
