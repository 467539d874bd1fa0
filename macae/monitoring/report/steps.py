"""The report's table of steps: what, by whom, how it ended, who approved it; with a heading for each plan where there are several."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from macae.models import EventType, StepStatus
from macae.monitoring.report.writing import Heading, Pen, Row, at, cell, ends, table
from macae.monitoring.words import duration, short_names, step_word, tokens, took, usd

if TYPE_CHECKING:
    from macae.monitoring.recording import Recording
    from macae.monitoring.replay.views import PlanView, StepView

__all__ = ["pill", "step_table"]

MOST_STEPS = 200
HEADS = ("Step", "Agent", "Task and reply", "Status", "Approved by", "Began", "Worked", "Waited", "Tokens", "Cost")  # fmt: skip
TONES = {
    "completed": "ok", "finished": "ok",
    "failed": "bad", "impossible": "bad",
    "awaiting_feedback": "ask", "waiting": "ask", "paused": "ask", "interrupted": "ask",
    "rejected": "off", "skipped": "off", "cancelled": "off", "superseded": "off",
}  # fmt: skip
"""The colour of a step's or plan's status."""
STOPPED = "stopped by a limit"
TONES[STOPPED] = "ask"


def step_table(recording: Recording, pen: Pen) -> tuple[str, int]:
    """The steps by plan, and how many are left out."""
    approved = {
        moment.event.step_id or "": moment.seconds
        for moment in recording.timeline
        if moment.event.type == EventType.step_approved
    }
    names = short_names([step.agent for step in recording.steps])
    waited = _waited(recording)
    first, left_out, last = ends(recording.steps, MOST_STEPS)
    rows: list[Row | Heading] = []
    for plan, steps in _by_plan(recording.plan_views, [*first, *last]):
        if plan is not None and len(recording.plan_views) > 1:
            rows.append(Heading(_heading(plan, pen)))
        for step in steps:
            running = step.status == StepStatus.action_requested
            stands = "interrupted" if running and recording.left is not None else step.status
            stands = STOPPED if step.at_limit else stands
            rows.append(_row(step, stands, names, approved.get(step.id), waited.get(step.id, ""), pen))
    return table(HEADS, rows, "steps"), left_out


def pill(status: str, text: str, pen: Pen) -> str:
    """A status in its colour, said in these words."""
    return f'<span class="pill {TONES.get(status, "")}">{pen.line(text.replace("_", " "), 120)}</span>'


def _by_plan(
    plans: Sequence[PlanView], steps: Sequence[StepView]
) -> Iterator[tuple[PlanView | None, list[StepView]]]:
    """The plans with those of their steps that are shown; at the end the steps of plans that nobody knows."""
    mine: dict[str, list[StepView]] = {}
    for step in steps:
        mine.setdefault(step.plan_id, []).append(step)
    for plan in plans[:MOST_STEPS]:
        shown = mine.pop(plan.id, [])
        if shown or not plan.step_ids:
            yield plan, shown
    for unknown in mine.values():
        yield None, unknown


def _heading(plan: PlanView, pen: Pen) -> str:
    return f"{pen.line(plan.goal or f'Plan {plan.id}', 300)} {pill(plan.status, plan.status, pen)}"


def _row(
    step: StepView, stands: str, names: Mapping[str, str], approved: float | None, waited: str, pen: Pen
) -> Row:
    price = "unpriced" if step.unpriced or (step.usd is None and step.tokens) else usd(step.usd or 0.0)
    by = pen.line(step.approved_by, 60)
    return [
        cell(str(step.index), "number"),
        pen.line(names.get(step.agent, step.agent), 60),
        cell(f'<div class="task">{pen.line(step.task, 400)}</div>{_ended(step, pen)}', "words"),
        f"{pill(stands, step_word(stands), pen)}{_beside(step)}",
        f'{by}<div class="soft">{at(approved)}</div>' if by else "",
        cell(at(step.start), "number"),
        cell(took(step.seconds, step.lost) if step.start is not None else "", "number"),
        cell(waited, "number"),
        cell(tokens(step.tokens) if step.tokens else "", "number"),
        cell(price if step.tokens else "", "number"),
    ]


def _ended(step: StepView, pen: Pen) -> str:
    """The step's reply, or why there is none."""
    if step.error:
        # By a person, whose reason it is, or by a limit: nothing went wrong.
        refused = step.at_limit or TONES.get(step.status) == "off"
        said = pen.line(step.error, 400)
        return f'<div class="soft">{said}</div>' if refused else f'<div class="trouble">▲ {said}</div>'
    if len(step.reply) <= 160 and "\n" not in step.reply.strip():
        return f'<div class="soft">{pen.line(step.reply)}</div>' if step.reply else ""
    return (
        f"<details><summary>{pen.line(step.reply, 110)}</summary><pre>{pen.block(step.reply)}</pre></details>"
    )


def _beside(step: StepView) -> str:
    """What is said below the status."""
    said = f'<div class="soft">{step.attempts} attempts</div>' if step.attempts > 1 else ""
    if step.grounded is not None:
        said += (
            f'<div class="{"soft" if step.grounded >= 1 else "trouble"}">{step.grounded:.0%} grounded</div>'
        )
    return said


def _waited(recording: Recording) -> dict[str, str]:
    """How long a person was waited for, by step; of steps that were asked for together and answered together it is told once."""
    starts = [bar.start for bar in recording.bars if bar.kind == "waiting"]
    asked: dict[str, list[int]] = {}
    for wait in recording.waits:
        asked.setdefault(wait.step_id or "", []).append(bisect_right(starts, wait.ask.start))
    told: dict[tuple[str, str, str], int] = {}
    found = {}
    for step in recording.steps:
        if not step.waited:
            continue
        long = duration(step.waited)
        key = (step.plan_id, str(asked.get(step.id)), long)
        first = told.setdefault(key, step.index)
        found[step.id] = long if first == step.index else f'<span class="soft">with {first}</span>'
    return found
