"""From events to spans: one trace a plan. Needs no OpenTelemetry; `macae.monitoring.otel.writer` hands its drafts to it.

**Which process sends what.** Each span is sent once, by the process that sees its end. Its id follows from what it is about,
so the spans of two processes that work on one plan fit together. The root is sent by the process that received the goal: at
the plan's end, or, when it lets go before that, at once, marked `macae.plan.open`. Every other process sends a span of its
own below the root, "plan continued", from the first to the last that it saw. What was begun elsewhere (a step that was offered
yesterday, and waited) is looked up in the store, so that its span has its true start. A process that is killed sends nothing
of what was under way in it; that trace then lacks its root.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

from macae.models import Event, EventType
from macae.monitoring.otel.calls import Form, amount, key_of
from macae.monitoring.otel.drafts import Draft
from macae.monitoring.otel.notes import note
from macae.monitoring.otel.plans import follow_plan, left_open, planning_for
from macae.monitoring.otel.state import StepState, TraceState
from macae.monitoring.otel.steps import STEP_EVENTS, follow_step, step_parent, surprises
from macae.monitoring.scope import trace_id_of

__all__ = ["Past", "Traces"]

Past = Callable[[Event, int], Sequence[Event]]
"""The stored events of the given event's session that come after a number."""

T = EventType
MOST = 1_000
"""Traces that are kept in mind. Plans that are over are let go first, then what is untouched for longest."""
READS = 50
"""Times a second at most that the store is asked for a plan's past. Without it the beginning of some spans is not known."""
TRACE_ID = re.compile(r"[0-9a-f]{32}")


class Traces:
    """Takes events in order, gives spans as they end. Not thread-safe."""

    def __init__(self, form: Form | None = None, past: Past | None = None, most: int = MOST) -> None:
        self.form = form or Form()
        self._silent = Form(self.form.provider)
        """For what other processes saw: it comes from the store, not from where this one's words are masked."""
        self._past, self._most = past, most
        self._states: OrderedDict[str, TraceState] = OrderedDict()
        self._reads: deque[float] = deque(maxlen=READS)
        """When the store was asked last."""
        self._plans: dict[str, str] = {}
        """By plan: its trace."""

    def take(self, event: Event) -> list[Draft]:
        """The spans that are complete by this event."""
        trace_id = self._trace_of(event)
        if trace_id is None:
            return []
        done: list[Draft] = []
        state = self._states.get(trace_id)
        if state is None:
            done += self._make_room()
            state = TraceState(trace_id, event.session_id, event.user_id)
            self._states[trace_id] = state
            if event.type is not T.goal_received:
                self._recall(state, event)
        self._states.move_to_end(trace_id)
        if event.seq and event.seq in state.seen:
            return done
        step = state.steps.get(event.step_id or "") or StepState("")
        unasked = event.type is T.clarification_answered and state.asking is None
        if unasked or surprises(step, event):
            self._recall(state, event)
        return done + self._follow(state, event, live=True)

    def _make_room(self) -> list[Draft]:
        """Let go of a trace where there is no room for one more: the spans that are sent for that."""
        done: list[Draft] = []
        while len(self._states) >= self._most:
            oldest = next(iter(self._states))
            let_go = self._states.pop(next((id for id, state in self._states.items() if state.over), oldest))
            self._plans.pop(let_go.plan_id, None)
            done += left_open(let_go, time.time())
        return done

    def _trace_of(self, event: Event) -> str | None:
        """The event's trace. One that somebody adds to a plan may not know the plan's."""
        trace_id = event.trace_id
        if trace_id not in self._states and event.plan_id:
            derived = trace_id_of(event.plan_id)
            if trace_id in ("", derived):
                trace_id = self._plans.get(event.plan_id, derived)
        usable = TRACE_ID.fullmatch(trace_id) and int(trace_id, 16)
        if usable and event.plan_id:
            self._plans.setdefault(event.plan_id, trace_id)
        return trace_id if usable else None

    def close(self) -> list[Draft]:
        """The process ends: the roots of the plans that are not over."""
        now = time.time()
        left = [draft for state in self._states.values() for draft in left_open(state, now)]
        self._states.clear()
        return left

    def _recall(self, state: TraceState, event: Event) -> None:
        """Take in what was stored before this event and not seen here. Its spans are somebody else's to send."""
        if self._past is None or not event.seq or not event.plan_id or not self._may_read():
            return
        for earlier in self._past(event, state.read_to):
            own = earlier.trace_id or (trace_id_of(earlier.plan_id) if earlier.plan_id else "")
            if own == state.id and earlier.seq < event.seq and earlier.seq not in state.seen:
                self._follow(state, earlier, live=False)
        state.read_to = event.seq

    def _may_read(self) -> bool:
        """Whether the store may be asked now: at most so many times a second."""
        now = time.monotonic()
        if len(self._reads) == READS and now - self._reads[0] < 1:
            return False
        self._reads.append(now)
        return True

    def _follow(self, state: TraceState, event: Event, live: bool) -> list[Draft]:
        """Change the state by one event."""
        form = self.form if live else self._silent
        if event.seq:
            state.seen.add(event.seq)
        status = state.learn(event)
        if live and state.root is None and event.type not in _NOTHING:
            # A plan that was over lives again when it is changed to be in progress; until then, what comes is late.
            if state.over and status == "in_progress":
                state.over = False
            owner = event.type in (T.goal_received, T.goal_refused)
            if not state.over and (owner or state.plan_id):
                state.begin(event, form, owner, key_of(event))
        elif not live and status in ("in_progress", "awaiting_clarification"):
            state.over = False
        done = self._called(state, event, live)
        opens = event.type in (T.step_approved, T.step_retried)  # noted on what they may open
        alone = None if opens else note(state, event, form)
        if event.step_id and event.type in STEP_EVENTS:
            done += follow_step(state, event, form)
        if opens:
            alone = note(state, event, form)
        if alone is not None:
            done.append(alone)
        done += follow_plan(state, event, form, status)
        return done

    def _called(self, state: TraceState, event: Event, live: bool) -> list[Draft]:
        """The spans of what agents call."""
        form, type = self.form, event.type
        done: list[Draft] = []
        parent: int | None
        if type not in (T.model_called, T.memory_queried, T.tool_started, T.tool_finished):
            return []
        if event.step_id:
            parent = step_parent(state, event.step_id)
        elif type is T.model_called:
            parent, done = planning_for(state, event, form)
        else:
            parent = state.planning.id if state.planning is not None else state.above
        if type is T.model_called:
            data = event.data
            if live:
                state.calls += 1
                state.tokens += int(amount(data.get("prompt_tokens")) + amount(data.get("completion_tokens")))
                state.usd += amount(data.get("usd"))
            return [*done, form.chat(event, state.id, parent)]
        if type is T.memory_queried:
            return [form.memory(event, state.id, parent)]
        step, key = state.step(event), str(event.data.get("key") or "")
        if type is T.tool_started:
            step.tools[key] = form.tool(event, state.id, parent)
            return []
        known = step.tools.pop(key, None) or form.tool(event, state.id, parent, known_start=False)
        return [form.tool_ended(known, event)]


_NOTHING = frozenset(
    {T.session_opened, T.session_closed, T.events_missed, T.document_changed, T.model_started}
)
"""These alone begin nothing."""
