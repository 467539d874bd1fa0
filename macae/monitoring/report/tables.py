"""The report's smaller tables: the slowest calls, what each model was used for, what two sessions differ in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.monitoring.figures.differences import differences
from macae.monitoring.replay.costing import spent
from macae.monitoring.report.writing import Pen, Row, at, cell, table
from macae.monitoring.words import duration, short_names, tokens, took

if TYPE_CHECKING:
    from macae.monitoring.recording import Recording
    from macae.monitoring.replay.views import ModelCall

__all__ = ["comparison_table", "model_table", "slowest_table"]

SLOWEST = 10


def slowest_table(recording: Recording, pen: Pen) -> str:
    """The slowest model and tool calls together."""
    names = short_names(recording.agents)
    found = [(call.seconds, call.start, call.agent, "model", call.model, call.ok, call.first_token, False) for call in recording.model_calls]  # fmt: skip
    found += [(call.seconds, call.start, call.agent, "tool", call.tool, call.ok, None, call.lost) for call in recording.tool_calls]  # fmt: skip
    rows: list[Row] = []
    for seconds, start, agent, kind, name, ok, first, lost in sorted(found, key=lambda row: -row[0])[
        :SLOWEST
    ]:
        rows.append(
            [
                cell(took(seconds, lost), "number"),
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
    by: dict[str, list[ModelCall]] = {}
    for call in recording.model_calls:
        by.setdefault(call.model, []).append(call)
    rows: list[Row] = [
        [
            f"<code>{pen.line(model or 'not told', 80)}</code>",
            cell(f"{len(calls):,}", "number"),
            cell(tokens(sum(call.prompt_tokens for call in calls)), "number"),
            cell(tokens(sum(call.completion_tokens for call in calls)), "number"),
            cell(str(spent(calls)), "number"),
        ]
        for model, calls in by.items()
    ]
    return table(("Model", "Calls", "Prompt tokens", "Completion tokens", "Cost"), rows)


def comparison_table(a: Recording, b: Recording) -> str:
    """Both sessions' key numbers and how they differ: with a sign and a word, not by colour alone."""
    marks = {"better": '<span class="good">✔ better</span>', "worse": '<span class="trouble">▲ worse</span>'}
    rows: list[Row] = [
        [row.name, cell(row.first, "number"), cell(row.second, "number"), cell(row.change, "number"), marks.get(row.verdict, "")]
        for row in differences(a, b)
    ]  # fmt: skip
    return table(("", "A, this session", "B, the other one", "B against A", ""), rows)
