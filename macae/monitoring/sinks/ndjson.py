"""Events as NDJSON: one JSON object a line, under the names that log readers look for, beside all fields of the event itself."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from macae.errors import InvalidInput
from macae.models import Event, EventType
from macae.monitoring.given import path_given
from macae.monitoring.sinks.files import LineFile

__all__ = ["NdjsonSink", "StoredEvents", "read_events"]

STEM, SUFFIX = "agent_events", ".ndjson"
UNSEEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Legal inside JSON as they are, but a terminal obeys some, some readers end a line at others, and the rest hide."""
CALLS = 1_000
"""Tool calls whose arguments are kept in mind until their results come."""


class NdjsonSink:
    """Appends to `agent_events.ndjson` in a folder; several processes may share it.

    A line has `timestamp` (ISO 8601, UTC), `agent`, `event_type`, `details` (`tool_name`, `parameters`, `duration_ms`, `success`,
    `error`; null where they say nothing) and every field of Event. A file is followed by a new one after `megabytes` and every day
    (UTC); those older than `days` are deleted. Raises StoreError when the folder cannot be written.
    """

    name = "ndjson"

    def __init__(self, folder: Path | str, megabytes: float = 50.0, days: int = 7) -> None:
        self.file = LineFile(Path(folder), STEM, SUFFIX, megabytes, days)
        self.file.open()
        self._arguments: OrderedDict[str, Any] = OrderedDict()

    def write(self, events: Sequence[Event]) -> None:
        """Append a line each."""
        self.file.append([self.line(event) for event in events])

    def close(self) -> None:
        """Nothing is held open."""

    def line(self, event: Event) -> bytes:
        """The event as one line."""
        if event.type is EventType.tool_started and event.data.get("key"):
            self._arguments[str(event.data["key"])] = event.data.get("arguments")
            if len(self._arguments) > CALLS:
                self._arguments.popitem(last=False)
        details = details_of(event, self._arguments.get(str(event.data.get("key"))))
        stamp = datetime.fromtimestamp(event.time, UTC).isoformat(timespec="milliseconds")
        head = {"timestamp": stamp.replace("+00:00", "Z"), "event_type": event.type.value, "details": details}
        try:
            begun = to_json(head, inf_nan_mode="null", fallback=repr).decode()
            text = f"{begun[:-1]},{event.model_dump_json(fallback=repr)[1:]}"
        except (PydanticSerializationError, UnicodeError):  # half of a surrogate pair is no UTF-8
            whole = head | event.model_dump()
            text = json.dumps(finite(whole), default=repr)
        if not text.isascii() or "\x7f" in text:
            text = UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
        return f"{text}\n".encode()


def details_of(event: Event, arguments: Any = None) -> dict[str, Any]:
    """What a call was, how long it took and how it ended; null where the event says nothing of it."""
    data, kind = event.data, event.type
    seconds, success = data.get("seconds"), None
    if kind is EventType.tool_finished:
        success = data.get("state") == "completed"
    elif kind is EventType.model_called:
        success = bool(data.get("ok", True))
    elif kind in GOOD or kind in BAD:
        success = kind in GOOD
    return {
        "tool_name": data.get("tool"),
        "parameters": data.get("arguments", arguments),
        "duration_ms": round(seconds * 1000, 3) if isinstance(seconds, int | float) else None,
        "success": success,
        "error": event.text if success is False else None,
    }


GOOD = {EventType.step_completed, EventType.memory_queried}
BAD = {
    EventType.step_failed,
    EventType.step_interrupted,
    EventType.tool_refused,
    EventType.access_refused,
    EventType.goal_refused,
    EventType.planning_failed,
}


def finite(value: Any) -> Any:
    """The value with null for numbers that JSON has no word for."""
    if isinstance(value, dict):
        return {str(key): finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not float("-inf") < value < float("inf") else value


class StoredEvents(list[Event]):
    """Events that were read back. `torn` counts lines that are none: cut off when a process was killed, or not ours."""

    torn: int = 0


def read_events(path: Path | str) -> StoredEvents:
    """The events of a file that NdjsonSink has written, or of all such files in a folder, in the order of writing.

    Raises InvalidInput where there is no such file or folder, or it cannot be read.
    """
    where = path_given(path)
    files = [where]
    if where.is_dir():
        made = LineFile(where, STEM, SUFFIX, 1.0, 1)
        files = [*made.older(), *([made.path] if made.path.exists() else [])]
    events = StoredEvents()
    for file in files:
        try:
            read_file(file, events)
        except OSError as error:
            raise InvalidInput(f"{file} cannot be read: {error.strerror or error}.") from error
    return events


def read_file(file: Path, events: StoredEvents) -> None:
    """Add a file's events. Raises OSError."""
    with file.open("rb") as lines:
        for line in lines:
            event = event_of(line)
            if event is not None:
                events.append(event)
            elif line.strip():
                events.torn += 1


def event_of(line: bytes) -> Event | None:
    """The event of a line, or None."""
    try:
        return Event.model_validate_json(line)
    except ValidationError:
        try:
            return Event.model_validate(json.loads(line))  # takes half surrogates inside `data`
        except (ValueError, RecursionError):
            return None
