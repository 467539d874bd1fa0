"""How right each planner is on each goal, drawn: a row a planner, a field a goal. SVG in the theme's colours."""

from __future__ import annotations

from collections.abc import Mapping

from macae.ui.text import esc
from macae.workshop.card import Card

__all__ = ["score_picture"]

LEFT, FIELD, ROW = 190, 34, 40


def score_picture(scores: Mapping[str, Mapping[str, float]]) -> Card:
    """A picture of scores from 0 to 1, by planner and goal. Below it the goals, by number."""
    goals = list(dict.fromkeys(goal for marks in scores.values() for goal in marks))
    width, height = LEFT + FIELD * len(goals) + 70, ROW * len(scores) + 24
    shapes = [
        f'<text x="{middle(place)}" y="14" text-anchor="middle" font-size="11" style="fill: var(--x-soft)">{place + 1}</text>'
        for place in range(len(goals))
    ]
    lines = []
    for row, (name, marks) in enumerate(scores.items()):
        y = 24 + row * ROW
        mean = sum(marks.values()) / len(marks) if marks else 0.0
        shapes.append(f'<text x="4" y="{y + 21}" font-size="13">{esc(shortened(name))}</text>')
        for place, goal in enumerate(goals):
            if goal in marks:
                shapes.append(field(place, y, marks[goal], f"{name}: {goal}"))
        shapes.append(
            f'<text x="{width - 58}" y="{y + 21}" font-size="14" font-weight="600">{mean:.0%}</text>'
        )
        lines.append(f"{name}: {mean:.0%}")
    says = "; ".join(lines)
    legend = "<br>".join(f"{number} · {esc(goal)}" for number, goal in enumerate(goals, 1))
    picture = (
        f'<svg viewBox="0 0 {width} {height}" style="max-width: {width}px" role="img" aria-label="{esc(says)}">{"".join(shapes)}</svg>'
        if goals
        else ""
    )
    return Card(
        f"<h4>Scores <span>full: right, empty: wrong</span></h4>{picture}<p>{legend}</p>",
        "\n".join(lines),
        "info",
    )


def middle(place: int) -> float:
    """Where a goal's column has its middle."""
    return LEFT + place * FIELD + FIELD / 2


def field(place: int, y: int, mark: float, what: str) -> str:
    """A field that is as full as the plan was right."""
    x, size = LEFT + place * FIELD + 4, FIELD - 8
    full = size * min(max(mark, 0.0), 1.0)
    tone = "ok" if mark >= 1 else "ask"
    return (
        f'<g><title>{esc(what)} {mark:.0%}</title><rect x="{x}" y="{y + 3}" width="{size}" height="{size}" rx="4" fill="none" '
        f'stroke-width="1.5" style="stroke: var(--x-{tone})"/><rect x="{x}" y="{y + 3 + size - full:.1f}" width="{size}" height="{full:.1f}" '
        f'rx="{4 if full else 0}" style="fill: var(--x-{tone})"/></g>'
    )


def shortened(name: str, longest: int = 26) -> str:
    """As much of a name as there is room for."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
