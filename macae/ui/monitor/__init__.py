"""The monitor for notebooks: what a session's agents do, live or replayed, with figures, numbers and the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.ui.monitor.comparing import Comparison
    from macae.ui.monitor.monitor import Monitor

__all__ = ["Comparison", "Monitor"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {"Comparison": "macae.ui.monitor.comparing", "Monitor": "macae.ui.monitor.monitor"},
)
