"""The events of one session on one clock, growing at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from macae.errors import InvalidInput
from macae.models import Event, EventType
from macae.monitoring.given import events_given, kind_of
from macae.monitoring.replay.fields import whole
from macae.monitoring.replay.lives import Lives
from macae.monitoring.replay.ordering import LIVE, Clock, Moment, ordered
from macae.monitoring.replay.views import Bar

__all__ = ["Track"]


class Track:
    """Events in order, each with its time. Whatever a subclass caches under a public name is forgotten with the next event."""

    def __init__(self, events: Iterable[Event] = (), *, now: float | None = None, left: bool = False) -> None:
        self._now = now
        """Unix time, seconds: up to then counts what has not ended; None: up to the last event."""
        self._left = left
        """Whether no process works on it any more: then up to the last event, whatever `now` is."""
        self._held = ordered(events_given(events))
        self._in_order = True
        """Events that came late are put in their places when somebody looks, not one by one."""
        self._lives, self._lived = Lives(), 0
        """The lives, and how many moments are in them."""
        self._seen = {event.seq for event in self._events}
        self._newest = max(self._seen, default=0)
        self._moments: list[Moment] | None = None
        self._clock = Clock()
        self._base = 0.0
        self._based = False
        """Whether the start is known: what is only shown live may come before it."""
        self._until: float | None = None
        self._running: tuple[Bar, ...] = ()
        for event in self._held:
            self._check(event)

    @property
    def _events(self) -> list[Event]:
        if not self._in_order:
            self._held, self._in_order = ordered(self._held), True
        return self._held

    def _check(self, event: Event) -> None:
        if not isinstance(event, Event):
            raise InvalidInput(f"A recording takes events, not {kind_of(event)}.")
        mine = next((held.session_id for held in self._held if held.session_id), event.session_id)
        if event.session_id not in ("", mine):
            raise InvalidInput(
                f"A recording is of one session: it has events of {mine!r} and of {event.session_id!r}. "
                "Give it one session's events: await engine.session_events(session_id)."
            )

    def append(self, event: Event) -> None:
        """Add an event, cheaply; one that is there already changes nothing. Raises InvalidInput for another session's."""
        self._check(event)
        if event.seq > 0 and event.seq in self._seen:
            return
        last = self._held[-1] if self._held else None
        at_end = self._in_order and (
            last is None or (event.seq > self._newest if event.seq > 0 else event.time >= last.time)
        )
        self._held.append(event)
        self._in_order = at_end
        self._seen.add(event.seq)
        self._newest = max(self._newest, event.seq)
        if at_end and self._moments is not None and self._based:
            self._moments.append(self._moment(self._clock.place(event), event))
        else:
            self._moments = None
        for name in [name for name in vars(self) if not name.startswith("_")]:
            del self.__dict__[name]  # what was worked out from the events so far

    def _part(self, moments: Sequence[Moment]) -> Self:
        part = type(self)(moment.event for moment in moments)
        part._moments = list(moments)
        part._base, part._based, part._clock = self._base, self._based, self._clock.copy()
        part._until, part._running = self._until, self._running
        part._now, part._left = self._now, self._left
        return part

    @property
    def events(self) -> Sequence[Event]:
        """The events, in order."""
        return tuple(self._events)

    @property
    def timeline(self) -> list[Moment]:
        """Each event with its time, in the store's order."""
        if self._moments is None:
            self._clock = Clock()
            placed = [(self._clock.place(event), event) for event in self._events]
            stored = [at for at, event in placed if event.type not in LIVE]
            self._based = bool(stored)
            self._base = min(stored, default=placed[0][0] if placed else 0.0)
            self._moments = [self._moment(at, event) for at, event in placed]
            self._lives, self._lived = Lives(), 0
        return self._moments

    @property
    def lives(self) -> Lives:
        """The life of each plan and step: for the other parts of monitoring."""
        for moment in self.timeline[self._lived :]:
            self._lives.take(moment)
            self._lived += 1
        return self._lives

    def _moment(self, at: float, event: Event) -> Moment:
        return Moment(round(max(0.0, at - self._base), 6), event)

    @property
    def start(self) -> float:
        """When it began: Unix time, seconds."""
        return self._base if self.timeline else 0.0

    @property
    def session_id(self) -> str:
        """The session's id, "" while there is no event."""
        return next((event.session_id for event in self._events if event.session_id), "")

    @property
    def user_id(self) -> str:
        """Whose session it is."""
        return next((event.user_id for event in self._events if event.user_id), "")

    @property
    def missed(self) -> int:
        """How many events were not seen, because the watcher was too slow."""
        return sum(whole(e.data.get("missed")) for e in self._events if e.type == EventType.events_missed)
