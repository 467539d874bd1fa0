"""What comes from a file was approved by nobody here: steps that are not over ask again, raised limits do not count."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from macae.memory.archive.protocol import Record, Stored, happened
from macae.models import Event, EventType, StepStatus
from macae.models.plans import OPEN_STEP

__all__ = ["asking_again"]

_RUNNING = StepStatus.action_requested
_TOLD = ("plan", "step")
"""Documents that can be rebuilt from the trail."""


def asking_again(record: Record, there: Record) -> tuple[Record, int]:
    """The record without any approval that could still be used or spent, and how many steps lost theirs.

    A step that `there`, the store that it goes to, holds just so was approved there and stays as it is. The trail gets an event
    for each plan and step that is not as the file has it: so it still tells how they stand.
    """
    here = there.by_id
    documents = tuple(d if _is_same(d, here.get(d.id)) else _asking(d) for d in record.documents)
    pairs = zip(documents, record.documents, strict=True)
    changed = {after.id: after.data_type for after, before in pairs if after is not before}
    record = replace(record, documents=documents)
    return replace(record, events=_trail(record, there, changed)), [*changed.values()].count("step")


def _trail(record: Record, there: Record, changed: Container[str]) -> tuple[Event, ...]:
    """The events, with what was changed on the way in. What an earlier import has told stays in its place."""
    events, told = [*record.events], dict[str, dict[str, Any]]()
    for place, event in enumerate(there.events):
        if event.type is EventType.document_changed and event.data.get("imported"):
            if place >= len(events) or happened(events[place]) != happened(event):
                events.insert(place, event)
            told |= event.changes
    traces = {event.plan_id: event.trace_id for event in events if event.trace_id}
    for document in record.documents:
        change = _whole(document)
        if document.data_type not in _TOLD or told.get(document.id) == change:
            continue
        if document.id in changed or document.id in told:
            plan_id = document.plan_id or document.id
            events.append(
                Event(
                    type=EventType.document_changed,
                    session_id=record.session_id,
                    user_id=record.user_id,
                    trace_id=traces.get(plan_id, ""),
                    plan_id=plan_id,
                    step_id=document.id if document.data_type == "step" else None,
                    text="It came from a file: what was approved there counts for nothing here.",
                    data={"imported": True},
                    changes={document.id: change},
                )
            )
    return tuple(events)


def _whole(document: Stored) -> dict[str, Any]:
    """A plan or step as an event tells it that takes the place of all that was told of it before."""
    fields = {
        **document.body,
        "id": document.id,
        "data_type": document.data_type,
        "version": document.version,
    }
    if document.data_type == "step":
        fields["plan_id"] = document.plan_id
        fields["calls"] = {str(place): call for place, call in enumerate(document.body.get("calls", ()))}
    return {**fields, "whole": True}


def _is_same(document: Stored, other: Stored | None) -> bool:
    return other is not None and (other.version, other.content) == (document.version, document.content)


def _asking(document: Stored) -> Stored:
    body = document.body
    if document.data_type == "plan" and any(body.get("allowed_more", {}).values()):
        return replace(document, body={name: value for name, value in body.items() if name != "allowed_more"})
    if document.data_type == "usage" and body.get("allowed_scope"):
        return replace(document, body={**body, "allowed_scope": "", "allowed": {}})
    status = str(body.get("status", StepStatus.planned))
    begun = status in (StepStatus.approved, _RUNNING)
    if document.data_type != "step" or status not in OPEN_STEP or not (begun or body.get("approval")):
        return document
    changes: dict[str, Any] = {"approval": None, "owner": None}
    if begun:
        changes |= {"status": StepStatus.awaiting_feedback.value, "human_approval_status": "pending"}
    if status == _RUNNING:
        changes |= _cut_off(body)
    return replace(document, body={**body, **changes})


def _cut_off(body: Mapping[str, Any]) -> dict[str, Any]:
    """A step was running when the file was written: of its changing calls nobody here knows whether they were made."""
    calls, told = [], list(body.get("interrupted_calls", ()))
    for call in body.get("calls", ()):
        effect, state = call.get("effect", "change"), call.get("state", "started")
        if state == "started":
            call = {**call, "state": "unknown" if effect == "change" else "failed"}
        if effect == "change" and call["state"] == "unknown":
            told.append(f"{call.get('tool')}: it may have run")
        calls.append(call)
    return {"calls": calls, "interrupted_calls": list(dict.fromkeys(told))}
