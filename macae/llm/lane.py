"""The way to a model for everybody in this process: so many calls at once, so many waiting, and nobody while it asks to slow down."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from macae.errors import ModelRateLimited

__all__ = ["Lane", "OnWait"]

OnWait = Callable[[str, float], None]
"""Told why a call waits ("rate limited", "busy") and for how many seconds at most (0: not known)."""


class Lane:
    """A queue with a bound. A classroom that shares one key shares one lane: first come, first served.

    `at_once` calls run, `waiting` more may wait, each for `patience` seconds at most. Belongs to one event loop.
    """

    def __init__(self, at_once: int, waiting: int, patience: float) -> None:
        self.at_once, self.most, self.patience = at_once, waiting, patience
        self.running = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._until = 0.0

    def hold(self, seconds: float) -> None:
        """Let nobody in for so long: the model's server asked for it."""
        loop = asyncio.get_running_loop()
        self._until = max(self._until, loop.time() + seconds)
        loop.call_later(max(0.0, self._until - loop.time()), self._next)

    async def enter(self, on_wait: OnWait | None = None) -> None:
        """Wait for one's turn. Raises ModelRateLimited when the queue is full, or the wait longer than `patience`."""
        loop = asyncio.get_running_loop()
        held = self._until - loop.time()
        if held <= 0 and self.running < self.at_once and not self._queue:
            self.running += 1
            return
        if len(self._queue) >= self.most:
            raise ModelRateLimited(
                f"{len(self._queue)} model calls are waiting already. Try again in a minute, or raise MACAE_MODEL_QUEUE."
            )
        if held > self.patience:
            raise ModelRateLimited(
                f"The model asks to wait {held:.0f} s, longer than MACAE_MODEL_PATIENCE ({self.patience:g} s).",
                held,
            )
        if on_wait is not None:
            on_wait("rate limited" if held > 0 else "busy", max(0.0, held))
        turn: asyncio.Future[None] = loop.create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(self.patience):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave()  # the turn came in the very moment in which its owner gave up
            else:
                with suppress(ValueError):
                    self._queue.remove(turn)
            if not isinstance(error, TimeoutError):
                raise
            raise ModelRateLimited(
                f"No turn at the model within {self.patience:g} s. Try again, or raise MACAE_MODEL_PATIENCE."
            ) from None

    def leave(self) -> None:
        """Make room for the next one."""
        self.running -= 1
        self._next()

    def _next(self) -> None:
        if asyncio.get_running_loop().time() < self._until:
            return
        while self._queue and self.running < self.at_once:
            turn = self._queue.popleft()
            if not turn.done():
                self.running += 1
                turn.set_result(None)
