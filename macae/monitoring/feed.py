"""A watcher's queue of events: bounded, never in the engine's way, and honest about what it had to leave out."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Self

from macae.errors import InvalidInput
from macae.models import Event, EventType

__all__ = ["Feed"]


class Feed:
    """Events as they happen, at most `size` of them waiting: `async for event in feed`.

    When its reader is too slow the oldest are left out; the reader is told by an `events_missed` event in their place, whose
    `data` has `missed` (how many) and `after` (the store has all that follows this number). Used on one event loop.
    """

    def __init__(self, size: int = 1000) -> None:
        if not isinstance(size, int) or size < 1:
            raise InvalidInput(f"A feed holds 1 event or more, not {size!r}.")
        self._events: deque[Event] = deque()
        self._size = size
        self._missed = 0
        self._after = 0
        self._first_missed: Event | None = None
        self._news = asyncio.Event()
        self._closed = False

    def put(self, event: Event) -> None:
        """Take an event; an EventSink."""
        if self._closed:
            return
        if len(self._events) >= self._size:
            lost = self._events.popleft()
            self._first_missed = self._first_missed or lost
            self._missed += 1
        self._events.append(event)
        self._news.set()

    def close(self) -> None:
        """No more: a reader gets what waits, then the end. Idempotent."""
        self._closed = True
        self._news.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while True:
            if self._missed:
                return self._told()
            if self._events:
                event = self._events.popleft()
                self._after = max(self._after, event.seq)
                return event
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()

    def _told(self) -> Event:
        lost, missed = self._first_missed, self._missed
        self._missed, self._first_missed = 0, None
        return Event(
            type=EventType.events_missed,
            session_id=lost.session_id if lost else "",
            user_id=lost.user_id if lost else "",
            text=f"{missed} events were not seen: this watcher is too slow.",
            data={"missed": missed, "after": self._after},
        )
