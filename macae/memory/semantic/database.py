"""One Chroma database of this process: opened once, shared, used by one thread at a time, and kept fresh on disk.

Chroma 1.5.9 lets several processes open one folder, but each holds the vector index in memory: it does not see what another
process adds, and when two write at the same time, entries disappear from the index for good. So writers take a lock for the
folder, and leave a mark beside it; whoever finds a mark that is not its own opens the folder again before going on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from macae.errors import StoreError
from macae.memory.semantic.places import Place, connect, disconnect, explain
from macae.private import private_folder

__all__ = ["Database", "shared_database"]

T = TypeVar("T")

_open: dict[Place, Database] = {}
_opening = threading.Lock()


class Database:
    """Use `call`; everything here blocks. `close` it as often as it was asked for."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.users = 0
        self._client: Any = None
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}

    def call(self, name: str, work: Callable[[Any], T], seconds: float, *, writes: bool) -> T:
        """What `work` gives for the client. `name` is the collection that it reads or writes. Raises our errors only."""
        until = time.monotonic() + seconds
        if not self._lock.acquire(timeout=seconds):
            raise StoreError(
                f"An earlier call to {self.place} has not ended within {seconds:g} seconds. Start again."
            )
        try:
            return self._do(name, work, until, writes=writes)
        except BaseException as error:
            raise explain(error, self.place, seconds) from None
        finally:
            self._lock.release()

    def _do(self, name: str, work: Callable[[Any], T], until: float, *, writes: bool) -> T:
        if self.place.kind != "disk":
            return work(self._ready(until))
        mark = Path(self.place.where) / "macae-marks" / name.rpartition(".")[2]
        if not writes and self._client is not None and self._seen.get(name) == _size(mark):
            return work(self._client)
        if self._client is None:
            # Chroma makes its files readable for everybody, and what is said in them is as private as the store is.
            private_folder(Path(self.place.where), close=True)
        private_folder(mark.parent)
        with self._alone(mark.parent, until):
            if name in self._seen and self._seen[name] != _size(mark):
                self._let_go()
            client = self._ready(until)
            if not writes:
                result = work(client)
                self._seen[name] = _size(mark)
                return result
            try:
                _grow(mark)  # before: should this process die in the middle, others look
                return work(client)
            finally:
                with suppress(OSError):
                    _grow(mark)
                self._seen[name] = _size(mark)

    @contextmanager
    def _alone(self, folder: Path, until: float) -> Iterator[None]:
        lock = FileLock(folder / "lock", mode=0o600, fallback_to_soft=False)
        try:
            lock.acquire(timeout=max(0.0, until - time.monotonic()))
        except Timeout:
            raise StoreError(
                f"Another process is writing to {self.place} and does not end. Close it, or use a Chroma server "
                "(MACAE_CHROMA_URL)."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _ready(self, until: float) -> Any:
        if self._client is None:
            self._client = connect(self.place, max(0.1, until - time.monotonic()))
        return self._client

    def _let_go(self) -> None:
        client, self._client = self._client, None
        self._seen.clear()
        if client is not None:
            disconnect(client)

    def close(self) -> None:
        """One user less; the last one closes the client."""
        with _opening:
            self.users -= 1
            if self.users > 0:
                return
            _open.pop(self.place, None)
        if self._lock.acquire(timeout=5):  # else a call hangs in it, and its thread is left behind
            try:
                self._let_go()
            finally:
                self._lock.release()


def shared_database(place: Place) -> Database:
    """The database at `place`, the same object for all of this process's memories. Nothing is opened yet."""
    with _opening:
        found = _open.setdefault(place, Database(place))
        found.users += 1
        return found


def _size(mark: Path) -> int:
    try:
        return mark.stat().st_size
    except FileNotFoundError:
        return 0


def _grow(mark: Path) -> None:
    with mark.open("ab") as file:
        file.write(b".")
