"""The report's figures: for light and dark, for wide and narrow screens, each within the file."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from typing import TYPE_CHECKING

from macae.monitoring.figures.saving import png, svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["picture"]

NARROW = 4.4
"""Inches of the figure for a telephone."""
LARGEST = 400_000
"""Characters of a drawing; a session with so many bars that it takes more becomes a picture of dots, which does not grow."""


def picture(draw: Callable[[str, float], Figure], says: str, width: float, narrow: bool = True) -> str:
    """A figure that follows the page: `draw` is called with a theme and a width in inches; `says` is read to who cannot see it."""
    dark, phone = "screen and (prefers-color-scheme: dark)", "screen and (max-width: 640px)"
    sources = []
    if narrow:
        sources.append((f"{phone} and (prefers-color-scheme: dark)", draw("dark", NARROW)))
        sources.append((phone, draw("light", NARROW)))
    sources.append((dark, draw("dark", width)))
    given = "".join(
        f'<source media="{media}" srcset="{_address(drawn)}" width="{_size(drawn)[0]}" height="{_size(drawn)[1]}">'
        for media, drawn in sources
    )
    light = draw("light", width)
    wide, high = _size(light)
    return (
        f"<picture>{given}"
        f'<img src="{_address(light)}" width="{wide}" height="{high}" alt="{html.escape(says, quote=True)}"></picture>'
    )


def _size(figure: Figure) -> tuple[int, int]:
    wide, high = figure.get_size_inches()
    return round(wide * 96), round(high * 96)


def _address(figure: Figure) -> str:
    drawing = svg(figure)
    if len(drawing) <= LARGEST:
        return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode("utf-8")).decode("ascii")
    return "data:image/png;base64," + base64.b64encode(png(figure, 1.5)).decode("ascii")
