"""From an older format of the SQLite file to the present one, a step at a time; the old file is kept beside the new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from macae.errors import MacaeError, StoreError

__all__ = ["MIGRATIONS", "kept_copy", "migrate"]

MIGRATIONS: Mapping[int, str] = {}
"""The statements that make format n into n + 1, by n. A new format comes with its entry here."""


def kept_copy(path: Path, version: int) -> Path:
    """Where the file is kept as it was."""
    return path.with_name(f"{path.name}.format{version}")


def migrate(connection: sqlite3.Connection, path: Path, version: int, wanted: int) -> None:
    """Bring the file to the format `wanted`, after copying it to `kept_copy`.

    Raises StoreError, and changes nothing, where a step is not known or fails.
    """
    missing = [step for step in range(version, wanted) if step not in MIGRATIONS]
    if missing:
        raise StoreError(
            f"The store {path} was written by an older macae (format {version}; this one knows {wanted} and cannot bring it "
            "up to date). Open it with the macae that wrote it and `macae store export` its sessions, then import them here; "
            "or set MACAE_HOME to another folder."
        )
    _keep(path, kept_copy(path, version), version)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        present = connection.execute("PRAGMA user_version").fetchone()[0]
        for step in range(present, wanted):  # another process may have been first
            for statement in MIGRATIONS[step].split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {wanted}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise StoreError(
            f"The store {path} (format {version}) could not be brought to format {wanted} ({error}); it is as it was. "
            "Free some space, close what uses it, and try again; or set MACAE_HOME to another folder."
        ) from None


def _keep(path: Path, copy: Path, version: int) -> None:
    from macae.memory.archive.backup import back_up_file

    if copy.exists():  # of an attempt before, or of another process: the older one is the original
        if _is_whole(copy, version):
            return
        copy.replace(copy.with_name(f"{copy.name}.damaged"))
    try:
        back_up_file(path, copy)
    except MacaeError as error:
        if copy.exists():
            return
        raise StoreError(
            f"The store {path} has an older format, and could not be copied before it is changed: {error} Free some space."
        ) from None


def _is_whole(copy: Path, version: int) -> bool:
    try:
        with closing(sqlite3.connect(copy)) as db:
            found = db.execute("PRAGMA user_version").fetchone()[0]
            return bool(found == version and db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False
