"""Everything of a store in one file: a SQLite file copied while it is in use, or, of another store, a line for each session."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from macae.errors import InvalidInput, StoreError
from macae.memory.archive.exporting import as_export, check_readable, read_export
from macae.memory.archive.files import (
    PART,
    is_sqlite,
    put_in_place,
    refuse_existing,
    remove_leftovers,
    write_private,
)
from macae.memory.archive.moving import Source
from macae.memory.archive.protocol import Archive, Record
from macae.memory.sqlite.schema import connect, store_error

if TYPE_CHECKING:
    from macae.memory.sqlite.store import SQLiteStore

__all__ = ["back_up_file", "back_up_store", "check_file", "opened_backup"]

_HEAD = {"format": "macae backup", "version": 1}


def back_up_file(path: Path, target: Path, wait: float = 5.0, user_id: str | None = None) -> None:
    """Copy a SQLite store, also one in use, as it is at one moment; with `user_id`, what is this user's alone.

    The target is new, for its owner's eyes only, and there only when it is whole. Raises StoreError, or InvalidInput where
    the target exists or cannot be written.
    """
    if not path.is_file():
        raise StoreError(f"There is no store {path} yet: nothing to back up.")
    part = target.with_name(f".{target.name}.{os.getpid()}{PART}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        refuse_existing(target)
        remove_leftovers(target.parent)
        os.close(os.open(part, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600))
        with (
            closing(connect(path, wait=wait, read_only=True)) as source,
            closing(sqlite3.connect(part, isolation_level=None)) as to,
        ):
            source.backup(to)  # in one go: one moment's state, while others may write on
            if to.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise StoreError(f"The store {path} is damaged: its copy is, too. Restore an older backup.")
            if user_id is not None:
                _leave_only(to, user_id)
        put_in_place(part, target)
    except sqlite3.Error as error:
        raise store_error(error, path) from None
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written ({error.strerror}).") from None
    finally:
        part.unlink(missing_ok=True)


def _leave_only(db: sqlite3.Connection, user_id: str) -> None:
    db.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    for table in ("documents", "events"):
        db.execute(f"DELETE FROM {table} WHERE user_id <> ?", (user_id,))
    db.execute("VACUUM")  # what was removed is not left in free pages


def check_file(path: Path, wait: float = 5.0) -> dict[str, int]:
    """Look at every page of a SQLite store; gives its `format` and `bytes`. Raises StoreError when it is damaged."""
    try:
        with closing(connect(path, wait=wait, read_only=True)) as db:
            found = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            version = db.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        raise store_error(error, path) from None
    if found != "ok":
        raise StoreError(
            f"The store {path} is damaged ({found}). Restore a backup, or move the file away to begin anew."
        )
    return {"format": int(version), "bytes": path.stat().st_size}


async def back_up_store(
    store: Archive, target: Path, progress: Callable[[int, int], None], user_id: str | None = None
) -> int:
    """Write sessions to a file as they are, one a line: this user's, or (None) everybody's. Gives their number.

    `progress` gets the place and the whole. The file is for its owner's eyes only: what people wrote is in it, keys included.
    """
    with tempfile.TemporaryDirectory(prefix="macae-backup-") as folder:
        draft = Path(folder) / "draft"
        sessions = [pair for pair in await store.census() if user_id in (None, pair[0])]
        with draft.open("w", encoding="utf-8") as file:
            file.write(json.dumps(_HEAD | {"sessions": len(sessions)}) + "\n")
            for place, session in enumerate(sessions, 1):
                content, _ = as_export(await store.record(*session))
                file.write(json.dumps(content, ensure_ascii=False) + "\n")
                progress(place, len(sessions))
        with draft.open(encoding="utf-8") as file:
            write_private(target, file)
    return len(sessions)


class _Lines:
    """A backup with a line for each session. Sessions are read when they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[tuple[str, str], int] = {}
        with path.open("rb") as file:
            head = self._parsed(file.readline())
            if not isinstance(head, dict) or head.get("format") != _HEAD["format"]:
                raise InvalidInput(
                    f"{path} is no backup. Give a file that `macae store backup` wrote, or import it."
                )
            if head.get("version") != _HEAD["version"]:
                raise InvalidInput(f"{path} was written by a newer macae. Update macae.")
            number, line = 0, b"\n"
            for number, (place, line) in enumerate(_lines(file), 1):
                self._places[self._whose(line, number)] = place
        if number != head.get("sessions") or not line.endswith(b"\n"):
            raise InvalidInput(
                f"{path} was cut: it has {number} of {head.get('sessions')} sessions. Use another backup."
            )

    def _whose(self, line: bytes, number: int) -> tuple[str, str]:
        """The user and session of a line; of one that cannot be read, its place, so that it can be told."""
        with suppress(InvalidInput, AttributeError):
            content = self._parsed(line)
            pair = str(content.get("user_id")), str(content.get("session_id"))
            if pair not in self._places:
                return pair
        return "", f"line {number + 1}"

    def _parsed(self, line: bytes) -> Any:
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise InvalidInput(f"{self._path} is no backup, or it is damaged. Use another file.") from None

    async def census(self) -> list[tuple[str, str]]:
        return list(self._places)

    async def record(self, user_id: str, session_id: str) -> Record:
        with self._path.open("rb") as file:
            file.seek(self._places[user_id, session_id])
            record = read_export(self._parsed(file.readline()), f"The session {session_id} in {self._path}")
        if (record.user_id, record.session_id) != (user_id, session_id):
            raise InvalidInput(
                f"{self._path} has the session {record.session_id} twice. Look which is right."
            )
        return record

    async def owner_alive(self, owner: str) -> bool:
        return False


