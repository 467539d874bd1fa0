"""The time axis below a Gantt, and the line above it that says what the colours mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from macae.monitoring.figures.page import boxes, lines, put, rounded, text_width
from macae.monitoring.figures.scale import TimeScale
from macae.monitoring.figures.theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["KINDS", "draw_legend", "draw_time_axis", "legend_entries", "legend_lines", "legend_width"]

KINDS: dict[str, str] = {
    "model": "model call",
    "tool": "tool",
    "memory": "memory",
    "waiting": "waiting for a person",
    "error": "error",
}
"""The kinds of bars with their words, in the order in which they are drawn."""
APART, MARK = 0.42, 0.23
"""Inches from one entry's words to the next one's, and of the mark in front of the words."""


def draw_time_axis(
    axes: Axes, scale: TimeScale, width: float, height: float, theme: Theme, words: bool = True
) -> None:
    """Grid lines and the words below them; a broken axis shows where it is broken."""
    marks = scale.ticks(width)
    lines(axes, [[(scale.at(at), 0), (scale.at(at), height)] for at, _ in marks], theme.line, zorder=0.5)
    lines(axes, [[(0, height), (1, height)]], theme.line, 1.0, zorder=1)
    if words:
        for at, word in marks:
            x = scale.at(at)
            across = "right" if (1 - x) * width < text_width(word, 9) / 2 - 0.1 else "center"
            put(axes, x, height + 0.16, word, theme.soft, 9, across=across)
    for start, end in scale.breaks:
        middle = (scale.at(start) + scale.at(end)) / 2
        slant, apart = 0.035 / width, 0.03 / width
        ground = [[(middle - apart, height), (middle + apart, height)]]
        lines(axes, ground, theme.ground, 2.5, zorder=2)
        strokes = [
            [(middle + side * apart - slant, height + 0.06), (middle + side * apart + slant, height - 0.06)]
            for side in (-1, 1)
        ]
        lines(axes, strokes, theme.soft, 1.2, zorder=3)


def legend_entries(kinds: Collection[str], alerts: bool, breaks: bool) -> list[tuple[str, str]]:
    """What is to be explained: each a kind and its words."""
    entries = [(kind, words) for kind, words in KINDS.items() if kind in kinds]
    entries += [("alert", "alert")] if alerts else []
    return entries + ([("break", "time shortened")] if breaks else [])


def legend_width(entries: Sequence[tuple[str, str]]) -> float:
    """Inches that a line of them takes."""
    return sum(text_width(words, 8.5) + APART for _, words in entries) - APART + MARK if entries else 0.0


def legend_lines(entries: Sequence[tuple[str, str]], width: float) -> list[list[tuple[str, str]]]:
    """The entries in as many lines as they need."""
    found: list[list[tuple[str, str]]] = [[]]
    for entry in entries:
        if found[-1] and legend_width([*found[-1], entry]) > width:
            found.append([])
        found[-1].append(entry)
    return found


def draw_legend(
    axes: Axes, entries: Sequence[tuple[str, str]], right: float, y: float, width: float, theme: Theme
) -> None:
    """A line of what the colours mean, ending `right` inches from the panel's left; each entry is a kind and its words."""
    from matplotlib.lines import Line2D

    x = right
    for kind, words in reversed(entries):
        x -= text_width(words, 8.5)
        put(axes, x / width, y, words, theme.text, 8.5)
        if kind == "alert":
            mark = Line2D([(x - 0.14) / width], [y], linestyle="none", marker="v", markersize=7.5, color=theme.trouble)  # fmt: skip
            axes.add_line(mark)
            mark.set_clip_on(False)
        elif kind == "break":
            strokes = [[((x - 0.17 + d) / width, y + 0.06), ((x - 0.11 + d) / width, y - 0.06)] for d in (0, 0.05)]  # fmt: skip
            lines(axes, strokes, theme.soft, 1.3, clip_on=False)
        else:
            box = rounded((x - 0.23) / width, (x - 0.07) / width, y - 0.055, y + 0.055, width, 0.02)
            colour = theme.completion if kind == "completion" else theme.of(kind)
            artist = boxes(axes, [box], colour, clip_on=False)
            if kind == "waiting":
                artist.set_hatch("//////")
                artist.set_hatchcolor(theme.hatch)
                artist.set_hatch_linewidth(0.9)
        x -= APART
