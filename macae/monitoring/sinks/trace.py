"""The human-readable trace: `[time session #step] A → B: text`, one line an event."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from macae.models import Event, EventType
from macae.monitoring.replay.findings import alert_name
from macae.monitoring.replay.watching import violation_of
from macae.monitoring.sinks.files import LineFile
from macae.monitoring.texts import one_line

__all__ = ["TraceSink", "spoken", "text_of", "trace_line"]

STEM, SUFFIX = "agent_trace", ".log"
LONGEST = 500
"""Characters of a text that are shown; the store and the NDJSON file keep all of it."""
STEPS = 2_000
"""Steps whose numbers are kept in mind."""
PLANNER, MANAGER = "PlannerAgent", "GroupChatManager"


class TraceSink:
    """Appends to `agent_trace.log` in a folder, with the same bounds as NdjsonSink. Raises StoreError when it cannot."""

    name = "trace"

    def __init__(self, folder: Path | str, megabytes: float = 50.0, days: int = 7) -> None:
        self.file = LineFile(Path(folder), STEM, SUFFIX, megabytes, days)
        self._steps = Steps()
        self.file.open()

    def write(self, events: Sequence[Event]) -> None:
        """Append a line each."""
        lines = []
        for event in events:
            self._steps.learn(event)
            lines.append(f"{trace_line(event, where=self._steps.place_of(event))}\n".encode())
        self.file.append(lines)

    def close(self) -> None:
        """Nothing is held open."""


MADE = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
"""Ids that nobody has chosen; their first eight characters are enough for every command."""


class Steps:
    """The numbers of the steps that events have shown, so that a line can say which one it belongs to."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[str, int] = OrderedDict()

    def learn(self, event: Event) -> None:
        """Keep the numbers that an event tells."""
        for document, changed in event.changes.items():
            if isinstance(changed.get("index"), int):
                self._numbers[document] = changed["index"]
        while len(self._numbers) > STEPS:
            self._numbers.popitem(last=False)

    def place_of(self, event: Event) -> str:
        """The event's session and step: `s1`, `s1 #2`; of a step whose number was not seen here, the beginning of its id."""
        session = event.session_id
        if MADE.fullmatch(session):
            session = session[:8]
        if not event.step_id:
            return session
        return f"{session} #{self._numbers.get(event.step_id, event.step_id[:8])}"


def trace_line(event: Event, longest: int = LONGEST, where: str = "") -> str:
    """An event as one line: when (UTC) and `where`, who to whom, what. Whatever could steer a terminal is shown as an escape."""
    when = datetime.fromtimestamp(event.time, UTC).isoformat(" ", "seconds")[:19]
    source, target, text = spoken(event)
    who = f"{one_line(source, 60)} → {one_line(target, 60)}" if target else one_line(source, 60)
    place = f" {one_line(where, 120)}" if where else ""
    return f"[{when}{place}] {who}: {one_line(text, longest)}"


def spoken(event: Event) -> tuple[str, str, str]:
    """Who says what to whom, as the event is told to people; "" for nobody. Nothing is escaped yet."""
    agent, data = event.agent or event.user_id, event.data
    tool = str(data.get("tool") or "")
    what = event.type.value.replace("_", " ")
    match event.type:
        case EventType.goal_received:
            return agent, PLANNER, event.text
        case EventType.plan_created | EventType.clarification_asked | EventType.step_offered:
            return agent, event.user_id, told(what, event.text)
        case EventType.clarification_answered:
            return agent, PLANNER, event.text
        case EventType.step_approved | EventType.step_rejected | EventType.step_edited:
            return agent, MANAGER, told(what, event.text)
        case EventType.tool_started:
            return agent, tool, arguments(data.get("arguments"))
        case EventType.tool_finished:
            state = "" if data.get("state") == "completed" else str(data.get("state") or "")
            return tool, agent, f"{told(state, event.text)}{took(data)}"
        case EventType.tool_refused:
            return agent, tool, told("refused", event.text)
        case EventType.model_started:
            return agent, str(data.get("model") or "model"), "asked"
        case EventType.model_called:
            return str(data.get("model") or "model"), agent, model_call(event)
        case EventType.memory_queried:
            return agent, str(data.get("memory") or "memory"), f"{event.text}{found(data)}{took(data)}"
        case EventType.message:
            return agent, str(data.get("to") or ""), event.text
        case _:
            return agent, "", told(what, text_of(event))


def told(what: str, text: str) -> str:
    """What happened, and the words with it."""
    return f"{what}: {text}" if what and text else what or text


def text_of(event: Event) -> str:
    """The event's words; of an alert with its rule and the key that tells it from others of that rule."""
    if event.type in (EventType.alert_raised, EventType.alert_resolved):
        name = alert_name(str(event.data.get("rule") or ""), str(event.data.get("key") or ""))
        return told(name, event.text)
    if event.type is EventType.violation_found and not event.text:  # stored before its text told it
        return violation_of(0.0, event).text
    return event.text


def took(data: dict[str, Any]) -> str:
    """How long it took, where that is known."""
    return f" ({data['seconds']:.2f} s)" if isinstance(data.get("seconds"), int | float) else ""


def found(data: dict[str, Any]) -> str:
    """How much was found, where that is known."""
    return f" → {data['results']} found" if "results" in data else ""


def arguments(given: Any) -> str:
    """A call's arguments on one line."""
    if isinstance(given, dict):
        return ", ".join(f"{name}={value!r}" for name, value in given.items()) or "called"
    return "called" if given is None else str(given)


def model_call(event: Event) -> str:
    """A model call: what came back, its tokens and its price."""
    data = event.data
    if not data.get("ok", True):
        return f"failed: {data.get('error_type') or ''} {event.text}{took(data)}"
    calls = data.get("calls")
    made = [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    wanted = ", ".join(str(call.get("name")) for call in made)
    answer = str(data.get("reply") or "") or (f"calls {wanted}" if wanted else "answered")
    tokens = f"{data.get('prompt_tokens', 0)}+{data.get('completion_tokens', 0)} tokens"
    usd = f", ${data['usd']:.4f}" if isinstance(data.get("usd"), int | float) else ""
    return f"{answer} [{tokens}{usd}]{took(data)}"
