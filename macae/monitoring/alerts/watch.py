"""The live side: takes events from the engine's hub, judges them in a task of its own, and tells of what it finds."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

from macae.models import Event
from macae.monitoring.alerts.alert import Alert, alert_event, cleaned
from macae.monitoring.alerts.couriers import Courier, close_all
from macae.monitoring.alerts.elsewhere import Elsewhere, Past
from macae.monitoring.alerts.recalling import RecallingJudge
from macae.monitoring.alerts.rules import Rule

__all__ = ["AlertWatch"]

log = logging.getLogger(__name__)

LAG = 0.1
"""Seconds that an absence waits longer than its rule says, for events that are on their way. No event counts as later than that."""
SET_BACK = 1.0
"""Seconds by which the clock has to be behind the newest event to have been set back."""
GATHERED = 0.02
"""Seconds that an event may wait for those that come right after it: to wake up for each would cost as much as to judge it."""
TOGETHER = 200
"""Events that are judged before others get their turn."""
NOTE_WAIT = 5.0
"""Seconds that storing an alert's event may take."""
LONGEST_SLEEP = 60.0
ASLEEP = 60.0
"""Seconds by which the watch has to wake too late for the machine to have slept."""


class AlertWatch:
    """Watches the events of an engine: `engine.subscribe(watch)`, between `start` and `close`.

    Whatever happens in it, a run goes on: it takes events without waiting, forgets the oldest when there are too many (and
    counts them), and neither a failing store nor a dead receiver reaches further than here.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        note: Callable[[Event], Awaitable[object]] | None = None,
        couriers: Sequence[Courier] = (),
        size: int = 10_000,
        clock: Callable[[], float] = time.time,
        clean: Callable[[str], str] | None = None,
        past: Past | None = None,
    ) -> None:
        self.judge, self.couriers = RecallingJudge(rules), list(couriers)
        self.missed = 0
        """Events that were not judged because too many came at once."""
        self.failed = 0
        """Alerts whose event could not be stored."""
        self.clean = clean
        """What makes a text one that may leave the house; None: it may as it is."""
        self._note, self._clock, self._size = note, clock, size
        self._elsewhere = Elsewhere(past)
        self._events: deque[Event] = deque()
        self._recalled: deque[Sequence[Event]] = deque()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._soon: asyncio.TimerHandle | None = None
        """Set while events wait for others to come."""
        self._stopping = False

    def __call__(self, event: Event) -> None:
        """Take one event; on the event loop. Never waits and never raises."""
        if not self.judge.reads(event):
            return
        if len(self._events) >= self._size:
            self._events.popleft()
            self.missed += 1
        self._events.append(event)
        if self._task is not None and self._soon is None:
            self._soon = self._task.get_loop().call_later(GATHERED, self._wake)

    def _wake(self) -> None:
        self._soon = None
        self._news.set()

    def recall(self, events: Sequence[Event]) -> None:
        """Take what is stored of a session, oldest first, before any event of it comes from this process."""
        if events:
            self._recalled.append(events)
            self._news.set()

    def start(self) -> None:
        """Begin to judge. Idempotent."""
        if self._task is None:
            self._stopping, self._soon = False, None
            self._task = asyncio.get_running_loop().create_task(self._work(), name="macae alerts")

    async def stop(self, seconds: float = 1.0) -> None:
        """Judge what is left and take no more, within about so many seconds. The last alerts may still be on their way. Idempotent."""
        task, self._task = self._task, None
        if task is None:
            return
        # Not cancelled at once: an alert that is being stored is to be shown too.
        self._stopping = True
        if self._soon is not None:
            self._soon.cancel()
        self._wake()
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=0.2)

    async def close(self, seconds: float = 2.5) -> None:
        """Stop, and wait for what is on its way to the receivers, at most so many seconds whatever they do. Idempotent."""
        began = time.monotonic()
        await self.stop(min(1.0, seconds / 2))
        if any(courier.started for courier in self.couriers):
            left = max(0.1, seconds - (time.monotonic() - began))
            await asyncio.to_thread(close_all, self.couriers, left)

    async def _work(self) -> None:
        wakes = math.inf
        while True:
            self._news.clear()
            try:
                if self.judge.now > self._clock() + SET_BACK:
                    self.judge.set_back(self._clock())
                if (asleep := self._clock() - wakes) > ASLEEP:
                    self.judge.has_slept(asleep)
                while self._recalled:
                    await self._tell(self.judge.recall(self._recalled.popleft(), self._clock() - LAG))
                await self._look_elsewhere()  # an event lets time pass too
                await self._judge_all()
                await self._look_elsewhere()
                await self._tell(self.judge.advance(self._clock() - LAG))
            except Exception:
                log.exception("An event could not be judged")
            if self._stopping:
                return
            due = self.judge.due + LAG - self._clock()
            sleep = LONGEST_SLEEP if math.isinf(due) else min(max(due, 0.01), LONGEST_SLEEP)
            wakes = self._clock() + sleep
            with suppress(TimeoutError):
                async with asyncio.timeout(sleep):
                    await self._news.wait()

    async def _judge_all(self) -> None:
        done = 0
        while self._events:
            event, latest = self._events.popleft(), self._clock() + LAG
            if event.time > latest:  # it would make the judge blind until then
                event = event.model_copy(update={"time": latest})
            await self._tell(self.judge.feed(event))
            done += 1
            if done % TOGETHER == 0:
                await asyncio.sleep(0)

    async def _look_elsewhere(self) -> None:
        """Before a wait is said to have run out, see what other processes have stored of it."""
        for session in self.judge.overdue(self._clock() + LAG):
            self.judge.await_again(await self._elsewhere.stored(session))

    async def _tell(self, alerts: Sequence[Alert]) -> None:
        """Hand each alert to the receivers, and put it on the audit trail, unless another process has."""
        for alert in alerts:
            if await self._elsewhere.has_told(alert):
                continue
            told = alert if self.clean is None or not self.couriers else cleaned(alert, self.clean)
            for courier in self.couriers:
                courier.put(told)
            if self._note is None:
                continue
            try:
                async with asyncio.timeout(NOTE_WAIT):
                    await self._note(alert_event(alert))
            except Exception as error:
                self.failed += 1
                log.warning("The alert %s could not be stored: %s", alert.rule, type(error).__name__)
