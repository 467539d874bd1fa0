"""Reads from the SQLite file: indexed, apart by user, and never waiting for a writer."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from macae.errors import InvalidInput
from macae.memory import query as cosmos
from macae.memory.documents import STAMPS, data_type_of, revive, revive_event
from macae.memory.sqlite.schema import connect, store_error
from macae.memory.sqlite.statements import Finder
from macae.memory.store import Page
from macae.models import BaseDataModel, Event, Session

__all__ = ["SQLiteReading"]

Document = TypeVar("Document", bound=BaseDataModel)


class SQLiteReading:
    """The reading part of the SQLite store.

    Reads are small and indexed, so they run at once on a connection of their own; those that may look at many rows run in a
    thread.
    """

    path: Path
    _wait: float
    _reader: sqlite3.Connection | None

    async def _ready(self) -> None:
        raise NotImplementedError

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
        newest_first: bool = False,
    ) -> list[Event]:
        """See `Store.events`."""
        finder = Finder(
            user_id, session_id, columns="body, seq, session_id, user_id, plan_id", table="events"
        )
        if plan_id is not None:
            finder.with_plan(plan_id)
        finder.extend(" AND seq > ?", [after])
        rows = await self._rows(finder.ordered(newest_first, limit))
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
