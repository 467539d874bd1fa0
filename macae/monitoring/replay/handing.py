"""Who handed the work to whom, and when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from macae.monitoring.replay.known import PlanLife, StepLife
from macae.monitoring.replay.lives import Lives
from macae.monitoring.replay.views import HUMAN, PLANNER, Bar, HandOver
from macae.monitoring.replay.waits import Wait

__all__ = ["hand_overs"]


def hand_overs(lives: Lives, waits: Sequence[Wait], bars: Iterable[Bar]) -> list[HandOver]:
    """To the person with each wait, to the planner with each planning anew, to an agent with each attempt of a step."""
    found = [
        HandOver(bar.start, source, HUMAN)
        for bar in bars
        if bar.kind == "waiting" and (source := _asker(bar, waits)) not in ("", HUMAN)
    ]
    for plan in lives.plans.values():
        found += [HandOver(again.start, HUMAN, PLANNER) for again in plan.planning[1:]]
        found += _to_agents(plan, [step for step in lives.steps.values() if step.plan_id == plan.id])
    return sorted(found, key=lambda hand_over: hand_over.seconds)


def _asker(bar: Bar, waits: Sequence[Wait]) -> str:
    return next((w.ask.cause for w in waits if w.ask.seq == bar.seq and w.ask.start == bar.start), "")


def _to_agents(plan: PlanLife, steps: Sequence[StepLife]) -> list[HandOver]:
    """An attempt begins when the last of what it waited for is there: the person's yes, or what it depends on."""
    by_id = {step.id: step for step in steps}
    done = sorted((step.ended, step.agent) for step in steps if step.ended is not None and step.reply)
    ends = [end for end, _ in done]
    found = []
    for step in steps:
        needed = [by_id[other] for other in step.depends_on if other in by_id]
        for attempt in step.attempts:
            if not step.agent:
                continue
            enablers = [(plan.planning[0].end or 0.0, PLANNER)] if plan.planning else []
            enablers += [
                (at, HUMAN)
                for at, _, by in step.approvals
                if at <= attempt.start and not by.startswith("auto:")
            ]
            if needed:
                enablers += [
                    (n.ended, n.agent) for n in needed if n.ended is not None and n.ended <= attempt.start
                ]
            elif place := bisect_right(ends, attempt.start):
                enablers.append(done[place - 1])
            source = max(enablers, key=lambda enabler: enabler[0], default=(0.0, ""))[1]
            if source and source != step.agent:
                found.append(HandOver(attempt.start, source, step.agent))
    return found
