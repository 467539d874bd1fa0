"""Two sessions side by side: their key numbers with the difference, and both Gantts on one time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.monitoring.figures.axis import draw_legend, legend_entries, legend_lines
from macae.monitoring.figures.differences import WORK, Difference, differences
from macae.monitoring.figures.gantt import draw_gantt
from macae.monitoring.figures.page import Page, boxes, fit, lines, put, rounded, text_width
from macae.monitoring.figures.rows import Row, rows_of
from macae.monitoring.figures.scale import TimeScale, time_scale
from macae.monitoring.figures.theme import Theme, theme_named
from macae.monitoring.recorded import recorded
from macae.monitoring.texts import one_line
from macae.monitoring.words import duration, short_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from macae.monitoring.recording import Recording

__all__ = ["compare_figure"]

MARGIN = 0.32
LINE = 0.31
"""Inches of a line of the table of key numbers."""
LEGEND = 0.28
"""Inches of a line of the legend, which is for both sessions."""


def compare_figure(
    a: Recording,
    b: Recording,
    theme: str | Theme = "light",
    width: float = 12.8,
    names: tuple[str, str] = ("A", "B"),
    *,
    titles: tuple[str, str] | None = None,
    table: bool = True,
) -> Figure:
    """Draw two sessions for comparison: a table of key numbers, and who did what when, on one time axis.

    `names` are short names for them, `titles` are written in place of their own, `table` False leaves the table out.
    Raises InvalidInput for an unknown theme, and for what is no recording.
    """
    colours = theme_named(theme)
    width = max(float(width), 4.0)
    a, b = both = (recorded(a), recorded(b))
    label = {n: one_line(name, 24) for n, name in enumerate(names)}
    everyone = list(dict.fromkeys([*a.agents, *b.agents]))
    shown = short_names(everyone)
    room = max([text_width(shown[name], 10.5, True) for name in everyone] or [0.9])
    room = max(min(room, max(width * 0.17, 1.2)), 1.05)
    left = MARGIN + room + 0.14
    inner = width - left - MARGIN
    work = [(bar.start, bar.end) for one in both for bar in one.bars if bar.kind in WORK]
    scale = time_scale(max(a.seconds, b.seconds), work)
    laid = [rows_of([name for name in everyone if name in one.agents], one.bars) for one in both]
    numbers = differences(a, b) if table else []
    top = MARGIN + (0.95 + 0.42 + LINE * len(numbers) + 0.12 if table else 0.0)
    heights = [max(height, 0.6) for _, height in laid]
    kinds = {bar.kind for one in both for bar in one.bars}
    legend = legend_lines(legend_entries(kinds, bool(a.alerts or b.alerts), bool(scale.breaks)), inner)
    page = Page(width, top + LEGEND * len(legend) + sum(heights) + 2 * 0.95 + 0.2, colours)
    if table:
        _heading(page, width, numbers, label)
    key = page.panel("legend", left, top, inner, LEGEND * len(legend))
    for line, entries in enumerate(legend):
        draw_legend(key, entries, inner, LEGEND * (line + 0.5), inner, colours)
    top += LEGEND * len(legend)
    for number, one in enumerate(both):
        rows, _ = laid[number]
        words = titles[number] if titles else one.title
        end = f" · {one.status_text} · {duration(one.seconds)}"
        begin = fit(f"{label[number]} · {words}", 10.5, inner - text_width(end, 10.5, True), True)
        _gantt(page, one, rows, scale, (left, top, inner, heights[number]), shown, f"{begin}{end}", room)
        top += heights[number] + 0.95
    return page.figure


def _heading(page: Page, width: float, numbers: list[Difference], label: dict[int, str]) -> None:
    """The title, how to read it, and the table."""
    colours = page.theme
    head = page.panel("strip", MARGIN, MARGIN, width - 2 * MARGIN, 0.7)
    put(head, 0, 0.15, "Two sessions compared", colours.text, 15, bold=True, gid="title")
    note = "B is judged against A. Waiting and tool calls are not judged."
    note = note.replace("B is", f"{label[1]} is").replace("against A", f"against {label[0]}")
    put(head, 0, 0.46, fit(note, 9.5, width - 2 * MARGIN), colours.soft, 9.5)
    _table(page, MARGIN + 0.72, width - 2 * MARGIN, numbers, label)


def _gantt(
    page: Page,
    one: Recording,
    rows: list[Row],
    scale: TimeScale,
    place: tuple[float, float, float, float],
    shown: dict[str, str],
    title: str,
    room: float,
) -> None:
    left, top, inner, height = place
    colours = page.theme
    heading = page.panel(f"heading-{title[:30]}", left, top, inner, 0.4)
    put(heading, 0, 0.13, fit(title, 10.5, inner, True), colours.text, 10.5, bold=True)
    axes = page.panel(f"gantt-{title[:30]}", left, top + 0.4, inner, height)
    if rows:
        alerts = [(alert.agent, alert.seconds) for alert in one.alerts]
        draw_gantt(page, axes, rows, scale, inner, shown, alerts=alerts, label_room=room)
    else:
        boxes(axes, [rounded(0, 1, 0, height, inner, 0.06)], colours.band, zorder=0)
        put(axes, 0.5, height / 2, "Nothing has happened in this session yet.", colours.soft, 9.5, across="center")  # fmt: skip
    end = scale.at(one.seconds)
    if rows and end < 0.995:
        lines(axes, [[(end, 0), (end, height)]], colours.soft, 1.0, linestyles=(0, (2, 2)), zorder=2)
        put(axes, end + 0.05 / inner, height - 0.1, "end", colours.soft, 8)


def _table(page: Page, top: float, width: float, table: list[Difference], label: dict[int, str]) -> None:
    colours = page.theme
    height = 0.42 + LINE * len(table)
    axes = page.panel("differences", MARGIN, top, width, height)
    columns = [0.0, 0.36, 0.52, 0.68] if width > 8 else [0.0, 0.42, 0.6, 0.76]
    for at, words in zip(columns[1:], (label[0], label[1], "difference"), strict=True):
        put(axes, at, 0.16, fit(words, 9, width * 0.15, True), colours.soft, 9, bold=True)
    marks = {"better": ("✔", colours.tool), "worse": ("▲", colours.trouble)}
    for number, row in enumerate(table):
        y = 0.36 + LINE * (number + 0.5)
        if number % 2 == 0:
            boxes(axes, [rounded(0, 1, y - LINE / 2, y + LINE / 2, width, 0.0)], colours.band, zorder=0)
        put(axes, 0.08 / width, y, row.name, colours.text, 9.5)
        put(axes, columns[1], y, row.first, colours.text, 9.5)
        put(axes, columns[2], y, row.second, colours.text, 9.5, bold=True)
        put(axes, columns[3], y, row.change, colours.soft if row.verdict in ("same", "") else colours.text, 9.5)  # fmt: skip
        mark, ink = marks.get(row.verdict, ("", colours.soft))
        if mark:
            at = columns[3] + 0.85 / width
            put(axes, at, y, mark, ink, 9)
            put(axes, at + 0.2 / width, y, row.verdict, ink, 9.5, bold=True)
