"""A session's copy of the sample company in an export: its rows, as text.

A file that comes from elsewhere is never opened as a database: its rows are checked and put into tables that are made here.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Literal

from macae.contoso.seed import FORMAT, schema
from macae.errors import InvalidInput, MacaeError, StoreError
from macae.memory.archive.files import PART, put_in_place
from macae.private import private_folder

__all__ = ["LARGEST_COMPANY", "Placed", "Tables", "as_section", "prepared_company", "read_company"]

LARGEST_COMPANY = 5_000_000
"""Bytes of a company's rows as JSON. A larger one is not exported."""

Tables = dict[str, dict[str, Any]]
"""By table: its `columns`, and its `rows`."""
Placed = Literal["none", "written", "same", "kept"]
"""What became of a file's company: there was none in it, it is in place, it was so already, another one was there and stays."""

_WAIT = 5.0
_TYPES = {"TEXT": (str,), "INTEGER": (int,), "REAL": (int, float)}
_FACTS = frozenset({"format", "seeded_on", "me", "today"})


def read_company(path: Path) -> Tables | None:
    """All rows of a company's file at one moment; None where there is no file.

    Raises StoreError when it cannot be read, InvalidInput when it is too large for an export.
    """
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as db:
            db.execute("PRAGMA query_only = 1")
            db.execute("BEGIN")
            if dict(db.execute("SELECT key, value FROM meta")).get("format") != FORMAT:
                raise StoreError(f"the sample company {path} is of another version")
            tables = {
                name: {"columns": list(columns), "rows": [list(row) for row in _rows(db, name)]}
                for name, columns in _columns(db).items()
            }
            size = len(_text(tables))
    except (sqlite3.Error, TypeError) as error:
        raise StoreError(f"the sample company {path} cannot be read: {error}") from None
    if size > LARGEST_COMPANY:
        raise InvalidInput(f"it is too large ({size:,} bytes; at most {LARGEST_COMPANY:,})")
    return tables


def as_section(tables: Tables) -> dict[str, Any]:
    """What stands in an export, with a sum of its own against damage."""
    return {"format": FORMAT, "sha256": _digest(tables), "tables": tables}


@contextmanager
def prepared_company(section: Any, name: str, path: Path) -> Iterator[Callable[[], Placed]]:
    """Make a company of an export's section beside `path`, to be put there by calling what is given. `name` is the file's.

    A company that is at `path` already is never written over. Raises InvalidInput, and leaves nothing, for a section
    that is damaged, too large, or holds what a sample company cannot.
    """
    if section is None:
        yield lambda: "none"
        return
    part = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        with _writing(path):
            private_folder(path.parent)
            part.unlink(missing_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600))
        _fill(part, section, name)
        yield lambda: _place(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}). Check its folder.") from None


def _place(part: Path, path: Path) -> Placed:
    try:
        with _writing(path):
            put_in_place(part, path)
        return "written"
    except InvalidInput:  # one is there
        pass
    try:
        return "same" if read_company(path) == read_company(part) else "kept"
    except MacaeError:  # what is there may be damaged: it is still not ours to replace
        return "kept"


def _fill(part: Path, section: Any, name: str) -> None:
    try:
        tables = section["tables"]
        if section["format"] != FORMAT:
            raise ValueError(f"its format is {str(section['format'])[:40]!r}, not {FORMAT!r}")
        if len(_text(tables)) > LARGEST_COMPANY:
            raise ValueError(f"it is larger than {LARGEST_COMPANY:,} bytes")
        if section["sha256"] != _digest(tables):
            raise ValueError("it was changed or cut after it was exported")
        with closing(sqlite3.connect(part, isolation_level=None)) as db:
            db.execute("BEGIN")
            for statement in schema():
                db.execute(statement)
            ours = _columns(db)
            if set(tables) != set(ours):
                raise ValueError("it has other tables")
            for table, columns in ours.items():
                _insert(db, table, columns, tables[table])
            _check_facts(dict(db.execute("SELECT key, value FROM meta")))
            if db.execute("PRAGMA foreign_key_check").fetchone():
                raise ValueError("its rows do not belong together")
            db.execute("COMMIT")
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError, sqlite3.Error) as error:
        what = str(error)[:200] or type(error).__name__
        raise InvalidInput(
            f"{name} cannot be used: its copy of the sample company: {what}. Export the session again."
        ) from None


def _insert(db: sqlite3.Connection, table: str, columns: Mapping[str, str], given: Any) -> None:
    """Names come from our own tables alone."""
    if given["columns"] != list(columns):
        raise ValueError(f"{table} has other columns")
    kinds = [_TYPES[kind] for kind in columns.values()]
    for row in given["rows"]:
        if not isinstance(row, list) or len(row) != len(kinds) or not all(map(_fits, row, kinds)):
            raise ValueError(f"{table} has a row that does not fit")
    marks = ", ".join("?" * len(kinds))
    db.executemany(f'INSERT INTO "{table}" VALUES ({marks})', given["rows"])


def _fits(value: Any, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return value is None or (isinstance(value, kinds) and not isinstance(value, bool))


def _check_facts(facts: Mapping[str, str]) -> None:
    if facts.get("format") != FORMAT or not set(facts) <= _FACTS:
        raise ValueError("it does not say what it is")
    for day in {"seeded_on", "today"} & set(facts):
        date.fromisoformat(facts[day])
    int(facts["me"])


def _columns(db: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """By table, its columns with their types."""
    names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
    return {
        name: {str(row[1]): str(row[2]) for row in db.execute(f'PRAGMA table_info("{name}")')}
        for name in names
    }


def _rows(db: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    return db.execute(f'SELECT * FROM "{table}" ORDER BY rowid')


def _text(tables: Any) -> str:
    return json.dumps(tables, sort_keys=True, separators=(",", ":"))


def _digest(tables: Any) -> str:
    return hashlib.sha256(_text(tables).encode()).hexdigest()
