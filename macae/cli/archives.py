"""The store of the settings, as the `store` commands and the lists of sessions open it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import cast

from macae.cli.hints import hint
from macae.config import Settings
from macae.engine.lookup import Lookup
from macae.errors import InvalidInput, NotFound
from macae.memory.archive.copies import Copies
from macae.memory.archive.protocol import Archive
from macae.memory.opening import open_store
from macae.models import Session

__all__ = [
    "LOOKED_THROUGH",
    "begun_so",
    "copies_of",
    "find_stored",
    "is_begun",
    "opened_archive",
    "store_name",
]

LOOKED_THROUGH = 500
"""Newest sessions among which first characters are looked for."""
SHORTEST = 4
"""So many first characters of an id are enough."""


def is_begun(settings: Settings) -> bool:
    """Whether there may be something to read: a SQLite file that is not there yet is not made by looking."""
    return settings.store != "sqlite" or settings.store_path.is_file()


def store_name(settings: Settings) -> str:
    """What people call it."""
    if settings.store == "sqlite":
        return str(settings.store_path.absolute())
    from macae.memory.cosmos import Place

    return Place.of(settings).name


def copies_of(settings: Settings) -> Copies:
    """What is remembered of earlier copies."""
    return Copies(settings.home / "copies.db")


@asynccontextmanager
async def opened_archive(settings: Settings, *, make: bool = False) -> AsyncIterator[Archive]:
    """The store, open. Raises NotFound where nothing was ever stored, unless it is to be made."""
    if not make and not is_begun(settings):
        raise NotFound(
            f"Nothing is stored in {settings.home.resolve()} yet. Begin with `{hint('run')}`, or give --home."
        )
    store = cast(Archive, open_store(settings))
    try:
        await store.open()
        yield store
    finally:
        await store.close()


async def find_stored(store: Archive, user: str, given: str, plans: bool = False) -> str:
    """The id of the session that is meant: an id, or its first characters; with `plans` a plan's id will do. Raises NotFound,
    InvalidInput."""
    if not (await store.record(user, given)).is_empty:
        return given
    if plans:
        with suppress(NotFound):
            return str((await Lookup(store, user).plan(given)).session_id)
    page = await store.sessions(user_id=user, limit=LOOKED_THROUGH)
    return begun_so(given, page.items, "session or plan" if plans else "session")


def begun_so(given: str, sessions: Iterable[Session], what: str) -> str:
    """The id of the one session whose id begins so. Raises NotFound, InvalidInput."""
    known = [session.session_id for session in sessions]
    fitting = [one for one in known if len(given) >= SHORTEST and one.startswith(given)]
    if len(fitting) > 1:
        raise InvalidInput(f"{len(fitting)} sessions begin with {given!r}. Give more of the id.")
    if not fitting:
        short = (
            f" Of a longer id give at least its first {SHORTEST} characters." if len(given) < SHORTEST else ""
        )
        raise NotFound(
            f"There is no {what} {given[:100]!r} of yours.{short} `{hint('sessions')}` lists them."
        )
    return fitting[0]
