"""Reading an event's data, which may come from another version, a damaged file or a hostile hand: never an error, never NaN."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["items", "mapping", "number", "number_or_none", "whole", "words"]


def number_or_none(value: Any) -> float | None:
    """The value as a finite number of zero or more, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def number(value: Any) -> float:
    """The value as a finite number of zero or more; 0 where it is none."""
    return number_or_none(value) or 0.0


def whole(value: Any) -> int:
    """The value as a count; 0 where it is none."""
    return int(number(value))


def words(value: Any) -> str:
    """The value as text; "" for None."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def mapping(value: Any) -> dict[str, Any]:
    """The value as a dict with text keys; an empty one where it is none."""
    return {str(key): held for key, held in value.items()} if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """The value as a list; an empty one where it is none."""
    return list(value) if isinstance(value, list | tuple) else []
