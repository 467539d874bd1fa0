"""The SQLite file: its tables, how it is opened, and what its errors mean to a person."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from macae.errors import InvalidInput, StoreError
from macae.memory.sqlite.migration import migrate
from macae.private import private_file, private_folder

__all__ = ["SCHEMA_VERSION", "connect", "open_file", "store_error"]

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x4D414341  # "MACA", in the file's header: a foreign SQLite file is not written to

_TABLES = """
CREATE TABLE documents (
    seq INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL, user_id TEXT NOT NULL, id TEXT NOT NULL,
    data_type TEXT NOT NULL, plan_id TEXT NOT NULL,
    version INTEGER NOT NULL, ts INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX documents_id ON documents (session_id, id);
CREATE INDEX documents_type ON documents (session_id, data_type);
CREATE INDEX documents_plan ON documents (session_id, plan_id, data_type) WHERE plan_id <> '';
CREATE INDEX documents_user ON documents (user_id, data_type);
CREATE INDEX documents_chat ON documents (session_id, json_extract(body, '$.agent'))
    WHERE data_type = 'chat_message';
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL, user_id TEXT NOT NULL, plan_id TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX events_session ON events (session_id);
"""


def connect(path: Path, *, wait: float, read_only: bool = False) -> sqlite3.Connection:
    """A connection in which transactions are ours alone to begin; `wait` is in seconds, for another's lock."""
    connection = None
    try:
        # One thread at a time uses it, but not always the same one (see writer.py).
        connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous = FULL")
        if read_only:
            connection.execute("PRAGMA query_only = 1")
        return connection
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise store_error(error, path) from None


def open_file(path: Path, wait: float) -> sqlite3.Connection:
    """Create or check the file, and connect to it. Raises StoreError when it cannot be used as a store."""
    if path.is_dir():
        raise StoreError(
            f"The store {path} is a directory. Name a file, or set MACAE_HOME to another folder."
        )
    try:
        private_folder(path.parent)
        private_file(path)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"The store {path} cannot be created or written ({getattr(error, 'strerror', None) or error}). "
            "Check the folder's permissions and free space, or set MACAE_HOME to another folder."
        ) from None
    connection = connect(path, wait=wait)
    try:
        ready = _format(connection, path)  # first of all: what is not ours is not even switched to WAL
        _to_wal(connection, wait)
        if not ready:
            _make_tables(connection, path)
        elif ready < SCHEMA_VERSION:
            migrate(connection, path, ready, SCHEMA_VERSION)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise store_error(error, path) from None
        raise
    return connection


def _to_wal(connection: sqlite3.Connection, wait: float) -> None:
    # Changing the journal mode does not wait for another process's lock by itself.
    deadline = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _format(connection: sqlite3.Connection, path: Path) -> int:
    """The file's format; 0 for a new file."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if version > SCHEMA_VERSION and application == _APPLICATION_ID:
        raise StoreError(
            f"The store {path} was written by a newer macae (format {version}; this one knows {SCHEMA_VERSION}). "
            "Update macae, or set MACAE_HOME to another folder."
        )
    if application != _APPLICATION_ID and connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise StoreError(
            f"The file {path} is a SQLite file of something else. Name another file for the store."
        )
    if application == _APPLICATION_ID and version < 1:
        raise StoreError(
            f"The store {path} does not say its format any more. Restore a backup, or move the file away to begin anew."
        )
    return int(version)


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if not _format(connection, path):  # another process may have been first
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


_MEANINGS = {
    sqlite3.SQLITE_FULL: "has no more room: the disk is full. Free some space and try again",
    sqlite3.SQLITE_READONLY: "is read-only. Make the file and its folder writable, or set MACAE_HOME to another folder",
    sqlite3.SQLITE_BUSY: "is locked by another program for too long. Close what holds it and try again",
    sqlite3.SQLITE_LOCKED: "is locked by another program for too long. Close what holds it and try again",
    sqlite3.SQLITE_CORRUPT: "is damaged. Restore a copy, or move the file away to begin anew",
    sqlite3.SQLITE_NOTADB: "is no SQLite file. Move it away, or set MACAE_HOME to another folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. Check that its folder exists and is writable",
    sqlite3.SQLITE_IOERR: "met a disk error. Check the disk's free space and health and try again",
    sqlite3.SQLITE_PERM: "may not be used. Check the permissions of the file and its folder",
}


def store_error(error: BaseException, path: Path) -> StoreError | InvalidInput:
    """What a SQLite error means, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_TOOBIG or isinstance(error, OverflowError | UnicodeEncodeError):
        return InvalidInput(f"This cannot be stored or looked for: {error}.")
    meaning = _MEANINGS.get(code, "cannot be used")
    return StoreError(f"The store {path} {meaning}. ({error})")
