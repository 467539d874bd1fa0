"""Group commit: units of work that arrive while a commit reaches the disk share the next one.

A unit's statements run on the event loop's thread, where they cost microseconds; only what can wait, another process's lock
and the commit's fsync, runs in a worker thread. So the loop is never held up by the disk, and the two threads hand over
once a commit, however many units it holds.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from macae.errors import MacaeError, StoreError
from macae.memory.sqlite.schema import store_error

__all__ = ["Unit", "Writer"]

_MAX_BATCH = 500
"""Units a commit may hold: bounds how long the loop is busy with their statements."""

_PATIENCE = 20
"""Seconds that closing waits for a commit that is on its way to the disk."""

_TURNS = 8
"""Some microseconds each; a commit that is saved is worth a hundred of them."""

_WORTH_SPLITTING = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM})

Job = tuple[Callable[[], None], asyncio.AbstractEventLoop, Callable[[Exception | None], None]]


@dataclass(slots=True, eq=False)
class Unit:
    """Statements that are made all or not at all."""

    work: Callable[[sqlite3.Connection], Any]
    """Runs the statements. An error that it raises undoes this unit alone and is the unit's outcome."""
    after: Callable[[Any], None]
    """Takes what `work` gave, once it is durable."""
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None]
    given: Any = field(default=None, init=False)
    error: Exception | None = field(default=None, init=False)

    def resolve(self) -> None:
        """Tell whoever asked."""
        if self.error is None:
            try:
                self.after(self.given)
            except Exception as error:  # it is stored, but whoever asked must not wait for ever
                self.error = error
        if self.future.done():  # whoever asked has gone; the write stands
            return
        if self.error is None:
            self.future.set_result(None)
        else:
            self.future.set_exception(self.error)


class Writer:
    """The one writer of a connection. `wait` bounds, in seconds, how long another process's lock is waited for."""

    def __init__(self, connection: sqlite3.Connection, path: Path, wait: float) -> None:
        self._db = connection
        self._path = path
        self._wait = wait
        self._waiting: deque[Unit] = deque()
        self._batch: list[Unit] = []
        self._alone = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=_work, args=(self._jobs,), name="macae-store", daemon=True)
        self._thread.start()
        connection.execute("PRAGMA busy_timeout = 0")

    def submit(self, unit: Unit) -> None:
        """Take a unit. Its statements run after those of all units submitted before."""
        if self._loop is not unit.loop:
            self._adopt(unit.loop)
        self._waiting.append(unit)
        if self._idle.is_set():
            self._idle.clear()
            self._gather(_TURNS)

    def _gather(self, turns: int) -> None:
        """Begin after so many turns of the loop: what is submitted meanwhile, such as a message's answer, shares the commit."""
        assert self._loop is not None
        if turns:
            self._loop.call_soon(self._gather, turns - 1)
        else:
            self._begin()

    async def drain(self) -> None:
        """Wait until everything that was submitted is durable or has failed. Raises StoreError when the disk hangs."""
        self._adopt(asyncio.get_running_loop())
        try:
            async with asyncio.timeout(self._wait + _PATIENCE):
                await self._idle.wait()
        except TimeoutError:
            raise StoreError(f"The store {self._path} is still writing: its disk does not answer.") from None

    def stop(self) -> None:
        """End the worker thread."""
        self._jobs.put(None)
        if threading.current_thread() is not self._thread:  # as it is when the collector runs there
            self._thread.join(self._wait)

    def _adopt(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve another loop. What an ended one left unfinished was never acknowledged, and is undone."""
        if self._loop is loop:
            return
        if self._loop is not None and not self._idle.is_set():
            if not self._loop.is_closed():
                raise StoreError(
                    "The store is in use by another event loop. Open a store of its own for each loop."
                )
            quiet = threading.Event()
            self._jobs.put((quiet.set, loop, lambda _: None))
            quiet.wait(self._wait)
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._waiting.clear()
            self._batch = []
        self._idle = asyncio.Event()
        self._idle.set()
        self._loop = loop

    def _begin(self) -> None:
        size = 1 if self._alone else min(len(self._waiting), _MAX_BATCH)
        self._alone = max(0, self._alone - 1)
        self._batch = [self._waiting.popleft() for _ in range(size)]
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                self._later(self._wait_for_lock, self._fill)
            else:
                self._failed(error)
            return
        self._fill(None)

    def _wait_for_lock(self) -> None:
        self._db.execute(f"PRAGMA busy_timeout = {int(self._wait * 1000)}")
        try:
            self._db.execute("BEGIN IMMEDIATE")
        finally:
            self._db.execute("PRAGMA busy_timeout = 0")

    def _fill(self, error: Exception | None) -> None:
        """Run the batch's statements inside the open transaction, and send the commit to the disk."""
        try:
            if error is not None:
                raise error
            for unit in self._batch:
                self._run(unit, shared=len(self._batch) > 1)
        except BaseException as failure:  # a KeyboardInterrupt too: nobody may be left waiting
            self._failed(failure)
            if not isinstance(failure, Exception):
                raise
        else:
            self._later(self._commit, self._committed)

    def _run(self, unit: Unit, shared: bool) -> None:
        """Run one unit; what it raises undoes it alone, unless SQLite gave the whole transaction up."""
        if not shared:
            unit.given = unit.work(self._db)
            return
        self._db.execute("SAVEPOINT unit")
        try:
            unit.given = unit.work(self._db)
        except Exception as failure:
            if not self._db.in_transaction:
                raise
            self._db.execute("ROLLBACK TO unit")
            unit.error = self._named(failure)
        self._db.execute("RELEASE unit")

    def _commit(self) -> None:
        self._db.execute("COMMIT")

    def _committed(self, error: Exception | None) -> None:
        if error is not None:
            self._failed(error)
        else:
            self._finish()

    def _failed(self, error: BaseException) -> None:
        """The transaction is lost. Units that shared one are then tried one by one, where that may help."""
        if self._db.in_transaction:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if len(self._batch) > 1 and code in _WORTH_SPLITTING:
            for unit in self._batch:
                unit.given = unit.error = None
            self._alone += len(self._batch)
            self._waiting.extendleft(reversed(self._batch))
            self._batch = []
        else:
            for unit in self._batch:
                unit.error = self._named(error)
        self._finish()

    def _named(self, error: BaseException) -> Exception:
        return error if isinstance(error, MacaeError) else store_error(error, self._path)

    def _finish(self) -> None:
        """Answer those who wait; what they write next shares the next commit with what is waiting already."""
        done, self._batch = self._batch, []
        for unit in done:
            unit.resolve()
        if self._waiting:
            assert self._loop is not None
            self._loop.call_soon(self._begin)
        else:
            self._idle.set()

    def _later(self, job: Callable[[], None], then: Callable[[Exception | None], None]) -> None:
        assert self._loop is not None
        self._jobs.put((job, self._loop, then))


def _work(jobs: SimpleQueue[Job | None]) -> None:
    """The worker thread. It knows nothing of the store, so that a forgotten store can be collected."""
    while (entry := jobs.get()) is not None:
        job, loop, then = entry
        error: Exception | None = None
        try:
            job()
        except Exception as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(then, error)
        except RuntimeError:  # the loop has ended, and with it whoever waited
            continue
        finally:
            del entry, job, loop, then
