"""Who did what, when: a row an agent, bars in seconds since the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from macae.monitoring.figures.axis import KINDS, draw_time_axis
from macae.monitoring.figures.page import Page, boxes, fit, lines, put, rounded, text_width
from macae.monitoring.figures.rows import Row, run_together
from macae.monitoring.figures.scale import TimeScale
from macae.monitoring.figures.theme import Theme, readable_on
from macae.monitoring.replay.waits import total
from macae.monitoring.words import brief, duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from macae.monitoring.replay.views import Bar, HandOver

__all__ = ["MOST_ARROWS", "draw_gantt"]

NARROWEST = 0.035
"""Inches of a bar that took no time worth speaking of."""
HAIR = 0.015
"""Inches between two narrow bars, below which they are drawn as one."""
MOST_ARROWS = 30


def draw_gantt(
    page: Page,
    axes: Axes,
    rows: Sequence[Row],
    scale: TimeScale,
    width: float,
    names: dict[str, str],
    *,
    hand_overs: Sequence[HandOver] = (),
    alerts: Sequence[tuple[str, float]] = (),
    now: float | None = None,
    label_room: float = 1.3,
) -> None:
    """Draw rows, bars, hand-overs, alerts and the time axis into a panel that is `width` inches wide."""
    theme, height = page.theme, rows[-1].top + rows[-1].height if rows else 0.0
    bands = [rounded(0, 1, row.top, row.top + row.height, width, 0) for row in rows[::2]]
    boxes(axes, bands, theme.band, zorder=0)
    draw_time_axis(axes, scale, width, height, theme)
    for row in rows:
        _label(axes, row, names[row.agent], width, theme, label_room)
    _draw_bars(axes, rows, scale, width, theme)
    _draw_breaks(axes, rows, scale, width, theme)
    if 0 < len(hand_overs) <= MOST_ARROWS:
        _draw_arrows(axes, rows, scale, hand_overs, theme)
    _draw_alerts(axes, rows, scale, alerts, theme)
    if now is not None:
        _draw_moment(axes, scale, now, width, height, theme)


def _label(axes: Axes, row: Row, name: str, width: float, theme: Theme, room: float) -> None:
    put(axes, -0.1 / width, row.middle - 0.07 * (row.height > 0.4), fit(name, 10.5, room, True), theme.text, 10.5, bold=True, across="right")  # fmt: skip
    if row.height > 0.4:
        spent = total((bar.start, bar.end) for bar, _ in row.bars)
        calls = sum(bar.kind == "model" for bar, _ in row.bars)
        said = f"{calls} call{'' if calls == 1 else 's'} · {duration(spent)}" if calls else duration(spent)
        if any(bar.kind == "waiting" for bar, _ in row.bars):
            said = f"waited {duration(spent)}"
        shown = fit(said, 7.5, room) if row.bars else ""
        put(axes, -0.1 / width, row.middle + 0.11, shown, theme.soft, 7.5, across="right")


def edges(bar: Bar, scale: TimeScale, width: float) -> tuple[float, float]:
    """Where a bar begins and ends across, wide enough to be seen, with a hair's breadth to the next one."""
    x0, x1 = scale.at(bar.start), scale.at(bar.end)
    least = NARROWEST / width
    if x1 - x0 < least:
        x0 = min(x0, 1 - least)
        return x0, x0 + least
    gap = 0.008 / width
    return (x0 + gap, x1 - gap) if x1 - x0 > least + 2 * gap else (x0, x1)


def _draw_bars(axes: Axes, rows: Sequence[Row], scale: TimeScale, width: float, theme: Theme) -> None:
    spans: dict[tuple[str, float, float], list[tuple[float, float]]] = {}
    ends: list[list[tuple[float, float]]] = []
    for row in rows:
        for bar, lane in row.bars:
            x0, x1 = edges(bar, scale, width)
            top, bottom = row.lane(lane)
            spans.setdefault((bar.kind, top, bottom), []).append((x0, x1))
            if bar.open:
                ends.append([(x1, top - 0.04), (x1, bottom + 0.04)])
            _write_duration(axes, bar, (x0, x1), (top, bottom), width, theme)
    shapes: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for (kind, top, bottom), places in spans.items():
        whole = run_together(places, 1.01 * NARROWEST / width, HAIR / width)
        shapes.setdefault(kind, []).extend(rounded(x0, x1, top, bottom, width) for x0, x1 in whole)
    for number, (kind, drawn) in enumerate(shapes.items()):
        if not drawn:
            continue
        colour = theme.of(kind)
        artist = boxes(axes, drawn, colour, zorder=3 + number / 10, gid=f"bars-{kind}")
        if kind == "waiting":
            artist.set_hatch("////")
            artist.set_hatchcolor(theme.hatch)
            artist.set_hatch_linewidth(1.3)
    if ends:
        lines(axes, ends, theme.text, 1.6, zorder=4, gid="open-ends")


