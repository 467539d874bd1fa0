"""An event as it is stored: what stands in it twice is stored once, and what says nothing not at all.

Most of an event is told of the very step that it is about, and its text is often what came of a call. Where `changes` and `data` can be
said shorter, they are stored as `told` (what belongs to the event's own step or plan stands there under `step` and `plan`) and `facts`;
read again, the event is as it was, to the last field. What does not fit stays as it is, as in files from before.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

from macae.models import Event, EventType

__all__ = ["INSTEAD", "is_packed", "packed", "unpacked"]

INSTEAD = {"told": "changes", "facts": "data"}
"""What stands in a stored event in the place of what."""

SAME = True
"""Stands for a value that the event has elsewhere. None of the fields below can be a truth of its own."""
TEXTS = frozenset({"agent_reply", "action", "error", "human_feedback", "summary", "updated_action", "result"})
"""Fields of documents and calls that may be the event's text."""
LONG = 4
"""Characters that a text has to have for `SAME` to be shorter."""
SILENT: Mapping[str, Any] = {
    "first_token": None,
    "usd": None,
    "ok": True,
    "error_type": None,
    "streamed": False,
}
"""What most model calls say of themselves."""
QUIET: Mapping[str, Any] = {"sent_before": 0, "left_out": 0, "reply": "", "calls": []}
"""And of what was sent and answered; there together with `sent`."""
MESSAGE = ("role", "source", "text")
CALLS = frozenset({EventType.tool_started, EventType.tool_finished})


class NotPacked(Exception):
    """The event holds what could be taken for something else when it is read."""


def packed(event: Event) -> dict[str, dict[str, Any]]:
    """What is stored in the places of `changes` (`told`) and `data` (`facts`), where that is shorter."""
    parts: dict[str, dict[str, Any]] = {}
    with suppress(NotPacked):
        if event.changes:
            parts["told"] = packed_changes(event)
        if event.data and event.type in FACTS and (facts := FACTS[event.type][0](event)):
            parts["facts"] = facts
    return parts


def is_packed(body: str) -> bool:
    """Whether a stored body may be that of a packed event. (One that only has such a word in it is read right, too.)"""
    return '"told"' in body or '"facts"' in body


