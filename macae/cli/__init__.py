"""The `macae` command: goals, approvals and results in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.cli.entry import main

__all__ = ["main"]

__getattr__, __dir__ = lazy_names(__name__, {"main": "macae.cli.entry"})
