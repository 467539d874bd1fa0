"""Figures of a recorded session: who did what when, what it cost, who talks to whom, two sessions side by side.

Drawn with matplotlib but without pyplot: nothing here opens a window, touches the reader's own plots, or reads their style.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.figures.comparing import compare_figure
    from macae.monitoring.figures.monitor import monitor_figure
    from macae.monitoring.figures.saving import png, save_png, svg
    from macae.monitoring.figures.talking import conversation_figure

__all__ = ["compare_figure", "conversation_figure", "monitor_figure", "png", "save_png", "svg"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "compare_figure": "macae.monitoring.figures.comparing",
        "conversation_figure": "macae.monitoring.figures.talking",
        "monitor_figure": "macae.monitoring.figures.monitor",
        "png": "macae.monitoring.figures.saving",
        "save_png": "macae.monitoring.figures.saving",
        "svg": "macae.monitoring.figures.saving",
    },
)
