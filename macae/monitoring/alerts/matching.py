"""Whether an event is one that a rule means, what is measured in it, and to which group it belongs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from macae.models import Event
from macae.monitoring.alerts.rules import Rule

__all__ = ["group_of", "matches", "measured"]

PARTS: Mapping[str, Callable[[Event], str]] = {
    "session": lambda event: event.session_id,
    "plan": lambda event: event.plan_id,
    "step": lambda event: event.step_id or "",
    "agent": lambda event: event.agent,
    "user": lambda event: event.user_id,
}
LONGEST_KEY = 200
FIELDS = frozenset(
    {
        "action", "added", "arguments", "attempt", "by", "call", "calls", "claims", "collection",
        "completion_tokens", "count", "effect", "entities", "entity", "error_type", "estimated", "finish",
        "first_token", "function", "gone", "hash", "imported", "kept", "key", "kind", "left_out", "limit", "lost",
        "memory", "missed", "model", "ok", "operation", "owner", "prompt_tokens", "reply", "results", "right",
        "route", "rule", "scope", "score", "seconds", "sent", "sent_before", "sources", "state", "status",
        "steps", "streamed", "to", "tool", "ungrounded", "usd", "used", "version", "where", "why", "words",
    }
)  # fmt: skip
"""What the data of the events that macae makes may hold."""


def group_of(rule: Rule, event: Event) -> tuple[str, ...]:
    """What the event is judged apart by. Sessions of two users are two, whatever they are called."""
    return tuple(part(event, name) for name in rule.by)


def part(event: Event, name: str) -> str:
    """One part of a group's name."""
    read = PARTS.get(name)
    found = read(event) if read is not None else event.data.get(name)
    return "" if found is None else str(found)[:LONGEST_KEY]


def matches(condition: Mapping[str, Any], event: Event) -> bool:
    """Whether the event is as the condition says, in every field."""
    return all(fits(wanted, value_of(event, name)) for name, wanted in condition.items())


def value_of(event: Event, name: str) -> Any:
    """A field of the event's data, or its agent or text."""
    if name in event.data:
        return event.data[name]
    return event.agent if name == "agent" else event.text if name == "text" else None


def fits(wanted: Any, value: Any) -> bool:
    """Whether one field is as wanted. A truth is no number: `1` does not fit `true`."""
    if isinstance(wanted, Mapping):
        return all(compared(how, limit, value) for how, limit in wanted.items())
    if isinstance(wanted, list):
        return any(fits(one, value) for one in wanted)
    return bool(isinstance(wanted, bool) == isinstance(value, bool) and wanted == value)


def compared(how: str, limit: Any, value: Any) -> bool:
    """One comparison of a condition."""
    if how == "not":
        return not fits(limit, value)
    number = number_in(value)
    return number is not None and (number > limit if how == "above" else number < limit)


def number_in(value: Any) -> float | None:
    """The value as a finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def measured(rule: Rule, event: Event) -> float | None:
    """What the event adds to the measure; None when it has nothing to measure, as a call without a known price."""
    if rule.measure == "share":
        return float(any(matches(one, event) for one in rule.share_of))
    if not rule.field:
        return 1.0
    found = [number_in(event.data.get(name)) for name in rule.field]
    known = [number for number in found if number is not None]
    return sum(known) if known else None
