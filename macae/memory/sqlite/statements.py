"""The SQL statements of the SQLite store. Every one of them names the user."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from macae.errors import Conflict
from macae.memory.conflicts import conflict
from macae.memory.documents import STAMPS, Row
from macae.memory.store import ANY
from macae.models import Event

__all__ = ["Finder", "write_events", "write_row"]

_COLUMNS = "INSERT INTO documents (session_id, user_id, id, data_type, plan_id, version, ts, body)"
_CREATE = f"{_COLUMNS} VALUES (?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT (session_id, id) DO NOTHING"
_REPLACE = (
    "UPDATE documents SET version = version + 1, ts = ?, body = ?, plan_id = ?"
    " WHERE session_id = ? AND id = ? AND user_id = ? AND data_type = ? AND version = ?"
)
_PUT = (
    f"{_COLUMNS} VALUES (?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT (session_id, id)"
    " DO UPDATE SET version = version + 1, ts = excluded.ts, body = excluded.body, plan_id = excluded.plan_id"
    " WHERE user_id = excluded.user_id AND data_type = excluded.data_type RETURNING version"
)
_CURRENT = f"SELECT body, {', '.join(STAMPS)} FROM documents WHERE session_id = ? AND id = ? AND user_id = ?"
_EVENT = "INSERT INTO events (session_id, user_id, plan_id, body) VALUES "


def write_row(db: sqlite3.Connection, row: Row, user_id: str, session_id: str, now: int) -> int:
    """Write one document in one statement; gives its new version. Raises Conflict when its `expect` does not hold."""
    if row.expect > 0:
        bound: tuple[Any, ...] = (
            now,
            row.body,
            row.plan_id,
            session_id,
            row.id,
            user_id,
            row.data_type,
            row.expect,
        )
        if db.execute(_REPLACE, bound).rowcount == 1:
            return row.expect + 1
    else:
        bound = (session_id, user_id, row.id, row.data_type, row.plan_id, now, row.body)
        if row.expect == ANY:
            put = db.execute(_PUT, bound).fetchall()
            if put:
                return int(put[0][0])
        elif db.execute(_CREATE, bound).rowcount == 1:
            return 1
    raise _conflict(db, row, user_id, session_id)


def _conflict(db: sqlite3.Connection, row: Row, user_id: str, session_id: str) -> Conflict:
    return conflict(row, db.execute(_CURRENT, (session_id, row.id, user_id)).fetchone())


def write_events(db: sqlite3.Connection, events: Sequence[tuple[Event, str]]) -> list[int]:
    """Add events with their bodies; gives their numbers."""
    numbers: list[int] = []
    for start in range(0, len(events), 100):
        some = events[start : start + 100]
        bound = [v for event, body in some for v in (event.session_id, event.user_id, event.plan_id, body)]
        last = db.execute(_EVENT + ", ".join(["(?, ?, ?, ?)"] * len(some)), bound).lastrowid or 0
        # Nobody else writes inside this transaction, so the rows of one statement are numbered in a row.
        numbers += range(last - len(some) + 1, last + 1)
    return numbers


class Finder:
    """One SELECT in the making. The index is named, so that a large file never tempts SQLite into another one."""

    def __init__(
        self,
        user_id: str,
        session_id: str | None,
        *,
        columns: str = f"body, {', '.join(STAMPS)}",
        table: str = "documents",
    ) -> None:
        self._columns = columns
        self._table = table
        self._session = session_id is not None
        self._chat = False
        self._index = (
            "events_session" if table == "events" else "documents_type" if self._session else "documents_user"
        )
        self._where = "user_id = ?"
        self.bound: list[Any] = [user_id]
        if session_id is not None:
            self.extend(" AND session_id = ?", [session_id])

    @property
    def sql(self) -> str:
        """The whole statement; its values are in `bound`."""
        return f"SELECT {self._columns} FROM {self._table} INDEXED BY {self._index} WHERE {self._where}"

    def with_id(self, id: str) -> Finder:
        """Only the document with this id."""
        self._index = "documents_id"
        return self.extend(" AND id = ?", [id])

    def with_type(self, data_type: str) -> Finder:
        """Only one kind of documents."""
        self._chat = data_type == "chat_message"
        return self.extend(" AND data_type = ?", [data_type])

    def with_plan(self, plan_id: str) -> Finder:
        """Only what belongs to one plan."""
        if self._table == "documents" and self._session and plan_id:
            self._index = "documents_plan"
            self.extend(" AND plan_id <> ''", [])
        return self.extend(" AND plan_id = ?", [plan_id])

    def with_agent(self, agent: str) -> Finder:
        """Only what is one agent's."""
        if self._session and self._chat:
            self._index = "documents_chat"
            self.extend(" AND data_type = 'chat_message'", [])  # as the index says it
        return self.extend(" AND json_extract(body, '$.agent') = ?", [agent])

    def ordered(self, newest_first: bool, limit: int | None) -> Finder:
        """In the order of the first write, or the other way round; at most `limit`."""
        self.extend(" ORDER BY seq DESC" if newest_first else " ORDER BY seq", [])
        return self if limit is None else self.extend(" LIMIT ?", [max(0, limit)])

    def extend(self, text: str, bound: Sequence[Any]) -> Finder:
        """Add conditions and their values."""
        self._where += text
        self.bound += bound
        return self
