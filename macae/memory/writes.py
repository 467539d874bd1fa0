"""A write that was submitted, and what it became. Shared by the stores."""

from __future__ import annotations

import asyncio

from macae.errors import InvalidInput
from macae.memory.documents import Row

__all__ = ["Write", "not_made", "owned", "stamp"]


class Write(asyncio.Future[None]):
    """A submitted write. `unmade` is known before it is answered: what is written together with it has to know."""

    unmade = False


def owned(user_id: str, session_id: str) -> None:
    """Raises InvalidInput for ids that can own nothing."""
    if not all(isinstance(id, str) and id for id in (user_id, session_id)):
        raise InvalidInput("What is stored belongs to a user and a session: give the ids of both, as text.")


def not_made(write: asyncio.Future[None]) -> bool:
    """Whether a write that was submitted before has failed."""
    if write.done():
        return write.cancelled() or write.exception() is not None
    return isinstance(write, Write) and write.unmade


def stamp(row: Row, version: int, now: int) -> None:
    """Tell a document what it became."""
    try:
        row.document.version, row.document.ts = version, now
    except (AttributeError, ValueError):  # a frozen model keeps what it was made with
        return
