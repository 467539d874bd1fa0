"""What a learner did, as lines in a file: appended, never rewritten, so that a kill in the middle costs nothing."""

from __future__ import annotations

import contextlib
import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from filelock import FileLock
from filelock import Timeout as Locked

from macae.config import load_settings
from macae.errors import StoreError
from macae.private import private_file, private_folder

__all__ = ["Entry", "Record", "record"]

What = Literal["opened", "jumped", "passed", "not yet", "not attempted", "hint", "solution"]
WAIT = 5.0
"""Seconds to wait for another kernel that writes just now."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    what: What
    challenge: int
    exercise: str = ""
    detail: str = ""
    """The kind of a failure, or the number of a hint."""
    at: float = 0.0
    """Seconds since 1970."""

    def is_sound(self) -> bool:
        """Whether each field holds what it should; somebody may have edited the file."""
        texts = all(isinstance(text, str) for text in (self.what, self.exercise, self.detail))
        numbers = isinstance(self.challenge, int) and isinstance(self.at, int | float)
        return texts and numbers and math.isfinite(self.at)


class Record:
    """The file, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "progress.ndjson"

    def add(self, what: What, challenge: int, exercise: str = "", detail: str = "") -> Entry:
        """Note it, with the time. Raises StoreError when it cannot be written."""
        entry = Entry(what, challenge, exercise, detail, round(time.time(), 3))
        line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        try:
            private_folder(self.folder)
            private_file(self.path)
            lock = FileLock(self.folder / "progress.lock", timeout=WAIT, mode=0o600)
            with lock, self.path.open("a+b") as file:
                if file.tell() and not self._ends_well(file):
                    line = "\n" + line  # somebody was killed in the middle of a line
                file.write(line.encode())
        except (OSError, Locked) as error:
            raise StoreError(
                f"Your progress could not be noted in {self.path} ({error}). Is the disk full, or the folder read-only?"
            ) from None
        return entry

    @staticmethod
    def _ends_well(file: BinaryIO) -> bool:
        file.seek(-1, 2)
        return file.read(1) == b"\n"

    def entries(self) -> list[Entry]:
        """All of it, oldest first; a line that cannot be read is passed over. Raises StoreError."""
        try:
            raw = self.path.read_bytes() if self.path.exists() else b""
        except OSError as error:
            raise StoreError(f"Your progress in {self.path} cannot be read: {error}.") from None
        found = []
        for line in raw.decode("utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError, TypeError):
                entry = Entry(**json.loads(line))
                if entry.is_sound():
                    found.append(entry)
        return found


def record() -> Record:
    """The record in this workshop's home."""
    return Record(load_settings().home / "workshop")
