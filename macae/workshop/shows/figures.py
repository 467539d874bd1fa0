"""Matplotlib figures that follow the notebook's theme: drawn as SVG, with the theme's colours put in place of ours."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SHADES", "TONES", "new_figure", "themed"]

TONES = {"fg": "#010101", "soft": "#020202", "line": "#030303", "ok": "#040404", "ask": "#050505", "info": "#060606", "quiet": "#070707", "bg": "#080808"}  # fmt: skip
"""What to draw with, by the name of the theme's colour that it becomes."""
SHADES = ("#3b82d0", "#d9822b", "#2e9d5b", "#c2508f", "#8a6fd1", "#b8860b", "#1fa3a3", "#d05a4e")
"""Eight colours that can be told apart on light and on dark ground."""


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, without a background and without pyplot."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), facecolor="none")


def themed(figure: Figure, label: str) -> str:
    """The figure as SVG for a card; `label` is what a screen reader says."""
    import matplotlib

    from macae.ui.text import esc

    out = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "macae"}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    for name, colour in TONES.items():
        svg = svg.replace(colour, f"var(--x-{name})")
    svg = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{esc(label)}"', 1)
