"""Files and folders for their owner alone. Windows keeps the rights of the folder that they are in."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

__all__ = ["private_file", "private_folder"]

POSIX = os.name == "posix"


def private_folder(folder: Path, *, close: bool = False) -> None:
    """Make the folder, and those above it that are missing, for their owner alone. Raises OSError.

    One that is there stays as it is; with `close` others are shut out of it, so that nothing in it needs a mode of its own.
    """
    if not folder.parent.exists():
        private_folder(folder.parent)
    folder.mkdir(mode=0o700 if POSIX else 0o777, exist_ok=True)
    if close and POSIX and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        with suppress(PermissionError):  # somebody else's folder: its owner has decided who may read it
            folder.chmod(0o700)


def private_file(file: Path) -> None:
    """Make the file, empty and for its owner alone, where there is none. One that is there must be writable. Raises OSError.

    What SQLite writes beside a file of its own (-wal, -shm, -journal) gets the mode of that file.
    """
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
