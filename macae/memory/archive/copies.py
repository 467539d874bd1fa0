"""What was copied: which contents two stores had in common, so that a later copy can tell an old one from a changed one.

Version numbers alone cannot: both stores count on from the same one.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from macae.errors import StoreError
from macae.memory.archive.protocol import Record, Stored
from macae.private import private_file, private_folder

__all__ = ["Copies", "digest"]

_TABLE = (
    "CREATE TABLE IF NOT EXISTS copied (user_id TEXT, session_id TEXT, digest TEXT,"
    " PRIMARY KEY (user_id, session_id, digest)) WITHOUT ROWID"
)
_WAIT = 5.0
"""Seconds for another process's lock."""


def digest(document: Stored) -> str:
    """Stands for a document at one version. A whole number is the same with and without its `.0`, as JSON stores keep it."""
    text = json.dumps([document.id, document.version, *_plain(document.content)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Copies:
    """A small file beside the store, of digests and no contents. Every call may raise StoreError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def known(self, user_id: str, session_id: str) -> frozenset[str]:
        """The digests of all that was ever copied of a session."""
        if not self.path.is_file():
            return frozenset()
        query = "SELECT digest FROM copied WHERE user_id = ? AND session_id = ?"
        rows: list[tuple[str]] = self._do(lambda db: db.execute(query, (user_id, session_id)).fetchall())
        return frozenset(row[0] for row in rows)

    def remember(self, record: Record) -> None:
        """What is about to be copied. Called before: a copy that is cut short has brought some of it."""
        rows = [(record.user_id, record.session_id, digest(document)) for document in record.documents]
        self._do(lambda db: db.executemany("INSERT OR IGNORE INTO copied VALUES (?, ?, ?)", rows))

    def forget(self, user_id: str, session_id: str) -> None:
        """The session was deleted."""
        if self.path.is_file():
            key = (user_id, session_id)
            self._do(lambda db: db.execute("DELETE FROM copied WHERE user_id = ? AND session_id = ?", key))

    def _do(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        try:
            private_folder(self.path.parent)
            private_file(self.path)
            with closing(sqlite3.connect(self.path, timeout=_WAIT)) as db, db:
                db.execute(_TABLE)
                return work(db)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{self.path}, which tells what was copied, cannot be used ({error}). Check the folder's permissions and free "
                "space. If it is damaged, move it away: sessions that changed since they were copied are then not overwritten."
            ) from None
