"""The sessions that an engine keeps ready: each is opened once, and those that nobody uses are let go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from macae.engine.session import LiveSession

__all__ = ["LiveSessions"]

MAX_IDLE = 64
"""Sessions that are kept ready though nothing runs in them."""
IDLE = 60.0
"""Seconds without use after which a session may be let go."""


class LiveSessions:
    """Kept by user and session id; the one used last stands last."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], LiveSession] = {}
        self._opening: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        """Each for as long as somebody opens that session or waits for it."""

    def __iter__(self) -> Iterator[LiveSession]:
        return iter(list(self._kept.values()))

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, user_id: str, session_id: str) -> LiveSession | None:
        """The session, if it is kept. This does not count as using it."""
        return self._kept.get((user_id, session_id))

    async def ready(
        self, user_id: str, session_id: str, open: Callable[[], Awaitable[LiveSession]]
    ) -> LiveSession:
        """The session, opened if it is not kept: once, however many ask for it at the same time. Raises what `open` raises."""
        key = user_id, session_id
        ready = self._kept.pop(key, None)
        if ready is not None:
            self._kept[key] = ready
            ready.used = time.monotonic()
            return ready
        lock = self._opening.setdefault(key, asyncio.Lock())
        async with lock:
            live = self._kept.get(key)
            if live is None:
                live = await open()
            self._kept[key] = live
        return live

    async def drop_idle(self) -> None:
        """Let go of the sessions used longest ago in which nothing runs: the store has all of them."""
        idle = [key for key, live in self._kept.items() if live.idle_for(IDLE)]
        for key in idle[: max(0, len(self._kept) - MAX_IDLE)]:
            await self._kept.pop(key).close(0)

    async def close(self, seconds: float) -> None:
        """Close them all, side by side: see `LiveSession.close`."""
        live, self._kept = list(self._kept.values()), {}
        await asyncio.gather(*(session.close(seconds) for session in live))