def _write_duration(
    axes: Axes, bar: Bar, x: tuple[float, float], y: tuple[float, float], width: float, theme: Theme
) -> None:
    """The bar's length in words, where it has room for them."""
    if y[1] - y[0] < 0.16:
        return
    words = brief(bar.end - bar.start) + (" …" if bar.open else "")
    room = (x[1] - x[0]) * width
    size = next((size for size in (8.0, 7.5) if text_width(words, size, True) <= room - 0.07), None)
    if size is None:
        return
    more: dict[str, Any] = {}
    colour = readable_on(theme.of(bar.kind))
    if bar.kind == "waiting":  # on a plate, since nobody can read on hatching
        colour = theme.text
        more["bbox"] = {"boxstyle": "round,pad=0.22", "facecolor": theme.ground, "edgecolor": "none"}
    put(axes, (x[0] + x[1]) / 2, (y[0] + y[1]) / 2, words, colour, size, bold=True, across="center", zorder=5, **more)  # fmt: skip


def _draw_breaks(axes: Axes, rows: Sequence[Row], scale: TimeScale, width: float, theme: Theme) -> None:
    """A gap in each bar that crosses a shortened stretch: its length on paper says nothing."""
    strokes: list[list[tuple[float, float]]] = []
    for start, end in scale.breaks:
        place = scale.at(start) + min(0.11 / width, 0.2 * (scale.at(end) - scale.at(start)))
        for row in rows:
            for bar, lane in row.bars:
                if bar.start < end and bar.end > start and bar.end - bar.start > (end - start) * 0.5:
                    top, bottom = row.lane(lane)
                    slant = 0.05 / width
                    strokes.append([(place - slant, bottom + 0.03), (place + slant, top - 0.03)])
    if strokes:
        lines(axes, strokes, theme.ground, 4.5, zorder=4)


def _draw_arrows(
    axes: Axes, rows: Sequence[Row], scale: TimeScale, hand_overs: Sequence[HandOver], theme: Theme
) -> None:
    """Arrows from the end of one agent's bar to the beginning of the next one's."""
    from matplotlib.patches import FancyArrowPatch

    by_agent = {row.agent: row for row in rows}
    for over in hand_overs:
        source, target = by_agent.get(over.source), by_agent.get(over.target)
        if source is None or target is None or source is target:
            continue
        down = target.top > source.top
        begun = [(bar, lane) for bar, lane in source.bars if bar.start <= over.seconds]
        after = [(bar, lane) for bar, lane in target.bars if bar.end >= over.seconds]
        from_bar = max(begun, key=lambda pair: pair[0].end, default=None)
        to_bar = min(after, key=lambda pair: pair[0].start, default=None)
        moment = scale.at(over.seconds)
        x0 = scale.at(min(from_bar[0].end, over.seconds)) if from_bar else moment
        if moment - x0 > 0.06:  # what the source did last is too long ago to point back to
            x0, from_bar = moment, None
        x1 = scale.at(max(to_bar[0].start, over.seconds) if to_bar else over.seconds)
        y0 = (source.lane(from_bar[1]) if from_bar else (source.top, source.top + source.height))[down]
        y1 = (target.lane(to_bar[1]) if to_bar else (target.top, target.top + target.height))[not down]
        arrow = FancyArrowPatch(
            (x0, y0),
            (x1, y1),
            arrowstyle="-|>",
            mutation_scale=8,
            shrinkA=1,
            shrinkB=1,
            color=theme.arrow,
            linewidth=1.0,
            zorder=2.5,
            clip_on=False,
        )
        axes.add_patch(arrow)


def _draw_alerts(
    axes: Axes, rows: Sequence[Row], scale: TimeScale, alerts: Sequence[tuple[str, float]], theme: Theme
) -> None:
    """A triangle over the bar where an alert was raised; over the first row where it is nobody's."""
    from matplotlib.lines import Line2D

    tops = {row.agent: row.lane(0)[0] - 0.085 for row in rows}
    if not alerts or not rows:
        return
    places = [
        (scale.at(seconds), tops.get(agent, rows[0].lane(0)[0] - 0.085)) for agent, seconds in alerts[:200]
    ]
    xs, ys = zip(*places, strict=True)
    marks = Line2D(
        xs, ys, linestyle="none", marker="v", markersize=8.5, markerfacecolor=theme.trouble,
        markeredgecolor=theme.ground, markeredgewidth=0.8, zorder=6, gid="alerts", clip_on=False,
    )  # fmt: skip
    axes.add_line(marks)


def _draw_moment(axes: Axes, scale: TimeScale, now: float, width: float, height: float, theme: Theme) -> None:
    """The line at the moment that a replay shows."""
    x = scale.at(now)
    lines(axes, [[(x, 0), (x, height + 0.05)]], theme.text, 1.3, zorder=7, clip_on=False, gid="moment")
    word = duration(now) if now > 0 else "start"
    half = (text_width(word, 8, True) / 2 + 0.06) / width
    plate = {"boxstyle": "round,pad=0.3", "facecolor": theme.text, "edgecolor": "none"}
    put(axes, min(max(x, half), 1 - half), height + 0.165, word, theme.ground, 8, bold=True, across="center", zorder=8, bbox=plate)  # fmt: skip
