"""Events on their way to a sink: handed over without waiting, in a bounded queue; what is lost is counted."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable

from macae.errors import InvalidInput
from macae.models import Event
from macae.monitoring.sinks.ending import close_works
from macae.monitoring.sinks.sink import Health, Sink, checked_sink
from macae.monitoring.sinks.waiting import Waiting
from macae.monitoring.sinks.work import Work

__all__ = ["SinkRunner", "close_runners"]


class SinkRunner:
    """Gives events to a sink from a thread of its own. `put` may be called from any thread, and never waits.

    `size`: the most events that wait, and `megabytes` the most memory that they take, about. `batch`: the most given to the sink
    at once. `wait`: seconds for which events are gathered. `clean` is applied to each event first; an event for which it fails
    is dropped. Raises InvalidInput for what is no sink.

    A write that fails is tried again after growing pauses, some ten seconds in all; then its events are dropped and counted.
    """

    def __init__(
        self,
        sink: Sink,
        size: int = 65_536,
        batch: int = 512,
        wait: float = 0.05,
        clean: Callable[[Event], Event] | None = None,
        megabytes: float = 64.0,
    ) -> None:
        if size < 1 or batch < 1 or wait < 0 or megabytes <= 0:
            raise InvalidInput(
                "A sink's runner needs size and batch of 1 or more, wait of 0 s or more, and megabytes above 0."
            )
        self.name = str(checked_sink(sink).name)
        self._work = Work(sink, Waiting(size, int(megabytes * 1_000_000)), batch, wait, clean)
        # A runner that is forgotten still writes what it has, and then its thread ends.
        weakref.finalize(self, self._work.finish).atexit = False

    def __repr__(self) -> str:
        return f"SinkRunner({self.name!r})"

    def put(self, event: Event) -> None:
        """Take an event: an EventSink. When the queue is full, or the runner closed, it is dropped and counted."""
        self._work.put(event)

    @property
    def health(self) -> Health:
        """How the sink is doing now."""
        return self._work.health

    def close(self, seconds: float = 3.0) -> None:
        """Write what waits, for at most so many seconds; what is left then is dropped and counted. Idempotent."""
        close_runners([self], seconds)


def close_runners(runners: Iterable[SinkRunner], seconds: float = 3.0) -> None:
    """Close them side by side, within `seconds` in all."""
    close_works([runner._work for runner in runners], seconds)
