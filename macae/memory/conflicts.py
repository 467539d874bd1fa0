"""What is told to whoever writes over something that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from macae.errors import Conflict
from macae.memory.documents import STAMPS, Row, revive

__all__ = ["conflict"]

_TYPE, _VERSION = STAMPS.index("data_type") + 1, STAMPS.index("version") + 1


def conflict(row: Row, found: Sequence[Any] | None) -> Conflict:
    """Why `row` could not be written over what was `found`: its body and `STAMPS`, None for nothing or another user's."""
    name = f"{row.data_type} {row.id}"
    if found is None and row.expect > 0:
        return Conflict(f"The {name} is not there any more. Read again what there is.")
    if found is None or found[_TYPE] != row.data_type:
        # Another user's, or something else of this user's: neither is shown nor touched.
        return Conflict(f"The {name} cannot be written: its id is taken in this session. Give it a new one.")
    current = revive(type(row.document), found[0], found[1:])
    if row.expect == 0:
        return Conflict(f"The {name} exists already.", current)
    return Conflict(
        f"The {name} was changed meanwhile (version {found[_VERSION]} now, {row.expect} expected). "
        "Look at it and decide again.",
        current,
    )
