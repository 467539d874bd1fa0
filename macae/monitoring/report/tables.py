"""The report's tables: steps with who approved them, the slowest calls, what two sessions differ in."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from macae.models import EventType
from macae.monitoring.figures.differences import differences
from macae.monitoring.figures.words import duration, short_names, tokens, usd
from macae.monitoring.report.writing import Pen, Row, cell, ends, table

if TYPE_CHECKING:
    from macae.monitoring.recording import Recording

__all__ = ["comparison_table", "model_table", "slowest_table", "step_table"]

MOST_STEPS = 200
SLOWEST = 10
TONES = {"completed": "ok", "failed": "bad", "rejected": "off", "skipped": "off", "cancelled": "off", "superseded": "off", "awaiting_feedback": "ask"}  # fmt: skip


def at(seconds: float | None) -> str:
    """A moment of the session."""
    return "" if seconds is None else f"+{duration(seconds)}" if seconds >= 0.0005 else "+0 s"


def step_table(recording: Recording, pen: Pen) -> tuple[str, int]:
    """The steps: what, by whom, how it ended, who approved it and when, how long, how dear. And how many are left out."""
    approved = {
        moment.event.step_id: moment.seconds
        for moment in recording.timeline
        if moment.event.type == EventType.step_approved
    }
    names = short_names([step.agent for step in recording.steps])
    first, left_out, last = ends(recording.steps, MOST_STEPS)
    rows: list[Row] = []
    for step in [*first, *last]:
        said = f'<div class="task">{pen.line(step.task, 400)}</div>'
        if step.error:
            said += f'<div class="trouble">▲ {pen.line(step.error, 400)}</div>'
        elif step.reply and len(step.reply) <= 160 and "\n" not in step.reply.strip():
            said += f'<div class="soft">{pen.line(step.reply)}</div>'
        elif step.reply:
            said += f"<details><summary>{pen.line(step.reply, 110)}</summary><pre>{pen.block(step.reply)}</pre></details>"
        by = pen.line(step.approved_by, 60)
        when = at(approved.get(step.id))
        price = "unpriced" if step.unpriced or (step.usd is None and step.tokens) else usd(step.usd or 0.0)
        grounded = "" if step.grounded is None else f"{step.grounded:.0%} grounded"
        flag = ' class="trouble"' if step.grounded is not None and step.grounded < 1 else ""
        status = html.escape(step.status.replace("_", " "))
        tries = f'<div class="soft">{step.attempts} attempts</div>' if step.attempts > 1 else ""
        rows.append(
            [
                cell(str(step.index), "number"),
                pen.line(names.get(step.agent, step.agent), 60),
                cell(said + (f"<div{flag}>{grounded}</div>" if grounded else ""), "words"),
                f'<span class="pill {TONES.get(step.status, "")}">{status}</span>{tries}',
                f'{by}<div class="soft">{when}</div>' if by else "",
                cell(f"{at(step.start)}", "number"),
                cell(duration(step.seconds) if step.start is not None else "", "number"),
                cell(duration(step.waited) if step.waited else "", "number"),
                cell(tokens(step.tokens) if step.tokens else "", "number"),
                cell(price if step.tokens else "", "number"),
            ]
        )
    heads = ("Step", "Agent", "Task and reply", "Status", "Approved by", "Began", "Worked", "Waited", "Tokens", "Cost")  # fmt: skip
    return table(heads, rows, "steps"), left_out


def slowest_table(recording: Recording, pen: Pen) -> str:
    """The slowest model and tool calls together."""
    names = short_names(recording.agents)
    found = [(call.seconds, call.start, call.agent, "model", call.model, call.ok, call.first_token) for call in recording.model_calls]  # fmt: skip
    found += [(call.seconds, call.start, call.agent, "tool", call.tool, call.ok, None) for call in recording.tool_calls]  # fmt: skip
    rows: list[Row] = []
    for seconds, start, agent, kind, name, ok, first in sorted(found, key=lambda row: -row[0])[:SLOWEST]:
        rows.append(
            [
                cell(duration(seconds), "number"),
                cell(duration(first) if first is not None else "", "number"),
                cell(at(start), "number"),
                pen.line(names.get(agent, agent), 60),
                f"{kind} <code>{pen.line(name, 80)}</code>",
                "" if ok else '<span class="trouble">▲ failed</span>',
            ]
        )
    return table(("Took", "First token", "Began", "Agent", "Call", ""), rows)


def model_table(recording: Recording, pen: Pen) -> str:
    """What each model was used for: calls, tokens, money."""
    by: dict[str, list[float]] = {}
    for call in recording.model_calls:
        row = by.setdefault(call.model, [0, 0, 0, 0.0, 0])
        row[0] += 1
        row[1] += call.prompt_tokens
        row[2] += call.completion_tokens
        row[3] += call.usd or 0.0
        row[4] += call.unpriced
    rows: list[Row] = [
        [
            f"<code>{pen.line(model or 'not told', 80)}</code>",
            cell(f"{calls:,.0f}", "number"),
            cell(tokens(prompt), "number"),
            cell(tokens(completion), "number"),
            cell("unpriced" if unpriced == calls else usd(money) + (f" + {unpriced:.0f} unpriced" if unpriced else ""), "number"),
        ]
        for model, (calls, prompt, completion, money, unpriced) in by.items()
    ]  # fmt: skip
    return table(("Model", "Calls", "Prompt tokens", "Completion tokens", "Cost"), rows)


def comparison_table(a: Recording, b: Recording) -> str:
    """Both sessions' key numbers and how they differ: with a sign and a word, not by colour alone."""
    marks = {"better": '<span class="good">✔ better</span>', "worse": '<span class="trouble">▲ worse</span>'}
    rows: list[Row] = [
        [row.name, cell(row.first, "number"), cell(row.second, "number"), cell(row.change, "number"), marks.get(row.verdict, "")]
        for row in differences(a, b)
    ]  # fmt: skip
    return table(("", "A, this session", "B, the other one", "B against A", ""), rows)
