"""The messages that travelled: a learner's runtime beside the real engine, row by row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from autogen_core import AgentId

from macae.models import BaseDataModel
from macae.ui.fragments import stylesheet
from macae.ui.text import clip, esc

if TYPE_CHECKING:
    from macae.engine import Engine

__all__ = ["Sent", "beside", "watch"]

ALIKE = {"PlanWithSteps": "Plan"}
"""Messages of the engine that have another name than a learner's message for the same thing."""
MOST = 4
"""Fields that are named in a row."""
TONES = ("focus", "ok", "ask", "busy", "bad")
TOLD = {
    "HumanFeedback": "The person's decision. It is stored with the step.",
    "ApprovalRequest": "Tells the manager that a decision is stored: go on.",
}
"""What the messages that only the engine has are for, on their way through its agents."""
YOU = "you"
DEPARTMENTS = "departments"
LANE, ROW, HEAD, GUTTER = 84, 34, 56, 44
"""Units of the drawing: between two agents, between two messages, above the first one, between the two pictures."""
SMALLEST = 0.75
"""How far the drawing shrinks with the window before it scrolls."""


class Sent(NamedTuple):
    """A message on its way. Without a sender or recipient, it was whoever stands outside of the runtime."""

    sender: AgentId | None
    recipient: AgentId | None
    message: Any
    answer: bool = False

    @property
    def name(self) -> str:
        """The name of the message's class."""
        return type(self.message).__name__ if self.message is not None else "None"

    @property
    def sort(self) -> str:
        """The name under which its like is found on the other side."""
        return ALIKE.get(self.name, self.name)


async def watch(engine: Engine, session_id: str) -> list[Sent]:
    """A list that fills with the messages that the session's agents send each other, from now on."""
    runtime: Any = (await engine.live(session_id)).runtime
    sent: list[Sent] = []
    send = runtime.send_message

    async def send_message(message: Any, recipient: AgentId, **more: Any) -> Any:
        sender = more.get("sender")
        sent.append(Sent(sender, recipient, message))
        answer = await send(message, recipient, **more)
        sent.append(Sent(recipient, sender, answer, answer=True))
        return answer

    runtime.send_message = send_message
    return sent


def beside(yours: Sequence[Sent], real: Sequence[Sent]) -> str:
    """Both as one picture in HTML, what corresponds on the same row, with a table that says the same. All text is escaped."""
    shared = [
        sort for sort in dict.fromkeys(one.sort for one in yours) if any(sort == other.sort for other in real)
    ]
    marks = {sort: (chr(65 + i), TONES[i % len(TONES)]) for i, sort in enumerate(shared)}
    left = Lanes(yours, 0)
    right = Lanes(real, left.width + GUTTER)
    pairs = rows(yours, real)
    width, height = left.width + GUTTER + right.width, HEAD + ROW * len(pairs) + 8
    lines = [left.head("Your little runtime", height), right.head("The real engine", height)]
    for number, (mine, theirs) in enumerate(pairs, 1):
        y = HEAD + ROW * number - 8
        lines += [lanes.arrow(one, y, marks) for lanes, one in ((left, mine), (right, theirs)) if one]
        either = mine or theirs
        if either and either.sort in marks:
            place = left.width + (GUTTER / 2 if mine and theirs else 9 if mine else GUTTER - 9)
            lines.append(badge(place, y, *marks[either.sort]))
    label = f"{len(yours)} messages in your runtime, {len(real)} in the engine; the table below says which correspond."
    svg = (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{esc(label)}" '
        f'style="width:100%;min-width:{width * SMALLEST:.0f}px;max-width:{width}px;height:auto;display:block">{"".join(lines)}</svg>'
    )
    page = f'<div style="overflow-x:auto">{svg}</div>{table(yours, real, marks)}'
    return f'{stylesheet()}<div class="macae-board macae-static tex2jax_ignore" style="max-width:{width}px">{page}</div>'


def rows(yours: Sequence[Sent], real: Sequence[Sent]) -> list[tuple[Sent | None, Sent | None]]:
    """Both in order, what corresponds together."""
    a, b = ([(one.sort, one.answer) for one in side] for side in (yours, real))
    found: list[tuple[Sent | None, Sent | None]] = []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            found += zip(yours[i:j], real[k:m], strict=True)
        else:
            found += [(one, None) for one in yours[i:j]]
            found += [(None, one) for one in real[k:m]]
    return found


