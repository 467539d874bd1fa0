"""Moments that are no spans: approvals, alerts, violations, refusals. They become span events of whatever was under way."""

from __future__ import annotations

from typing import Any

from macae.models import Event, EventType
from macae.monitoring.otel import names as n
from macae.monitoring.otel.calls import Form, key_of
from macae.monitoring.otel.content import listed
from macae.monitoring.otel.drafts import Draft, span_id
from macae.monitoring.otel.state import TraceState

__all__ = ["LASTING", "NOTED", "note"]

NOTED: dict[EventType, tuple[str, ...]] = {
    EventType.step_approved: ("version", "hash"),
    EventType.step_rejected: (),
    EventType.step_edited: (),
    EventType.step_retried: (),
    EventType.step_skipped: (),
    EventType.step_cancelled: (),
    EventType.step_superseded: (),
    EventType.tool_refused: ("tool",),
    EventType.access_refused: ("operation", "right", "collection"),
    EventType.model_waiting: ("seconds",),
    EventType.reply_checked: ("score", "claims"),
    EventType.goal_refused: ("by", "where"),
    EventType.planning_failed: ("error_type",),
    EventType.violation_found: ("route", "entity", "action", "count", "where", "rule"),
    EventType.budget_warned: ("scope", "kind", "used", "limit"),
    EventType.alert_raised: ("rule", "severity", "value", "threshold"),
    EventType.alert_resolved: ("rule", "severity", "value", "threshold"),
}
"""Which events are noted, and what of their data: names and numbers, never what somebody said."""
SPOKEN = frozenset({EventType.thought, EventType.message})
"""Noted only where content is written: there is nothing else to them."""
LASTING = frozenset(
    {
        EventType.reply_checked,
        EventType.violation_found,
        EventType.budget_warned,
        EventType.alert_raised,
        EventType.alert_resolved,
    }
)
"""These get a span of no length when nothing that they belong to is under way any more."""
LONGEST = 200


def note(state: TraceState, event: Event, form: Form) -> Draft | None:
    """Add the event to what it belongs to; gives a span of its own where nothing is under way."""
    if event.type not in NOTED and not (form.content and event.type in SPOKEN):
        return None
    name, attributes = f"macae.{event.type.value}", told(event, form)
    step = state.steps.get(event.step_id or "")
    about = (step.attempt or step.span) if step is not None else state.planning
    if event.type is EventType.step_approved and step is not None:
        about = step.span
    about = about or state.root
    if about is not None:
        about.note(event.time, name, attributes)
        return None
    if event.type not in LASTING:
        return None
    number = span_id(state.id, "moment", key_of(event))
    alone = Draft(state.id, number, state.above, name, event.time, form.common(event) | attributes)
    return alone.ended(event.time)


def told(event: Event, form: Form) -> dict[str, Any]:
    """What the note says."""
    found: dict[str, Any] = {}
    for key in NOTED.get(event.type, ()):
        value = event.data.get(key)
        if isinstance(value, bool | int | float):
            found[f"macae.{key}"] = value
        elif value is not None:
            found[f"macae.{key}"] = str(value)[:LONGEST]
    if event.type is EventType.step_approved:
        # Who it was is content; whether it was a person is not.
        automatic = event.agent.startswith("auto:")
        found["macae.approval.by"] = event.agent if automatic or form.content else "person"
    if event.type is EventType.reply_checked:
        found["macae.ungrounded"] = len(listed(event.data.get("ungrounded")))
    if event.agent and event.type in SPOKEN:
        found[n.AGENT] = event.agent
    return found | form.said(macae__text=event.text)
