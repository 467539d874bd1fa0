"""Which notebook cell is running: run again, a cell's new monitor takes the place of the one it made before."""

from __future__ import annotations

import sys
from typing import Any, Protocol
from weakref import WeakSet

__all__ = ["Stoppable", "replace_earlier", "running_cell"]


class Stoppable(Protocol):
    """What a cell has made."""

    def stop(self) -> None:
        """Follow no longer."""


_made: dict[str, tuple[str, WeakSet[Any]]] = {}
"""By cell: the run, and what was made in it."""


def running_cell() -> tuple[str, str] | None:
    """The id of the cell that runs and of this run of it; None outside notebooks, or where the front end doesn't tell."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    if shell is None or not hasattr(shell, "get_parent"):
        return None
    parent = shell.get_parent() or {}
    cell = (parent.get("metadata") or {}).get("cellId")
    run = (parent.get("header") or {}).get("msg_id")
    return (str(cell), str(run)) if cell and run else None


def replace_earlier(made: Stoppable, cell: tuple[str, str] | None) -> None:
    """Stop what an earlier run of this cell has made. Several made in one run live side by side."""
    if cell is None:
        return
    place, run = cell
    earlier_run, earlier = _made.get(place, (run, WeakSet()))
    if earlier_run != run:
        for old in list(earlier):
            old.stop()
        earlier = WeakSet()
    earlier.add(made)
    _made[place] = (run, earlier)
