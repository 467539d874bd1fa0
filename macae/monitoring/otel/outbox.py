"""What waits to be sent, and the thread that sends it. Whoever puts something in never waits."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from macae.errors import MacaeError
from macae.monitoring.otel.quiet import hush, speak

__all__ = ["NotSent", "Outbox", "Sender"]

SIZE = 65_536
"""What waits at most. OpenTelemetry's own 2,048 lost 5% of a burst."""
BATCH = 512
GATHER = 0.5
"""Seconds between two requests."""
LONGEST_PAUSE = 60.0
"""Seconds between two tries at most, while a destination does not answer."""
CLOSING = 2.2
"""Seconds that `close` takes at most: a request ends after 2."""


class NotSent(MacaeError):
    """A batch was not taken. `again`: it did not arrive, so it may be sent later."""

    def __init__(self, text: str, again: bool = False) -> None:
        super().__init__(text)
        self.again = again


class Sender(Protocol):
    """A destination. Used by one thread."""

    def send(self, items: Sequence[Any]) -> None:
        """Send a batch. Raises NotSent."""

    def tick(self, last: bool) -> None:
        """Called now and then, and at the end: send what is due otherwise (metrics)."""

    def close(self) -> None:
        """Let go."""


class Outbox:
    """A bounded queue and its thread. While nothing can be sent, the oldest makes room for the newest, and is counted as lost."""

    def __init__(
        self,
        name: str,
        make: Callable[[], Sender],
        *,
        size: int = SIZE,
        batch: int = BATCH,
        gather: float = GATHER,
    ) -> None:
        self.name, self.size, self.batch, self.gather = name, size, batch, gather
        self.sent = self.lost = 0
        self.trouble = ""
        """Why the last batch that failed was not sent."""
        self._make = make
        self._queue: deque[Any] = deque()
        self._lock = threading.Lock()
        self._wake, self._closing, self._abandoned = threading.Event(), threading.Event(), threading.Event()
        self._pause, self._not_before = 0.0, 0.0
        self._thread = threading.Thread(target=self._run, name=f"macae-send-{name}", daemon=True)
        self._thread.start()

    def put(self, items: Iterable[Any]) -> None:
        """Take what is to be sent. Never waits for the destination."""
        with self._lock:
            for item in items:
                if self._closing.is_set():
                    self.lost += 1
                    continue
                if len(self._queue) >= self.size:
                    self._queue.popleft()
                    self.lost += 1
                self._queue.append(item)
            full = len(self._queue) >= self.batch
        if full:
            self._wake.set()

    def finish(self) -> None:
        """Nothing more comes: have the thread send what waits."""
        self._closing.set()
        self._wake.set()

    def close(self, seconds: float = CLOSING) -> None:
        """Send what waits, for so long; the rest is counted as lost. Idempotent."""
        self.finish()
        if self._thread is not threading.current_thread():
            self._thread.join(max(0.0, seconds))
        self._abandoned.set()
        with self._lock:
            self.lost += len(self._queue)
            self._queue.clear()

    # In the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            hush()
            sender = self._make()
            hush()  # once more: its loggers exist now
        except BaseException as error:
            self._fail(error, 0)
            self._closing.set()
            speak()
            return
        try:
            while not self._closing.is_set():
                self._wake.wait(self.gather)
                self._wake.clear()
                if not self._closing.is_set():
                    self._empty(sender)
                    self._tick(sender, last=False)
            self._not_before = 0.0
            self._empty(sender)
            self._tick(sender, last=True)
        finally:
            try:
                sender.close()
            except Exception as error:
                self._fail(error, 0)
            speak()

    def _empty(self, sender: Sender) -> None:
        """Send all that waits, until something fails."""
        while not self._abandoned.is_set() and time.monotonic() >= self._not_before:
            with self._lock:
                taken = [self._queue.popleft() for _ in range(min(self.batch, len(self._queue)))]
            if not taken:
                return
            try:
                sender.send(taken)
            except Exception as error:
                self._fail(error, len(taken))
                if isinstance(error, NotSent) and error.again:
                    self._keep(taken)
                return
            self.sent += len(taken)
            self._pause = 0.0

    def _keep(self, taken: Sequence[Any]) -> None:
        """Put a batch back that did not arrive."""
        with self._lock:
            if not self._abandoned.is_set():
                self._queue.extendleft(reversed(taken))
                self.lost -= len(taken)

    def _tick(self, sender: Sender, last: bool) -> None:
        if self._abandoned.is_set() or time.monotonic() < self._not_before:
            return
        try:
            sender.tick(last)
        except Exception as error:
            self._fail(error, 0)

    def _fail(self, error: BaseException, items: int) -> None:
        """Remember why, and leave the destination in peace for a while."""
        with self._lock:
            self.lost += items
        # Words of somebody else's error may hold an address with a password in it.
        self.trouble = str(error) if isinstance(error, MacaeError) else type(error).__name__
        self._pause = min(LONGEST_PAUSE, max(1.0, self._pause * 2))
        self._not_before = time.monotonic() + self._pause
