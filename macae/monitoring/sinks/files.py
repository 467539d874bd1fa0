"""Files of lines that several processes append to: each line whole, big and old files followed by new ones, the oldest deleted."""

from __future__ import annotations

import logging
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from macae.monitoring.sinks.trying import refused, try_file
from macae.private import private_folder

__all__ = ["LineFile"]

log = logging.getLogger(__name__)

WAIT = 2.0
"""Seconds that a write waits for another process to finish its own."""
DAY = 86_400.0
SAY_AGAIN = 60.0
"""Seconds after which it is said again that no new file can follow."""


class LineFile:
    """`<stem><suffix>` in a folder, and those that it was followed by, `<stem>-<time><suffix>`. A file holds lines of one day (UTC).

    Files are for their owner only. No file is touched whose name is not made here, nor one that a link of that name leads to.
    """

    def __init__(self, folder: Path, stem: str, suffix: str, megabytes: float, days: int) -> None:
        self.folder, self.stem, self.suffix = folder, stem, suffix
        self.limit, self.days = int(megabytes * 1_000_000), days
        self.path = folder / f"{stem}{suffix}"
        self._safe: list[bytes] = []
        """Lines of a call that failed which are in a file all the same."""
        self._said = -SAY_AGAIN
        self._made = re.compile(rf"{re.escape(stem)}-(\d{{8}}T\d{{6}}Z)(?:-(\d+))?{re.escape(suffix)}")

    def open(self) -> None:
        """See whether lines can be written, and delete what is too old. Raises StoreError with what to mend."""
        try:
            private_folder(self.folder)
            with self._locked():
                self._follow(0)
                os.close(self._opened())
                self.prune()
        except Timeout:  # others write there, so it can be written to
            log.warning("%s is in use by another process for long; it is written to later", self.path)
        except (OSError, NotImplementedError) as error:
            raise refused(self.path, error) from None

    def try_out(self) -> None:
        """See the same, but leave everything as it is. Raises StoreError with what to mend."""
        try:
            self._found()
        except OSError as error:
            raise refused(self.path, error) from None
        try_file(self.path)

    def append(self, lines: Sequence[bytes]) -> None:
        """Write whole lines, each ending with a line break.

        Raises OSError. The line that was begun then is taken back, and the next call, if it brings the same lines, goes on there.
        """
        with self._locked():
            rest = self._unsafe(lines)
            try:
                self._append(rest)
            finally:
                if rest:
                    self._safe = [*lines[: len(lines) - len(rest)]]

    def _append(self, rest: list[bytes]) -> None:
        """Write these lines, and take each that is written out of the list."""
        room = True
        while rest:
            file = self._opened()
            try:
                size = os.fstat(file).st_size
                fitting = self._fitting(size, rest) if room else len(rest)
                if fitting:
                    write(file, size, b"".join(rest[:fitting]))
                    del rest[:fitting]
            finally:
                os.close(file)
            if rest:
                room = self._follow(len(rest[0]))

    def _unsafe(self, lines: Sequence[bytes]) -> list[bytes]:
        """The lines without those that a call which failed has written."""
        done = 0
        while done < min(len(lines), len(self._safe)) and lines[done] == self._safe[done]:
            done += 1
        self._safe = self._safe[done:] if done == len(lines) else []
        return [*lines[done:]]

    def older(self) -> list[Path]:
        """The files that were followed by others, oldest first."""
        return older_files(self.folder, self._made)

    def prune(self) -> None:
        """Delete those that nothing was written to for too long."""
        oldest = time.time() - self.days * DAY
        for file in self.older():
            try:
                if file.lstat().st_mtime < oldest:
                    file.unlink()
            except FileNotFoundError:
                continue
            except OSError as error:
                log.warning("The old file %s cannot be deleted: %s", file, reason(error))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, of all processes. A process that dies lets go by that."""
        with FileLock(self.folder / f".{self.stem}.lock", timeout=WAIT, mode=0o600, fallback_to_soft=False):
            if self._is_of_an_earlier_day():
                self._follow(self.limit)
            yield

    def _opened(self) -> int:
        """The file, to append to."""
        self._found()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        file = os.open(self.path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
        if os.name == "posix" and os.fstat(file).st_mode & 0o077:
            with suppress(PermissionError):  # another one's file: its owner decides who reads it
                os.fchmod(file, 0o600)
        return file

    def _fitting(self, size: int, lines: list[bytes]) -> int:
        """How many of the lines the file takes. A line that is too long for any file gets one of its own."""
        for number, line in enumerate(lines):
            size += len(line)
            if size > self.limit and size > len(line):
                return number
        return len(lines)

    def _found(self) -> os.stat_result | None:
        """What is there under the file's name. Raises OSError for what is no file of its own, such as a link to one."""
        try:
            found = self.path.lstat()
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{self.path} is no file")
        return found

    def _is_of_an_earlier_day(self) -> bool:
        """Whether its last line is, and no file was begun today: a clock that jumps to and fro makes one file a day."""
        found = self._found()
        if found is None or not found.st_size or found.st_mtime // DAY >= time.time() // DAY:
            return False
        today = f"{self.stem}-{stamp()[:9]}"
        return not any(file.name.startswith(today) for file in self.older())

    def _follow(self, more: int) -> bool:
        """Let a new file follow when this one has no room for so many bytes more. Whether there is room then."""
        found = self._found()
        if found is None or not found.st_size or found.st_size + more <= self.limit:
            return True
        now, number = stamp(), 0
        while (
            target := self.folder / f"{self.stem}-{now}{f'-{number}' * bool(number)}{self.suffix}"
        ).exists():
            number += 1
        try:
            self.path.rename(target)
        except OSError as error:  # on Windows, while somebody reads it: better too big than lost
            if time.monotonic() - self._said >= SAY_AGAIN:
                self._said = time.monotonic()
                log.warning("No new file can follow %s: %s", self.path, reason(error))
            return False
        self.prune()
        return True


def stamp() -> str:
    """The time now, as it stands in a file's name."""
    return datetime.fromtimestamp(time.time(), UTC).strftime("%Y%m%dT%H%M%SZ")


def older_files(folder: Path, made: re.Pattern[str]) -> list[Path]:
    """The files of a folder whose names fit, in the order of the times in their names."""
    found = []
    for file in folder.iterdir():
        name = made.fullmatch(file.name)
        if name and file.is_file() and not file.is_symlink():
            found.append(((name[1], int(name[2] or 0)), file))
    return [file for _, file in sorted(found)]


def write(file: int, size: int, data: bytes) -> None:
    """Append to a file of that size. A line that a killed process has left unfinished is ended first."""
    if size:
        os.lseek(file, -1, os.SEEK_END)
        if os.read(file, 1) != b"\n":
            data = b"\n" + data
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(file, left) :]
    except OSError:
        with suppress(OSError):
            os.ftruncate(file, size)
        raise


def reason(error: Exception) -> str:
    """Why, in words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
