"""Events are stored without what stands in them twice, and are read as they were: whatever they hold, and those from before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import macae.workshop
from macae.memory.documents import event_body, revive_event
from macae.memory.packing import INSTEAD, SILENT
from macae.models import Event, EventType
from macae.monitoring.rebuilding import rebuild
from macae.monitoring.sinks import read_events

SESSIONS = sorted((Path(macae.workshop.__file__).parent / "props" / "sessions").glob("*.ndjson"))
CALL = {"key": "st:1", "tool": "bake", "arguments": {"kind": "oat"}, "effect": "change", "state": "started"}
MODEL = {**SILENT, "call": "c", "model": "m", "sent": [{"role": "user", "source": "u", "text": "Bake"}],
         "sent_before": 0, "left_out": 0, "reply": "", "calls": []}  # fmt: skip


def happened(type: str, **fields: Any) -> Event:
    return Event(
        **{"seq": 7, "type": EventType(type), "session_id": "s", "user_id": "u", "plan_id": "p", "step_id": "st",
           "trace_id": "f" * 32, **fields}
    )  # fmt: skip


def back(event: Event, body: str | None = None) -> Event:
    body = event_body(event, event.user_id, event.session_id) if body is None else body
    return revive_event(body, event.seq, event.session_id, event.user_id, event.plan_id)


def shown(event: Event) -> str:
    """In a form in which 1 is not True."""
    return json.dumps(event.model_dump(mode="json"), sort_keys=True)


def plain_body(event: Event) -> str:
    """As events were stored before."""
    return event.model_dump_json(
        exclude={"seq", "session_id", "user_id", "plan_id"}, exclude_defaults=True, warnings="error"
    )


def test_what_stands_in_an_event_twice_is_stored_once() -> None:
    reply = "Baked twelve oat cookies, as you said."
    done = happened(
        "tool_finished",
        text=reply,
        data={"tool": "bake", "key": "st:1", "state": "completed"},
        changes={"st": {"data_type": "step", "version": 4, "agent_reply": reply, "calls": {"0": {**CALL, "result": reply}}}},
    )  # fmt: skip
    offered = happened(
        "step_offered",
        text="Bake it.",
        changes={"st": {"data_type": "step", "version": 1, "id": "st", "plan_id": "p", "action": "Bake it."},
                 "p": {"data_type": "plan", "version": 2, "id": "p", "trace_id": "f" * 32},
                 "other": {"data_type": "step", "version": 1, "id": "other", "action": "Bake it."}},
    )  # fmt: skip
    called = happened("model_called", data=MODEL)
    for event, once in ((done, reply), (offered, "Bake it."), (called, '"Bake"')):
        body = event_body(event, "u", "s")
        assert len(body) < len(plain_body(event)) and body.count(once) <= 2
        assert back(event) == event and type(back(event)) is Event
    assert event_body(done, "u", "s").count(reply) == 1
    assert back(done).changes["st"]["calls"]["0"]["arguments"] == {"kind": "oat"}


ODD = [
    happened("tool_started", data={"key": ":1"}, changes={"st": {"data_type": "step", "calls": {"0": {**CALL, "key": ":1"}}}}),
    happened("tool_started", data={"key": 5, "tool": True}, changes={"st": {"data_type": "step", "calls": [CALL]}}),
    happened("tool_started", data={}, changes={"st": {"data_type": "step", "calls": {"0": {"tool": None, "arguments": True}}}}),
    happened("tool_started", step_id=None, data={"tool": "x", "key": "None:1"}),
    happened("step_offered", text="said", changes={"st": {"data_type": "step", "id": True, "action": "said"}}),
    happened("step_offered", text="said", changes={"step": {"data_type": "step", "action": True}, "plan": {}}),
    happened("step_offered", step_id="step", text="long enough", changes={"step": {"data_type": "step", "error": "long enough"}}),
    happened("step_offered", step_id="plan", plan_id="step", changes={"plan": {"data_type": "step"}, "step": {"data_type": "plan"}}),
    happened("model_called", data={"told": {"step": {}}, "facts": {}}),
    happened("model_called", data={**MODEL, "ok": 1, "streamed": 0, "reply": None}),
    happened("model_called", data={**MODEL, "sent": [{"role": "user", "text": "x"}]}),
    happened("model_called", data={**MODEL, "sent": [{"text": "x", "source": "", "role": "user"}]}),
    happened("model_called", data={name: MODEL[name] for name in SILENT}),
    happened("thought", text='{"told":{"step":{}},"facts":{}}', data={"facts": {"told": True}}),
]  # fmt: skip
"""Events that a packer could take for something else."""


@pytest.mark.parametrize("event", ODD)
def test_odd_events_are_read_as_they_were(event: Event) -> None:
    assert shown(back(event)) == shown(event)


values = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2.5, "", "st", "p", "st:1", ":1", "the text", "step"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*CALL, *MODEL, "0"]), inner, max_size=4),
    max_leaves=6,
)  # fmt: skip
names = ["data_type", "id", "plan_id", "trace_id", "calls", "action", "agent_reply", "version", "whole"]
changes = st.dictionaries(
    st.sampled_from(["st", "p", "step", "plan", "x"]),
    st.dictionaries(st.sampled_from(names), values | st.sampled_from(["step", "plan"]), max_size=5),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["tool_started", "tool_finished", "model_called", "step_offered"]),
    st.dictionaries(st.sampled_from([*CALL, *MODEL]), values, max_size=5),
    changes,
    st.sampled_from(["", "the text", "st"]),
    st.sampled_from(["st", "step", "", None]),
    st.sampled_from([{}, {"plan_id": "", "trace_id": ""}, {"plan_id": "st"}]),
    st.booleans(),
)
def test_whatever_an_event_holds_it_is_read_as_it_was(
    type: str,
    data: dict[str, Any],
    changes: dict[str, Any],
    text: str,
    step: str | None,
    more: dict[str, str],
    whole: bool,
) -> None:
    data = {**MODEL, **data} if whole else data
    event = happened(type, data=data, changes=changes, text=text, step_id=step, **more)
    assert shown(back(event)) == shown(event)


def test_what_was_stored_and_recorded_before_is_read_and_rebuilt() -> None:
    assert SESSIONS
    for path in SESSIONS:
        events = [*read_events(path)]
        stored = [back(event) for event in events]
        assert stored == events == [back(event, plain_body(event)) for event in events]
        assert rebuild(stored) == rebuild(events) and (
            rebuild(events) or not any(event.changes for event in events)
        )


def test_a_stored_event_that_was_cut_is_said_and_spoils_no_other() -> None:
    event = happened("tool_started", data={"tool": "bake", "key": "st:1"}, changes={"st": {"data_type": "step", "calls": {"0": CALL}}})  # fmt: skip
    body = json.loads(event_body(event, "u", "s"))
    assert body.keys() >= INSTEAD.keys()
    for broken in (
        {**body, "told": 5},
        {**body, "facts": {}},
        {**body, "told": {"step": {"calls": {"0": 1}}}},
    ):
        assert back(event, json.dumps(broken)).type is EventType.events_missed
