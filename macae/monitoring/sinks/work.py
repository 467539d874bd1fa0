"""A sink's queue and thread. What the sink does there, slow, failing or hanging, can hurt nobody else."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from macae.models import Event, EventType
from macae.monitoring.sinks.ending import began, ended
from macae.monitoring.sinks.sink import Health, Sink
from macae.monitoring.sinks.waiting import Waiting

__all__ = ["Work"]

log = logging.getLogger(__name__)

TRIES = 6
"""How often a batch is given to a sink that fails."""
PAUSES = (0.1, 0.3, 1.0, 3.0, 5.0)
"""Seconds between these tries."""
GIVE_UP = 3
"""Events in a row that fail one by one: then the sink is at fault, not one of the events."""
LONGEST_ERROR = 300


class Work:
    """The queue and the thread. It does not know its runner, so that a forgotten runner can be collected."""

    def __init__(
        self, sink: Sink, queue: Waiting, batch: int, wait: float, clean: Callable[[Event], Event] | None
    ) -> None:
        self.sink, self.queue, self.batch, self.wait, self.clean = sink, queue, batch, wait, clean
        self.name = str(sink.name)
        self.news, self.closing, self.given_up = threading.Event(), threading.Event(), threading.Event()
        self.counting = threading.Lock()
        self.to_say = ""
        """A warning for whoever puts the next event."""
        self.written = self.dropped = self.failed = self.in_hand = 0
        self.last_error = ""
        self.since: float | None = None
        self.thread = threading.Thread(target=self.run, name=f"macae-sink-{self.name}", daemon=True)
        began(self)
        self.thread.start()

    def put(self, event: Event) -> None:
        """Take an event, or count it as dropped. Never waits."""
        if self.to_say:
            say, self.to_say = self.to_say, ""
            log.warning("%s", say)
        if self.closing.is_set() or not self.queue.put(event):
            self.drop(1)
            return
        if not self.news.is_set():
            self.news.set()

    def drop(self, events: int, why: str = "") -> None:
        """Count events that the sink does not get."""
        with self.counting:
            self.dropped += events
            self.last_error = why or self.last_error

    @property
    def health(self) -> Health:
        """The numbers now."""
        with self.counting:
            since = self.since
            return Health(
                name=self.name,
                written=self.written,
                dropped=self.dropped,
                failed=self.failed,
                last_error=self.last_error or str(getattr(self.sink, "trouble", "") or "")[:LONGEST_ERROR],
                waiting=len(self.queue) + self.in_hand,
                busy=0.0 if since is None else time.monotonic() - since,
                lost=int(getattr(self.sink, "lost", 0) or 0),
            )

    def finish(self) -> None:
        """Ask the thread to write what waits, and to end."""
        self.closing.set()
        self.news.set()

    def give_up(self) -> None:
        """Whatever the sink has not got by now, it does not get."""
        with self.counting:
            if self.given_up.is_set():
                return
            self.given_up.set()
            left = self.queue.clear() + self.in_hand
            self.dropped += left
            self.in_hand = 0
            if left:
                self.last_error = self.last_error or f"{self.name} did not finish in time"

    def leave_behind(self) -> None:
        """In a forked process: take nothing. What waits is written by the other one; a lock may be held by nobody that is here."""
        self.news, self.closing, self.given_up = threading.Event(), threading.Event(), threading.Event()
        self.counting, self.queue, self.in_hand = threading.Lock(), Waiting(0, 0), 0
        self.closing.set()
        self.given_up.set()
        self.to_say = (
            f"The sink {self.name} gets no events of this process: its thread is in the one that this was forked from. "
            "Make and start engines after the fork."
        )

    # In the sink's thread ---------------------------------------------------------------------------------------

    def run(self) -> None:
        """Gather, clean, write, until there is nothing more to come."""
        try:
            while not self.given_up.is_set():
                self.news.wait()
                self.closing.wait(self.wait)  # gather: one wake-up for many events
                self.news.clear()
                while self.queue and not self.given_up.is_set():
                    self.deliver(self.take())
                    if len(self.queue) < self.batch and not self.closing.is_set():
                        break  # gather again, rather than write every event alone
                if self.queue or self.closing.is_set():
                    self.news.set()
                if self.closing.is_set() and not self.queue:
                    break
        finally:
            try:
                self.sink.close()
            except BaseException as error:  # a thread's last words would go to stderr, past every redaction
                self.note(error)
            ended(self)

    def take(self) -> list[Event]:
        """The next events, cleaned."""
        taken: list[Event] = []
        while self.queue and len(taken) < self.batch:
            with self.counting:
                if self.given_up.is_set() or not self.queue:
                    break
                event = self.queue.take()
                self.in_hand += 1
            cleaned = self.cleaned(event)
            if cleaned is not None:
                taken.append(cleaned)
        return taken

    def cleaned(self, event: Event) -> Event | None:
        """The event as the sink may see it, or None: what cannot be cleaned is not shown."""
        if self.clean is None:
            return event
        try:
            cleaned: object = self.clean(event)
            if isinstance(cleaned, Event):
                return cleaned
            why = f"it gave {type(cleaned).__name__} instead of an Event"
        except BaseException as error:
            why = type(error).__name__  # its words may hold what was to be hidden
        self.settle(dropped=1, why=f"an event could not be cleaned and was dropped: {why}")
        return None

    def deliver(self, events: list[Event]) -> None:
        """Write a batch, again with growing pauses where that fails; at last one by one, so that one bad event costs no others."""
        if not events:
            return
        for number in range(TRIES):
            if number:
                self.pause(PAUSES[min(number, len(PAUSES)) - 1])
            if self.given_up.is_set() or self.wrote(events):
                return
        failing = 0
        for number, event in enumerate(events):
            if self.given_up.is_set():
                return
            if len(events) == 1 or failing == GIVE_UP:
                self.settle(dropped=len(events) - number)
                if failing and self.closing.is_set():
                    self.give_up()  # nobody waits for a sink that takes nothing
                return
            if self.wrote([event]):
                failing = 0
            else:
                failing += 1
                self.settle(dropped=1)

    def pause(self, seconds: float) -> None:
        """Wait, but hardly any more once the runner is being closed."""
        until = time.monotonic() + seconds
        while not self.given_up.is_set() and (left := until - time.monotonic()) > 0:
            if self.closing.wait(left):
                self.given_up.wait(min(left, 0.1))
                return

    def wrote(self, events: list[Event]) -> bool:
        """Whether the sink took them."""
        self.since = time.monotonic()
        try:
            self.sink.write([*events])  # its own list: what it does to it changes no count
        except BaseException as error:  # also SystemExit: a sink ends neither its thread nor the program
            self.note(error)
            return False
        finally:
            self.since = None
        self.settle(written=len(events))
        return True

    def settle(self, *, written: int = 0, dropped: int = 0, why: str = "") -> None:
        """Count events that are done with, unless they were given up meanwhile and are counted already."""
        with self.counting:
            if self.given_up.is_set():
                return
            self.written += written
            self.dropped += dropped
            self.in_hand -= written + dropped
            self.last_error = why or self.last_error

    def note(self, error: BaseException) -> None:
        """Remember a failure, in words that may be shown."""
        words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if self.clean is not None:
            told = Event(type=EventType.message, session_id="", user_id="", text=words)
            try:
                words = self.clean(told).text
            except BaseException:
                words = type(error).__name__
        with self.counting:
            self.failed += 1
            self.last_error = " ".join(words.split())[:LONGEST_ERROR]
