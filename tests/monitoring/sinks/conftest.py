"""Sinks that are slow, fail or hang at a test's wish, and the events that they are given."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from macae.models import Event, EventType
from macae.monitoring.sinks import work


def event(number: int = 0, **more: Any) -> Event:
    given = {"type": EventType.message, "session_id": "s1", "user_id": "eve", "text": f"event {number}"}
    return Event(**(given | {"seq": number} | more))


class Kept:
    """Keeps what it is given. `gate`: it waits there first. `fail`: called with the events, may raise."""

    name = "kept"

    def __init__(self, fail: Callable[[Sequence[Event]], None] | None = None, held: bool = False) -> None:
        self.events: list[Event] = []
        self.batches: list[int] = []
        self.closed_by: str | None = None
        self.fail = fail
        self.gate = threading.Event()
        self.entered = threading.Event()
        if not held:
            self.gate.set()

    def write(self, events: Sequence[Event]) -> None:
        self.entered.set()
        self.gate.wait(60)
        if self.fail is not None:
            self.fail(events)
        self.events += events
        self.batches.append(len(events))

    def close(self) -> None:
        self.closed_by = threading.current_thread().name

    @property
    def numbers(self) -> list[int]:
        return [event.seq for event in self.events]


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for another thread."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Failed writes are tried again at once."""
    monkeypatch.setattr(work, "PAUSES", (0.0,))
    yield