def unpacked(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of an event as it was, from those that were stored."""
    told, facts = fields.pop("told", None), fields.pop("facts", None)
    if facts is not None:
        fields["data"] = FACTS[EventType(fields["type"])][1](facts, fields)
    if told is not None:
        fields["changes"] = dict(unpacked_change(name, change, fields) for name, change in told.items())
    return fields


# Changes -------------------------------------------------------------------------------------------------------------


def packed_changes(event: Event) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {}
    for id, change in event.changes.items():
        kind = change.get("data_type")
        if kind in ("step", "plan") and id == (event.step_id if kind == "step" else event.plan_id):
            told[kind] = packed_change(change, id, event)
        elif id in ("step", "plan"):
            raise NotPacked
        else:
            told[id] = change
    return told


def packed_change(change: Mapping[str, Any], id: str, event: Event) -> dict[str, Any]:
    short: dict[str, Any] = {}
    for name, value in change.items():
        if name == "data_type":
            continue
        if name == "calls":
            if not isinstance(value, dict) or not all(isinstance(call, dict) for call in value.values()):
                raise NotPacked
            short[name] = {place: packed_call(call, id, event) for place, call in value.items()}
        elif is_same(name, value, id, event):
            short[name] = SAME
        else:
            short[name] = value
    return short


def is_same(name: str, value: Any, id: str, event: Event) -> bool:
    """Whether the event has the value elsewhere."""
    if name in TEXTS:
        if value is SAME:
            raise NotPacked
        return isinstance(value, str) and len(value) > LONG and value == event.text
    if name in ("id", "plan_id", "trace_id"):
        if value is SAME:
            raise NotPacked
        there = id if name == "id" else event.plan_id if name == "plan_id" else event.trace_id
        return bool(there) and bool(value == there)
    return False


def packed_call(call: Mapping[str, Any], id: str, event: Event) -> dict[str, Any]:
    short = {name: SAME if is_same(name, value, id, event) else value for name, value in call.items()}
    for name in ("tool", "arguments"):
        if short.get(name) is SAME:
            raise NotPacked
        # By what they look like: for Python 1 is True, and 1.0 is 1.
        if name in short and name in event.data and repr(short[name]) == repr(event.data[name]):
            short[name] = SAME
    if "key" in short:
        short["key"] = packed_key(short["key"], id)
    return short


def unpacked_change(
    name: str, short: dict[str, Any], fields: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    if name not in ("step", "plan"):
        return name, short
    id = fields["step_id"] if name == "step" else fields["plan_id"]
    change = {"data_type": name, **{key: same_as(key, value, id, fields) for key, value in short.items()}}
    if "calls" in change:
        change["calls"] = {place: unpacked_call(call, id, fields) for place, call in short["calls"].items()}
    return id, change


def unpacked_call(short: dict[str, Any], id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    call = {name: same_as(name, value, id, fields) for name, value in short.items()}
    for name in ("tool", "arguments"):
        if call.get(name) is SAME:
            call[name] = deepcopy(fields["data"][name])
    if "key" in call:
        call["key"] = unpacked_key(call["key"], id)
    return call


def same_as(name: str, value: Any, id: str, fields: Mapping[str, Any]) -> Any:
    """The value that `SAME` stands for; any other as it is."""
    if value is not SAME:
        return value
    if name in TEXTS:
        return fields["text"]
    return id if name == "id" else fields[name] if name in ("plan_id", "trace_id") else value


def packed_key(key: Any, id: str | None) -> Any:
    """A call's key, which begins with the id of its step."""
    if not isinstance(key, str) or key.startswith(":"):
        raise NotPacked
    return key[len(id) :] if id and key.startswith(f"{id}:") else key


def unpacked_key(key: str, id: str | None) -> str:
    return f"{id}{key}" if key.startswith(":") else key


# Data ----------------------------------------------------------------------------------------------------------------


def packed_tool(event: Event) -> dict[str, Any]:
    """The data of a call; nothing where nothing is shorter."""
    if "key" not in event.data:
        return {}
    key = packed_key(event.data["key"], event.step_id)
    return {**event.data, "key": key} if key != event.data["key"] else {}


def unpacked_tool(facts: dict[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**facts, "key": unpacked_key(facts["key"], fields.get("step_id"))}


def packed_model(event: Event) -> dict[str, Any]:
    """The data of a model call without what most of them say."""
    data = event.data
    if not data.keys() >= SILENT.keys() or ("sent" in data and not data.keys() >= QUIET.keys()):
        raise NotPacked
    usual = {**SILENT, **QUIET} if "sent" in data else SILENT
    facts = {
        name: value
        for name, value in data.items()
        if name not in usual or value != usual[name] or type(value) is not type(usual[name])
    }
    if "sent" in data:
        sent = data["sent"]
        if not isinstance(sent, list) or not all(
            isinstance(one, dict) and tuple(one) == MESSAGE for one in sent
        ):
            raise NotPacked
        facts["sent"] = [[*one.values()] for one in sent]
    return facts


def unpacked_model(facts: dict[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    if "sent" not in facts:
        return {**SILENT, **facts}
    facts["sent"] = [dict(zip(MESSAGE, one, strict=True)) for one in facts["sent"]]
    return {**SILENT, **QUIET, "calls": [], **facts}


FACTS: Mapping[EventType, Any] = {
    EventType.tool_started: (packed_tool, unpacked_tool),
    EventType.tool_finished: (packed_tool, unpacked_tool),
    EventType.model_called: (packed_model, unpacked_model),
}
"""By type: how its data are made shorter, and how they are read again."""
