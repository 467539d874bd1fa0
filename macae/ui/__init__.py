"""For notebooks: the approval board, where each step waits for a person's yes, and the monitor, which shows what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.ui.board import PlanBoard
    from macae.ui.monitor.monitor import Monitor
    from macae.ui.static import plan_html
    from macae.ui.trail import trail_html

__all__ = ["Monitor", "PlanBoard", "plan_html", "trail_html"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Monitor": "macae.ui.monitor.monitor",
        "PlanBoard": "macae.ui.board",
        "plan_html": "macae.ui.static",
        "trail_html": "macae.ui.trail",
    },
)
