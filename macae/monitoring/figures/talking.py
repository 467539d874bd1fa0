"""Who talks to whom: a ring of agents, an arrow for each direction, as thick as what was said is often."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from macae.monitoring.figures.page import Page, boxes, fit, put, rounded, text_width
from macae.monitoring.figures.theme import Theme, theme_named
from macae.monitoring.recorded import of_recording
from macae.monitoring.words import count, short_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from macae.monitoring.recording import Recording

__all__ = ["KEY", "conversation_figure", "talk_counts"]

MOST = 14
SPOKEN = frozenset({"message", "question", "decision", "task", "reply"})
"""The kinds of lines that one says to another."""
SIZE = 0.3
"""Inches from the middle of a node to its rim."""
KEY = "On an arrow: how often. In a circle: what an agent said and was told, together."
"""What the numbers are."""


def talk_counts(recording: Recording) -> Counter[tuple[str, str]]:
    """How often each agent (or the person) said something to another: messages, tasks, replies, questions, decisions."""
    return Counter(
        (line.source, line.target)
        for line in recording.conversation
        if line.kind in SPOKEN and line.source and line.target and line.source != line.target
    )


@of_recording
def conversation_figure(
    recording: Recording, theme: str | Theme = "light", width: float = 7.2, *, title: bool = True
) -> Figure:
    """Draw who talks to whom, at most 14 of those who talk most; the number beside an arrow is how often.

    `width` is in inches (at least 4); `title` False leaves out the title and what the numbers are. Raises InvalidInput for an unknown theme.
    """
    colours = theme_named(theme)
    width = max(float(width), 4.0)
    counts = talk_counts(recording)
    said: Counter[str] = Counter()
    for (source, target), number in counts.items():
        said[source] += number
        said[target] += number
    order = list(dict.fromkeys([*recording.agents, *said]))
    most = {name for name, _ in sorted(said.items(), key=lambda item: (-item[1], item[0]))[:MOST]}
    nodes = [name for name in order if name in most]
    height = min(width * 0.78, 6.0) if nodes else 2.2
    page = Page(width, height, colours)
    axes = page.panel("conversation", 0, 0, width, height)
    axes.set_xlim(0, width)
    if title:
        put(axes, 0.32, 0.36, "Who talks to whom", colours.text, 11.5, bold=True)
    if not nodes:
        boxes(axes, [rounded(0.32, width - 0.32, 0.62, height - 0.3, 1.0, 0.06)], colours.band, zorder=0)
        put(axes, width / 2, (height + 0.32) / 2, "Nobody has said anything yet.", colours.soft, 10, across="center")  # fmt: skip
        return page.figure
    left_out = len(said) - len(nodes)
    note = count(sum(counts.values()), "message") + (
        f", {count(left_out, 'quieter agent')} left out" if left_out else ""
    )
    put(axes, width - 0.32, 0.36, fit(note, 9, width * 0.45), colours.soft, 9, across="right")
    if title:
        put(axes, 0.32, 0.6, fit(KEY, 9, width - 0.64), colours.soft, 9)
    names = {name: fit(short, 10, width * 0.24, True) for name, short in short_names(order).items()}
    label = max(text_width(names[name], 10, True) for name in nodes)
    places = ring(nodes, width, height, label, 1.1 if title else 0.75)
    drawn = [(pair, number) for pair, number in counts.items() if most.issuperset(pair)]
    top = max(number for _, number in drawn) if drawn else 1
    for (source, target), number in sorted(drawn, key=lambda item: item[1]):
        _arrow(axes, page, places[source], places[target], number, number / top)
    middle = width / 2, sum(y for _, y in places.values()) / len(places)
    for name in nodes:
        _node(axes, page, places[name], middle, names[name], name == "HumanAgent", said[name])
    return page.figure


def ring(
    nodes: list[str], width: float, height: float, label: float, top: float
) -> dict[str, tuple[float, float]]:
    """Where each node stands, in inches: round a ring below `top`, with room outside for names `label` wide."""
    bottom = height - 0.24
    middle, down = width / 2, (top + bottom) / 2
    wide, high = width / 2 - SIZE - label - 0.3, (bottom - top) / 2 - SIZE - 0.3
    if len(nodes) == 1:
        return {nodes[0]: (middle, down)}
    turn = 2 * math.pi / len(nodes)
    if len(nodes) == 2:
        return {nodes[0]: (middle - wide * 0.8, down), nodes[1]: (middle + wide * 0.8, down)}
    return {
        name: (middle + wide * math.sin(turn * n), down - high * math.cos(turn * n))
        for n, name in enumerate(nodes)
    }


def _arrow(
    axes: Axes, page: Page, a: tuple[float, float], b: tuple[float, float], number: int, share: float
) -> None:
    """A bent arrow; the two directions between a pair bend to different sides."""
    from matplotlib.patches import FancyArrowPatch

    theme = page.theme
    dx, dy = b[0] - a[0], b[1] - a[1]
    long = math.hypot(dx, dy) or 1.0
    ux, uy = dx / long, dy / long
    bend = 0.16
    start = (a[0] + (ux - uy * bend * 1.6) * (SIZE + 0.03), a[1] + (uy + ux * bend * 1.6) * (SIZE + 0.03))
    end = (b[0] - (ux + uy * bend * 1.6) * (SIZE + 0.05), b[1] - (uy - ux * bend * 1.6) * (SIZE + 0.05))
    thick = 1.0 + 4.5 * share
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=9 + 2.2 * thick,
            linewidth=thick,
            color=theme.model,
            alpha=0.35 + 0.5 * share,
            zorder=2,
            shrinkA=0,
            shrinkB=0,
            gid="edge",
        )
    )
    # nearer to where it comes from, so that the numbers of crossing arrows do not meet in the middle
    where = 0.38
    lift = 2 * where * (1 - where) * bend * long
    x = start[0] + where * (end[0] - start[0]) - uy * lift
    y = start[1] + where * (end[1] - start[1]) + ux * lift
    plate = {"boxstyle": "round,pad=0.18", "facecolor": theme.ground, "edgecolor": "none", "alpha": 0.92}
    put(axes, x, y, f"{number:,}", theme.text, 8, bold=True, across="center", zorder=4, bbox=plate)


def _node(axes: Axes, page: Page, place: tuple[float, float], middle: tuple[float, float], name: str, person: bool, number: int) -> None:  # fmt: skip
    """A round node for an agent, a hatched square one for the person; the name outside of the ring, where no arrow goes."""
    theme = page.theme
    x, y = place
    from matplotlib.path import Path as Shape

    box = rounded(x - SIZE, x + SIZE, y - SIZE, y + SIZE, 1.0, 0.09)
    shape = box if person else Shape.circle((x, y), SIZE)
    body = boxes(axes, [shape], theme.waiting if person else theme.model, zorder=5, gid="node")
    if person:
        body.set_hatch("////")
        body.set_hatchcolor(theme.hatch)
        body.set_hatch_linewidth(1.2)
    plate = {"boxstyle": "round,pad=0.2", "facecolor": theme.ground, "edgecolor": "none"} if person else None
    ink = theme.text if person else theme.ground
    put(axes, x, y, f"{number:,}", ink, 10.5, bold=True, across="center", zorder=6, bbox=plate)
    if abs(x - middle[0]) < 0.35:
        at, across = (x, y + (SIZE + 0.17) * (1 if y >= middle[1] else -1)), "center"
    else:
        right = x > middle[0]
        at, across = (x + (SIZE + 0.1) * (1 if right else -1), y), "left" if right else "right"
    put(axes, *at, name, theme.text, 10, bold=True, across=across, zorder=7, gid="name")
