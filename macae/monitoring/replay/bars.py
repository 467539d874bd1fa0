"""The bars of the chart that shows who did what, when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from macae.models import EventType
from macae.monitoring.replay.calls import OpenCall
from macae.monitoring.replay.fields import words
from macae.monitoring.replay.lives import Lives
from macae.monitoring.replay.one_event import row_of
from macae.monitoring.replay.ordering import Moment
from macae.monitoring.replay.views import Bar, MemoryQuery, ModelCall, ToolCall

__all__ = [
    "memory_bars",
    "model_bars",
    "of_plan",
    "open_model_bars",
    "running_at",
    "tool_bars",
    "unannounced",
]

E = EventType


def model_bars(calls: Iterable[ModelCall]) -> list[Bar]:
    """One bar for each model call that has ended."""
    return [
        Bar(
            "model" if call.ok or call.stopped else "error",
            call.agent,
            call.start,
            call.end,
            call.model or "model",
            call.step_id,
            call.plan_id,
            call.seq,
        )
        for call in calls
    ]


def open_model_bars(calls: Iterable[OpenCall], lives: Lives, horizon: float) -> list[Bar]:
    """One bar for each model call that has not been heard of since it was sent."""
    return [
        Bar(
            "model",
            row_of(call.event),
            call.start,
            max(call.start, horizon) if call.end is None else call.end,
            words(call.event.data.get("model")) or "model",
            call.event.step_id,
            lives.plan_of(call.event),
            call.event.seq,
            open=call.end is None,
        )
        for call in calls
    ]


def tool_bars(calls: Iterable[ToolCall]) -> list[Bar]:
    """One bar for each tool call."""
    return [
        Bar(
            "tool" if call.ok else "error",
            call.agent,
            call.start,
            call.end,
            call.tool or "tool",
            call.step_id,
            call.plan_id,
            call.seq,
            open=call.open,
        )
        for call in calls
    ]


def memory_bars(queries: Iterable[MemoryQuery]) -> list[Bar]:
    """One bar for each search."""
    return [
        Bar(
            "memory",
            query.agent,
            query.start,
            query.end,
            query.memory or "memory",
            query.step_id,
            query.plan_id,
            query.seq,
        )
        for query in queries
    ]


def unannounced(
    timeline: Iterable[Moment],
    models: Iterable[ModelCall],
    tools: Iterable[ToolCall],
    queries: Iterable[MemoryQuery],
) -> list[Bar]:
    """The bars whose beginning no event tells, only their end: searches, and all model calls that were not seen live."""
    begun = [moment.event for moment in timeline if moment.event.type in (E.model_started, E.tool_started)]
    calls = {words(event.data.get("call")) for event in begun if event.type == E.model_started} - {""}
    keys = {words(event.data.get("key")) for event in begun if event.type == E.tool_started}
    return [
        *model_bars(call for call in models if call.call not in calls),
        *memory_bars(queries),
        *tool_bars(call for call in tools if call.key not in keys),
    ]


def running_at(at: float, bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """Those of the bars that ran at that moment, open: whether they went well was not known then."""
    return tuple(
        replace(bar, kind="model" if bar.kind == "error" else bar.kind, end=at, open=True)
        for bar in bars
        if bar.start <= at and (bar.open or at < bar.end)
    )


def of_plan(bars: Iterable[Bar], plan_id: str, later: float) -> tuple[Bar, ...]:
    """One plan's bars, on a clock that starts `later`."""
    return tuple(
        replace(bar, start=bar.start - later, end=bar.end - later) for bar in bars if bar.plan_id == plan_id
    )
