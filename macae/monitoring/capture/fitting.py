"""As much of an event as is stored: no event is too large for a store, and none holds what JSON cannot."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from macae.llm.replies import well_formed

__all__ = ["bytes_of", "fitted", "shortened"]

MOST_TEXT = 20_000
"""Characters of an event's text that are kept."""
MOST_DATA = 64_000
"""Bytes of an event's data as JSON."""
LENGTHS = (4_000, 400)
"""Characters to which the texts in data are cut that are larger; the second where the first is not enough."""


def fitted(text: Any, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text and the data as an event may have them. What is too long is cut and says so; what is no JSON is named by its type."""
    text = shortened(well_formed("" if text is None else str(text)), MOST_TEXT)
    size = bytes_of(data)
    if size is None:
        data = {str(name): plain(value) for name, value in data.items()}
    for length in LENGTHS:
        if (bytes_of(data) or 0) <= MOST_DATA:
            return text, data
        data = shortened(data, length)
    size = bytes_of(data) or 0
    return text, data if size <= MOST_DATA else {"left_out_bytes": size}


def plain(value: Any) -> Any:
    """The value as JSON has it."""
    try:
        return to_jsonable_python(well_formed(value))
    except (PydanticSerializationError, ValueError, RecursionError):
        return {"unstorable": type(value).__name__}


def bytes_of(value: Any) -> int | None:
    """The bytes that a value takes as JSON; None for what JSON cannot hold."""
    try:
        return len(to_json(value))
    except (PydanticSerializationError, ValueError, RecursionError):
        return None


def shortened(value: Any, most: int) -> Any:
    """A text of at most so many characters, saying what is not there; or the same for all texts in lists and dictionaries."""
    if isinstance(value, str):
        return value if len(value) <= most else f"{value[:most]}… ({len(value) - most} more characters)"
    if isinstance(value, dict):
        return {name: shortened(item, most) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [shortened(item, most) for item in value]
    return value
