"""Who is alive: every open store holds a lock that its process's death releases, also a SIGKILL."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from macae.errors import StoreError

__all__ = ["OwnerLock", "owner_alive"]

_NAME = re.compile(r"\d{1,10}-[0-9a-f]{16}")


def _folder(store: Path) -> Path:
    return store.with_name(store.name + ".owners")


def _lock_of(file: Path) -> FileLock:
    # Without the fallback to existence locks: one of those would outlive its process.
    return FileLock(file, timeout=0, mode=0o600, thread_local=False, fallback_to_soft=False)


class OwnerLock:
    """A name for the user of one store, and the lock that says it lives. Clears away what dead owners left.

    Raises StoreError where the file system knows no locks.
    """

    def __init__(self, store: Path) -> None:
        folder = _folder(store)
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            for file in folder.glob("*.lock"):
                owner_alive(store, file.stem)
            self.name, self._file, self._lock = _take(folder)
        except (OSError, NotImplementedError) as error:
            raise StoreError(
                f"The store {store} cannot be locked ({error}). Its folder must be writable and on a disk that supports "
                "file locks: set MACAE_HOME to a local folder."
            ) from None

    def release(self) -> None:
        """Say that this owner is gone."""
        _drop(self._lock, self._file)


def _take(folder: Path) -> tuple[str, Path, FileLock]:
    while True:
        name = f"{os.getpid()}-{secrets.token_hex(8)}"
        file = folder / f"{name}.lock"
        lock = _lock_of(file)
        with suppress(Timeout):
            lock.acquire()
            if file.exists():
                return name, file, lock
            # Another process took the new file, not locked yet, for a dead owner's.
            lock.release()


def _drop(lock: FileLock, file: Path) -> None:
    if os.name == "nt":  # an open file cannot be removed there
        lock.release()
    with suppress(OSError):
        file.unlink()
    if os.name != "nt":
        lock.release()


def owner_alive(store: Path, name: str) -> bool:
    """Whether the owner `name` of the store file still lives. A dead one's file is removed. Quick, but touches the disk."""
    file = _folder(store) / f"{name}.lock"
    if not _NAME.fullmatch(name) or not file.exists():
        return False
    lock = _lock_of(file)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError as error:
        raise StoreError(
            f"The lock {file} cannot be read ({error.strerror}). Check its permissions."
        ) from None
    _drop(lock, file)
    return False
