"""What a memory's query may be told beside its text: checked alike by all of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from macae.errors import InvalidInput

__all__ = ["MOST", "checked_k", "checked_threshold", "nothing_else"]

MOST = 1_000
"""Results of one query."""


def checked_k(k: int) -> int:
    """How many results at most. Raises InvalidInput for anything but a whole number from 1 to 1,000."""
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MOST:
        raise InvalidInput(f"k must be a whole number from 1 to {MOST:,}, not {k!r}.")
    return k


def checked_threshold(threshold: float | None) -> float | None:
    """The least score. Raises InvalidInput for anything but None or a number from 0 to 1."""
    if threshold is None:
        return None
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not 0 <= threshold <= 1:
        raise InvalidInput(f"threshold must be a number from 0 to 1, not {threshold!r}.")
    return threshold


def nothing_else(unknown: Mapping[str, Any], what: str, known: str) -> None:
    """An option that is passed over in silence may be a filter that somebody relies on: raises InvalidInput for it."""
    if unknown:
        raise InvalidInput(f"{what}'s query knows {known}, not {', '.join(unknown)}.")
