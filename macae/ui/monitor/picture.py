"""Figures that follow the notebook's theme: drawn once as SVG, with colours that the style sheet decides."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from macae.ui.text import esc

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from macae.monitoring.figures.theme import Theme

__all__ = ["embedded", "sheet", "themed"]

LARGEST = 400_000
"""Characters of SVG that a browser is sent each second at most; beyond that it gets a picture of dots."""


@cache
def sheet() -> Theme:
    """A theme to draw with: light, each colour only once, so that each can be found again."""
    from macae.monitoring.figures.theme import LIGHT

    return replace(LIGHT, name="sheet", ground="#fefefe", hatch="#fdfdfd")


def themed(figure: Figure, label: str) -> str:
    """The figure, drawn with `sheet()`, as HTML; `label` is what a screen reader says."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    out = io.StringIO()
    # Not within rc_context: when it ends it puts all of matplotlib's settings back, and what the reader's own cell has set
    # meanwhile would be lost. Without a salt, the ids inside are new each time, so that two pictures do not share any.
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(out, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r"\n\s*", "\n", svg)
    if len(svg) > LARGEST:
        return embedded(figure, label)
    theme = sheet()
    for field in fields(theme):
        colour = getattr(theme, field.name)
        if colour.startswith("#"):
            svg = svg.replace(colour, f"var(--f-{field.name})")
    svg = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = svg.replace("<svg", f'<svg role="img" aria-label="{esc(label)}"', 1)
    return f'<div class="macae-figure">{svg}</div>'


def embedded(figure: Figure, label: str) -> str:
    """The figure as a picture of dots inside HTML, on its own ground."""
    from macae.monitoring.figures import png

    data = base64.b64encode(png(figure, 1.5)).decode()
    width, height = (round(100 * inches) for inches in figure.get_size_inches())
    return (
        f'<div class="macae-figure"><img decoding="sync" width="{width}" height="{height}" alt="{esc(label)}"'
        f' src="data:image/png;base64,{data}"></div>'
    )
