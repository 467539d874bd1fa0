"""The monitor's pieces as HTML: pure functions of a recording, everything in them escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from macae.monitoring.analysis.kpis import Kpi
from macae.monitoring.replay.together import joined
from macae.ui.fragments import icon, notice, pill
from macae.ui.text import clip, count, esc
from macae.ui.view import Look

__all__ = ["alerts", "clock", "conversation", "head", "nothing", "strip", "trouble_count"]

STATUS = {
    "planning": Look("Planning", "map-o", "busy"),
    "working": Look("Working", "play", "busy"),
    "waiting": Look("Waits for a person", "hand-paper-o", "ask"),
    "paused": Look("Paused", "pause", "ask"),
    "interrupted": Look("Interrupted: no process works on it", "chain-broken", "bad"),
    "finished": Look("Finished", "check", "ok"),
    "failed": Look("Failed", "exclamation-triangle", "bad"),
    "impossible": Look("Not possible", "ban", "bad"),
    "cancelled": Look("Cancelled", "times-circle", "off"),
}
SEVERITY = {
    "critical": Look("Critical", "exclamation-triangle", "bad"),
    "warning": Look("Warning", "exclamation-triangle", "ask"),
    "info": Look("Info", "info-circle", "quiet"),
}
KIND = {
    "message": "comment-o",
    "question": "question-circle-o",
    "decision": "hand-paper-o",
    "task": "tasks",
    "reply": "reply",
    "thought": "lightbulb-o",
    "tool": "wrench",
    "result": "arrow-left",
    "memory": "search",
    "note": "sticky-note-o",
    "error": "exclamation-triangle",
}
LONGEST = 700
"""Characters shown of one line; `explain` shows all of it."""
LONG = 14
"""Characters of a key number from which on it is written smaller: it is a sentence."""
ROWS = 200
"""Alerts, violations or errors shown, the newest ones."""


def head(seen: Any, mode: str) -> str:
    """What is watched, and how it stands. `mode`: live, stopped, or "" for a replay."""
    title, status = seen.title, seen.status
    look = STATUS.get(status, Look(status.capitalize() or "Unknown", "question-circle", "quiet"))
    if seen.status_text != status:
        look = replace(look, label=seen.status_text)
    words = {"live": f"{icon('circle')} live", "stopped": f"{icon('stop')} no longer followed"}.get(mode, "")
    shown = f'<span class="macae-mode macae-mode-{esc(mode)}">{words}</span>' if words else ""
    return (
        '<div class="macae-head"><div class="macae-what">'
        f'<div class="macae-goal" role="heading" aria-level="3">{esc(clip(title, 300))}</div></div>'
        f'<div class="macae-status">{shown}<span role="status" aria-live="polite">{pill(look)}</span></div></div>'
    )


def clock(elapsed: str) -> str:
    """For how long it has gone on. Apart from the head, which then changes only with what it says."""
    return f'<span class="macae-cost" role="timer" aria-label="Time">{esc(elapsed)}</span>'


def strip(kpis: Iterable[Kpi]) -> str:
    """The numbers that matter, side by side."""
    cells = "".join(
        f'<div class="macae-kpi macae-tone-{kpi.tone or "plain"}" role="listitem"{_title(kpi.tip)}>'
        f'<span class="macae-value{" macae-long" if len(kpi.value) > LONG else ""}">{esc(kpi.value)}</span> '
        f'<span class="macae-label">{esc(kpi.label)}</span></div>'
        for kpi in kpis
    )
    return f'<div class="macae-kpis" role="list" aria-label="Key numbers">{cells}</div>'


def _title(tip: str) -> str:
    return f' title="{esc(tip)}"' if tip else ""


def nothing(text: str) -> str:
    """What stands where there is nothing to show. `text` is HTML already."""
    return f'<div class="macae-nothing">{text}</div>'


def chosen(lines: Sequence[Any], agent: str, messages: int, thoughts: int) -> tuple[list[Any], int]:
    """The last so many messages and thoughts of one agent ("": of all), in order, and how many there are before."""
    if agent:
        lines = [line for line in lines if agent in (line.source, line.target)]
    numbered = list(enumerate(lines))
    kept = [pair for pair in numbered if pair[1].kind != "thought"][-messages:]
    kept += [pair for pair in numbered if pair[1].kind == "thought"][-thoughts:]
    return [line for _, line in sorted(kept, key=lambda pair: pair[0])], len(lines) - len(kept)


def conversation(
    lines: Sequence[Any], agent: str, messages: int, thoughts: int, numbers: dict[str, int]
) -> tuple[str, int]:
    """The last lines of the conversation, thoughts marked; and how many earlier ones are not shown."""
    shown, earlier = chosen(lines, agent, messages, thoughts)
    if not shown:
        return nothing(
            "Nobody has said anything yet." if not agent else f"Nothing from or to {esc(agent)} yet."
        ), 0
    rows = "".join(_line(line, numbers) for line in shown)
    return f'<ol class="macae-lines" aria-label="Conversation, the newest last">{rows}</ol>', earlier


def _line(line: Any, numbers: dict[str, int]) -> str:
    target = f' <span class="macae-to">→ {esc(line.target)}</span>' if line.target else ""
    number = numbers.get(line.step_id or "")
    step = f'<span class="macae-step">step {number}</span>' if number else ""
    kind = line.kind if line.kind in KIND else "message"
    marked = '<span class="macae-kind">thinks</span>' if kind == "thought" else ""
    return (
        f'<li class="macae-line macae-line-{kind}"><span class="macae-at">{line.seconds:,.1f} s</span>'
        f'<span class="macae-icon">{icon(KIND[kind])}</span><div class="macae-said"><div class="macae-who">'
        f"<b>{esc(line.source or '–')}</b>{target}{marked}{step}</div>"
        f'<div class="macae-text">{esc(clip(line.text, LONGEST))}</div></div></li>'
    )


def trouble_count(recording: Any) -> int:
    """How many alerts, violations (each kind at each place once) and errors there are."""
    return len(recording.alerts) + len(joined(recording.violations)) + len(recording.errors)


def alerts(recording: Any, agent: str, numbers: dict[str, int]) -> str:
    """Alerts, what the compliance check found, and what failed: three tables, each only when there is something."""
    raised, found, failed = (
        [row for row in rows if not agent or row.agent == agent]
        for rows in (recording.alerts, recording.violations, recording.errors)
    )
    if not raised and not found and not failed:
        return nothing(f"{icon('check')} No alerts, no violations, no errors.")
    parts = [
        _table(
            "Alerts",
            ("At", "How bad", "What", "Who", "Over"),
            [
                (
                    _at(row.seconds),
                    pill(SEVERITY.get(row.severity, SEVERITY["warning"])),
                    f"{esc(clip(row.text, LONGEST))} <code>{esc(row.name)}</code>",
                    esc(row.agent or "–"),
                    _at(row.resolved) if row.resolved is not None else "not yet",
                )
                for row in raised
            ],
        ),
        _table(
            "Compliance",
            ("At", "Found", "Done", "Where", "Who"),
            [
                (
                    _at(row.seconds),
                    esc(count(row.count, row.entity)),
                    esc(row.done),
                    esc(row.place),
                    esc(row.agent or "–"),
                )
                for row in joined(found)
            ],
        ),
        _table(
            "Errors",
            ("At", "What", "Text", "Who", "Step"),
            [
                (
                    _at(row.seconds),
                    esc(row.kind),
                    esc(clip(row.text, LONGEST)),
                    esc(row.agent or "–"),
                    str(numbers.get(row.step_id or "", "–")),
                )
                for row in failed
            ],
        ),
    ]
    return "".join(parts)


def _at(seconds: float) -> str:
    return f"{seconds:,.1f} s"


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    columns = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows[-ROWS:])
    left_out = notice(f"The newest {ROWS} of {len(rows):,} are shown.", "quiet") if len(rows) > ROWS else ""
    return (
        f'<div class="macae-section" role="heading" aria-level="4">{title}</div>{left_out}<table class="macae-table">'
        f"<thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"
    )
