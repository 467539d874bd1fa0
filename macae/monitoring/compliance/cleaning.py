"""Events as a log may have them, and events and documents as the store may have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from macae.memory.rules import kind_of
from macae.models import Event, EventType, Plan, PlanWithSteps, Step
from macae.monitoring.compliance.compliance import Compliance, Tell
from macae.monitoring.compliance.messages import changed_message
from macae.monitoring.compliance.values import TECHNICAL, looked, walked

__all__ = ["clean_event", "shown_plan", "stored_document", "stored_event"]

CALLS = frozenset({"arguments", "calls"})
"""Under these names in an event stands what was called with what: that is the record of the work, and stays."""
TEXTS: dict[str, tuple[str, ...]] = {
    "step": ("agent_reply", "human_feedback", "error"),
    "plan": ("summary", "human_clarification_request"),
    "agent_message": ("content",),
    "session": ("message_to_user",),
    "approval_request": ("human_feedback",),
    "usage": (),
}
"""By kind of document: the fields that are texts. A goal, a step's action and its call are the work order: they stay as approved."""
NAMES = frozenset({"id", "session_id", "user_id", "plan_id", "step_id", "data_type", "agent", "source", "ts", "version"})  # fmt: skip
"""What is no text in a document of somebody's own."""

Clean = Callable[[str, str], str]
"""Gives what stands instead of a text, told the name that it stands under."""


def clean_event(compliance: Compliance, event: Event, tell: Tell | None = None) -> Event:
    """The event as it may go to a log or another sink: all its texts cleaned, calls too. The event itself stays as it is."""
    if not compliance.watches("log"):
        return event
    if event.type is EventType.violation_found:
        tell = None  # a finding about a finding would never end

    def clean(text: str, name: str = "") -> str:
        return compliance.clean(text, "log", event.type.value, tell, name)

    text, data = looked(event.text, clean), walked(event.data, clean, technical=TECHNICAL)
    changes = {
        document: walked(fields, clean, technical=TECHNICAL) for document, fields in event.changes.items()
    }
    if text == event.text and data == event.data and changes == event.changes:
        return event
    return event.model_copy(update={"text": text, "data": data, "changes": changes})


def stored_event(compliance: Compliance, event: Event, tell: Tell | None = None) -> None:
    """Make the event's texts fit for the store. In place: what is shown live is what is stored."""
    if event.type is EventType.violation_found:
        tell = None

    def clean(text: str, name: str = "") -> str:
        return compliance.clean(text, "store", event.type.value, tell, name)

    event.text = looked(event.text, clean)
    data = walked(event.data, clean, skip=CALLS, technical=TECHNICAL)
    if data != event.data:
        event.data = data
    for changes in event.changes.values():
        stored_fields(changes, clean)


def stored_fields(fields: dict[str, Any], clean: Clean) -> None:
    """A plan's or step's fields, as an event's `changes` hold them: the same texts as in the document."""
    for name in TEXTS.get(str(fields.get("data_type")), ()):
        if isinstance(fields.get(name), str):
            fields[name] = looked(fields[name], clean)
    calls = fields.get("calls")
    for call in (calls.values() if isinstance(calls, dict) else calls or ()) if calls else ():
        if isinstance(call.get("result"), str):
            call["result"] = looked(call["result"], clean)
    approval = fields.get("approval")
    if isinstance(approval, dict) and isinstance(approval.get("note"), str):
        approval["note"] = looked(approval["note"], clean)


def stored_document(compliance: Compliance, document: Any, tell: Tell | None = None) -> Any:
    """The document as it may be stored: the same object, or a copy where a text had to be masked."""
    kind = kind_of(document)

    def clean(text: str, name: str = "") -> str:
        return compliance.clean(text, "store", kind or type(document).__name__, tell, name)

    if isinstance(document, Step):
        return stored_step(document, clean)
    if kind == "chat_message":
        return stored_chat(document, clean)
    names = TEXTS.get(kind)
    if names is not None and not document.model_extra:
        fields = {name: value for name in names if (value := getattr(document, name, None))}
    else:
        fields = {**dict(document), **(document.model_extra or {})}
    updates = {}
    for name in names if names is not None else fields.keys() - NAMES:
        new = walked(
            fields.get(name), clean, name=name, technical=TECHNICAL, numbers=False
        )  # a field of numbers stays one
        if new != fields.get(name) and not isinstance(fields.get(name), tuple):
            updates[name] = new
    return document.model_copy(update=updates) if updates else document


def shown_plan(compliance: Compliance, plan: Plan) -> Any:
    """The plan (with its steps) as a screen may have it: replies, errors and results cleaned; goal, actions and calls as they are."""
    if not compliance.watches("screen"):
        return plan

    def clean(text: str, name: str = "") -> str:
        return compliance.clean(text, "screen", name=name)

    updates: dict[str, Any] = {
        name: looked(text, clean) for name in TEXTS["plan"] if isinstance(text := getattr(plan, name), str)
    }
    if isinstance(plan, PlanWithSteps):
        updates["steps"] = [stored_step(step, clean) for step in plan.steps]
    return plan.model_copy(update=updates)


def stored_step(step: Step, clean: Clean) -> Step:
    """A step: what was said and what came of its calls, never what was called."""
    updates: dict[str, Any] = {}
    for name in TEXTS["step"]:
        text = getattr(step, name)
        if text and (new := looked(text, clean)) != text:
            updates[name] = new
    calls = [
        call.model_copy(update={"result": new})
        if call.result and (new := looked(call.result, clean)) != call.result
        else call
        for call in step.calls
    ]
    if any(new is not old for new, old in zip(calls, step.calls, strict=True)):
        updates["calls"] = calls
    if step.approval is not None and step.approval.note:
        note = looked(step.approval.note, clean)
        if note != step.approval.note:
            updates["approval"] = step.approval.model_copy(update={"note": note})
    return step.model_copy(update=updates) if updates else step


def stored_chat(document: Any, clean: Clean) -> Any:
    """Messages of an agent's chat: texts and results, not the arguments of calls."""

    def change(text: str, where: str, name: str) -> str:
        return clean(text, name)

    first = changed_message(document.message, change, calls=False)
    more = [changed_message(message, change, calls=False) for message in document.more]
    if first is document.message and all(n is o for n, o in zip(more, document.more, strict=True)):
        return document
    return document.model_copy(update={"message": first, "more": more})
