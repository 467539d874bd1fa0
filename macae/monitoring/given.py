"""What a caller gives to the functions of monitoring, looked at first: each refusal says what came and what is wanted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from macae.errors import InvalidInput
from macae.models import Event

__all__ = ["events_given", "kind_of", "number_given", "path_given"]


def kind_of(what: Any) -> str:
    """What it is, for an error: `None`, `a Recording`, `the class Rule`."""
    if what is None:
        return "None"
    if isinstance(what, type):
        return f"the class {what.__name__}"
    name = type(what).__name__
    return f"{'an' if name[:1].lower() in tuple('aeio') else 'a'} {name}"


def events_given(events: Iterable[Event]) -> list[Event]:
    """The events as a list. Raises InvalidInput for anything else."""
    if isinstance(events, Iterable) and not isinstance(events, str | bytes | dict):
        found = list(events)
        wrong = next((kind_of(one) for one in found if not isinstance(one, Event)), None)
        if wrong is None:
            return found
        raise InvalidInput(
            f"Events are needed, and {wrong} is among them: await engine.session_events(session_id), or read_events(path)."
        )
    raise InvalidInput(
        f"Events are needed, not {kind_of(events)}: await engine.session_events(session_id), or read_events(path)."
    )


def number_given(value: Any, what: str) -> float:
    """A number. Raises InvalidInput, with `what` it is."""
    try:
        number = float(value) if not isinstance(value, str | bytes | bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if math.isnan(number):
        raise InvalidInput(f"{what} are a number, not {value!r:.60}.")
    return number


def path_given(path: Any) -> Path:
    """A file or folder that is there. Raises InvalidInput naming it."""
    if not isinstance(path, str | Path):
        raise InvalidInput(f"The path of a file or folder is needed, not {kind_of(path)}.")
    where = Path(path)
    try:
        there = where.exists()
    except (OSError, ValueError):  # too long, a character that no path has
        there = False
    if not there:
        raise InvalidInput(f"There is no file or folder {str(path)[:300]!r} to read.")
    return where
