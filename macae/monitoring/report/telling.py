"""What was done, for reading: the tool calls, and whatever went wrong."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from macae.models import EventType
from macae.monitoring.alerts.texts import amount
from macae.monitoring.replay.together import by_entity, joined_text
from macae.monitoring.report.writing import Pen, Row, at, cell, ends, table
from macae.monitoring.words import count, duration, short_names, took

if TYPE_CHECKING:
    from macae.monitoring.recording import Recording
    from macae.monitoring.replay.views import ToolCall

__all__ = ["grounding_table", "stopped_table", "tool_calls", "trouble"]

MOST_CALLS = 300
MOST_TROUBLE = 100


def tool_calls(recording: Recording, pen: Pen) -> tuple[str, int]:
    """Each call with its arguments and result, opened by a click. And how many are left out."""
    names = short_names(recording.agents)
    first, left_out, last = ends(recording.tool_calls, MOST_CALLS)
    rows = [_call(call, names, pen) for call in first]
    if left_out:
        gap = count(left_out, "call")
        rows.append(f'<p class="note">{gap} left out here; the store keeps all.</p>')
    rows += [_call(call, names, pen) for call in last]
    return "".join(rows), left_out


def _call(call: ToolCall, names: dict[str, str], pen: Pen) -> str:
    state = {"completed": "", "started": "still running", "unknown": "cut off: it may have had its effect"}
    said = state.get(call.state, call.state)
    mark = f' <span class="{"soft" if call.ok else "trouble"}">{"" if call.ok else "▲ "}{html.escape(said)}</span>' if said else ""  # fmt: skip
    effect = f" · {pen.line(call.effect, 20)}" if call.effect else ""
    return (
        f'<details class="call"><summary><code>{pen.call(call.tool, call.arguments)}</code>{mark}'
        f'<span class="soft"> {pen.line(names.get(call.agent, call.agent), 60)} · {at(call.start)} · '
        f"{took(call.seconds, call.lost)}{effect}</span></summary>"
        f"<h4>Arguments</h4><pre>{pen.json(call.arguments)}</pre>"
        f"<h4>Result</h4><pre>{pen.block(call.result) or '(none)'}</pre></details>"
    )


def trouble(recording: Recording, pen: Pen) -> str:
    """Alerts, errors and what the compliance check found (each kind of thing once), in the order of time. "" where nothing went wrong."""
    names = short_names(recording.agents)
    found: list[tuple[float, str, str, str]] = []
    for alert in recording.alerts:
        over = (
            f", over after {duration(alert.resolved - alert.seconds)}" if alert.resolved is not None else ""
        )
        known = alert.value is not None and alert.threshold is not None and "(Current: " not in alert.text
        limit = (
            f" ({amount(alert.value or 0, '')}, limit {amount(alert.threshold or 0, '')})" if known else ""
        )
        found.append((alert.seconds, f"alert, {alert.severity}", alert.agent, f"{alert.name}: {alert.text}{limit}{over}"))  # fmt: skip
    for error in recording.errors:
        found.append((error.seconds, f"error, {error.kind}", error.agent, error.text))
    for of_one in by_entity(recording.violations):
        agents = {one.agent for one in of_one}
        who = of_one[0].agent if len(agents) == 1 else ""
        found.append((of_one[0].seconds, "compliance", who, joined_text(of_one)))
    found.sort(key=lambda row: row[0])
    first, left_out, last = ends(found, MOST_TROUBLE)
    rows: list[Row] = [
        [cell(at(seconds), "number"), f'<span class="trouble">▲ {pen.line(kind, 40)}</span>', pen.line(names.get(who, who), 60), cell(pen.block(text, 1_000), "words")]
        for seconds, kind, who, text in [*first, *last]
    ]  # fmt: skip
    more = f'<p class="note">{left_out:,} are left out here; the store keeps them.</p>' if left_out else ""
    return table(("When", "What", "Who", "Said"), rows) + more


def stopped_table(recording: Recording, pen: Pen) -> str:
    """The steps that a limit has stopped, each time. "" where none was."""
    names, numbers = short_names(recording.agents), {step.id: step.index for step in recording.steps}
    first, _, last = ends(recording.stopped, MOST_TROUBLE)
    rows: list[Row] = [
        [cell(at(one.seconds), "number"), cell(str(numbers.get(one.step_id or "", "")), "number"), pen.line(names.get(one.agent, one.agent), 60), cell(pen.block(one.text, 1_000), "words")]
        for one in [*first, *last]
    ]  # fmt: skip
    return table(("When", "Step", "Who", "Limit"), rows)


def grounding_table(recording: Recording, pen: Pen) -> str:
    """What replies said that none of their tools or sources did."""
    names = short_names(recording.agents)
    rows: list[Row] = []
    for moment in recording.timeline:
        event = moment.event
        flags: Any = event.data.get("ungrounded") if event.type == EventType.reply_checked else None
        for flag in flags[:20] if isinstance(flags, list) else []:
            if isinstance(flag, dict) and len(rows) < MOST_TROUBLE:
                agent = pen.line(names.get(event.agent, event.agent), 60)
                rows.append([cell(at(moment.seconds), "number"), agent, pen.line(flag.get("kind"), 40), cell(pen.line(flag.get("text"), 200), "words")])  # fmt: skip
    return table(("When", "Agent", "Kind", "Found in no tool result or source"), rows)
