"""The order of events, and the moment of each: in the store's order, on one clock that never goes back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from macae.models import Event, EventType

__all__ = ["LIVE", "Clock", "Moment", "ordered"]

SLACK = 2.0
"""Seconds that an event may lie before the one stored before it; more is a clock that was set back, or another computer's."""

NOTED = frozenset(
    {
        EventType.model_called,
        EventType.thought,
        EventType.message,
        EventType.memory_queried,
        EventType.reply_checked,
        EventType.violation_found,
    }
)
"""These are noted when they happen and stored with the next write: of steps that run at the same time, another one's event may
stand before them that happened after them."""

LIVE = frozenset(
    {
        EventType.session_opened,
        EventType.session_closed,
        EventType.model_started,
        EventType.model_waiting,
        EventType.events_missed,
    }
)
"""These are never stored."""


class Moment(NamedTuple):
    """An event and when it happened, in seconds from the recording's start."""

    seconds: float
    event: Event


def ordered(events: Iterable[Event]) -> list[Event]:
    """The events in the store's order, each once. Those that were never stored come in where their time says."""
    stored: dict[int, Event] = {}
    loose: list[Event] = []
    for event in events:
        if event.seq > 0:
            stored.setdefault(event.seq, event)
        else:
            loose.append(event)
    loose.sort(key=lambda event: event.time if math.isfinite(event.time) else 0.0)
    return list(_merged([stored[seq] for seq in sorted(stored)], loose))


def _merged(stored: list[Event], loose: list[Event]) -> Iterator[Event]:
    place, latest = 0, -math.inf
    for event in stored:
        latest = max(latest, event.time) if math.isfinite(event.time) else latest
        while place < len(loose) and loose[place].time < latest:
            yield loose[place]
            place += 1
        yield event
    yield from loose[place:]


class Clock:
    """Gives each event a time. What a step does never goes back in time; a clock that was set back is set right from there on.

    Events of two processes whose clocks differ keep the store's order; how far apart the clocks are cannot be known.
    """

    def __init__(self) -> None:
        self._latest: float | None = None
        self._first = 0.0
        self._shift = 0.0
        self._lanes: dict[str, float] = {}

    def place(self, event: Event) -> float:
        """The time of the next event in order."""
        raw = event.time if math.isfinite(event.time) else (self._latest or 0.0)
        if self._latest is None:
            if event.type in LIVE:
                return raw
            self._latest = self._first = raw
        lane = event.step_id or event.plan_id
        before = self._lanes.get(lane, self._first)
        if event.type in NOTED or event.type in LIVE:
            at = raw if raw >= before else max(before, min(raw + self._shift, self._latest))
        else:
            at = self._latest = self._straight(raw, self._latest)
        self._lanes[lane] = at
        return at

    def copy(self) -> Clock:
        """One that goes on from here by itself."""
        twin = Clock()
        twin._latest, twin._first, twin._shift = self._latest, self._first, self._shift
        twin._lanes = dict(self._lanes)
        return twin

    def _straight(self, raw: float, latest: float) -> float:
        if raw >= latest - SLACK:
            self._shift = 0.0
        elif raw + self._shift < latest - SLACK:
            self._shift = latest - raw
        return max(raw + self._shift, latest)