class _File:
    """A backup that is a SQLite file."""

    def __init__(self, store: SQLiteStore, path: Path) -> None:
        self._store, self._path = store, path

    async def census(self) -> list[tuple[str, str]]:
        """Raises InvalidInput where the file is damaged."""
        try:
            return await self._store.census()
        except StoreError as error:
            raise _spoilt(self._path, self._store.path, error) from None

    async def record(self, user_id: str, session_id: str) -> Record:
        """Raises InvalidInput where this one cannot be read; others may."""
        name = f"The session {session_id} in {self._path}"
        try:
            record = await self._store.record(user_id, session_id)
        except (StoreError, ValueError, TypeError):
            raise InvalidInput(f"{name} is damaged. Use another backup for it.") from None
        check_readable(record, name)
        return record

    async def owner_alive(self, owner: str) -> bool:
        return False


def _lines(file: Any) -> Iterator[tuple[int, bytes]]:
    while True:
        place = file.tell()
        line = file.readline()
        if not line:
            return
        yield place, line


@asynccontextmanager
async def opened_backup(path: Path) -> AsyncIterator[Source]:
    """The sessions of a backup of either kind; the file is not touched. Raises InvalidInput, StoreError."""
    from macae.memory.sqlite.store import SQLiteStore

    try:
        if not is_sqlite(path):
            yield _Lines(path)
            return
        with tempfile.TemporaryDirectory(prefix="macae-restore-") as folder:
            copy = Path(folder) / path.name
            shutil.copyfile(path, copy)
            store = SQLiteStore(copy)
            try:
                await store.open()
            except StoreError as error:
                raise _spoilt(path, copy, error) from None
            try:
                yield _File(store, path)
            finally:
                await store.close()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}). Check its name.") from None


def _spoilt(path: Path, copy: Path, error: StoreError) -> InvalidInput:
    """What is wrong with a backup, told of its own file: what was opened is a copy of it."""
    code = getattr(error.__context__, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR):
        return InvalidInput(f"{path} is damaged or cut; use another backup. Your store is unchanged.")
    return InvalidInput(f"{path} cannot be restored: {str(error).replace(str(copy), str(path))}")
