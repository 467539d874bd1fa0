"""A SQLite file as memories use it: a connection for each piece of work, off the event loop, durable when it returns."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from macae.errors import InvalidInput, StoreError
from macae.memory.sqlite.schema import connect, store_error
from macae.memory.threads import in_thread
from macae.private import private_file, private_folder

__all__ = ["SQLFile", "has_fts5", "where_sql"]

Answer = TypeVar("Answer")
_PATIENCE = 20
"""Seconds beyond the wait for a lock that a disk may take."""


class SQLFile:
    """Opens the file for each piece of work, so that nothing stays open, also in another process or thread.

    `tables` are statements that may be run again (CREATE … IF NOT EXISTS); `wait` is in seconds, for another's lock.
    """

    def __init__(self, path: str | Path, tables: str, wait: float = 5.0) -> None:
        self.path, self._tables, self._wait = Path(path).expanduser().absolute(), tables, wait
        self._made = False

    async def run(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Do it in one transaction: all or nothing. Raises StoreError, or InvalidInput for what SQLite cannot hold."""
        return await self._bounded(work, reads=False)

    async def read(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """The same for what only reads: it does not wait for those who write."""
        return await self._bounded(work, reads=True)

    async def _bounded(self, work: Callable[[sqlite3.Connection], Answer], reads: bool) -> Answer:
        try:
            return await in_thread(lambda: self._run(work, reads), self._wait + _PATIENCE)
        except TimeoutError:
            raise StoreError(f"The memory {self.path} does not answer: its disk hangs.") from None

    def _run(self, work: Callable[[sqlite3.Connection], Answer], reads: bool) -> Answer:
        try:
            if not self._made or not self.path.exists():
                self._make()
            with closing(connect(self.path, wait=self._wait, read_only=reads)) as db:
                db.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
                answer = work(db)  # what it raises ends the connection, and with it the transaction
                db.execute("COMMIT")
                return answer
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            raise store_error(error, self.path) from None
        except OSError as error:
            raise StoreError(
                f"The memory {self.path} cannot be created or written ({error.strerror}). Choose another place."
            ) from None

    def _make(self) -> None:
        private_folder(self.path.parent)
        private_file(self.path)
        with closing(connect(self.path, wait=self._wait)) as db:
            there = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
            if not there.issuperset(re.findall(r"IF NOT EXISTS (\w+)", self._tables)):
                db.execute("BEGIN IMMEDIATE")
                for statement in filter(str.strip, self._tables.split(";")):
                    db.execute(statement)
                db.execute("COMMIT")
        self._made = True


def has_fts5() -> bool:
    """Whether this Python's SQLite was built with its full-text search."""
    with closing(sqlite3.connect(":memory:")) as db:
        return any(row[0] == "ENABLE_FTS5" for row in db.execute("PRAGMA compile_options"))


def where_sql(where: Mapping[str, Any] | None) -> tuple[str, list[Any]]:
    """A filter on an entry's metadata (the column `body`) as conditions, each with AND in front, and what is bound to them."""
    given = {} if where is None else where
    for key, value in given.items():
        if not isinstance(key, str) or '"' in key or not isinstance(value, str | int | float | None):
            raise InvalidInput('`where` compares metadata with a text or a number: where={"kind": "note"}.')
    bound = [part for key, value in given.items() for part in (f'$.metadata."{key}"', value)]
    return " AND json_extract(body, ?) IS ?" * len(given), bound
