"""What waits to be sent, and the thread that sends it. Whoever puts something in never waits."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from macae.errors import MacaeError
from macae.monitoring.otel.quiet import hush, speak

__all__ = ["NotSent", "Outbox", "Sender", "text_size"]

SIZE = 65_536
"""What waits at most. OpenTelemetry's own 2,048 lost 5% of a burst."""
BATCH = 512
HEAVY = 1_000_000
"""Characters after which a batch ends. Collectors take 4 MB, and a character is up to three bytes."""
GATHER = 0.5
"""Seconds between two requests."""
LONGEST_PAUSE = 60.0
"""Seconds between two tries at most, while a destination does not answer."""
CLOSING = 2.2
"""Seconds that `close` takes at most: a request ends after 2."""


class NotSent(MacaeError):
    """A batch was not taken, or only in part: `items` of it were not (None: all).

    `again`: it did not arrive, so it may be sent later. `too_large`: it may be sent in smaller ones.
    """

    def __init__(
        self, text: str, again: bool = False, items: int | None = None, too_large: bool = False
    ) -> None:
        super().__init__(text)
        self.again, self.items, self.too_large = again, items, too_large


class Sender(Protocol):
    """A destination. Used by one thread."""

    def send(self, items: Sequence[Any]) -> None:
        """Send a batch. Raises NotSent."""

    def tick(self, last: bool) -> None:
        """Called now and then, and at the end: send what is due otherwise (metrics)."""

    def close(self) -> None:
        """Let go."""


def text_size(attributes: Mapping[str, Any] | None) -> int:
    """How many characters the texts of something hold."""
    return sum(len(value) for value in (attributes or {}).values() if isinstance(value, str))


class Outbox:
    """A bounded queue and its thread. While nothing can be sent, the oldest makes room for the newest, and is counted as lost.

    What was put in is counted once: it waits, is being sent, was sent, or is lost. `weigh`: about how many characters an item is.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], Sender],
        *,
        size: int = SIZE,
        batch: int = BATCH,
        gather: float = GATHER,
        weigh: Callable[[Any], int] = lambda item: 0,
    ) -> None:
        self.name, self.size, self.batch, self.gather = name, size, batch, gather
        self.sent = self.lost = 0
        self.trouble = ""
        """Why the last batch that failed was not sent."""
        self._make, self._weigh = make, weigh
        self._queue: deque[Any] = deque()
        self._in_hand = 0
        """How many are being sent."""
        self._at_most = batch
        """So many at once: fewer where the destination says that it is too much."""
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
        with self._lock:
            self._abandoned.set()
            self.lost += len(self._queue) + self._in_hand
            self._queue.clear()
            self._in_hand = 0

    # In the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            hush()
            sender = self._make()
            hush()  # once more: its loggers exist now
        except BaseException as error:
            self._fail(error)
            self.close(0)
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
                self._fail(error)
            speak()

    def _empty(self, sender: Sender) -> None:
        """Send all that waits, until something fails."""
        while time.monotonic() >= self._not_before and (taken := self._take()):
            try:
                sender.send(taken)
            except NotSent as error:
                self._refused(taken, error)
            except Exception as error:
                self._settle(lost=len(taken))
                self._fail(error)
            else:
                self._settle(sent=len(taken))
                self._pause, self._at_most = 0.0, min(self.batch, self._at_most + 1)

    def _take(self) -> list[Any]:
        """The next batch."""
        taken: list[Any] = []
        weight = 0
        with self._lock:
            while self._queue and len(taken) < self._at_most and weight < HEAVY:
                weight += self._weigh(self._queue[0])
                taken.append(self._queue.popleft())
            self._in_hand = len(taken)
        return taken

    def _refused(self, taken: Sequence[Any], error: NotSent) -> None:
        """A batch was not taken as it was."""
        lost = len(taken) if error.items is None else min(error.items, len(taken))
        if error.again:
            self._settle(back=taken)
            self._fail(error)
        elif error.too_large and len(taken) > 1:
            self._at_most = len(taken) // 2
            self._settle(back=taken)
        else:
            self._settle(sent=len(taken) - lost, lost=lost)
            self.trouble = str(error)
            if error.items is None and not error.too_large:  # else the destination is well
                self._fail(error)

    def _settle(self, sent: int = 0, lost: int = 0, back: Sequence[Any] = ()) -> None:
        """What became of the batch. Once `close` has given up, it is lost."""
        with self._lock:
            if not self._abandoned.is_set():
                self.sent += sent
                self.lost += lost
                self._queue.extendleft(reversed(back))
                self._in_hand = 0

    def _tick(self, sender: Sender, last: bool) -> None:
        if self._abandoned.is_set() or time.monotonic() < self._not_before:
            return
        try:
            sender.tick(last)
        except Exception as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Remember why, and leave the destination in peace for a while."""
        # Words of somebody else's error may hold an address with a password in it.
        self.trouble = str(error) if isinstance(error, MacaeError) else type(error).__name__
        self._pause = min(LONGEST_PAUSE, max(1.0, self._pause * 2))
        self._not_before = time.monotonic() + self._pause
