"""Who ran when: a plan's steps as bars on a line of time, from the stored events. SVG in the theme's colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from macae.models import Event, EventType, PlanWithSteps, Step
from macae.ui.text import esc
from macae.workshop.card import Card

__all__ = ["Bar", "bars", "most_at_once", "timeline"]

ENDS = {
    EventType.step_completed: "ok",
    EventType.step_failed: "ask",
    EventType.step_paused: "ask",
    EventType.step_interrupted: "ask",
    EventType.step_cancelled: "quiet",
}
"""The events that end an attempt, with the colour of its bar."""
WIDTH, LEFT, ROW = 760, 250, 30


class Bar(NamedTuple):
    """One attempt of a step: from its claim to its outcome, in seconds since the first claim."""

    step: Step
    start: float
    end: float
    tone: str


def bars(plan: PlanWithSteps, trail: Iterable[Event]) -> list[Bar]:
    """The attempts of all steps, in the order in which they began. One without an end yet ends with the last event."""
    steps = {step.id: step for step in plan.steps}
    begun: dict[str, float] = {}
    found: list[Bar] = []
    last = 0.0
    for event in trail:
        last = max(last, event.time)
        step = steps.get(event.step_id or "")
        if step is None:
            continue
        if event.type is EventType.step_started:
            begun[step.id] = event.time
        elif event.type in ENDS and step.id in begun:
            found.append(Bar(step, begun.pop(step.id), event.time, ENDS[event.type]))
    found += [Bar(steps[step_id], start, last, "info") for step_id, start in begun.items()]
    first = min((bar.start for bar in found), default=0.0)
    return sorted(
        (bar._replace(start=bar.start - first, end=bar.end - first) for bar in found),
        key=lambda bar: (bar.start, bar.step.index),
    )


def most_at_once(found: Sequence[Bar]) -> int:
    """How many attempts were under way at the same time, at most."""
    return max((sum(other.start <= bar.start < other.end for other in found) for bar in found), default=0)


def timeline(plan: PlanWithSteps, trail: Iterable[Event]) -> Card:
    """A picture of who ran when. `trail` is what `Engine.trail` gives."""
    found = bars(plan, trail)
    rows: dict[str, int] = {}
    for bar in found:
        rows.setdefault(bar.step.id, len(rows))
    end = max((bar.end for bar in found), default=0.0) or 1.0
    height = ROW * len(rows) + 30
    shapes = [*grid(end, height - 26)]
    for step_id, row in rows.items():
        step = next(bar.step for bar in found if bar.step.id == step_id)
        name = f"{step.index} · {step.function or step.task}"
        y = row * ROW + 14
        shapes.append(f'<text x="4" y="{y + 2}" font-size="12.5">{esc(shortened(name))}</text>')
        shapes.append(f'<text x="4" y="{y + 13}" font-size="10" style="fill: var(--x-soft)">{esc(step.agent)}</text>')  # fmt: skip
    for bar in found:
        x, width = place(bar.start, end), max(place(bar.end, end) - place(bar.start, end), 3.0)
        said = esc(f"step {bar.step.index}: {length(bar.start)} to {length(bar.end)}")
        shapes.append(
            f'<rect x="{x:.1f}" y="{rows[bar.step.id] * ROW + 6}" width="{width:.1f}" height="18" rx="3" '
            f'style="fill: var(--x-{bar.tone})"><title>{said}</title></rect>'
        )
    most = most_at_once(found)
    says = f"At most {most} at the same time" if most else "Nothing has run yet"
    picture = (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{says}">{"".join(shapes)}</svg>'
        if found
        else ""
    )
    text = "\n".join(f"{b.step.index} {b.step.agent}: {length(b.start)} to {length(b.end)}" for b in found)
    return Card(f"<h4>Who ran when <span>{says}</span></h4>{picture}", f"{says}\n{text}", "info")


def place(seconds: float, end: float) -> float:
    """Where a moment stands in the picture."""
    return LEFT + (WIDTH - LEFT - 12) * seconds / end


def grid(end: float, bottom: int) -> list[str]:
    """Five lines with their times."""
    shapes = []
    for part in range(5):
        x = place(end * part / 4, end)
        shapes.append(f'<line x1="{x:.1f}" y1="2" x2="{x:.1f}" y2="{bottom}" stroke="var(--x-line)"/>')
        anchor = "end" if part == 4 else "middle"
        shapes.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="{anchor}" font-size="10.5" style="fill: var(--x-soft)">{length(end * part / 4)}</text>')  # fmt: skip
    return shapes


def length(seconds: float) -> str:
    """A time, as exact as is of use."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def shortened(text: str, longest: int = 38) -> str:
    """As much of a name as the picture has room for."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
