"""What comes from a file was approved by nobody here: steps that are not over ask again, raised limits do not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from macae.memory.archive.protocol import Record, Stored
from macae.models import StepStatus
from macae.models.plans import OPEN_STEP

__all__ = ["asking_again"]

_RUNNING = StepStatus.action_requested


def asking_again(record: Record, there: Record) -> tuple[Record, int]:
    """The record without any approval that could still be used or spent, and how many steps lost theirs.

    A step that `there`, the store that it goes to, holds just so was approved there and stays as it is.
    """
    here = there.by_id
    documents = tuple(d if _is_same(d, here.get(d.id)) else _asking(d) for d in record.documents)
    pairs = zip(documents, record.documents, strict=True)
    number = sum(after is not before and before.data_type == "step" for after, before in pairs)
    return replace(record, documents=documents), number


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
