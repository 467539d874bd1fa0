"""Writes into the SQLite file: each all or nothing, durable when it is answered, in the order of submission."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from macae.errors import Conflict, StoreError
from macae.memory.documents import event_body, prepare
from macae.memory.sqlite.groupcommit import Unit, Writer
from macae.memory.sqlite.statements import write_events, write_row
from macae.memory.store import Change
from macae.memory.writes import Write, not_made, owned, stamp
from macae.models import Event

__all__ = ["SQLiteWriting"]


class SQLiteWriting:
    """The writing part of the SQLite store. Writes go through `Writer` (group commit)."""

    _writer: Writer | None
    _closed: bool

    async def _ready(self) -> None:
        raise NotImplementedError

    def _not_open(self) -> StoreError:
        raise NotImplementedError

    async def write(
        self, user_id: str, session_id: str, changes: Sequence[Change] = (), events: Sequence[Event] = ()
    ) -> None:
        """See `Store.write`."""
        await self._ready()
        await self.submit(user_id, session_id, changes, events)

    def submit(
        self,
        user_id: str,
        session_id: str,
        changes: Sequence[Change] = (),
        events: Sequence[Event] = (),
        after: Sequence[asyncio.Future[None]] = (),
    ) -> asyncio.Future[None]:
        """See `Store.submit`. The store must be open."""
        owned(user_id, session_id)
        rows = [prepare(change, user_id, session_id) for change in changes]
        bodies = [(event, event_body(event, user_id, session_id)) for event in events]

        write = Write(loop=asyncio.get_running_loop())

        def work(db: sqlite3.Connection) -> tuple[int, list[int], list[int]]:
            write.unmade = True
            if any(not_made(earlier) for earlier in after):
                raise Conflict("An earlier change that this one builds on was not made.")
            now = int(time.time())
            versions = [write_row(db, row, user_id, session_id, now) for row in rows]
            numbers = write_events(db, bodies)
            write.unmade = False
            return now, versions, numbers

        def made(given: tuple[int, list[int], list[int]]) -> None:
            now, versions, numbers = given
            for row, version in zip(rows, versions, strict=True):
                stamp(row, version, now)
            for (event, _), number in zip(bodies, numbers, strict=True):
                event.seq = number

        return self._submit(work, made, write)

    async def delete(self, user_id: str, session_id: str, ids: Sequence[str]) -> None:
        """See `Store.delete`."""
        await self._ready()
        keys = [(session_id, id, user_id) for id in ids]

        def work(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM documents WHERE session_id = ? AND id = ? AND user_id = ?", keys)

        await self._submit(work, lambda _: None)

    def _submit(self, work: Any, after: Any, write: Write | None = None) -> asyncio.Future[None]:
        if self._writer is None or self._closed:
            raise self._not_open()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = write or Write(loop=loop)
        self._writer.submit(Unit(work, after, loop, future))
        return future
