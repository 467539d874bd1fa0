"""When a person was waited for: the questions of all plans and steps, joined where they overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from macae.monitoring.replay.known import Ask
from macae.monitoring.replay.lives import Lives
from macae.monitoring.replay.views import HUMAN, Bar
from macae.monitoring.texts import one_line

__all__ = ["Wait", "joined", "total", "waiting_bars", "waits_of"]


@dataclass(frozen=True, slots=True)
class Wait:
    """One question: of a step, or of a plan as a whole."""

    ask: Ask
    label: str
    step_id: str | None
    plan_id: str


def waits_of(lives: Lives) -> list[Wait]:
    """All questions that a person, not a setting, was asked, in order."""
    found = []
    for plan in lives.plans.values():
        found += [Wait(ask, one_line(ask.why, 120), None, plan.id) for ask in plan.asks]
    for step in lives.steps.values():
        found += [
            Wait(
                ask, one_line(f"{ask.why}: {step.task}" if step.task else ask.why, 120), step.id, step.plan_id
            )
            for ask in step.asks
            if not ask.automatic
        ]
    return sorted(found, key=lambda wait: (wait.ask.start, wait.ask.seq))


def waiting_bars(waits: Iterable[Wait], horizon: float) -> list[Bar]:
    """One bar for each time in which at least one question was open. `horizon`: the end of what is still open."""
    groups: list[list[Wait]] = []
    reach = -1.0
    for wait in waits:
        end = horizon if wait.ask.end is None else wait.ask.end
        if end <= wait.ask.start and wait.ask.end is not None:
            continue
        if groups and wait.ask.start <= reach:
            groups[-1].append(wait)
        else:
            groups.append([wait])
        reach = max(reach, end)
    return [_bar(group, horizon) for group in groups]


def _bar(group: Sequence[Wait], horizon: float) -> Bar:
    first, others = group[0], len(group) - 1
    return Bar(
        kind="waiting",
        agent=HUMAN,
        start=first.ask.start,
        end=max(horizon if wait.ask.end is None else wait.ask.end for wait in group),
        label=f"{first.label} (and {others} more)" if others else first.label,
        step_id=None if others else first.step_id,
        plan_id=first.plan_id,
        seq=first.ask.seq,
        open=any(wait.ask.end is None for wait in group),
    )


def joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The spans of time, those that overlap or touch made one."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def total(spans: Iterable[tuple[float, float]]) -> float:
    """How many seconds the spans cover; what overlaps counts once."""
    return round(sum(end - start for start, end in joined(spans)), 6)
