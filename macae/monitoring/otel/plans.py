"""A plan's spans: the whole, the planning, waiting for an answer."""

from __future__ import annotations

from macae.models import Event, EventType
from macae.models.plans import OVER_PLAN
from macae.monitoring.otel import names as n
from macae.monitoring.otel.calls import Form, amount, key_of
from macae.monitoring.otel.drafts import Draft, span_id
from macae.monitoring.otel.state import TraceState
from macae.monitoring.otel.steps import waiting

__all__ = ["PLANNER", "follow_plan", "left_open", "planning_for"]

T = EventType
PLANNER = "PlannerAgent"
PAUSE = 5.0
"""Seconds between two calls of the planner after which the second is about something new."""
BAD = frozenset({"failed", "impossible"})


def follow_plan(state: TraceState, event: Event, form: Form, status: str) -> list[Draft]:
    """Open and close what the event opens and closes; the spans that are complete by it."""
    done: list[Draft] = []
    type = event.type
    if type is T.goal_received:
        open_planning(state, event, form, event.time, "goal")
        if state.root is not None:
            state.root.attributes |= form.said(macae__goal=event.text)
    elif type is T.clarification_asked and state.asking is None:
        state.asking = waiting(state, None, event, form, "clarification")
    elif type is T.clarification_answered and state.asking is not None:
        # The answer is stored together with the new plan: the person had answered when the planner was asked again.
        planned = state.planning
        answered = planned.start if planned and planned.start >= state.asking.start else event.time
        done += stop_asking(state, answered, "answered")
    if type is T.goal_refused and not state.plan_id:  # else it was an answer or a wish that was refused
        done += end_planning(state, event.time, "goal_refused")
        state.over = True
        return done + state.finish(event.time, "refused", "goal_refused", form.words(event))
    if type is T.planning_failed:
        error = state.planning_error or str(event.data.get("error_type") or "no_plan")
        done += end_planning(state, event.time, error)
        if not state.plan_id:
            state.over = True
            return done + state.finish(event.time, "failed", error, form.words(event))
    if type in (T.plan_created, T.step_edited) or (type is T.plan_changed and event.agent == PLANNER):
        done += end_planning(state, event.time)
    if status in OVER_PLAN:
        done += end_planning(state, state.planned_until or event.time, state.planning_error)
        done += stop_asking(state, event.time, status)
        state.over = True
        done += state.finish(event.time, status, status if status in BAD else "", form.words(event))
    elif status == "paused" and state.asking is None:
        state.asking = waiting(state, None, event, form, "limit")
    elif status == "in_progress" and state.asking is not None and type is T.plan_changed:
        done += stop_asking(state, event.time, "allowed")
    return done


def planning_for(state: TraceState, event: Event, form: Form) -> tuple[int | None, list[Draft]]:
    """The span above a model call that belongs to no step, and what is complete by it."""
    start = event.time - amount(event.data.get("seconds"))
    done: list[Draft] = []
    if state.above is None:
        return None, done
    late = state.planned_until and start - state.planned_until > PAUSE
    if state.planning is not None and late:
        done += end_planning(state, state.planned_until, state.planning_error or "no_plan")
    if state.planning is None:
        if event.agent != PLANNER or state.over:
            return state.root_id, done
        open_planning(state, event, form, start, str(event.data.get("call") or key_of(event)))
    state.planned_until = event.time
    failed = event.data.get("ok") is False
    state.planning_error = str(event.data.get("error_type") or "_OTHER") if failed else ""
    return state.planning.id if state.planning is not None else state.above, done


def open_planning(state: TraceState, event: Event, form: Form, start: float, key: str) -> None:
    """Begin the span of the planner at work."""
    attributes = form.common(event) | {n.OPERATION: "invoke_agent", n.AGENT: PLANNER}
    number = span_id(state.id, "planning", key)
    state.planning = Draft(state.id, number, state.root_id, f"invoke_agent {PLANNER}", start, attributes)
    state.planned_until, state.planning_error = 0.0, ""


def end_planning(state: TraceState, end: float, error: str = "") -> list[Draft]:
    """Close it."""
    draft, state.planning = state.planning, None
    if draft is None:
        return []
    if draft.attributes.get(n.PLAN) is None and state.plan_id:
        draft.attributes[n.PLAN] = state.plan_id
    return [draft.ended(end, error, **({n.ERROR: error} if error else {}))]


def stop_asking(state: TraceState, end: float, decision: str) -> list[Draft]:
    """Close the span of waiting for an answer."""
    draft, state.asking = state.asking, None
    return [] if draft is None else [draft.ended(end, **{n.DECISION: decision})]


def left_open(state: TraceState, end: float) -> list[Draft]:
    """The process lets go of a plan that is not over: send what can be known of the whole. Whatever else is under way is sent by
    the process that sees its end."""
    if state.root is None:
        return []
    done: list[Draft] = []
    if not state.plan_id:  # no plan came of the goal
        done += end_planning(state, state.planned_until or end, state.planning_error)
    state.root.attributes |= {n.PLAN_OPEN: True, n.PLAN_WAITING: len(state.waits)}
    return done + state.finish(end, "open", state.planning_error if not state.plan_id else "")
