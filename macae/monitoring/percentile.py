"""Percentiles, for analysis and alerts alike."""

from __future__ import annotations

from collections.abc import Iterable

from macae.errors import InvalidInput

__all__ = ["percentile"]


def percentile(values: Iterable[float], point: float) -> float | None:
    """The value that `point` per cent lie at or below, interpolated between neighbours; None of no values."""
    ordered = sorted(values)
    if not 0 <= point <= 100:
        raise InvalidInput(f"A percentile is from 0 to 100, not {point!r}.")
    if not ordered:
        return None
    place = (len(ordered) - 1) * point / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
