"""JSON values with their texts, numbers and names changed. Each is looked at together with the name that it stands under."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from macae.monitoring.compliance.naming import tells, tells_of_number

__all__ = ["TECHNICAL", "Change", "changed_json", "looked", "walked"]

Change = Callable[[str, str], str]
"""Gives what stands instead of a text; told the name that it stands under, or an empty one."""
DEEP = 20
SHORT_NUMBER = 7
"""Digits. A shorter number is only looked at when its name says that it may be something."""
WORD = re.compile(r"[a-z_]{1,30}|[A-Za-z]{1,20}")
"""A name in which nothing can be found."""
SAME = frozenset({"value", "values", "text", "number", "new", "old", "current", "raw"})
"""Names that tell nothing of their own: what stands above them, or beside them as `name`, tells."""
TECHNICAL = frozenset({"key", "keys"})
"""Names that code gives to values of its own in events and documents; in what is called with, said or given back, they tell."""
WORK = frozenset({"arguments", "args", "sent", "result", "reply", "text"})
"""Below these names stands what people, models and tools wrote."""


def walked(
    value: Any,
    change: Change,
    *,
    name: str = "",
    skip: frozenset[str] = frozenset(),
    technical: frozenset[str] = frozenset(),
    numbers: bool = True,
    deep: int = DEEP,
) -> Any:
    """The value with all that is in it changed, except what stands under the names `skip`. A number that was changed is a text.

    `technical`: names that say nothing of their values, until one of `WORK` is above them. `numbers`: whether numbers are looked at.
    """
    if isinstance(value, str):
        return looked(value, change, name, deep)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return changed_number(value, change, name) if numbers else value
    if not isinstance(value, dict | list | tuple):
        return value
    if deep == 0:
        return change(str(value), name)
    if not isinstance(value, dict):
        return [
            walked(one, change, name=name, skip=skip, technical=technical, numbers=numbers, deep=deep - 1)
            for one in value
        ]
    result: dict[Any, Any] = {}
    beside = value.get("name")
    above = beside if isinstance(beside, str) and tells(beside) else name
    for key, inner in value.items():
        if key in skip:
            result[key] = inner
            continue
        under = "" if key in technical or not isinstance(key, str) else above if key in SAME else key
        below = frozenset[str]() if key in WORK else technical
        result[changed_name(key, change, result)] = walked(
            inner, change, name=under, skip=skip, technical=below, numbers=numbers, deep=deep - 1
        )
    return result


def changed_name(key: Any, change: Change, taken: dict[Any, Any]) -> Any:
    """A name as it may stand there; two that became the same are told apart by a number."""
    if not isinstance(key, str) or WORD.fullmatch(key):
        return key
    new = plain = change(key, "")
    number = 1
    while new != key and new in taken:
        number += 1
        new = f"{plain} {number}"
    return new


def changed_number(value: int | float, change: Change, name: str) -> Any:
    """The number, or what stands instead of it: a number too where that has only digits."""
    if isinstance(value, int) and -10 < value < 100:
        return value  # too short to be anything, whatever its name is
    telling = tells_of_number(name)
    if not telling and isinstance(value, float) and not value.is_integer():
        return value
    try:
        text = str(value)
    except ValueError:  # more digits than Python writes
        return value
    if len(text) < (3 if telling else SHORT_NUMBER):
        return value
    new = change(text, name)
    if new == text:
        return value
    return int(new) if new.isascii() and new.isdigit() else new


def looked(text: str, change: Change, name: str = "", deep: int = DEEP) -> str:
    """A text changed; when it is JSON, what is in it before the whole."""
    if deep and text.lstrip()[:1] in ("{", "["):
        text = changed_json(text, change, name, deep - 1)
    return change(text, name)


def changed_json(text: str, change: Change, name: str = "", deep: int = DEEP) -> str:
    """A JSON text with what is in it changed; any other text changed as a whole."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return change(text, name)
    new = walked(value, change, name=name, deep=deep)
    return text if new == value else json.dumps(new, ensure_ascii=False)
