"""What the checks found: violations and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from macae.models import Event, EventType
from macae.monitoring.replay.fields import number_or_none, whole, words
from macae.monitoring.replay.findings import AlertView, Violation
from macae.monitoring.replay.lives import Lives
from macae.monitoring.replay.one_event import row_of
from macae.monitoring.replay.ordering import Moment

__all__ = ["alerts_of", "violation_of", "violations_of"]

E = EventType


def violations_of(moments: Iterable[Moment]) -> list[Violation]:
    """The findings of the compliance check."""
    return [violation_of(at, event) for at, event in moments if event.type == E.violation_found]


def violation_of(at: float, event: Event) -> Violation:
    """What one event tells of a finding."""
    return Violation(
        seconds=at,
        agent=row_of(event),
        entity=words(event.data.get("entity")),
        action=words(event.data.get("action")),
        route=words(event.data.get("route")),
        where=words(event.data.get("where")),
        rule=words(event.data.get("rule")),
        count=max(1, whole(event.data.get("count"))),
        step_id=event.step_id,
        seq=event.seq,
    )


def alerts_of(moments: Iterable[Moment], lives: Lives, rows: Sequence[str]) -> list[AlertView]:
    """The alerts, each with the time at which it was over. `rows`: the agents that have a row."""
    found: list[AlertView] = []
    for at, event in moments:
        if event.type == E.alert_raised:
            found.append(_alert(at, event, lives, rows))
        elif event.type == E.alert_resolved:
            rule, key = words(event.data.get("rule")), words(event.data.get("key"))
            for place, alert in enumerate(found):
                if (alert.rule, alert.key) == (rule, key) and alert.resolved is None:
                    found[place] = replace(alert, resolved=at)
    return found


def _alert(at: float, event: Event, lives: Lives, rows: Sequence[str]) -> AlertView:
    data = event.data
    step = lives.steps.get(event.step_id or "")
    named = [
        row_of(event),
        step.agent if step is not None else "",
        words(data.get("agent")),
        words(data.get("key")),
    ]
    return AlertView(
        seconds=at,
        rule=words(data.get("rule")),
        key=words(data.get("key")),
        severity=words(data.get("severity")) or "warning",
        text=event.text,
        value=number_or_none(data.get("value")),
        threshold=number_or_none(data.get("threshold")),
        agent=next((name for name in named if name in rows), ""),
        step_id=event.step_id,
        seq=event.seq,
    )
