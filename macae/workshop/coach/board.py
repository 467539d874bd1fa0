"""What the board knows, in one SQLite file: it is on the disk before a report is acknowledged, so a restart loses nothing."""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from macae.errors import InvalidInput, StoreError
from macae.private import private_file, private_folder
from macae.workshop.coach.code import ALPHABET, decode, short_id
from macae.workshop.coach.summary import Summary, clean_name

__all__ = ["Board", "Row"]

MOST = 1_000
"""Learners that a board holds."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS learners (
    learner TEXT PRIMARY KEY, short TEXT NOT NULL, source TEXT NOT NULL, received REAL NOT NULL, summary TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Row:
    """The newest of one learner. `received` is in seconds since 1970, by the board's clock; `source`: http, folder or code."""

    summary: Summary
    source: str
    received: float


class Board:
    """The learners' newest reports, the join code, the coach's key, the chosen track. Any thread may call it. Raises StoreError."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lock = threading.Lock()
        try:
            private_folder(file.parent)
            private_file(file)
            self.db = sqlite3.connect(file, check_same_thread=False, timeout=5, isolation_level=None)
            with suppress(OSError):
                file.chmod(0o600)  # it holds the coach's key
            self.db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"The board's file {file} cannot be used: {error}. Set another folder with --home."
            ) from None

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            self.db.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        with self.lock:
            try:
                self.db.execute("BEGIN IMMEDIATE")
                try:
                    yield self.db
                except BaseException:
                    self.db.execute("ROLLBACK")
                    raise
                self.db.execute("COMMIT")
            except sqlite3.Error as error:
                raise StoreError(f"The board's file {self.file} cannot be written: {error}.") from None

    def read(self, query: str, *values: object) -> list[tuple[str, ...]]:
        """The rows of a query."""
        with self.lock:
            try:
                return self.db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"The board's file {self.file} cannot be read: {error}.") from None

    def setting(self, name: str, default: str = "") -> str:
        """A setting, or the default."""
        found = self.read("SELECT value FROM settings WHERE name = ?", name)
        return found[0][0] if found else default

    def set(self, **values: str) -> None:
        """Keep settings."""
        with self.change() as db:
            db.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", values.items())

    def secret(self, name: str, length: int = 0) -> str:
        """A secret that is made once: `length` characters for people to read, or a long one."""
        new = (
            "".join(secrets.choice(ALPHABET) for _ in range(length)) if length else secrets.token_urlsafe(24)
        )
        with self.change() as db:
            db.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (name, new))
        return self.setting(name)

    def knows(self, learner: str) -> bool:
        """Whether this learner has reported with the right join code before."""
        return bool(self.read("SELECT 1 FROM learners WHERE learner = ? AND source = 'http'", learner))

    def take(self, summary: Summary, source: str, received: float | None = None) -> bool:
        """Keep a report; one from a known time (`received`) only if no newer one is there. Gives whether it was kept.

        Raises InvalidInput for one that cannot be kept.
        """
        if not summary.learner:
            raise InvalidInput("This report does not say whose it is.")
        code = f"code-{short_of(summary.learner).lower()}"
        row = (
            summary.learner,
            short_of(summary.learner),
            source,
            time.time() if received is None else received,
        )
        with self.change() as db:
            old = db.execute("SELECT received FROM learners WHERE learner = ?", (summary.learner,)).fetchone()
            if old is None and db.execute("SELECT count(*) FROM learners").fetchone()[0] >= MOST:
                raise InvalidInput(f"The board is full: it holds {MOST} learners. The coach can remove some.")
            if old is not None and received is not None and received < old[0]:
                return False
            # Who pasted codes until now and has a network from now on is one learner, not two.
            db.execute("DELETE FROM learners WHERE learner = ?", (code,))
            db.execute(
                "INSERT OR REPLACE INTO learners VALUES (?, ?, ?, ?, ?)", (*row, summary.model_dump_json())
            )
        return True

    def take_code(self, code: str, team: str = "") -> Summary:
        """Keep what a pasted code says, for the learner it belongs to. Raises InvalidInput with a sentence."""
        given = decode(code)
        short = given.learner.removeprefix("code-").upper()
        known = self.read("SELECT summary FROM learners WHERE short = ? OR learner = ?", short, given.learner)
        old = Summary.model_validate_json(known[0][0]) if known else Summary()
        kept = given.model_copy(
            update={
                "learner": old.learner or given.learner,
                "team": clean_name(team) or old.team,
                "name": old.name,
                "sent": time.time(),
            }
        )
        self.take(kept, "code")
        return kept

    def remove(self, learner: str) -> None:
        """Forget a learner; the next report brings them back."""
        with self.change() as db:
            db.execute("DELETE FROM learners WHERE learner = ?", (learner,))

    def rows(self) -> list[Row]:
        """Everybody."""
        found = []
        for source, received, text in self.read("SELECT source, received, summary FROM learners"):
            with suppress(ValueError):  # of another version
                found.append(Row(Summary.model_validate_json(text), source, float(received)))
        return found


def short_of(learner: str) -> str:
    """The part of an id that codes carry; an id that came with a code is that part itself."""
    return learner.removeprefix("code-").upper() if learner.startswith("code-") else short_id(learner)
