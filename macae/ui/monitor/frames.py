"""When to draw: only when something has changed, never twice at once, never more often than agreed, and always the last state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

__all__ = ["Frames"]

PAUSE = 1.0
"""Seconds from the beginning of one drawing to the next."""
SHARE = 4.0
"""How many times as long as it took to draw nothing is drawn: a slow drawing must not take the kernel for itself."""


class Frames:
    """Calls `draw` on the event loop when `want` was called. No task is left while nothing is wanted."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, draw: Callable[[], Awaitable[None]], pause: float | None = None
    ) -> None:
        self._loop, self._draw = loop, draw
        self._pause = PAUSE if pause is None else pause
        self._task: asyncio.Task[None] | None = None
        self._wanted = self._closed = False
        self._hurry = asyncio.Event()
        self._last = float("-inf")
        self._rest = self._pause
        self.count = 0
        """How often it has drawn."""

    def want(self, now: bool = False) -> None:
        """Something has changed. `now`: a person has asked for it and should not wait for the pause. On any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._begin, now)

    async def settled(self) -> None:
        """Wait until all that was wanted so far is drawn."""
        await asyncio.sleep(0)  # what was wanted on this thread just now has then begun
        while self._task is not None and not self._task.done():
            await asyncio.wait({self._task}, timeout=0.25)

    def stop(self) -> None:
        """Draw no more. Idempotent."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()

    def _begin(self, now: bool) -> None:
        if self._closed:
            return
        self._wanted = True
        if now:
            self._hurry.set()
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._run(), name="frames of a monitor")

    async def _run(self) -> None:
        while self._wanted:
            await self._wait()
            self._wanted = False
            self._hurry.clear()
            self._last = begun = time.monotonic()
            await self._draw()
            self.count += 1
            self._rest = max(self._pause, SHARE * (time.monotonic() - begun))

    async def _wait(self) -> None:
        left = self._last + self._rest - time.monotonic()
        if left > 0:
            try:
                await asyncio.wait_for(self._hurry.wait(), left)
            except TimeoutError:
                return
