"""A span before it is one: what is known of it so far. Ids follow from what the span is about, so every process finds the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from macae.monitoring.otel import names as n

__all__ = ["MOST_NOTES", "Draft", "Note", "span_id"]

MOST_NOTES = 128
"""Notes of one span: OpenTelemetry's own limit."""

Attributes = dict[str, Any]


def span_id(trace_id: str, kind: str, *about: object) -> int:
    """64 bits, never 0, that are always the same for the same part of the same plan."""
    text = "\x1f".join([trace_id, kind, *map(str, about)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") or 1


@dataclass(slots=True)
class Note:
    """Something that happened at one moment of a span: an OpenTelemetry span event."""

    time: float
    name: str
    attributes: Attributes


@dataclass(slots=True)
class Draft:
    """A span under way. Times are Unix seconds."""

    trace_id: str
    id: int
    parent: int | None
    name: str
    start: float
    attributes: Attributes = field(default_factory=dict)
    end: float = 0.0
    client: bool = False
    """A call to another system (a model), not work of our own."""
    notes: list[Note] = field(default_factory=list)
    unnoted: int = 0
    """How many more there were than are kept."""
    error: str = ""
    """The kind of error that it ended with."""
    description: str = ""
    """The error's text, where content is written."""

    def note(self, time: float, name: str, attributes: Attributes) -> None:
        """Add a span event; where there are too many, only count it."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Note(time, name, attributes))
        else:
            self.unnoted += 1

    def ended(self, end: float, error: str = "", description: str = "", **attributes: Any) -> Draft:
        """The span, complete. It never ends before it starts: clocks of two machines may differ."""
        self.end = max(end, self.start)
        self.error, self.description = error, description if error else ""
        self.attributes.update(attributes)
        if self.unnoted:
            self.attributes[n.UNNOTED] = self.unnoted
        return self
