"""The conversation: what was said, asked, decided, thought and done, one line each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from macae.models import Event, EventType
from macae.monitoring.replay.fields import mapping, number, whole, words
from macae.monitoring.replay.findings import alert_name
from macae.monitoring.replay.lives import Lives
from macae.monitoring.replay.one_event import failed, row_of
from macae.monitoring.replay.ordering import Moment
from macae.monitoring.replay.views import HUMAN, PLANNER, Line, LineKind
from macae.monitoring.replay.watching import violation_of

__all__ = ["call_text", "conversation"]

E = EventType
Said = tuple[str, str, str, LineKind]
"""Source, target, text, kind."""


def conversation(moments: Iterable[Moment], lives: Lives) -> list[Line]:
    """The lines in the order of time. What is only shown live has none, so a replay reads as the session did."""
    found = []
    for at, event in moments:
        tell = TELLERS.get(event.type)
        if tell is None or (event.type == E.model_called and not failed(event)):
            continue
        step = lives.steps.get(event.step_id or "")
        source, target, text, kind = tell(event, step.agent if step is not None else "")
        found.append(Line(at, source, target, text, kind, event.step_id, event.seq))
    return sorted(found, key=lambda line: (line.seconds, line.seq))


def call_text(tool: str, arguments: Mapping[str, Any]) -> str:
    """A call as it reads in Python: `order_hardware(item="laptop", quantity=1)`."""
    inside = ", ".join(f"{name}={_value(value)}" for name, value in arguments.items())
    return f"{tool}({inside})"


def _value(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return str(type(value).__name__)


def _decision(verb: str) -> Callable[[Event, str], Said]:
    def tell(event: Event, agent: str) -> Said:
        said = f"{verb}: {event.text}" if event.text else verb
        if event.agent.startswith("auto:"):
            said = f"{said} ({event.agent}, no person was asked)"
        return row_of(event), agent, said, "decision"

    return tell


def _model(event: Event, agent: str) -> Said:
    return row_of(event), words(event.data.get("model")) or "model", event.text or "The call failed.", "error"


def _finished(event: Event, agent: str) -> Said:
    state = words(event.data.get("state"))
    kind: LineKind = "result" if state == "completed" else "error"
    text = event.text if kind == "result" else f"{state or 'ended'}: {event.text}"
    return words(event.data.get("tool")), row_of(event), text, kind


def _completed(event: Event, agent: str) -> Said:
    return (row_of(event), "", event.text, "decision") if row_of(event) == HUMAN else (row_of(event), HUMAN, event.text, "reply")  # fmt: skip


def _plan_changed(event: Event, agent: str) -> Said:
    asked = words(event.data.get("words"))
    text = f"{event.text} ({asked})" if asked and row_of(event) == PLANNER else event.text
    by_person = row_of(event) == HUMAN
    return row_of(event), "" if by_person else HUMAN, text, "decision" if by_person else "message"


def _violation(event: Event, agent: str) -> Said:
    return row_of(event), "", violation_of(0.0, event).text, "note"


def _note(event: Event, agent: str) -> Said:
    return row_of(event), "", event.text, "note"


def _alert(event: Event, agent: str) -> Said:
    name = alert_name(words(event.data.get("rule")), words(event.data.get("key")))
    return row_of(event), "", f"{name}: {event.text}" if name else event.text, "note"


TELLERS: dict[str, Callable[[Event, str], Said]] = {
    E.goal_received: lambda e, a: (HUMAN, PLANNER, e.text, "message"),
    E.goal_refused: lambda e, a: (row_of(e), HUMAN, e.text, "error"),
    E.planning_failed: lambda e, a: (row_of(e), HUMAN, e.text, "error"),
    E.plan_created: lambda e, a: (row_of(e), HUMAN, e.text, "message"),
    E.plan_changed: _plan_changed,
    E.clarification_asked: lambda e, a: (row_of(e), HUMAN, e.text, "question"),
    E.clarification_answered: lambda e, a: (HUMAN, PLANNER, e.text, "message"),
    E.step_offered: lambda e, a: (PLANNER, HUMAN, f"{e.text} ({a})" if a else e.text, "question"),
    E.step_approved: _decision("approved"),
    E.step_rejected: _decision("rejected"),
    E.step_edited: _decision("edited"),
    E.step_retried: _decision("retry"),
    E.step_skipped: _decision("skipped"),
    E.step_superseded: _decision("replaced"),
    E.step_cancelled: _decision("cancelled"),
    E.step_started: lambda e, a: (row_of(e), a, e.text, "task"),
    E.step_paused: lambda e, a: (row_of(e), HUMAN, f"asks to call {e.text}", "question"),
    E.step_interrupted: lambda e, a: (row_of(e), HUMAN, f"interrupted: {e.text}", "error"),
    E.step_completed: _completed,
    E.step_failed: lambda e, a: (row_of(e), HUMAN, e.text, "note" if e.at_limit else "error"),
    E.tool_started: lambda e, a: (
        row_of(e),
        words(e.data.get("tool")),
        call_text(words(e.data.get("tool")), mapping(e.data.get("arguments"))),
        "tool",
    ),
    E.tool_finished: _finished,
    E.tool_refused: lambda e, a: (words(e.data.get("tool")), row_of(e), f"not run: {e.text}", "note"),
    E.access_refused: _note,
    E.model_called: _model,
    E.thought: lambda e, a: (row_of(e), "", e.text, "thought"),
    E.message: lambda e, a: (row_of(e), words(e.data.get("to")), e.text, "message"),
    E.memory_queried: lambda e, a: (
        row_of(e),
        words(e.data.get("memory")) or "memory",
        f"{e.text} ({whole(e.data.get('results'))} found in {number(e.data.get('seconds')):.2f} s)",
        "memory",
    ),
    E.reply_checked: _note,
    E.violation_found: _violation,
    E.budget_warned: _note,
    E.alert_raised: _alert,
    E.alert_resolved: _alert,
}
