"""Two sessions side by side: their key numbers with the difference, and both Gantts on one time axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from macae.monitoring.figures.axis import KINDS, draw_legend
from macae.monitoring.figures.gantt import draw_gantt
from macae.monitoring.figures.page import Page, boxes, fit, lines, put, rounded, text_width
from macae.monitoring.figures.rows import Row, rows_of
from macae.monitoring.figures.scale import TimeScale, time_scale
from macae.monitoring.figures.theme import theme_named
from macae.monitoring.figures.words import duration, one_line, percentile, short_names, tokens, usd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from macae.monitoring.recording import Recording

__all__ = ["Difference", "compare_figure", "differences"]

MARGIN = 0.32
WORK = ("model", "tool", "memory", "error")
LINE = 0.31
"""Inches of a line of the table of key numbers."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One key number of both sessions. For all of them less is better; `verdict` speaks of the second session."""

    name: str
    first: str
    second: str
    change: str
    verdict: Literal["better", "worse", "same", ""]


def differences(a: Recording, b: Recording) -> list[Difference]:
    """The key numbers of two sessions and how they differ. A change of less than one percent is the same."""
    return [
        _compared("duration", a.seconds, b.seconds, duration),
        _compared("work without waiting", _worked(a), _worked(b), duration),
        _compared("waiting for a person", _waited(a), _waited(b), duration, judged=False),
        _compared("model calls", len(a.model_calls), len(b.model_calls), lambda n: f"{n:,.0f}"),
        _compared("p95 latency", _slowest(a), _slowest(b), duration),
        _compared("prompt tokens", _tokens(a)[0], _tokens(b)[0], tokens),
        _compared("completion tokens", _tokens(a)[1], _tokens(b)[1], tokens),
        _compared("cost", _cost(a), _cost(b), usd),
        _compared("tool calls", len(a.tool_calls), len(b.tool_calls), lambda n: f"{n:,.0f}", judged=False),
        _compared("errors", len(a.errors), len(b.errors), lambda n: f"{n:,.0f}"),
        _compared("alerts", len(a.alerts), len(b.alerts), lambda n: f"{n:,.0f}"),
    ]


def _compared(
    name: str, a: float | None, b: float | None, words: Callable[[float], str], *, judged: bool = True
) -> Difference:
    if a is None or b is None:
        unknown = "unpriced" if name == "cost" else "–"
        return Difference(name, words(a) if a is not None else unknown, words(b) if b is not None else unknown, "", "")  # fmt: skip
    if a == b or abs(b - a) < 0.01 * max(abs(a), abs(b)):
        return Difference(name, words(a), words(b), "same", "same")
    sign = "−" if b < a else "+"
    change = (
        f"{sign}{abs(b - a) / a * 100:,.0f} %" if a and abs(b - a) / a < 10 else f"{sign}{words(abs(b - a))}"
    )
    return Difference(name, words(a), words(b), change, ("better" if b < a else "worse") if judged else "")


def compare_figure(
    a: Recording, b: Recording, theme: str = "light", width: float = 12.8, names: tuple[str, str] = ("A", "B")
) -> Figure:
    """Draw two sessions for comparison; `names` are short names for them. Raises InvalidInput for an unknown theme."""
    colours = theme_named(theme)
    width = max(float(width), 5.0)
    both = (a, b)
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
    table = differences(a, b)
    table_height = 0.42 + LINE * len(table)
    heights = [max(height, 0.6) for _, height in laid]
    page = Page(width, MARGIN + 0.8 + table_height + sum(heights) + 2 * 0.95 + 0.35, colours)

    head = page.panel("strip", MARGIN, MARGIN, width - 2 * MARGIN, 0.7)
    put(head, 0, 0.15, "Two sessions compared", colours.text, 15, bold=True, gid="title")
    note = "B is judged against A; less is better. Waiting and tool calls are not judged."
    note = note.replace("B is", f"{label[1]} is").replace("against A", f"against {label[0]}")
    put(head, 0, 0.46, fit(note, 9.5, width - 2 * MARGIN), colours.soft, 9.5)
    _table(page, MARGIN + 0.72, width - 2 * MARGIN, table, label)
    top = MARGIN + 0.8 + table_height + 0.15
    for number, one in enumerate(both):
        rows, _ = laid[number]
        _gantt(page, one, rows, scale, (left, top, inner, heights[number]), shown, label[number], room, number == 0)  # fmt: skip
        top += heights[number] + 0.95
    return page.figure


def _gantt(
    page: Page,
    one: Recording,
    rows: list[Row],
    scale: TimeScale,
    place: tuple[float, float, float, float],
    shown: dict[str, str],
    name: str,
    room: float,
    legend: bool,
) -> None:
    left, top, inner, height = place
    colours = page.theme
    heading = page.panel(f"heading-{name}", left, top, inner, 0.4)
    kinds = {bar.kind for bar in one.bars}
    entries: list[tuple[str, str]] = []
    if legend:
        entries = [(kind, words) for kind, words in KINDS.items() if kind in kinds]
    entries += [("break", "time shortened")] if legend and scale.breaks else []
    taken = sum(text_width(words, 8.5) + 0.42 for _, words in entries)
    if taken > inner * 0.6:
        entries, taken = [], 0.0
    title = f"{name} · {one_line(one.title, 200)} · {one.status} · {duration(one.seconds)}"
    put(heading, 0, 0.13, fit(title, 10.5, inner - taken - 0.2, True), colours.text, 10.5, bold=True)
    draw_legend(heading, entries, inner, 0.13, inner, colours)
    axes = page.panel(f"gantt-{name}", left, top + 0.4, inner, height)
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


def _waited(one: Recording) -> float:
    return sum(bar.end - bar.start for bar in one.bars if bar.kind == "waiting")


def _worked(one: Recording) -> float:
    """Seconds in which at least one call ran."""
    total, reach = 0.0, 0.0
    for start, end in sorted((bar.start, bar.end) for bar in one.bars if bar.kind in WORK):
        total += max(0.0, end - max(start, reach))
        reach = max(reach, end)
    return total


def _slowest(one: Recording) -> float | None:
    return percentile([call.seconds for call in one.model_calls], 0.95)


def _tokens(one: Recording) -> tuple[int, int]:
    calls = one.model_calls
    return sum(c.prompt_tokens for c in calls), sum(c.completion_tokens for c in calls)


def _cost(one: Recording) -> float | None:
    """US dollars; None where the price of any call is not known."""
    if one.unpriced:
        return None
    return one.costs[-1][1] if one.costs else 0.0
