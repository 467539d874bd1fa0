"""Numbered points in a process's life, and the death at one of them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from macae.memory.sqlite.groupcommit import Writer

Fatal = int | list[Any]
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
"""What ends a process without asking it. On Windows os.kill ends it at once with either."""


class Points:
    """Counts the points that a process passes, kills it at a fatal one, and keeps what it said before.

    `fatal` is a number, or a name and how often it was passed: [name, 2].

    What was said goes straight to the operating system, so it outlives the process as a line in a pipe would.
    """

    def __init__(self, said: Path, fatal: Fatal | None = None) -> None:
        self.fatal, self.count = fatal, 0
        self.passed: Counter[str] = Counter()
        self.names: list[str] = []
        self._lock = threading.Lock()
        self._said = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def here(self, name: str) -> None:
        """Pass one point."""
        with self._lock:
            self.count += 1
            self.names.append(name)
            self.passed[name] += 1
            if self.fatal in (self.count, [name, self.passed[name]]):
                self.say("died", at=name, number=self.count)
                os.kill(os.getpid(), KILL)

    def say(self, kind: str, **data: Any) -> None:
        """Acknowledge: from here on it counts as told to the world outside."""
        os.write(self._said, (json.dumps({"kind": kind, **data}, default=str) + "\n").encode())


_points: Points | None = None


def use(points: Points | None) -> None:
    """Make these the process's points."""
    global _points
    _points = points


def here(name: str) -> None:
    """Pass one of the process's points; nothing where it has none."""
    if _points is not None:
        _points.here(name)


def points() -> Points:
    """The process's points."""
    assert _points is not None
    return _points


async def turn(name: str) -> None:
    """A point after which others have their turn, and one when it is back."""
    here(name)
    await asyncio.sleep(0)


_watched = False


def watch_store() -> None:
    """Put points around everything that the store's writer does, once a process."""
    global _watched
    if _watched:
        return
    _watched = True
    begin, commit, finish = Writer._begin, Writer._commit, Writer._finish

    def at_begin(writer: Writer) -> None:
        here("store: before BEGIN")
        begin(writer)

    def at_commit(writer: Writer) -> None:
        here("store: before COMMIT")
        commit(writer)
        here("store: after COMMIT")

    def at_finish(writer: Writer) -> None:
        finish(writer)
        here("store: answered")

    for name, hook in [("_begin", at_begin), ("_commit", at_commit), ("_finish", at_finish)]:
        setattr(Writer, name, hook)


def watch_commits(db: sqlite3.Connection, name: str) -> None:
    """Put a point right before each COMMIT of a connection."""

    def see(statement: str) -> None:
        if statement == "COMMIT":
            here(f"{name}: before its commit")

    db.set_trace_callback(see)
