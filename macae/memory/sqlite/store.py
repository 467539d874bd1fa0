"""The embedded store: one SQLite file, durable at every write, shared safely between processes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import weakref
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from macae.errors import StoreError
from macae.memory.sqlite.archive import SQLiteArchive
from macae.memory.sqlite.groupcommit import Writer
from macae.memory.sqlite.owners import OwnerLock, owner_alive
from macae.memory.sqlite.reading import SQLiteReading
from macae.memory.sqlite.schema import connect, open_file
from macae.memory.sqlite.writing import SQLiteWriting

__all__ = ["SQLiteStore"]

_QUICK = 0.02
"""Seconds that a read may hold up the event loop when the file is locked for a moment (a recovery after a crash)."""


class SQLiteStore(SQLiteReading, SQLiteWriting, SQLiteArchive):
    """A `Store` in one file. It opens itself at the first awaited call; `lock_timeout` is in seconds.

    Its life is here; `SQLiteReading`, `SQLiteWriting` and `SQLiteArchive` are what it does.
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


def _let_go(
    process: int, writer: Writer, reader: sqlite3.Connection, db: sqlite3.Connection, lock: OwnerLock
) -> None:
    if os.getpid() != process:  # a fork's copy: what it holds is its parent's
        return
    writer.stop()
    reader.close()
    db.close()  # the last one out moves the write-ahead log into the file
    lock.release()
