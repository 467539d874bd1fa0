"""Short words for SQL on the company in use."""

from __future__ import annotations

import sqlite3
from typing import Any

from macae.contoso.context import current

__all__ = ["add", "every", "number", "one", "run", "value"]


def every(sql: str, *values: Any) -> list[sqlite3.Row]:
    """All rows."""
    return current().db.execute(sql, values).fetchall()


def one(sql: str, *values: Any) -> sqlite3.Row | None:
    """The first row, or None."""
    row: sqlite3.Row | None = current().db.execute(sql, values).fetchone()
    return row


def value(sql: str, *values: Any) -> Any:
    """The first column of the first row, or None."""
    row = one(sql, *values)
    return row[0] if row else None


def run(sql: str, *values: Any) -> int:
    """Write; gives the number of rows it touched."""
    return current().db.execute(sql, values).rowcount


def add(table: str, **columns: Any) -> int:
    """Insert one row; gives its rowid."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    return (
        current()
        .db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(columns.values()))
        .lastrowid
        or 0
    )


def number(table: str, prefix: str, column: str = "number") -> str:
    """The next free number of a table, such as PO-1042."""
    highest = value(
        f"SELECT max(CAST(substr({column}, ?) AS INTEGER)) FROM {table} WHERE {column} LIKE ?",
        len(prefix) + 1,
        prefix + "%",
    )
    return f"{prefix}{(highest or 0) + 1}"
