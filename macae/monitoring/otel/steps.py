"""A step's spans: the step, each time that a person is waited for, each attempt."""

from __future__ import annotations

from macae.models import Event, EventType
from macae.monitoring.otel import names as n
from macae.monitoring.otel.calls import Form, key_of
from macae.monitoring.otel.drafts import Draft, span_id
from macae.monitoring.otel.state import StepState, TraceState

__all__ = ["STEP_EVENTS", "follow_step", "step_parent", "surprises", "waiting"]

T = EventType
ENDS = {
    T.step_completed: "completed",
    T.step_failed: "failed",
    T.step_rejected: "rejected",
    T.step_skipped: "skipped",
    T.step_cancelled: "cancelled",
    T.step_superseded: "superseded",
}
OFFERS = {T.step_offered: "approval", T.step_retried: "approval", T.step_edited: "approval"}
"""What makes a step wait, and for what."""
STEP_EVENTS = frozenset({*ENDS, *OFFERS, T.step_approved, T.step_started, T.step_paused, T.step_interrupted})


def surprises(step: StepState, event: Event) -> bool:
    """Whether something must have happened before that was not seen here: another process did it."""
    match event.type:
        case T.step_approved | T.step_rejected:
            return step.waiting is None
        case T.step_started:
            return step.span is None or step.waiting is not None
        case T.step_completed | T.step_failed:
            return step.attempt is None and step.waiting is None
        case T.step_paused | T.step_interrupted:
            return step.attempt is None
        case T.step_retried:
            return step.span is not None
        case T.tool_finished:
            return str(event.data.get("key") or "") not in step.tools
        case _:
            return False


def follow_step(state: TraceState, event: Event, form: Form) -> list[Draft]:
    """Open and close what the event opens and closes; the spans that are complete by it."""
    step, type = state.step(event), event.type
    done: list[Draft] = []
    if step.span is None and (type in OFFERS or step.round == 0) and not never_offered(step, type):
        begin(state, step, event, form)
    if type in OFFERS:
        if step.waiting is None:
            step.waiting = waiting(state, step.span, event, form, OFFERS[type])
        if type is T.step_offered and step.span is not None:
            step.span.attributes |= form.said(macae__step__task=event.text)
        return done
    if step.waiting is not None:
        step.waiting.attributes[n.DECISION] = type.value.removeprefix("step_")
        done.append(step.waiting.ended(event.time))
        step.waiting = None
    if type is T.step_started:
        done += end_attempt(step, event, form, error="interrupted")  # nobody saw how the one before ended
        step.attempt = attempt(state, step, event, form)
        step.last = step.attempt.id
    elif type is T.step_paused:
        done += end_attempt(step, event, form)
        step.waiting = waiting(state, step.span, event, form, "call")
    elif type is T.step_interrupted:
        done += end_attempt(step, event, form, error="interrupted")
        if event.data.get("calls"):
            step.waiting = waiting(state, step.span, event, form, "interruption")
    elif type in ENDS:
        error = "step_failed" if type is T.step_failed and not event.at_limit else ""
        done += end_attempt(step, event, form, error=error)
        done += end_step(step, event, form, error)
    return done


def never_offered(step: StepState, type: EventType) -> bool:
    """Whether the event ends a step that nobody was asked about: there is nothing to show of it."""
    return step.round == 0 and type in (T.step_skipped, T.step_cancelled, T.step_superseded)


def begin(state: TraceState, step: StepState, event: Event, form: Form) -> None:
    """Open the step's span."""
    step.round += 1
    attributes = form.common(event) | {n.KIND: n.CHAIN, n.STEP_ROUND: step.round}
    if event.type not in OFFERS:
        attributes[n.STARTED_ELSEWHERE] = True
    number = span_id(state.id, "step", step.id, step.round)
    step.span = Draft(state.id, number, state.root_id, "step", event.time, attributes)


def waiting(state: TraceState, above: Draft | None, event: Event, form: Form, kind: str) -> Draft:
    """Open the span of waiting for a person."""
    number = span_id(state.id, "waiting", event.step_id or "", key_of(event))
    parent = state.root_id if above is None else above.id
    attributes = form.common(event) | {n.KIND: n.CHAIN, n.WAITING: kind}
    return Draft(state.id, number, parent, "waiting for a person", event.time, attributes)


def attempt(state: TraceState, step: StepState, event: Event, form: Form) -> Draft:
    """Open the span of an agent at work on the step."""
    number = span_id(state.id, "attempt", step.id, key_of(event))
    attributes = form.common(event) | {n.OPERATION: "invoke_agent"}
    return Draft(state.id, number, step_parent(state, step.id), "invoke_agent", event.time, attributes)


def end_attempt(step: StepState, event: Event, form: Form, error: str = "") -> list[Draft]:
    """Close it, and the tool calls of which nobody saw the end."""
    done = []
    for tool in step.tools.values():
        tool.attributes |= {n.STATE: "unknown", n.ERROR: "unknown"}
        done.append(tool.ended(event.time, "unknown"))
    step.tools = {}
    draft, step.attempt = step.attempt, None
    if draft is None:
        return done
    agent = step.agent or event.agent
    draft.name = f"invoke_agent {agent}".strip()
    draft.attributes |= {n.AGENT: agent} | ({n.ERROR: error} if error else {})
    return [*done, draft.ended(event.time, error, form.words(event))]


def end_step(step: StepState, event: Event, form: Form, error: str) -> list[Draft]:
    """Close the step's span."""
    draft, step.span = step.span, None
    if draft is None:
        return []
    index = step.known.get("index")
    draft.name = " ".join(str(part) for part in ("step", index, step.agent) if part not in (None, ""))
    status = "stopped" if event.at_limit else ENDS[event.type]
    draft.attributes |= {n.STEP_STATUS: status} | ({n.ERROR: error} if error else {})
    draft.attributes |= {n.STEP_INDEX: index} if isinstance(index, int) else {}
    draft.attributes |= {n.AGENT: step.agent} if step.agent else {}
    draft.attributes |= form.said(macae__step__reply=event.text)
    return [draft.ended(event.time, error, form.words(event))]


def step_parent(state: TraceState, step_id: str) -> int:
    """The span that belongs above whatever happens for a step."""
    step = state.steps.get(step_id)
    if step is not None and step.attempt is not None:
        return step.attempt.id
    if step is not None and step.span is None and step.last:
        return step.last
    return span_id(state.id, "step", step_id, max(1, step.round if step is not None else 1))
