"""Filling an empty company: the tables of schema.sql, the rows of data/*.csv, and what follows from them.

A day in the data is relative to the company's today: `@-30` (30 days ago), `@mon+1` (the Tuesday of next week),
`@month-3` (the month, three months ago), `@bill12-1` (the latest 12th of a month).
"""

from __future__ import annotations

import csv
import functools
import re
import sqlite3
from datetime import date, timedelta
from importlib.resources import files

__all__ = ["FORMAT", "fill"]

FORMAT = "contoso 1"
"""What `meta` says of a file that is a sample company."""

ME = 38
"""The employee that "me" means when the session's user is nobody in the company."""

DAY = re.compile(r"@(mon|month|bill(?P<day>\d+))?(?P<count>[+-]\d+)")


def fill(db: sqlite3.Connection, today: date, fixed: bool) -> None:
    """Make all tables and rows, inside the transaction that is open.

    `fixed` keeps `today` as the company's day for good; otherwise its day is the calendar's.
    """
    for statement in schema():
        db.execute(statement)
    facts = {"format": FORMAT, "seeded_on": today.isoformat(), "me": str(ME)}
    if fixed:
        facts["today"] = today.isoformat()
    db.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
    db.execute("PRAGMA defer_foreign_keys = ON")
    for table, columns, rows in tables():
        marks = ", ".join("?" * len(columns))
        db.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
            [[meant(cell, today) for cell in row] for row in rows],
        )
    for statement in derived():
        db.execute(statement)


def meant(cell: str, today: date) -> str | None:
    """A cell's value: empty is NULL, a relative day becomes a date."""
    if not cell.startswith("@"):
        return cell or None
    match = DAY.fullmatch(cell)
    if match is None:
        raise ValueError(f"{cell!r} in Contoso's data is no day")
    kind, count = match[1] or "", int(match["count"])
    if kind == "mon":
        return (today + timedelta(days=7 - today.weekday() + count)).isoformat()
    if kind == "month":
        return months_before(today, -count).isoformat()[:7]
    if kind:
        day = int(match["day"])
        return months_before(today, -count - (today.day >= day)).replace(day=day).isoformat()
    return (today + timedelta(days=count)).isoformat()


def months_before(today: date, count: int) -> date:
    """The first day of the month `count` months before today's."""
    year, month = divmod(today.year * 12 + today.month - 1 - count, 12)
    return date(year, month + 1, 1)


@functools.cache
def schema() -> list[str]:
    """The statements that make the tables."""
    return statements(files("macae.contoso").joinpath("schema.sql").read_text(encoding="utf-8"))


@functools.cache
def derived() -> list[str]:
    """The statements that add what follows from the data."""
    return statements(files("macae.contoso").joinpath("data/derived.sql").read_text(encoding="utf-8"))


def statements(script: str) -> list[str]:
    """Our own scripts, one statement each (executescript would commit the open transaction)."""
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    return [part for part in "\n".join(lines).split(";\n") if part.strip()]


@functools.cache
def tables() -> list[tuple[str, list[str], list[list[str]]]]:
    """Name, columns and rows of each data file."""
    found = []
    for file in sorted(files("macae.contoso").joinpath("data").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".csv"):
            header, *rows = csv.reader(file.read_text(encoding="utf-8").splitlines())
            found.append((file.name.removesuffix(".csv"), header, rows))
    return found
