"""The conversation, for reading: who said what to whom. What was asked or decided at one moment stands together, and nothing twice."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from macae.models import EventType
from macae.monitoring.report.writing import Pen, at, ends
from macae.monitoring.words import count, short_names

if TYPE_CHECKING:
    from macae.monitoring.recording import Recording
    from macae.monitoring.replay.views import Line

__all__ = ["conversation"]

MOST_LINES = 400
OPEN = 280
"""Characters of a text that is shown at once; a longer one is opened by its first words."""
TOGETHER = 1.0
"""Seconds between two questions, or two decisions, that are shown as one."""
MOST_TOGETHER = 40
WORDS = {"tool": "calls", "result": "result", "memory": "searches", "thought": "thinks", "decision": "decides", "question": "asks", "task": "task", "reply": "replies", "note": "note", "error": "error", "message": ""}  # fmt: skip


def conversation(recording: Recording, pen: Pen) -> tuple[str, int]:
    """Line by line who said what to whom; thoughts are closed. And how many lines are left out.

    What the compliance check found was said by nobody, and stands together under what went wrong.
    """
    writer = _Writer(recording, pen)
    found = {one.seq for one in recording.violations} - {0}  # 0: not stored, as others are too
    lines = [line for line in recording.conversation if line.seq not in found]
    groups = _together(lines, writer.checks)
    first, _, last = ends(groups, MOST_LINES)
    left_out = len(lines) - sum(len(group) for group in [*first, *last])
    rows = [writer.entry(group) for group in first]
    if left_out:
        gap = count(left_out, "line")
        rows.append(f'<li class="is-gap">{gap} left out here; the store keeps all.</li>')
    rows += [writer.entry(group) for group in last]
    return (f'<ol class="talk">{"".join(rows)}</ol>' if rows else ""), left_out


def _together(lines: Sequence[Line], checks: Mapping[int, bool]) -> list[list[Line]]:
    """The lines in groups: what asks for several steps, or says the same to several, at one moment; a call with its result; a
    reply with what was found when it was checked."""
    groups: list[list[Line]] = []
    for line in lines:
        most = MOST_TOGETHER if line.kind in ("question", "decision") else 2
        if groups and len(groups[-1]) < most and _belongs(line, groups[-1][-1], checks):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _belongs(line: Line, to: Line, checks: Mapping[int, bool]) -> bool:
    if {line.kind, to.kind} == {"reply", "note"}:
        return line.step_id == to.step_id and (line.seq in checks or to.seq in checks)
    if line.kind == "result":
        return to.kind == "tool" and (line.source, line.step_id) == (to.target, to.step_id)
    if (line.kind, line.source) != (to.kind, to.source) or line.seconds - to.seconds > TOGETHER:
        return False
    return line.kind == "question" or (line.kind == "decision" and line.text == to.text)


class _Writer:
    """Writes the lines of one recording as HTML."""

    def __init__(self, recording: Recording, pen: Pen) -> None:
        lines = recording.conversation
        self.pen = pen
        self.names = short_names(
            list(dict.fromkeys(name for line in lines for name in (line.source, line.target) if name))
        )
        self.steps = {step.id: step for step in recording.steps}
        self.checks = {
            moment.event.seq: bool(moment.event.data.get("ungrounded"))
            for moment in recording.timeline
            if moment.event.type == EventType.reply_checked
        }
        """The checks of replies, by number: whether something was found in no source."""
        self.results = {(line.step_id, line.text.strip()) for line in lines if line.kind == "result"}

    def entry(self, group: Sequence[Line]) -> str:
        """An entry of the list."""
        group = sorted(group, key=lambda one: one.kind == "note")  # a check is stored before its reply
        line = group[0]
        who = self.pen.line(self.names.get(line.source) or "the engine", 60)
        targets = dict.fromkeys(
            self.names[one.target] for one in group if one.target and one.kind == line.kind
        )
        to = f' <span class="soft">→ {self.pen.line(", ".join(targets), 120)}</span>' if targets else ""
        kind = WORDS.get(line.kind, "")
        tag = f'<span class="tag">{"▲ " if line.kind == "error" else ""}{kind}</span>' if kind else ""
        body = self.said(line) if len(group) == 1 else self.several(group)
        return (
            f'<li class="is-{html.escape(line.kind, quote=True)}"><div class="when">{at(line.seconds)}</div>'
            f'<div class="what"><div><b>{who}</b>{to} {tag}</div>{body}</div></li>'
        )

    def said(self, line: Line) -> str:
        """One line's text; a long one is closed."""
        if line.kind == "reply" and (line.step_id, line.text.strip()) in self.results:
            return '<div class="soft">The result above, word for word.</div>'
        body = self.pen.block(line.text)
        if line.kind == "thought" or len(line.text) > OPEN or line.text.count("\n") > 4:
            return f"<details><summary>{self.pen.line(line.text, 130)}</summary><pre>{body}</pre></details>"
        return f'<div class="said">{body}</div>'

    def several(self, group: Sequence[Line]) -> str:
        """The texts of several questions; a call and its result, a reply and its check; or one decision, with the steps that it was about."""
        if group[0].kind == "reply":
            tone = "trouble" if self.checks.get(group[1].seq) else "soft"
            return f'{self.said(group[0])}<div class="{tone}">{self.pen.line(group[1].text, OPEN)}</div>'
        if group[0].kind == "tool":
            return f"<code>{self.pen.line(group[0].text, OPEN)}</code>{self.said(group[1])}"
        if group[0].kind == "question":
            items = "".join(f"<li>{self.pen.line(line.text, OPEN)}</li>" for line in group)
            return f'<ul class="several">{items}</ul>'
        about = [self.steps[line.step_id].index for line in group if line.step_id in self.steps]
        which = f" (steps {', '.join(map(str, about))})" if about else f" ({len(group)} times)"
        return f'<div class="said">{self.pen.block(group[0].text)}{which}</div>'
