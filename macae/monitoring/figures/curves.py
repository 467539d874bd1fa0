"""The panels of what adds up: cost so far, and the metrics that the reader added."""

from __future__ import annotations

import math
from collections.abc import Sequence

from macae.monitoring.figures.chart import TITLE, Chart, Place, dots, empty_panel, time_chart
from macae.monitoring.figures.page import Page, boxes, fit, lines, put
from macae.monitoring.figures.scale import TimeScale
from macae.monitoring.words import tokens, usd

__all__ = ["cost_panel", "metric_panel"]


def cost_panel(
    page: Page,
    place: Place,
    scale: TimeScale,
    costs: Sequence[tuple[float, float]],
    unpriced: int,
    why: str,
    calls: int,
    budget: float | None,
    *,
    until: float,
    highest: float = 0.0,
) -> None:
    """US dollars spent up to each moment, against the budget where there is one. `why`: why calls are unpriced.

    The line goes on to the moment `until`, the scale up to `highest` US dollars at least.
    """
    if not costs:
        told = f"{why[:1].upper()}{why[1:]}." if unpriced else "No priced model call has ended yet."
        return empty_panel(page, "cost", place, "Cost so far", told)
    total = costs[-1][1]
    if max(total, highest) <= 0 and not budget:
        return empty_panel(page, "cost", place, "Cost so far", "$0.00: this model costs nothing.")
    level = (budget, f"budget {usd(budget)}") if budget else None
    aside = f"{unpriced} of {calls} calls unpriced" if unpriced else ""
    chart = time_chart(
        page,
        "cost",
        *place,
        scale,
        title="Cost so far",
        aside=aside,
        most=max(total, highest),
        level=level,
        words=_dollars,
    )
    colour = page.theme.trouble if budget and total > budget else page.theme.model
    _stairs(page, chart, [(0.0, 0.0), *costs], usd(total), colour, "cost-line", until)
    return None


def metric_panel(
    page: Page, place: Place, scale: TimeScale, name: str, values: Sequence[tuple[float, float]], until: float
) -> None:
    """A metric that the reader added: a value for each moment. What is no finite number is left out."""
    title = fit(name, 10.5, place[2], True)
    good = sorted((at, value) for at, value in values if math.isfinite(at) and math.isfinite(value))
    if not good:
        return empty_panel(page, f"metric:{name}", place, title, "No value yet.")
    most = max(max(value for _, value in good), 0.0)
    least = min(value for _, value in good)
    chart = time_chart(
        page, f"metric:{name}", *place, scale, title=title, most=most, least=least, words=_number
    )
    _stairs(page, chart, good, _number(good[-1][1]), page.theme.metric, "metric-line", until)
    return None


def _stairs(
    page: Page,
    chart: Chart,
    values: Sequence[tuple[float, float]],
    last: str,
    colour: str,
    gid: str,
    until: float,
) -> None:
    """A line that keeps each value until the next one, its last value written at its end."""
    from matplotlib.path import Path as Shape

    points: list[tuple[float, float]] = []
    for at, value in values:
        x = chart.scale.at(at)
        if points:
            points.append((x, points[-1][1]))
        points.append((x, chart.y(value)))
    end = chart.scale.at(max(until, values[-1][0]))
    points.append((end, points[-1][1]))
    area = [(points[0][0], chart.y(0)), *points, (end, chart.y(0))]
    boxes(chart.axes, [Shape(area)], colour, alpha=0.14, zorder=2)
    lines(chart.axes, [points], colour, 1.8, zorder=3, gid=gid)
    dots(chart, points[-1:], colour, page.theme.ground, "o", 5.5, f"{gid}-end")
    plate = {"boxstyle": "square,pad=0.1", "facecolor": page.theme.ground, "edgecolor": "none"}
    y = max(points[-1][1] - 0.14, TITLE - 0.04)
    across = "right" if end > 0.2 else "left"
    put(chart.axes, end, y, last, colour, 9, bold=True, across=across, zorder=6, bbox=plate)


def _dollars(value: float) -> str:
    if not value:
        return "$0"
    return (
        f"${value:,.2f}"
        if round(value, 2) == round(value, 6)
        else f"${float(f'{value:.2g}'):.8f}".rstrip("0")
    )


def _number(value: float) -> str:
    if abs(value) >= 10_000:
        return tokens(value) if value > 0 else f"{value:.3g}"
    return f"{value:.4g}"
