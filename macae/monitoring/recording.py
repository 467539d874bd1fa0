"""A recording: one session read from its events. Live, growing event by event; or replayed, at any moment of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate

from macae.errors import InvalidInput, NotFound
from macae.models import Event, EventType
from macae.monitoring.replay import bars as bar_of
from macae.monitoring.replay import calls, handing, standing, talk, waits, watching
from macae.monitoring.replay.fields import one_line, whole
from macae.monitoring.replay.lives import Lives, lives_of
from macae.monitoring.replay.ordering import LIVE, Clock, Moment, ordered
from macae.monitoring.replay.rows import row_of
from macae.monitoring.replay.views import (
    HUMAN,
    MANAGER,
    AlertView,
    Bar,
    HandOver,
    Line,
    MemoryQuery,
    ModelCall,
    Problem,
    StepView,
    ToolCall,
    Violation,
)

__all__ = ["Recording"]


class Recording:
    """What the events of one session say, worked out when it is asked for and kept until the next event.

    Times are seconds from the start, unless a name says otherwise. Events may be missing, come twice or out of order: what can be
    told is told. Events that are only shown live count too, so that what runs now is seen; all else reads the same live and
    replayed. Raises InvalidInput for events of several sessions.

    Not for several threads: draw in another thread from `copy()`.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._events = ordered(events)
        self._seen = {event.seq for event in self._events}
        self._newest = max(self._seen, default=0)
        self._moments: list[Moment] | None = None
        self._clock = Clock()
        self._base = 0.0
        self._based = False
        """Whether the start is known: what is only shown live may come before it."""
        self._until: float | None = None
        self._running: tuple[Bar, ...] = ()
        for event in self._events:
            self._check(event)

    def _check(self, event: Event) -> None:
        mine = next((held.session_id for held in self._events if held.session_id), event.session_id)
        if event.session_id not in ("", mine):
            raise InvalidInput(
                f"A recording is of one session: it has events of {mine!r} and of {event.session_id!r}. "
                "Give it one session's events: await engine.session_events(session_id)."
            )

    # Growing and looking back -----------------------------------------------------------------------------------------

    def append(self, event: Event) -> None:
        """Add an event, cheaply; one that is there already changes nothing. Raises InvalidInput for another session's."""
        self._check(event)
        if event.seq > 0 and event.seq in self._seen:
            return
        last = self._events[-1] if self._events else None
        at_end = last is None or (event.seq > self._newest if event.seq > 0 else event.time >= last.time)
        if at_end:
            self._events.append(event)
        else:
            self._events = ordered([*self._events, event])
        self._seen.add(event.seq)
        self._newest = max(self._newest, event.seq)
        if at_end and self._moments is not None and self._based:
            self._moments.append(self._moment(self._clock.place(event), event))
        else:
            self._moments = None
        for name in DERIVED:
            self.__dict__.pop(name, None)

    def copy(self) -> Recording:
        """The same, not growing along."""
        return self._part(self.timeline)

    def until(self, seconds: float) -> Recording:
        """Only what had happened `seconds` after the start. What ran at that moment is an open bar; what it used is not yet known."""
        going_on = self.status in ("working", "waiting", "planning") and self._until is None
        at = max(0.0, seconds if going_on else min(seconds, self.seconds))
        part = self._part([moment for moment in self.timeline if moment.seconds <= at])
        part._until = at
        part._running = bar_of.running_at(
            at,
            [
                *bar_of.unannounced(self.timeline, self.model_calls, self.tool_calls, self.memory_queries),
                *self._running,
            ],
        )
        return part

    def of_plan(self, plan_id: str) -> Recording:
        """One plan's part, its goal and its planning included. Raises NotFound."""
        lives = self.lives
        if plan_id not in lives.plans:
            raise NotFound(
                f"There is no plan {plan_id!r} in this recording. It has: {', '.join(lives.plans) or 'none'}."
            )
        trace = lives.plans[plan_id].trace_id
        kept: list[Moment] = []
        goal: Moment | None = None
        for moment in self.timeline:
            event = moment.event
            if event.plan_id == plan_id or (trace and not event.plan_id and event.trace_id == trace):
                if goal is not None and event.type == EventType.plan_created and not trace:
                    kept.append(goal)
                kept.append(moment)
            elif event.type == EventType.goal_received:
                goal = moment
        first = kept[0].seconds if kept else 0.0
        part = self._part([Moment(moment.seconds - first, moment.event) for moment in kept])
        part._base += first
        part._until = None if self._until is None else self._until - first
        part._running = bar_of.of_plan(self._running, plan_id, first)
        return part

    def _part(self, moments: Sequence[Moment]) -> Recording:
        part = Recording(moment.event for moment in moments)
        part._moments = list(moments)
        part._base, part._based, part._clock = self._base, self._based, self._clock.copy()
        part._until, part._running = self._until, self._running
        return part

    # Time -------------------------------------------------------------------------------------------------------------

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
        return self._moments

    def _moment(self, at: float, event: Event) -> Moment:
        return Moment(round(max(0.0, at - self._base), 6), event)

    @property
    def start(self) -> float:
        """When it began: Unix time, seconds."""
        return self._base if self.timeline else 0.0

    @property
    def end(self) -> float:
        """When it ended, or had got to: Unix time, seconds."""
        return self.start + self.seconds

    @cached_property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        if self._until is not None:
            return self._until
        return max((m.seconds for m in self.timeline if m.event.type not in ASIDE), default=0.0)

    @cached_property
    def moments(self) -> list[float]:
        """The times at which something happened, each once, in order: a replay's stops."""
        happened = (moment.seconds for moment in self.timeline if moment.event.type not in ASIDE)
        return sorted({0.0, *happened, *(bar.start for bar in self.bars)})

    # Who and what -----------------------------------------------------------------------------------------------------

    @property
    def session_id(self) -> str:
        """The session's id, "" while there is no event."""
        return next((event.session_id for event in self._events if event.session_id), "")

    @property
    def user_id(self) -> str:
        """Whose session it is."""
        return next((event.user_id for event in self._events if event.user_id), "")

    @cached_property
    def lives(self) -> Lives:
        """The life of each plan and step: for the other parts of monitoring."""
        return lives_of(self.timeline)

    @cached_property
    def title(self) -> str:
        """The first goal, or "Session …" where none is known."""
        goals = [goal for goal, _ in self.lives.goals] or [plan.goal for plan in self.lives.plans.values()]
        return next(
            (one_line(goal, 300) for goal in goals if goal.strip()), f"Session {self.session_id[:8]}".strip()
        )

    @cached_property
    def status(self) -> str:
        """planning, waiting (for a person), working, paused (at a limit), finished, failed, cancelled or impossible."""
        return standing.status_of(self.lives, self.model_calls)

    @property
    def plans(self) -> list[str]:
        """The plans' ids, oldest first."""
        return list(self.lives.plans)

    @cached_property
    def agents(self) -> list[str]:
        """Who took part, in the order of first appearance: those with a bar, then those who only spoke."""
        named = [bar.agent for bar in sorted(self.bars, key=lambda bar: (bar.start, bar.seq))]
        named += [row_of(m.event) for m in self.timeline if m.event.type in SPEAKS]
        return [name for name in dict.fromkeys(named) if name and name != MANAGER]

    @property
    def missed(self) -> int:
        """How many events were not seen, because the watcher was too slow."""
        return sum(whole(e.data.get("missed")) for e in self._events if e.type == EventType.events_missed)

    # Rows -------------------------------------------------------------------------------------------------------------

    @cached_property
    def model_calls(self) -> list[ModelCall]:
        """The model calls that have ended, by their start."""
        return calls.model_calls(self.timeline)

    @cached_property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls, by their start."""
        return calls.tool_calls(self.timeline, self.lives, self.seconds)

    @cached_property
    def memory_queries(self) -> list[MemoryQuery]:
        """The searches of documents and memories, by their start."""
        return calls.memory_queries(self.timeline)

    @cached_property
    def _waits(self) -> list[waits.Wait]:
        return waits.waits_of(self.lives)

    @cached_property
    def bars(self) -> list[Bar]:
        """Who did what, when; by their start."""
        found = [
            *bar_of.model_bars(self.model_calls),
            *bar_of.open_model_bars(calls.open_models(self.timeline, self.lives), self.seconds),
            *bar_of.tool_bars(self.tool_calls),
            *bar_of.memory_bars(self.memory_queries),
            *waits.waiting_bars(self._waits, self.seconds),
            *self._running,
        ]
        return sorted(found, key=lambda bar: (bar.start, bar.seq))

    @cached_property
    def hand_overs(self) -> list[HandOver]:
        """Who handed the work to whom."""
        return handing.hand_overs(self.lives, self._waits, self.bars)

    @cached_property
    def conversation(self) -> list[Line]:
        """What was said, asked, decided, thought and done."""
        return talk.conversation(self.timeline, self.lives)

    @cached_property
    def thoughts(self) -> list[Line]:
        """What agents thought."""
        return [line for line in self.conversation if line.kind == "thought"]

    @cached_property
    def violations(self) -> list[Violation]:
        """What the compliance check found."""
        return watching.violations_of(self.timeline)

    @cached_property
    def alerts(self) -> list[AlertView]:
        """The alerts that were raised."""
        return watching.alerts_of(self.timeline, self.lives, [*self.agents, HUMAN])

    @cached_property
    def errors(self) -> list[Problem]:
        """What went wrong, each trouble once."""
        return standing.problems(self.timeline, self.lives, self.model_calls, self.tool_calls)

    @cached_property
    def steps(self) -> list[StepView]:
        """The steps, by plan and place."""
        return standing.step_views(self.timeline, self.lives, self.model_calls, self.seconds)

    @cached_property
    def costs(self) -> list[tuple[float, float]]:
        """Seconds, and US dollars spent by then, at each call with a known price."""
        priced = sorted((call.end, call.usd) for call in self.model_calls if call.usd is not None)
        return list(zip([at for at, _ in priced], accumulate(usd for _, usd in priced), strict=True))

    @cached_property
    def unpriced(self) -> int:
        """How many calls used tokens whose price is not known."""
        return sum(call.unpriced for call in self.model_calls)

    def __repr__(self) -> str:
        """Short: who asks for one in a notebook wants to know what it is."""
        return (
            f"Recording({self.title[:60]!r}, {self.status}, {self.seconds:.1f} s, {len(self._events)} events)"
        )


ASIDE = frozenset({EventType.session_opened, EventType.session_closed, EventType.events_missed})
"""Of the process and the watcher: nothing happened in the session."""
SPEAKS = frozenset({EventType.thought, EventType.message, EventType.step_completed, EventType.step_failed})
DERIVED = [name for name, held in vars(Recording).items() if isinstance(held, cached_property)]
