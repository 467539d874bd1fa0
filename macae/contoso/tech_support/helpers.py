"""Helpers of IT support: who has what, which laptop is free, which database and ticket is meant."""

from __future__ import annotations

import sqlite3

from macae.contoso.rows import every, one, value
from macae.contoso.values import near, simple
from macae.errors import ToolRefused

__all__ = ["database", "mailbox_of", "spare_laptop", "ticket"]


def mailbox_of(employee_id: int) -> str | None:
    """The address of an employee's own mailbox."""
    found: str | None = value(
        "SELECT address FROM mailboxes WHERE kind = 'personal' AND employee_id = ?", employee_id
    )
    return found


def spare_laptop(row: sqlite3.Row, sku: str) -> sqlite3.Row | None:
    """A laptop (of a model, if given) that waits for this employee, else for the department, else in the IT pool."""
    return one(
        "SELECT a.*, i.name FROM assets a JOIN items i USING (sku) WHERE i.kind = 'laptop' AND ? IN ('', sku) AND "
        "((a.status = 'ready' AND (a.employee_id = ? OR (a.employee_id IS NULL AND a.department = ?))) OR a.status = 'IT pool') "
        "ORDER BY a.employee_id IS NULL, a.status = 'IT pool', a.tag",
        sku, row["id"], row["department"],
    )  # fmt: skip


def database(name: str) -> sqlite3.Row:
    """The database that is meant, with its owner's name; "sales database" is SalesDB."""
    rows = every(
        "SELECT d.*, e.name AS owner FROM databases d JOIN employees e ON e.id = owner_id ORDER BY d.name"
    )
    wanted = simple(name).replace("database", "db").replace(" ", "")
    for row in rows:
        if wanted in (simple(row["name"]), simple(row["name"]).removesuffix("db")):
            return row
    names = [row["name"] for row in rows]
    raise ToolRefused(
        f"There is no database {name[:60]!r}{near(name, names)}. Databases: {', '.join(names)}."
    )


def ticket(name: str) -> sqlite3.Row:
    """The ticket with this number."""
    row = one(
        "SELECT * FROM tickets WHERE number = ?", f"T-{simple(name).upper().removeprefix('T').strip(' -#')}"
    )
    if row is None:
        numbers = [
            r["number"] for r in every("SELECT number FROM tickets WHERE status = 'open' ORDER BY number")
        ]
        raise ToolRefused(f"There is no ticket {name[:40]!r}. Open tickets: {', '.join(numbers)}.")
    return row