class Lanes:
    """One side of the picture: a line for each agent."""

    def __init__(self, sent: Sequence[Sent], left: float) -> None:
        workers = dict.fromkeys(
            one.recipient.type for one in sent if one.name == "ActionRequest" and one.recipient
        )
        self.merged = set(workers) if len(workers) > 1 else set()
        ends = [self.lane(end) for one in sent for end in (one.sender, one.recipient)]
        names = [name for name in dict.fromkeys([YOU, *ends]) if name != DEPARTMENTS]
        names += [DEPARTMENTS] if self.merged else []
        self.left, self.width = left, LANE * len(names)
        self.at = {name: left + LANE * (i + 0.5) for i, name in enumerate(names)}

    def lane(self, end: AgentId | None) -> str:
        """The lane of a sender or recipient."""
        name = YOU if end is None else end.type
        return DEPARTMENTS if name in self.merged else name

    def head(self, title: str, height: float) -> str:
        """The title, the names and the lines."""
        parts = [text(self.left + self.width / 2, 13, title, "font-weight:600;font-size:13px")]
        for name, x in self.at.items():
            for y, words in zip((32, 45), name_in_two(name), strict=False):
                parts.append(text(x, y, words, "font-size:11px;fill:var(--m-soft)"))
            parts.append(
                f'<line x1="{x}" x2="{x}" y1="{HEAD - 5}" y2="{height - 4}" style="stroke:var(--m-line)"/>'
            )
        return "".join(parts)

    def arrow(self, one: Sent, y: float, marks: dict[str, tuple[str, str]]) -> str:
        """The message as an arrow; an answer is dashed."""
        start, end = self.at[self.lane(one.sender)], self.at[self.lane(one.recipient)]
        tone = f"var(--m-{marks[one.sort][1]})" if one.sort in marks else "var(--m-quiet)"
        way = 1 if end >= start else -1
        worker = next((e.type for e in (one.sender, one.recipient) if e and e.type in self.merged), "")
        label = f"{one.name} · {worker}" if worker else one.name
        dash = "stroke-dasharray:5 3;" if one.answer else ""
        return (
            f"<g><title>{esc(clip(repr(one.message), 300))}</title>"
            f'<line x1="{start}" x2="{end - 6 * way}" y1="{y}" y2="{y}" style="stroke:{tone};stroke-width:2;{dash}"/>'
            f'<path d="M{end} {y} l{-8 * way} -4 v8 z" style="fill:{tone}"/>'
            f"{text((start + end) / 2, y - 6, label, 'font-size:11px;paint-order:stroke;stroke:var(--m-page);stroke-width:3px')}</g>"
        )


def name_in_two(name: str) -> tuple[str, ...]:
    """A name in at most two lines: its last word, which is capitalized, below the others."""
    return tuple(re.sub(r"(?<=[a-z])(?=[A-Z][a-z]*$)", " ", name).split(" ", 1))


def text(x: float, y: float, words: str, style: str) -> str:
    """A text in the middle of x."""
    return f'<text x="{x}" y="{y}" text-anchor="middle" style="fill:var(--m-fg);{style}">{esc(words)}</text>'


def badge(x: float, y: float, letter: str, tone: str) -> str:
    """The letter of a pair."""
    ring = (
        f'<circle cx="{x}" cy="{y}" r="9" style="fill:var(--m-page);stroke:var(--m-{tone});stroke-width:2"/>'
    )
    return ring + text(x, y + 4, letter, "font-size:11px;font-weight:600")


def table(yours: Sequence[Sent], real: Sequence[Sent], marks: dict[str, tuple[str, str]]) -> str:
    """Which messages correspond, how often each travelled, and what the engine's carries beyond a learner's."""
    mine, theirs = ({one.sort: one for one in side if one.message is not None} for side in (yours, real))
    counts = [Counter(one.sort for one in side) for side in (yours, real)]
    lines = []
    for sort in dict.fromkeys([*mine, *theirs]):
        letter = marks.get(sort, ("", ""))[0]
        names = [f"{esc(side[sort].name)} × {n[sort]}" if sort in side else "" for side, n in ((mine, counts[0]), (theirs, counts[1]))]  # fmt: skip
        lines.append(
            f'<tr><td>{letter}</td><td>{names[0]}</td><td>{names[1]}</td><td style="white-space:normal">{esc(more(mine.get(sort), theirs.get(sort)))}</td></tr>'
        )
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("", "Yours", "The engine’s", "What the engine adds")
    )
    return f'<table class="macae-trail"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def more(mine: Sent | None, theirs: Sent | None) -> str:
    """The fields that only the engine's message has; for a message of its own: what it is."""
    if theirs is None:
        return "nothing: this message is yours alone"
    fields = list(getattr(type(theirs.message), "model_fields", ()))
    if mine is None:
        doc = (type(theirs.message).__doc__ or "").strip().split(". ")[0].split("\n")[0].rstrip(".")
        return TOLD.get(theirs.name, f"{doc}.")
    new = [name for name in fields if name not in getattr(type(mine.message), "model_fields", ())]
    new.sort(key=lambda name: name in BaseDataModel.model_fields or name == "data_type")
    rest = f" and {len(new) - MOST} more" if len(new) > MOST else ""
    return ", ".join(new[:MOST]) + rest if new else "nothing"
