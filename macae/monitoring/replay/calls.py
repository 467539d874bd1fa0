"""Model calls, tool calls and searches, paired from their events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from macae.models import Event, EventType
from macae.monitoring.replay.fields import items, mapping, number, number_or_none, whole, words
from macae.monitoring.replay.lives import Lives
from macae.monitoring.replay.one_event import failed, row_of
from macae.monitoring.replay.ordering import Moment
from macae.monitoring.replay.views import MemoryQuery, ModelCall, ToolCall

__all__ = ["OpenCall", "memory_queries", "model_calls", "open_models", "tool_calls"]

E = EventType


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A model call that has begun; `end` is when its step was over without a word of the call, None while it may come."""

    start: float
    end: float | None
    event: Event


def before(at: float, seconds: float) -> float:
    """So many seconds earlier, but not before the recording's start."""
    return max(0.0, round(at - seconds, 6))


def model_calls(moments: Sequence[Moment], lives: Lives) -> list[ModelCall]:
    """The model calls that have ended, in the order of their starts."""
    found = []
    for at, event in moments:
        if event.type != E.model_called:
            continue
        data = event.data
        ok = not failed(event)
        seconds = number(data.get("seconds"))
        found.append(
            ModelCall(
                agent=row_of(event),
                model=words(data.get("model")),
                start=before(at, seconds),
                end=at,
                seconds=seconds,
                first_token=number_or_none(data.get("first_token")),
                prompt_tokens=whole(data.get("prompt_tokens")),
                completion_tokens=whole(data.get("completion_tokens")),
                usd=number_or_none(data.get("usd")),
                ok=ok,
                error="" if ok else event.text or words(data.get("error_type")) or "failed",
                step_id=event.step_id,
                plan_id=lives.plan_of(event),
                seq=event.seq,
                error_type=words(data.get("error_type")),
                call=words(data.get("call")),
                estimated=data.get("estimated") is True,
            )
        )
    return sorted(found, key=lambda call: (call.start, call.seq))


def open_models(moments: Sequence[Moment], lives: Lives) -> list[OpenCall]:
    """The model calls that were sent and have not been heard of since."""
    ended = {words(event.data.get("call")) for _, event in moments if event.type == E.model_called}
    found = []
    for at, event in moments:
        if event.type != E.model_started or words(event.data.get("call")) in ended:
            continue
        step, plan = lives.steps.get(event.step_id or ""), lives.plans.get(event.plan_id)
        end = step.cut(at) if step is not None else plan.ended if plan is not None else None
        found.append(OpenCall(at, end if end is None else max(at, end), event))
    return found


def tool_calls(moments: Sequence[Moment], lives: Lives, horizon: float, left: bool = False) -> list[ToolCall]:
    """The tool calls, in the order of their starts. `horizon`: the end of a call that still runs; `left`: none does any more."""
    waiting: dict[str, list[Moment]] = {}
    found: list[ToolCall] = []
    for moment in moments:
        event = moment.event
        if event.type == E.tool_started:
            waiting.setdefault(_key(event), []).append(moment)
        elif event.type == E.tool_finished:
            begun = waiting.get(_key(event))
            found.append(_ended(begun.pop() if begun else None, moment))
    for unended in waiting.values():
        found += [_unended(moment, lives, horizon, left) for moment in unended]
    return sorted(found, key=lambda call: (call.start, call.seq))


def _key(event: Event) -> str:
    return words(event.data.get("key")) or f"{event.step_id} {event.data.get('tool')}"


def _ended(begun: Moment | None, done: Moment) -> ToolCall:
    at, event = done
    took = number_or_none(event.data.get("seconds"))
    start = begun.seconds if begun is not None else before(at, took or 0.0)
    state = event.data.get("state")
    first = begun.event if begun is not None else event
    return ToolCall(
        **_what(first),
        start=min(start, at),
        end=at,
        seconds=at - min(start, at) if took is None else took,
        state=state if state in ("completed", "failed", "unknown") else "unknown",
        result=event.text,
    )


def _unended(begun: Moment, lives: Lives, horizon: float, left: bool) -> ToolCall:
    """A call that nobody saw the end of: it runs, or its attempt was over without it, or its process is gone."""
    at, event = begun
    step, plan = lives.steps.get(event.step_id or ""), lives.plans.get(event.plan_id)
    attempt = step.attempt_at(at) if step is not None else None
    cut = step.cut(at) if step is not None and step.attempts else plan.ended if plan is not None else None
    runs = cut is None and not left
    end = max(at, horizon if cut is None else cut)
    state, result = step.calls.get(_key(event), ("", "")) if step is not None else ("", "")
    return ToolCall(
        **_what(event),
        start=at,
        end=end,
        seconds=end - at,
        state="started" if runs else "completed" if state == "completed" else "unknown",
        result="" if runs else result,
        lost=(cut is None and left) or (attempt is not None and attempt.lost),
    )


def _what(event: Event) -> dict[str, Any]:
    return {
        "agent": row_of(event),
        "tool": words(event.data.get("tool")),
        "arguments": mapping(event.data.get("arguments")),
        "effect": words(event.data.get("effect")),
        "step_id": event.step_id,
        "plan_id": event.plan_id,
        "key": words(event.data.get("key")),
        "seq": event.seq,
    }


def memory_queries(moments: Sequence[Moment], lives: Lives) -> list[MemoryQuery]:
    """The searches, in the order of their starts."""
    found = [
        MemoryQuery(
            agent=row_of(event),
            memory=words(event.data.get("memory")),
            query=event.text,
            start=before(at, number(event.data.get("seconds"))),
            end=at,
            results=whole(event.data.get("results")),
            sources=tuple(words(source) for source in items(event.data.get("sources"))),
            step_id=event.step_id,
            plan_id=lives.plan_of(event),
            seq=event.seq,
        )
        for at, event in moments
        if event.type == E.memory_queried
    ]
    return sorted(found, key=lambda query: (query.start, query.seq))
