"""The strip on top: what session it is, how it stands, and its key numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from macae.monitoring.analysis.kpis import Kpi
from macae.monitoring.analysis.kpis import kpis as key_numbers
from macae.monitoring.analysis.summing import summary
from macae.monitoring.figures.page import Page, fit, put, text_width
from macae.monitoring.texts import one_line
from macae.monitoring.words import duration

if TYPE_CHECKING:
    from macae.monitoring.recording import Recording

__all__ = ["WIDE", "draw_strip", "kpis", "strip_height"]

MARKS = {
    "finished": "■",
    "working": "▶",
    "planning": "▶",
    "waiting": "◆",
    "paused": "◆",
    "interrupted": "◆",
    "failed": "✖",
    "impossible": "✖",
    "cancelled": "□",
}
"""A shape for each status, so that its colour is not needed."""
APART = 0.42
WIDE = 10.4
"""Inches of a page on which everything finds place side by side."""


SHOWN = ("model call", "token", "p95", "cost", "error", "alert")
"""How the labels of those key numbers begin that the picture has room for."""


def kpis(
    recording: Recording, budget_usd: float | None = None, limit_seconds: float | None = 5.0
) -> list[Kpi]:
    """The session's key numbers: model calls, tokens, 95th percentile of latency, cost, errors, alerts."""
    told = key_numbers(summary(recording), budget_usd, limit_seconds)
    return [number for number in told if number.label.startswith(SHOWN)]


def strip_height(width: float) -> float:
    """Inches that the strip takes: two lines of numbers where the page is narrow."""
    return 0.86 if width >= WIDE else 1.95 if width < 5.6 else 1.4


def draw_strip(page: Page, left: float, top: float, width: float, title: str, status: str, words: str, elapsed: float, aside: str, numbers: Sequence[Kpi]) -> None:  # fmt: skip
    """Title and status on the left, key numbers on the right; below each other where the page is narrow."""
    theme, height = page.theme, strip_height(page.width)
    axes = page.panel("strip", left, top, width, height)
    widths = [
        max(text_width(n.value, 15, True) + 0.24 * n.trouble, text_width(n.label, 8.5)) for n in numbers
    ]
    beside = page.width >= WIDE
    taken = sum(widths) + APART * (len(widths) - 1)
    room = width - taken - 0.5 if beside else width
    note = fit(f"{words} · {duration(elapsed)} · {aside}", 10, room - 0.2)
    size = next((size for size in (15.0, 13.0) if text_width(one_line(title), size, True) <= room), 11.5)
    put(axes, 0, 0.15, fit(title, size, room, True), theme.text, size, bold=True, gid="title")
    colour = {"failed": theme.trouble, "impossible": theme.trouble, "waiting": theme.waiting, "paused": theme.waiting, "interrupted": theme.trouble, "finished": theme.tool, "working": theme.model, "planning": theme.model}.get(status, theme.soft)  # fmt: skip
    put(axes, 0, 0.45, MARKS.get(status, "●"), colour, 9.5)
    put(axes, 0.2 / width, 0.45, note, theme.soft, 10)
    x, y = (width - taken, 0.15) if beside else (0.0, 0.88)
    for number, wide in zip(numbers, widths, strict=True):
        if not beside and x > 0 and x + wide > width:
            x, y = 0.0, y + 0.62
        ink = theme.trouble if number.trouble else theme.text
        put(axes, x / width, y, number.value, ink, 15, bold=True)
        if number.trouble:
            put(axes, (x + text_width(number.value, 15, True) + 0.07) / width, y, "▲", ink, 9)
        put(axes, x / width, y + 0.29, number.label, ink if number.trouble else theme.soft, 8.5)
        x += wide + (APART if beside else 0.4)
