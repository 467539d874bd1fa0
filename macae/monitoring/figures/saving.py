"""A figure as PNG or SVG: the same figure gives the same bytes."""

from __future__ import annotations

import io
import re
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from macae.errors import InvalidInput
from macae.monitoring.files import put_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["png", "save_png", "svg"]

ONE_AT_A_TIME = Lock()


def png(figure: Figure, scale: float = 1.0, *, transparent: bool = False) -> bytes:
    """The figure as a PNG picture. `scale` 1 is 100 dots an inch; 2 is sharp on fine screens and in print.

    `transparent` leaves the ground out, for a page that has the theme's ground already. Raises InvalidInput for a scale
    outside 0.25 to 6.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if not 0.25 <= scale <= 6:
        raise InvalidInput(f"A picture's scale is between 0.25 and 6, not {scale!r}.")
    out, dots, ground = io.BytesIO(), figure.get_dpi(), figure.get_facecolor()
    canvas = figure.canvas
    try:
        figure.set_dpi(100 * scale)
        if transparent:
            figure.set_facecolor("none")
        drawing: Any = FigureCanvasAgg(figure)
        drawing.print_png(
            out, metadata={"Software": None}, pil_kwargs={"compress_level": 4, "dpi": (100 * scale,) * 2}
        )
    finally:
        figure.set_dpi(dots)
        figure.set_facecolor(ground)
        figure.set_canvas(canvas)
    return out.getvalue()


def save_png(figure: Figure, path: str | Path, scale: float = 2.0) -> Path:
    """Write the figure to a PNG file, whole or not at all; one that is there is replaced. Raises InvalidInput."""
    return put_file(path, png(figure, scale))


def svg(figure: Figure) -> str:
    """The figure as SVG, its letters as shapes: it needs no font and looks the same everywhere."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    out, canvas = io.StringIO(), figure.canvas
    wanted = {"svg.fonttype": "path", "svg.hashsalt": "macae"}
    with ONE_AT_A_TIME:  # matplotlib takes these two from a place that all threads share
        shared: Any = matplotlib.rcParams
        before = {name: shared[name] for name in wanted}
        try:
            shared.update(wanted)
            drawing: Any = FigureCanvasSVG(figure)
            drawing.print_svg(out, metadata={"Date": None, "Creator": None})
        finally:
            shared.update(before)
            figure.set_canvas(canvas)
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text[text.index("<svg") :], flags=re.S)
    return re.sub(r"\n\s*", "\n", text)
