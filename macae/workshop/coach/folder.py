"""Reports from a shared folder: one small file a learner, read when it has changed."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from macae.errors import MacaeError
from macae.workshop.coach.board import Board
from macae.workshop.coach.guard import BIGGEST
from macae.workshop.coach.summary import Summary

__all__ = ["Folder", "check_writable"]

MOST = 2_000
"""Files that are looked at."""


class Folder:
    """Brings what is new in a shared folder to the board. `status` says in a sentence how that goes."""

    def __init__(self, path: Path, board: Board) -> None:
        self.path = path
        self.board = board
        self.seen: dict[str, tuple[int, int]] = {}
        self.began = time.time()
        self.status = f"Shared folder {path}: not read yet."

    def scan(self) -> int:
        """Read what has changed since the last time. Gives how many reports were new; never raises."""
        new, unreadable = 0, 0
        try:
            with os.scandir(self.path) as entries:
                listed = [
                    entry
                    for entry in entries
                    if entry.name.endswith(".json") and not entry.name.startswith(".")
                ]
        except OSError as error:
            self.status = f"The shared folder {self.path} cannot be read: {error.strerror or error}."
            return 0
        for entry in sorted(listed, key=lambda entry: entry.name)[:MOST]:
            try:
                found = entry.stat(follow_symlinks=False)
                if not stat.S_ISREG(found.st_mode):
                    raise ValueError("no file")  # a pipe would be waited for, a link could lead anywhere
                mark = (found.st_mtime_ns, found.st_size)
                if self.seen.get(entry.name) == mark:
                    continue
                new += self.read(Path(entry.path), found.st_size, found.st_mtime)
                self.seen[entry.name] = mark
            except (OSError, ValueError, MacaeError):
                unreadable += 1  # half written by something else, or no report: it may be one the next time
        bad = f", {unreadable} that are no reports" if unreadable else ""
        self.status = (
            f"Shared folder {self.path}: {len(self.seen)} learner{'' if len(self.seen) == 1 else 's'}{bad}."
        )
        return new

    def read(self, file: Path, size: int, written: float) -> bool:
        """Bring one file to the board. Raises OSError, ValueError or MacaeError where it is no report."""
        if size > BIGGEST:
            raise ValueError("too big")
        with file.open("rb") as stream:
            summary = Summary.model_validate_json(stream.read(BIGGEST + 1))
        if not summary.learner or file.stem != summary.learner:
            raise ValueError("not this learner's")
        # What was there before the board began may be old; what comes while it runs is new, whatever the share's clock says.
        before = written if written < self.began and file.name not in self.seen else None
        return self.board.take(summary, "folder", before)


def check_writable(folder: Path) -> str:
    """Why files cannot be put there and read back, in a sentence; empty when they can."""
    probe = folder / f".coach-{os.getpid()}.part"
    try:
        if not folder.is_dir():
            return f"{folder} is no folder."
        probe.write_text("ready", encoding="utf-8")
        try:
            back = probe.read_text(encoding="utf-8")
        finally:
            probe.unlink()
        return "" if back == "ready" else f"{folder} gave back something else than was written."
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror or error}."
