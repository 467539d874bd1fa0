"""One company: a SQLite file with everything that the tools read and change."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from macae.errors import StoreError
from macae.private import private_file, private_folder

if TYPE_CHECKING:
    from types import TracebackType

    from macae.contoso.snapshots import Snapshot

__all__ = ["Company", "company_file"]

BUSY = 5.0
"""Seconds to wait for another process that is writing to the same file."""


def company_file(home: Path, user_id: str, session_id: str) -> Path:
    """Where a session's own copy is kept."""
    name = hashlib.sha256(f"{user_id}\n{session_id}".encode()).hexdigest()[:20]
    return home / "contoso" / f"{name}.db"


class Company:
    """One copy of the sample company. Make it with `Company.create` or `Company.open`.

    `db` is its connection (autocommit; the tools open their own transactions), `lock` keeps threads apart, `day` is the day
    that it was opened with, if one was given.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, folder: Path | None = None) -> None:
        self.path = path
        self.db = db
        self.lock = threading.RLock()
        self.day: date | None = None
        self._close = weakref.finalize(self, let_go, db, folder)

    @classmethod
    def create(cls, path: Path | str | None = None, today: date | None = None) -> Company:
        """A fresh copy; one that stood at `path` is made new. Without a path: a temporary file, gone after `close`.

        `today` fixes the company's day for good; otherwise it is the calendar's. Raises StoreError when the file cannot
        be written, or is something else than a sample company (it is left alone then).
        """
        if path is not None:
            existed = Path(path).exists()
            company = cls.open(path, today)
            if existed:
                company.refill(today)
            return company if isinstance(company, Company) else company()
        try:
            folder = Path(tempfile.mkdtemp(prefix="contoso-"))
        except OSError as error:
            raise StoreError(
                f"No temporary folder for the sample company: {error}. Give it a path."
            ) from error
        return connect(folder / "contoso.db", today, folder)

    @classmethod
    def open(cls, path: Path | str, today: date | None = None) -> Company:
        """The company in this file as it was left; seeded when the file does not exist.

        `today` is its day while it is open. Without one it is the day it was made with, if that was given, else the calendar's.
        Raises StoreError when the file cannot be read and written, or is something else.
        """
        return connect(Path(path), today)

    @property
    def today(self) -> date:
        """The company's day."""
        with self.using():
            return self.day or self.fixed_day() or date.today()

    def effect(self, key: str) -> dict[str, Any] | None:
        """What the call with this key did: key, tool, arguments, summary (its result) and at. None: it had no effect."""
        with self.using():
            row = self.db.execute("SELECT * FROM effects WHERE key = ?", (key,)).fetchone()
        return dict(row) if row else None

    def snapshot(self) -> Snapshot:
        """All rows as they are now, for `contoso.diff`."""
        from macae.contoso.snapshots import take

        with self.using():
            return take(self.db)

    def reset(self, today: date | None = None) -> None:
        """Make it new: the seeded rows, no effects. A day that was given stays, unless `today` gives another."""
        with self.using():
            kept = self.day or self.fixed_day()
        self.refill(today or kept)

    def refill(self, fixed: date | None) -> None:
        """Throw all rows away and seed anew, in one transaction."""
        from macae.contoso.seed import fill

        with self.using():
            self.db.execute("PRAGMA foreign_keys = OFF")
            try:
                self.db.execute("BEGIN IMMEDIATE")
                names = self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                for (name,) in names:
                    self.db.execute(f'DROP TABLE "{name}"')
                fill(self.db, fixed or date.today(), fixed is not None)
                self.db.execute("COMMIT")
                self.day = fixed
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise
            finally:
                self.db.execute("PRAGMA foreign_keys = ON")

    def fixed_day(self) -> date | None:
        """The day that was given when it was made, None when the calendar's counts."""
        row = self.db.execute("SELECT value FROM meta WHERE key = 'today'").fetchone()
        return date.fromisoformat(row[0]) if row else None

    @contextmanager
    def using(self) -> Iterator[None]:
        """Keep other threads out, and turn SQLite's errors into StoreError."""
        with self.lock:
            try:
                yield
            except sqlite3.Error as error:
                raise StoreError(
                    f"The sample company {self.path} cannot be used: {error}. Nothing was changed. {remedy(error)}"
                ) from error

    def close(self) -> None:
        """Let the file go (and delete it when it was a temporary one). Idempotent."""
        self._close()

    def __enter__(self) -> Company:
        """The company itself; leaving the block closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Company({str(self.path)!r})"


def connect(path: Path, today: date | None, folder: Path | None = None) -> Company:
    """Open or make the file. What is not ours is never written to."""
    from macae.contoso.seed import FORMAT, fill

    if path.is_dir():
        raise StoreError(f"{path} is a folder; the sample company needs a file, e.g. {path / 'contoso.db'}.")
    try:
        private_folder(path.parent)
        if not path.exists():
            private_file(path)
        db = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"The sample company cannot be opened at {path}: {error}. Choose another path."
        ) from error
    company = Company(path, db, folder)
    company.day = today
    db.row_factory = sqlite3.Row
    try:
        found = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if found and ("meta" not in found or "effects" not in found or said(db) != FORMAT):
            raise StoreError(
                f"{path} is no sample company (or of another version). Choose another path, or delete it."
            )
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("BEGIN IMMEDIATE")
        # asked again inside the transaction: another process may have filled it meanwhile
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            fill(db, today or date.today(), today is not None)
            db.execute("COMMIT")
        else:  # a file that can only be read is noticed now, not at the first tool; nothing is written
            db.execute("UPDATE meta SET value = value")
            db.execute("ROLLBACK")
    except sqlite3.Error as error:
        company.close()
        raise StoreError(f"The sample company {path} cannot be used: {error}. {remedy(error)}") from error
    except StoreError:
        company.close()
        raise
    return company if isinstance(company, Company) else company()


REMEDIES = {
    sqlite3.SQLITE_FULL: "Free some space and try again.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable.",
    sqlite3.SQLITE_CORRUPT: "The file is damaged: move it away, and a new company is made.",
    sqlite3.SQLITE_NOTADB: "It is damaged, or something else: move it away, and a new company is made, or choose another path.",
    sqlite3.SQLITE_BUSY: "Close what else writes to it and try again.",
    sqlite3.SQLITE_LOCKED: "Close what else writes to it and try again.",
    sqlite3.SQLITE_CANTOPEN: "Check that its folder exists and is writable.",
    sqlite3.SQLITE_IOERR: "Check the disk's free space and health and try again.",
}


def remedy(error: sqlite3.Error) -> str:
    """What to do about an error of SQLite's."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return REMEDIES.get(code, "Open it again if it was closed; move the file away if it is damaged.")


def said(db: sqlite3.Connection) -> str | None:
    """What the file says it is."""
    row = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    return str(row[0]) if row else None


def let_go(db: sqlite3.Connection, folder: Path | None) -> None:
    """Close the connection, remove the temporary folder."""
    db.close()
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
