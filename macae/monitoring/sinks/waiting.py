"""Events that wait for their sink: bounded by their number and by their size, taken from any thread without waiting."""

from __future__ import annotations

import sys
from collections import deque
from threading import Lock
from typing import Any

from macae.models import Event

__all__ = ["Waiting", "size_of"]

LEAST = 1_000
"""Bytes of an event that says nothing."""


class Waiting:
    """A queue. `size`: the most events; `room`: the most bytes, about."""

    def __init__(self, size: int, room: int) -> None:
        self._size, self._room = size, room
        self._events: deque[tuple[Event, int]] = deque()
        self._bytes = 0
        self._lock = Lock()
        """Held for a few instructions only."""

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: Event) -> bool:
        """Take an event; False where there is no room for it."""
        size = size_of(event)
        with self._lock:
            if len(self._events) >= self._size or self._bytes + size > self._room:
                return False
            self._events.append((event, size))
            self._bytes += size
        return True

    def take(self) -> Event:
        """The next one. Raises IndexError when there is none."""
        with self._lock:
            event, size = self._events.popleft()
            self._bytes -= size
        return event

    def clear(self) -> int:
        """Let all go. How many there were."""
        with self._lock:
            number = len(self._events)
            self._events.clear()
            self._bytes = 0
        return number


def size_of(event: Event) -> int:
    """About how many bytes an event holds in memory."""
    return LEAST + sys.getsizeof(event.text) + held(event.data) + held(event.changes)


def held(value: Any, deep: int = 20) -> int:
    """About how many bytes a value holds: its texts, and what holds them."""
    if isinstance(value, str):
        return sys.getsizeof(value)
    if isinstance(value, dict) and deep:
        return 100 + sum(held(name) + held(inner, deep - 1) for name, inner in value.items())
    if isinstance(value, list | tuple) and deep:
        return 100 + sum(held(inner, deep - 1) for inner in value)
    return sys.getsizeof(value)
