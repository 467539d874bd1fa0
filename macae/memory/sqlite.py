"""The embedded store: one SQLite file, durable at every write, shared safely between processes."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
import weakref
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeVar

from macae.errors import Conflict, InvalidInput, StoreError
from macae.memory import query as cosmos
from macae.memory.documents import STAMPS, Row, data_type_of, event_body, prepare, revive, revive_event
from macae.memory.owners import OwnerLock, owner_alive
from macae.memory.schema import connect, open_file, store_error
from macae.memory.sqlite_archive import SQLiteArchive
from macae.memory.statements import Finder, write_events, write_row
from macae.memory.store import Change, Page
from macae.memory.writer import Unit, Writer
from macae.models import BaseDataModel, Event, Session

__all__ = ["SQLiteStore"]

Document = TypeVar("Document", bound=BaseDataModel)

_QUICK = 0.02
"""Seconds that a read may hold up the event loop when the file is locked for a moment (a recovery after a crash)."""


class Write(asyncio.Future[None]):
    """A submitted write. `unmade` is known before it is answered: what shares its commit has to know."""

    unmade = False


def unmade(write: asyncio.Future[None]) -> bool:
    """Whether a write that was submitted before has failed."""
    if write.done():
        return write.cancelled() or write.exception() is not None
    return isinstance(write, Write) and write.unmade


class SQLiteStore(SQLiteArchive):
    """A `Store` in one file. It opens itself at the first awaited call; `lock_timeout` is in seconds.

    Reads are small and indexed, so they run at once on a connection of their own and never wait for a writer; those that
    may look at many rows run in a thread. Writes go through `Writer` (group commit).
    """

    def __init__(self, path: str | Path, *, lock_timeout: float = 5.0) -> None:
        self.path = Path(path).expanduser().absolute()
        self._wait = lock_timeout
        self._writer: Writer | None = None
        self._reader: sqlite3.Connection | None = None
        self._lock: OwnerLock | None = None
        self._closed = False
        self._opening = asyncio.Lock()
        self._release: weakref.finalize[Any, SQLiteStore] | None = None

    async def open(self) -> None:
        """See `Store.open`. A closed store can be opened again."""
        async with self._opening:
            if self._reader is None:
                reader, db, lock = await asyncio.to_thread(self._open_files)
                writer = Writer(db, self.path, self._wait)
                self._release = weakref.finalize(self, _let_go, os.getpid(), writer, reader, db, lock)
                self._reader, self._writer, self._lock = reader, writer, lock
            self._closed = False

    def _open_files(self) -> tuple[sqlite3.Connection, sqlite3.Connection, OwnerLock]:
        with ExitStack() as undo:
            db = undo.enter_context(closing(open_file(self.path, self._wait)))
            reader = undo.enter_context(closing(connect(self.path, wait=_QUICK, read_only=True)))
            lock = OwnerLock(self.path)
            undo.pop_all()  # all is well: what was opened stays open
            return reader, db, lock

    async def close(self) -> None:
        """See `Store.close`."""
        self._closed = True  # from here on nothing new is taken
        writer, release = self._writer, self._release
        if writer is not None and release is not None:
            await writer.drain()
            self._writer = self._reader = self._release = None
            await asyncio.to_thread(release)
            self._lock = None

    async def __aenter__(self) -> SQLiteStore:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # Writing

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
        if not isinstance(user_id, str) or not isinstance(session_id, str) or not user_id or not session_id:
            raise InvalidInput(
                "What is stored belongs to a user and a session: give the ids of both, as text."
            )
        rows = [prepare(change, user_id, session_id) for change in changes]
        bodies = [(event, event_body(event, user_id, session_id)) for event in events]

        write = Write(loop=asyncio.get_running_loop())

        def work(db: sqlite3.Connection) -> tuple[int, list[int], list[int]]:
            write.unmade = True
            if any(unmade(earlier) for earlier in after):
                raise Conflict("An earlier change that this one builds on was not made.")
            now = int(time.time())
            versions = [write_row(db, row, user_id, session_id, now) for row in rows]
            numbers = write_events(db, bodies)
            write.unmade = False
            return now, versions, numbers

        def made(given: tuple[int, list[int], list[int]]) -> None:
            now, versions, numbers = given
            for row, version in zip(rows, versions, strict=True):
                _stamp(row, version, now)
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

    # Reading

    async def get(self, model: type[Document], id: str, *, user_id: str, session_id: str) -> Document | None:
        """See `Store.get`."""
        finder = Finder(user_id, session_id).with_id(id)
        kind = data_type_of(model)
        rows = await self._rows(finder if kind is None else finder.with_type(kind))
        return revive(model, rows[0][0], rows[0][1:]) if rows else None

    async def find(
        self,
        model: type[Document],
        *,
        user_id: str,
        session_id: str | None = None,
        plan_id: str | None = None,
        data_type: str | None = None,
        agent: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Document]:
        """See `Store.find`."""
        kind = data_type or data_type_of(model)
        if kind is None:
            raise InvalidInput("Say which data_type to find, or give a model that has one.")
        finder = Finder(user_id, session_id).with_type(kind)
        if plan_id is not None:
            finder.with_plan(plan_id)
        if agent is not None:
            finder.with_agent(agent)
        rows = await self._rows(
            finder.ordered(newest_first, limit), large=session_id is None and limit is None
        )
        return [revive(model, row[0], row[1:]) for row in rows]

    async def query(
        self, query: str, parameters: Sequence[dict[str, Any]], *, user_id: str, session_id: str | None = None
    ) -> list[dict[str, Any]]:
        """See `Store.query`."""
        finder = Finder(user_id, session_id, columns=", ".join(("body", *sorted(cosmos.COLUMNS))))
        text, bound = cosmos.to_sqlite(cosmos.parse(query, parameters))
        finder.extend(text, bound)
        rows = await self._rows(finder, large=True)
        return [json.loads(row[0]) | dict(zip(sorted(cosmos.COLUMNS), row[1:], strict=True)) for row in rows]

    async def events(
        self,
        *,
        user_id: str,
        session_id: str,
        plan_id: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Event]:
        """See `Store.events`."""
        finder = Finder(
            user_id, session_id, columns="body, seq, session_id, user_id, plan_id", table="events"
        )
        if plan_id is not None:
            finder.with_plan(plan_id)
        finder.extend(" AND seq > ?", [after])
        rows = await self._rows(finder.ordered(False, limit))
        return [revive_event(*row) for row in rows]

    async def sessions(self, *, user_id: str, limit: int = 20, before: str | None = None) -> Page:
        """See `Store.sessions`."""
        finder = Finder(user_id, None, columns=f"body, {', '.join(STAMPS)}, seq").with_type("session")
        if before is not None:
            if not before.isascii() or not before.isdigit() or len(before) > 18:
                raise InvalidInput(
                    f"{before[:40]!r} is no page of sessions. Use the `next` of the page before."
                )
            finder.extend(" AND seq < ?", [int(before)])
        if limit < 1:
            raise InvalidInput("A page holds at least one session: give a limit of 1 or more.")
        rows = await self._rows(finder.ordered(True, limit + 1))
        items = [revive(Session, row[0], row[1:-1]) for row in rows[:limit]]
        return Page(items, str(rows[limit - 1][-1]) if len(rows) > limit else None)

    # Owners

    @property
    def owner(self) -> str:
        """See `Store.owner`. Raises StoreError when the store is not open."""
        if self._lock is None:
            raise self._not_open()
        return self._lock.name

    async def owner_alive(self, owner: str) -> bool:
        """See `Store.owner_alive`."""
        if self._lock is not None and owner == self._lock.name:
            return True
        return await asyncio.to_thread(owner_alive, self.path, owner)

    # Inside

    async def _ready(self) -> None:
        if self._closed:
            raise self._not_open()
        if self._reader is None:
            await self.open()

    def _not_open(self) -> StoreError:
        state = "is closed" if self._closed else "is not open yet"
        return StoreError(f"The store {self.path} {state}. Call `await store.open()` first.")

    async def _rows(self, finder: Finder, large: bool = False) -> list[tuple[Any, ...]]:
        await self._ready()
        try:
            if not large and self._reader is not None:
                try:
                    return self._reader.execute(finder.sql, finder.bound).fetchall()
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                        raise
            return await asyncio.to_thread(self._rows_apart, finder)
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            raise store_error(error, self.path) from None

    def _rows_apart(self, finder: Finder) -> list[tuple[Any, ...]]:
        connection = connect(self.path, wait=self._wait, read_only=True)
        try:
            return connection.execute(finder.sql, finder.bound).fetchall()
        finally:
            connection.close()


def _stamp(row: Row, version: int, now: int) -> None:
    try:
        row.document.version = version
        row.document.ts = now
    except (AttributeError, ValueError):  # a frozen model keeps what it was made with
        return


def _let_go(
    process: int, writer: Writer, reader: sqlite3.Connection, db: sqlite3.Connection, lock: OwnerLock
) -> None:
    if os.getpid() != process:  # a fork's copy: what it holds is its parent's
        return
    writer.stop()
    reader.close()
    db.close()  # the last one out moves the write-ahead log into the file
    lock.release()
