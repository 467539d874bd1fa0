"""The approval board for notebooks: a goal becomes a plan, and each step waits for a person's yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from macae.ui.board import PlanBoard
    from macae.ui.static import plan_html

__all__ = ["PlanBoard", "plan_html"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: ipywidgets is not needed to import this package."""
    if name == "PlanBoard":
        from macae.ui.board import PlanBoard

        return PlanBoard
    if name == "plan_html":
        from macae.ui.static import plan_html

        return plan_html
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
