"""The events in a rule's window, for one group, and what is measured over them."""

from __future__ import annotations

import math
from collections import deque

from macae.models import Event
from macae.monitoring.alerts.rules import MOST, Rule
from macae.monitoring.percentile import percentile

__all__ = ["Samples"]

MOST_LOOKED_AT = 1_000
"""Those (or events) that it keeps where all have to be looked at each time."""
SUMS = frozenset({"count", "rate", "sum", "mean", "share", "last"})


class Samples:
    """What is in a window. Sums are kept up to date, so that an event costs the same however many there are."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.last: Event | None = None
        most = MOST if rule.measure in SUMS else MOST_LOOKED_AT
        self._most = min(most, rule.window.last or most)
        self._rows: deque[tuple[float, float, Event | None]] = deque()
        self._total = 0.0
        self._seen = 0
        self._now = self._full = 0.0
        """When the first window is over: until then there is little of everything."""

    def add(self, event: Event, number: float) -> None:
        """Take one event in."""
        full = event.time + self.rule.window.lasts
        self._full = min(self._full, full) if self._seen else full
        self._seen += 1
        kept = None if isinstance(self.rule.measure, str) else event
        at = len(self._rows)
        while at and self._rows[at - 1][0] > event.time:  # it was stored long ago, and is recalled now
            at -= 1
        if at == len(self._rows):
            self.last = event
        self._rows.insert(at, (event.time, number, kept))
        self._total += number
        while len(self._rows) > self._most:
            self._drop()

    def expire(self, now: float) -> None:
        """Let go of what is older than the window."""
        self._now = now
        while self._rows and self.expires <= now:
            self._drop()

    def set_back(self, now: float) -> None:
        """The clock was set back: nothing happened later than `now`."""
        self._rows = deque((min(time, now), number, event) for time, number, event in self._rows)
        self._full = min(self._full, now + self.rule.window.lasts)

    def _drop(self) -> None:
        self._total -= self._rows.popleft()[1]
        if not self._rows:
            self._total = 0.0  # what rounding has left

    @property
    def expires(self) -> float:
        """When the oldest goes, Unix time; endless when there is none."""
        return self._rows[0][0] + self.rule.window.lasts if self._rows else math.inf

    def __len__(self) -> int:
        return len(self._rows)

    def value(self) -> float | None:
        """The measure; None while there are fewer events than the rule needs. A function of one's own may raise anything."""
        measure = self.rule.measure
        if measure in COUNTS and self.rule.limit[0] in LOW:
            if self._seen < self.rule.needs or self._now < self._full:
                return None
        elif len(self._rows) < self.rule.needs:
            return None
        if not isinstance(measure, str):
            found = measure([event for _, _, event in self._rows if event is not None])
            return None if found is None else float(found)
        if measure in COUNTS:
            total = self._total
            return total * 60 / self.rule.window.lasts if measure == "rate" else total
        if measure in ("mean", "share"):
            return self._total / len(self._rows)
        if measure == "last":
            return self._rows[-1][1]
        numbers = [number for _, number, _ in self._rows]
        if measure in ("min", "max"):
            return min(numbers) if measure == "min" else max(numbers)
        return percentile(numbers, float(measure[1:]))


COUNTS = frozenset({"count", "rate", "sum"})
LOW = frozenset({"below", "at_most"})
"""That there is little of something also shows when there is nothing; but only once a whole window has gone by."""
