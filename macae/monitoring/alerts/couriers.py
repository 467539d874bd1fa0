"""Carrying alerts to the outside: in threads of their own, within bounded time, tried again, and never too many."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple, Protocol

from macae.monitoring.alerts.alert import Alert
from macae.monitoring.texts import one_line

__all__ = ["Courier", "Health", "Outcome", "Receiver", "close_all"]

log = logging.getLogger("macae.alerts")

MOST_HANGING = 3
"""Attempts that may hang at the same time; then the receiver counts as dead until one of them ends."""


class Outcome(NamedTuple):
    """What came of one attempt to deliver."""

    sent: bool
    text: str = ""
    """What came back, in a few words; no secrets."""
    again: bool = False
    """Whether it is worth another try."""


class Receiver(Protocol):
    """Where alerts go. Called in a thread; may be slow, fail or hang."""

    name: str

    def send(self, alert: Alert) -> Outcome:
        """Deliver one alert."""


class Health(NamedTuple):
    """How a courier has fared."""

    name: str
    sent: int
    failed: int
    left_out: int
    """Alerts that were not even tried: too many in a minute, or too many waiting."""
    waiting: int
    """Alerts in the queue, and the one that is being sent."""
    last_error: str

    @property
    def missed(self) -> str:
        """What was not delivered, in words; empty where all was. What still waits counts: ask it after the end."""
        lost = self.failed + self.waiting + self.left_out
        return f"did not get {lost:,} of {lost + self.sent:,} alerts" if lost else ""


class Courier:
    """Delivers to one receiver, one alert after the other, in a thread that starts with the first alert.

    An attempt takes at most `seconds`; one that is worth it is made `attempts` times, `pause` seconds (then twice as long) apart.
    """

    def __init__(
        self,
        receiver: Receiver,
        *,
        attempts: int = 3,
        seconds: float = 10.0,
        pause: float = 1.0,
        a_minute: int = 20,
        size: int = 100,
    ) -> None:
        self.receiver, self.name = receiver, receiver.name
        self._attempts, self._seconds, self._pause, self._a_minute = attempts, seconds, pause, a_minute
        self._queue: queue.Queue[Alert | None] = queue.Queue(maxsize=size)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._hanging: list[threading.Thread] = []
        self._times: deque[float] = deque()
        self._taken = self._sent = self._failed = self._left_out = self._unsaid = 0
        self._error = ""

    @property
    def health(self) -> Health:
        """The figures now."""
        waiting = self._taken - self._sent - self._failed
        return Health(self.name, self._sent, self._failed, self._left_out, waiting, self._error)

    @property
    def started(self) -> bool:
        """Whether there ever was something to deliver."""
        return self._thread is not None

    def put(self, alert: Alert) -> None:
        """Have an alert delivered. Never waits: what is too much is left out and counted."""
        now = time.monotonic()
        while self._times and now - self._times[0] >= 60:
            self._times.popleft()
        if self._closing.is_set() or len(self._times) >= self._a_minute:
            self._leave_out()
            return
        if self._unsaid:
            more = f"(Before it {self._unsaid} alerts were left out, because there were too many.)"
            alert = replace(alert, text=f"{alert.text} {more}")
        try:
            self._queue.put_nowait(alert)
        except queue.Full:
            self._leave_out()
            return
        self._times.append(now)
        self._taken += 1
        self._unsaid = 0
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"macae alerts {self.name}", daemon=True)
            self._thread.start()

    def _leave_out(self) -> None:
        self._left_out += 1
        self._unsaid += 1

    def close(self, seconds: float = 3.0) -> None:
        """Deliver what waits without trying again, for at most so long. The threads keep no process alive."""
        self._closing.set()
        thread = self._thread
        if thread is None:
            return
        with suppress(queue.Full):  # it looks at `closing` too
            self._queue.put_nowait(None)
        thread.join(max(0.0, seconds))

    def _work(self) -> None:
        while True:
            try:
                alert = self._queue.get(timeout=0.5 if self._closing.is_set() else None)
            except queue.Empty:
                return
            if alert is None:
                return
            outcome = self.deliver(alert)
            if outcome.sent:
                self._sent += 1
            else:
                self._failed += 1
                self._error = outcome.text
                log.warning("The alert %s could not be sent to %s: %s", alert.rule, self.name, outcome.text)

    def deliver(self, alert: Alert) -> Outcome:
        """Deliver one alert now, with all attempts. Gives what came of the last."""
        outcome = Outcome(False, "not tried")
        for attempt in range(self._attempts):
            outcome = self._attempt(alert)
            if outcome.sent or not outcome.again or self._closing.is_set():
                break
            if attempt + 1 < self._attempts and self._closing.wait(self._pause * 2**attempt):
                break
        return outcome

    def _attempt(self, alert: Alert) -> Outcome:
        """One attempt, in a thread that is left behind when it takes too long: a name server, too, may never answer."""
        self._hanging = [thread for thread in self._hanging if thread.is_alive()]
        if len(self._hanging) >= MOST_HANGING:
            return Outcome(False, "earlier attempts still hang")
        outcomes: list[Outcome] = []

        def send() -> None:
            try:
                outcomes.append(self.receiver.send(alert))
            except (
                Exception
            ) as error:  # a receiver of one's own may raise anything, also what holds an address
                outcomes.append(Outcome(False, f"it raised {type(error).__name__}"))

        thread = threading.Thread(target=send, name=f"macae alerts {self.name} attempt", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if not outcomes:
            self._hanging.append(thread)
            return Outcome(False, f"no answer within {self._seconds:g} s", again=True)
        return outcomes[0]._replace(text=one_line(outcomes[0].text))


def close_all(couriers: Sequence[Courier], seconds: float) -> None:
    """Close couriers within one bound for all."""
    end = time.monotonic() + seconds
    for courier in couriers:
        courier.close(0)
    for courier in couriers:
        courier.close(end - time.monotonic())
