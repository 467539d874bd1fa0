"""Whether lines can be written to a file, tried without leaving anything behind."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from tempfile import TemporaryFile

from macae.errors import StoreError

__all__ = ["refused", "try_file"]

PROBE = 65_536
"""Bytes that are written, and gone at once: more than a run's last lines need."""
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def try_file(path: Path) -> None:
    """See whether `path` could be made or appended to, and its disk has room. Raises StoreError with what to mend."""
    try:
        folder = next((part for part in path.parents if part.exists()), path.parent)
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, f"{folder} is no folder")
        if path.is_file():
            os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
        with TemporaryFile(prefix=".doctor-", dir=folder) as probe:
            probe.write(os.urandom(PROBE))  # what a compressing disk cannot make small
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        raise refused(path, error) from None


def refused(path: Path, error: Exception) -> StoreError:
    """What keeps events from being written there, and what to do."""
    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    mend = f"Make {path.parent} a folder that can be written, set MACAE_HOME to another one"
    if getattr(error, "errno", None) in FULL:
        mend = "Free some space, set MACAE_HOME to a folder on another disk"
    return StoreError(
        f"Events cannot be written to {path}: {why}. {mend}, or leave this sink out of MACAE_SINKS."
    )
