"""What is in a company at one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Key", "Row", "Snapshot", "take"]

Row = dict[str, Any]
Key = tuple[Any, ...]

BOOKKEEPING = ("meta", "effects")
"""Tables about the file itself, not about the business."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All business rows at one moment."""

    tables: Mapping[str, Mapping[Key, Row]]
    """Table name → primary key → row."""
    keys: Mapping[str, tuple[str, ...]]
    """Table name → the columns of its primary key."""


def take(db: sqlite3.Connection) -> Snapshot:
    """All business rows, as they are at one moment (inside the open transaction, if there is one)."""
    tables: dict[str, dict[Key, Row]] = {}
    keys: dict[str, tuple[str, ...]] = {}
    inside = db.in_transaction
    if not inside:
        db.execute("BEGIN")
    try:
        names = [
            n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
        ]
        for name in names:
            if name in BOOKKEEPING:
                continue
            info = db.execute(f'PRAGMA table_info("{name}")').fetchall()
            key = [i for _, i in sorted((column[5], i) for i, column in enumerate(info) if column[5])]
            columns = [str(column[1]) for column in info]
            rows = (tuple(row) for row in db.execute(f'SELECT * FROM "{name}"'))
            tables[name] = {tuple(row[i] for i in key): dict(zip(columns, row, strict=True)) for row in rows}
            keys[name] = tuple(columns[i] for i in key)
    finally:
        if not inside:
            db.execute("ROLLBACK")
    return Snapshot(tables, keys)
