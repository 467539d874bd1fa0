"""The store of the settings, as the `store` commands and the lists of sessions open it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from macae.cli.hints import hint
from macae.config import Settings
from macae.errors import InvalidInput, NotFound
from macae.memory.archive.copies import Copies
from macae.memory.archive.protocol import Archive
from macae.memory.opening import open_store

__all__ = ["copies_of", "find_stored", "is_begun", "opened_archive", "store_name"]

_LOOKED_THROUGH = 500


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


async def find_stored(store: Archive, user: str, given: str) -> str:
    """The id of the session that is meant: an id, or its first characters. Raises NotFound, InvalidInput."""
    if not (await store.record(user, given)).is_empty:
        return given
    page = await store.sessions(user_id=user, limit=_LOOKED_THROUGH)
    fitting = [row.session_id for row in page.items if len(given) >= 4 and row.session_id.startswith(given)]
    if len(fitting) > 1:
        raise InvalidInput(f"{len(fitting)} sessions begin with {given!r}. Give more of the id.")
    if not fitting:
        raise NotFound(f"There is no session {given[:100]!r} of yours. `{hint('sessions')}` lists them.")
    return str(fitting[0])
