"""A small chart: a title, a scale of values with few lines, time across, and a level that must not be passed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from macae.monitoring.figures.page import Page, boxes, fit, lines, put, rounded, text_width
from macae.monitoring.figures.scale import TimeScale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["TITLE", "Chart", "Place", "dots", "empty_panel", "time_chart", "write_title"]

TITLE = 0.3
"""Inches of a panel's title."""
FOOT = 0.28
"""Inches of the words below a time axis."""


Place = tuple[float, float, float, float]
"""Inches: left, top, width, height."""


@dataclass
class Chart:
    """A panel whose values go up from 0 to `top`; `width`, `floor` and `head` in inches."""

    axes: Axes
    scale: TimeScale
    width: float
    head: float
    floor: float
    top: float
    base: float = 0.0
    """The value at the floor: 0, or less where values are."""

    def y(self, value: float) -> float:
        """Inches from the top for a value."""
        share = (value - self.base) / (self.top - self.base)
        return self.floor - min(max(share, 0), 1.05) * (self.floor - self.head)


def write_title(axes: Axes, words: str, page: Page, width: float, aside: str = "") -> None:
    """A panel's title, and beside it in small letters what else is to be known."""
    put(axes, 0, 0.09, words, page.theme.text, 10.5, bold=True)
    if aside:
        start = text_width(words, 10.5, True) + 0.14
        put(axes, start / width, 0.095, fit(aside, 8.5, width - start), page.theme.soft, 8.5)


def steps_up(most: float, fitting: int) -> float:
    """A round distance between lines so that at most `fitting` of them reach `most`."""
    rough = max(most, 1e-12) / max(fitting, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(digit * power for digit in (1, 2, 2.5, 5, 10) if digit * power >= rough * 0.999)


def time_chart(
    page: Page,
    label: str,
    left: float,
    top: float,
    width: float,
    height: float,
    scale: TimeScale,
    *,
    title: str,
    aside: str = "",
    most: float,
    least: float = 0.0,
    level: tuple[float, str] | None = None,
    words: Callable[[float], str],
) -> Chart:
    """Draw title, scale and time axis. A `level` far above all values is told at the top, so that it flattens nothing."""
    theme = page.theme
    axes = page.panel(label, left, top, width, height)
    near = level is not None and 0 < level[0] <= most * 6
    if level is not None and not near:
        aside = f"{aside} · {level[1]} ↑" if aside else f"{level[1]} ↑"
    write_title(axes, title, page, width, aside)
    highest = max(most, level[0] if level and near else 0.0) * 1.12 or 1.0
    base = min(least, 0.0) * 1.12
    chart = Chart(axes, scale, width, TITLE, height - FOOT, highest, base)
    step = steps_up(highest - base, max(2, min(6, int((height - FOOT - TITLE) / 0.32))))
    marks = [step * n for n in range(-int(-base / step + 1e-9), int(highest / step + 1e-9) + 1)]
    lines(axes, [[(0, chart.y(mark)), (1, chart.y(mark))] for mark in marks], theme.line, zorder=0.5)
    lines(axes, [[(0, chart.y(0)), (1, chart.y(0))]], theme.line, 1.4, zorder=1)
    for mark in marks:
        put(axes, -0.07 / width, chart.y(mark), words(mark), theme.soft, 8.5, across="right")
    ends = scale.ticks(width, 0.85)
    for at, word in ends:
        x = scale.at(at)
        across = "right" if (1 - x) * width < text_width(word, 8.5) / 2 else "center"
        put(axes, x, chart.floor + 0.15, word, theme.soft, 8.5, across=across)
    for start, end in scale.breaks:
        middle = (scale.at(start) + scale.at(end)) / 2
        lines(axes, [[(middle - 0.02 / width, chart.floor), (middle + 0.02 / width, chart.floor)]], theme.ground, 2.5, zorder=2)  # fmt: skip
    if level is not None and near:
        y = chart.y(level[0])
        lines(axes, [[(0, y), (1, y)]], theme.trouble, 1.3, linestyles=(0, (4, 2.5)), zorder=2, gid="level")  # fmt: skip
        put(axes, 0.04 / width, y - 0.085, level[1], theme.trouble, 8, zorder=6, bbox=_plate(theme.ground))  # fmt: skip
    return chart


def _plate(colour: str) -> dict[str, object]:
    """Ground behind a word, so that no line runs through it."""
    return {"boxstyle": "square,pad=0.08", "facecolor": colour, "edgecolor": "none"}


def empty_panel(page: Page, label: str, place: Place, title: str, words: str) -> None:
    """A panel that has nothing to show yet, and says so."""
    _, _, width, height = place
    axes = page.panel(label, *place)
    write_title(axes, title, page, width)
    theme = page.theme
    boxes(axes, [rounded(0, 1, TITLE, height - 0.12, width, 0.06)], theme.band, zorder=0)
    put(axes, 0.5, (TITLE + height - 0.12) / 2, fit(words, 9, width - 0.2), theme.soft, 9, across="center")


def dots(
    chart: Chart,
    points: Sequence[tuple[float, float]],
    colour: str,
    edge: str,
    marker: str,
    size: float,
    gid: str,
) -> None:
    """Draw a mark at each of the points, which are places across and inches down."""
    from matplotlib.lines import Line2D

    xs, ys = zip(*points, strict=True)
    chart.axes.add_line(
        Line2D(xs, ys, linestyle="none", marker=marker, markersize=size, markerfacecolor=colour,
               markeredgecolor=edge, markeredgewidth=0.6, zorder=4, clip_on=False, gid=gid)
    )  # fmt: skip
