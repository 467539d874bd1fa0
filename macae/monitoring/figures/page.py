"""The sheet that figures are drawn on: places in inches, text measured before it is put down.

Everything that matplotlib would take from the reader's own style (`rcParams`) is given here, so a figure looks the same
everywhere, and drawing in a thread changes nothing for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from macae.monitoring.figures.fonts import drawable, font_for, text_width
from macae.monitoring.figures.theme import Theme
from macae.monitoring.texts import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path as Shape
    from matplotlib.text import Text

__all__ = ["Page", "boxes", "fit", "lines", "put", "rounded", "text_width"]

DPI = 100


class Page:
    """A figure of a width and height in inches, on the theme's ground."""

    def __init__(self, width: float, height: float, theme: Theme) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width, self.height, self.theme = width, height, theme
        self.figure: Figure = Figure(
            figsize=(width, height), dpi=DPI, facecolor=theme.ground, edgecolor="none"
        )
        FigureCanvasAgg(self.figure)

    def panel(self, label: str, left: float, top: float, width: float, height: float) -> Axes:
        """A panel at so many inches from the left and the top. Across it counts 0 to 1; down it counts inches."""
        rect = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(rect, label=label)
        axes.set_axis_off()
        axes.set(xlim=(0, 1), ylim=(height, 0))
        return axes


def fit(text: object, size: float, room: float, bold: bool = False) -> str:
    """As much of a text, on one line, as `room` inches hold."""
    line = one_line(text)
    if text_width(line, size, bold) <= room:
        return line
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(f"{line[:middle].rstrip()}…", size, bold) <= room:
            low = middle
        else:
            high = middle - 1
    return f"{line[:low].rstrip()}…" if low else ""


def put(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    colour: str,
    size: float = 9,
    *,
    bold: bool = False,
    across: str = "left",
    down: str = "center",
    **more: Any,
) -> Text:
    """Write a line of text; nothing in it is taken for mathematics."""
    written: Text = axes.text(
        x,
        y,
        drawable(text, bold),
        color=colour,
        fontproperties=font_for(text, bold),
        size=size,
        ha=across,
        va="center_baseline" if down == "center" else down,
        parse_math=False,
        usetex=False,
        **more,
    )
    return written


def lines(
    axes: Axes, ends: Sequence[Sequence[tuple[float, float]]], colour: str, width: float = 0.8, **more: Any
) -> Any:
    """Draw lines, each given by its points; `width` in points."""
    from matplotlib.collections import LineCollection

    drawn = LineCollection(ends, colors=colour, linewidths=width, **more)
    return axes.add_collection(drawn, autolim=False)


def boxes(axes: Axes, shapes: Sequence[Shape], colour: str, **more: Any) -> Any:
    """Draw filled shapes of one colour as one artist."""
    from matplotlib.collections import PathCollection

    more = {"edgecolors": "none", "linewidths": 0, **more}
    drawn = PathCollection(shapes, facecolors=colour, transform=axes.transData, **more)
    return axes.add_collection(drawn, autolim=False)


def rounded(x0: float, x1: float, y0: float, y1: float, across: float, radius: float = 0.035) -> Shape:
    """A box with round corners. `across` is what one unit of x is in inches; y is in inches."""
    from matplotlib.path import Path as Shape

    r = max(0.0, min(radius, (x1 - x0) * across / 2, abs(y1 - y0) / 2))
    rx = r / across
    points = [
        (x0 + rx, y0), (x1 - rx, y0), (x1, y0), (x1, y0 + r), (x1, y1 - r), (x1, y1), (x1 - rx, y1),
        (x0 + rx, y1), (x0, y1), (x0, y1 - r), (x0, y0 + r), (x0, y0), (x0 + rx, y0), (x0 + rx, y0),
    ]  # fmt: skip
    codes = [1, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3, 79]
    return Shape(points, codes)
