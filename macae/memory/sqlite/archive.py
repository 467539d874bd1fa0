"""Whole sessions in the SQLite file. Each is read in one snapshot, and written or removed in one transaction."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from macae.errors import Conflict
from macae.memory.archive.protocol import Record, Stored, body_text
from macae.memory.documents import event_body, revive_event
from macae.memory.sqlite.schema import connect, store_error
from macae.memory.sqlite.statements import write_events

__all__ = ["SQLiteArchive"]

_OF = " WHERE session_id = ? AND user_id = ?"
_DOCUMENTS = "SELECT id, data_type, plan_id, version, ts, body FROM documents" + _OF + " ORDER BY seq"
_EVENTS = "SELECT body, seq, session_id, user_id, plan_id FROM events" + _OF + " ORDER BY seq"
_CENSUS = (
    "SELECT user_id, session_id, min(seq) AS first FROM documents GROUP BY user_id, session_id"
    " UNION ALL SELECT user_id, session_id, 9e18 FROM events GROUP BY user_id, session_id ORDER BY first"
)
_PUT = (
    "INSERT INTO documents (session_id, user_id, id, data_type, plan_id, version, ts, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session_id, id)"
    " DO UPDATE SET version = excluded.version, ts = excluded.ts, body = excluded.body, plan_id = excluded.plan_id"
    " WHERE user_id = excluded.user_id AND data_type = excluded.data_type"
)


class SQLiteArchive:
    """The part of the SQLite store that `Archive` adds."""

    path: Path
    _wait: float

    async def _ready(self) -> None:
        raise NotImplementedError

    def _submit(self, work: Any, after: Any) -> asyncio.Future[None]:
        raise NotImplementedError

    async def census(self) -> list[tuple[str, str]]:
        """See `Archive.census`."""
        rows = await self._apart(lambda db: db.execute(_CENSUS).fetchall())
        return list(dict.fromkeys((row[0], row[1]) for row in rows))

    async def record(self, user_id: str, session_id: str) -> Record:
        """See `Archive.record`."""
        key = (session_id, user_id)
        documents, events = await self._apart(
            lambda db: (db.execute(_DOCUMENTS, key).fetchall(), db.execute(_EVENTS, key).fetchall())
        )
        return Record(
            user_id,
            session_id,
            tuple(map(_stored, documents)),
            tuple(revive_event(*row) for row in events),
        )

    async def put(self, record: Record, seen: Record) -> None:
        """See `Archive.put`."""
        await self._ready()
        user_id, session_id = record.user_id, record.session_id
        bodies = [(event, event_body(event, user_id, session_id)) for event in record.events]
        rows = [
            (session_id, user_id, d.id, d.data_type, d.plan_id, d.version, d.ts, body_text(d))
            for d in record.documents
        ]

        def work(db: sqlite3.Connection) -> None:
            _check(db, seen)
            for row in rows:
                if db.execute(_PUT, row).rowcount != 1:
                    raise Conflict(
                        f"The {row[3]} {row[2]} cannot be written: its id is taken in this session."
                    )
            write_events(db, bodies)

        await self._submit(work, lambda _: None)

    async def erase(self, seen: Record) -> None:
        """See `Archive.erase`."""
        await self._ready()

        def work(db: sqlite3.Connection) -> None:
            _check(db, seen)
            for table in ("documents", "events"):
                db.execute(f"DELETE FROM {table}{_OF}", (seen.session_id, seen.user_id))

        await self._submit(work, lambda _: None)

    async def _apart(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Read in a thread, in one snapshot."""
        await self._ready()

        def read() -> Any:
            with closing(connect(self.path, wait=self._wait, read_only=True)) as db:
                db.execute("BEGIN")
                return work(db)

        try:
            return await asyncio.to_thread(read)
        except sqlite3.Error as error:
            raise store_error(error, self.path) from None


def _stored(row: tuple[Any, ...]) -> Stored:
    id, data_type, plan_id, version, ts, body = row
    return Stored(id, data_type, plan_id, version, ts, json.loads(body))


def _check(db: sqlite3.Connection, seen: Record) -> None:
    key = (seen.session_id, seen.user_id)
    versions = dict(db.execute(f"SELECT id, version FROM documents{_OF}", key).fetchall())
    last = db.execute(f"SELECT count(*), max(seq) FROM events{_OF}", key).fetchone()
    expected = (len(seen.events), seen.events[-1].seq if seen.events else None)
    if versions != {document.id: document.version for document in seen.documents} or last != expected:
        raise Conflict(f"The session {seen.session_id} was changed meanwhile. Try again.")
