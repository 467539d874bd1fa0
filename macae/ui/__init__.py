"""The approval board for notebooks: a goal becomes a plan, and each step waits for a person's yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.ui.board import PlanBoard
    from macae.ui.static import plan_html
    from macae.ui.trail import trail_html

__all__ = ["PlanBoard", "plan_html", "trail_html"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {"PlanBoard": "macae.ui.board", "plan_html": "macae.ui.static", "trail_html": "macae.ui.trail"},
)
