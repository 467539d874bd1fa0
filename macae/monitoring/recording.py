"""A recording: one session read from its events. Live, growing event by event; or replayed, at any moment of it."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate

from macae.errors import NotFound
from macae.models import EventType
from macae.monitoring.given import number_given
from macae.monitoring.replay import bars as bar_of
from macae.monitoring.replay import calls, handing, standing, talk, troubles, watching
from macae.monitoring.replay.costing import spent
from macae.monitoring.replay.findings import AlertView, Problem, Violation
from macae.monitoring.replay.one_event import row_of
from macae.monitoring.replay.ordering import Moment
from macae.monitoring.replay.track import Track
from macae.monitoring.replay.views import (
    HUMAN,
    MANAGER,
    Bar,
    HandOver,
    Line,
    MemoryQuery,
    ModelCall,
    PlanView,
    StepView,
    ToolCall,
)
from macae.monitoring.replay.waits import Wait, waiting_bars, waits_of
from macae.monitoring.texts import one_line

__all__ = ["MOVING", "Recording"]


class Recording(Track):
    """What the events of one session say, worked out when it is asked for and kept until the next event.

    Times are seconds from the start, unless a name says otherwise. Events may be missing, come twice or out of order: what can be
    told is told. Events that are only shown live count too, so that what runs now is seen; all else reads the same live and
    replayed. Raises InvalidInput for events of several sessions.

    What has not ended counts up to the last event, or, where that is later, up to `now` (Unix time, seconds): waiting for a person
    and a tool under way take time of which no event tells. `left`: no process works on the session any more
    (`engine.lookup.at_work`); then it counts up to the last sign of life, and its status is interrupted.

    Not for several threads: draw in another thread from `copy()`.
    """

    # Growing and looking back -----------------------------------------------------------------------------------------

    def copy(self) -> Recording:
        """The same, not growing along."""
        return self._part(self.timeline)

    def until(self, seconds: float) -> Recording:
        """Only what had happened `seconds` after the start. What ran at that moment is an open bar; what it used is not yet known.

        Raises InvalidInput for what is no number.
        """
        going_on = self.status in MOVING and self._until is None and self._now is None
        at = number_given(seconds, "Seconds")
        at = max(0.0, at if going_on else min(at, self.seconds))
        part = self._part([moment for moment in self.timeline if moment.seconds <= at])
        part._until = at
        part._left = self._left and at >= self.seconds
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

    # Time -------------------------------------------------------------------------------------------------------------

    @property
    def end(self) -> float:
        """When it ended, or had got to: Unix time, seconds."""
        return self.start + self.seconds

    @cached_property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        if self._until is not None:
            return self._until
        last = max((m.seconds for m in self.timeline if m.event.type not in ASIDE), default=0.0)
        if self._now is None or not self._events or self.status not in (*MOVING, "paused"):
            return last
        return max(last, round(self._now - self.start, 6))

    @cached_property
    def moments(self) -> list[float]:
        """The times at which something happened, each once, in order: a replay's stops."""
        happened = (moment.seconds for moment in self.timeline if moment.event.type not in ASIDE)
        return sorted({0.0, *happened, *(bar.start for bar in self.bars), self.seconds})

    # Who and what -----------------------------------------------------------------------------------------------------

    @cached_property
    def title(self) -> str:
        """The goal; of several plans their number and the first one's goal; or "Session …" where none is known."""
        plans = [plan.goal for plan in self.lives.plans.values()]
        goals = plans if len(plans) > 1 else [goal for goal, _ in self.lives.goals] or plans
        first = next((goal for goal in goals if goal.strip()), "")
        if not first:
            return f"Session {self.session_id[:8]}".strip()
        if len(plans) > 1:
            return f"{len(plans)} plans: {one_line(first, 240)} (and {len(plans) - 1} more)"
        return one_line(first, 300)

    @cached_property
    def status(self) -> str:
        """planning, waiting (for a person), working, paused (at a limit), finished, failed, cancelled or impossible; interrupted
        where it would be planning or working, but no process does.

        Of several plans the one counts that is furthest from its end; when all are over, the one that went worst.
        """
        return standing.status_of(self.lives, self._left)

    @property
    def left(self) -> float | None:
        """Unix time (seconds) of the last sign of life of what no process works on any more; None where that is not so."""
        return self.end if self._left and self.status == "interrupted" else None

    @cached_property
    def status_text(self) -> str:
        """The status for people to read; of plans that ended differently, how many did how: "2 finished, 1 cancelled"."""
        return standing.status_text(self.plan_views, self.status)

    @property
    def plans(self) -> list[str]:
        """The plans' ids, oldest first."""
        return list(self.lives.plans)

    @cached_property
    def plan_views(self) -> list[PlanView]:
        """Each plan's goal, status and steps, oldest first."""
        return standing.plan_views(self.lives, self.steps, self._left)

    @cached_property
    def agents(self) -> list[str]:
        """Who took part, in the order of first appearance: those with a bar, then those who only answered."""
        named = [bar.agent for bar in sorted(self.bars, key=lambda bar: (bar.start, bar.seq))]
        named += [row_of(m.event) for m in self.timeline if m.event.type in SPEAKS]
        return [name for name in dict.fromkeys(named) if name and name != MANAGER]

    # Rows -------------------------------------------------------------------------------------------------------------

    @cached_property
    def model_calls(self) -> list[ModelCall]:
        """The model calls that have ended, by their start."""
        return calls.model_calls(self.timeline, self.lives)

    @cached_property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls, by their start."""
        return calls.tool_calls(self.timeline, self.lives, self.seconds, self._left)

    @cached_property
    def memory_queries(self) -> list[MemoryQuery]:
        """The searches of documents and memories, by their start."""
        return calls.memory_queries(self.timeline, self.lives)

    @cached_property
    def waits(self) -> list[Wait]:
        """The questions that a person was asked."""
        return waits_of(self.lives)

    @cached_property
    def bars(self) -> list[Bar]:
        """Who did what, when; by their start."""
        found = [
            *bar_of.model_bars(self.model_calls),
            *bar_of.open_model_bars(calls.open_models(self.timeline, self.lives), self.lives, self.seconds),
            *bar_of.tool_bars(self.tool_calls),
            *bar_of.memory_bars(self.memory_queries),
            *waiting_bars(self.waits, self.seconds),
            *self._running,
        ]
        return sorted(found, key=lambda bar: (bar.start, bar.seq))

    @cached_property
    def hand_overs(self) -> list[HandOver]:
        """Who handed the work to whom."""
        return handing.hand_overs(self.lives, self.waits, self.bars)

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
        """What went wrong, each trouble once. Steps that a limit has stopped are no errors: see `stopped`."""
        return troubles.problems(self.timeline, self.lives, self.model_calls, self.tool_calls)

    @cached_property
    def stopped(self) -> list[Problem]:
        """Each time that a limit has stopped a step. Sessions of earlier versions tell of it as an error."""
        return troubles.stops(self.timeline)

    @cached_property
    def steps(self) -> list[StepView]:
        """The steps, by plan and place."""
        return standing.step_views(self.timeline, self.lives, self.model_calls, self.seconds, self._left)

    @cached_property
    def costs(self) -> list[tuple[float, float]]:
        """Seconds, and US dollars spent by then, at each call with a known price that used something."""
        used = [call for call in self.model_calls if call.ok or call.tokens]
        priced = sorted((call.end, call.usd) for call in used if call.usd is not None)
        return list(zip([at for at, _ in priced], accumulate(usd for _, usd in priced), strict=True))

    @cached_property
    def unpriced(self) -> int:
        """How many calls used tokens whose price is not known."""
        return spent(self.model_calls).unpriced

    def __repr__(self) -> str:
        """Short: who asks for one in a notebook wants to know what it is."""
        return (
            f"Recording({self.title[:60]!r}, {self.status}, {self.seconds:.1f} s, {len(self._events)} events)"
        )


MOVING = frozenset({"planning", "working", "waiting"})
"""While a session stands so, its time goes on."""
ASIDE = frozenset({EventType.session_opened, EventType.session_closed, EventType.events_missed})
"""Of the process and the watcher: nothing happened in the session."""
SPEAKS = frozenset({EventType.step_completed, EventType.step_failed})
