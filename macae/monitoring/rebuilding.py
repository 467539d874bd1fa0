"""Plans and steps as they stood after some events, rebuilt from these events alone."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from macae.errors import InvalidInput
from macae.models import Event, Plan, PlanWithSteps, Step

__all__ = ["rebuild"]

log = logging.getLogger(__name__)


def rebuild(events: Iterable[Event]) -> list[PlanWithSteps]:
    """The plans with their steps, oldest first, as the last of the events left them. `ts` is not told by events, and is None.

    A plan of which events are missing in between is left out, with a warning. Raises InvalidInput when no plan is left then,
    naming the document and the version that is not there.
    """
    documents: dict[str, dict[str, Any]] = {}
    gaps: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for event in sorted(events, key=lambda event: event.seq):
        owner = {"session_id": event.session_id, "user_id": event.user_id}
        for id, change in event.changes.items():
            gap = apply(documents, id, {**change, **owner})
            if gap:
                gaps[event.plan_id][id] = gap
            elif change.get("whole"):
                gaps[event.plan_id].pop(id, None)
    problems = [gap for missing in gaps.values() for gap in [*missing.values()][:1]]
    plans = []
    for id, document in documents.items():
        if document.get("data_type") == "plan" and not gaps[id]:
            steps = [d for d in documents.values() if d.get("data_type") == "step" and d.get("plan_id") == id]
            try:
                plans.append(made(document, steps))
            except ValidationError as error:
                problems.append(
                    f"These events do not make a whole plan: {error.errors()[0]['msg']}. Are the first ones missing?"
                )
    if problems and not plans:
        raise InvalidInput(problems[0])
    for problem in problems:
        log.warning("A plan cannot be rebuilt from its events: %s", problem)
    return plans


def made(plan: dict[str, Any], steps: list[dict[str, Any]]) -> PlanWithSteps:
    """A plan of what was told of it and its steps. Raises ValidationError."""
    return PlanWithSteps.of(Plan.model_validate(plan), [Step.model_validate(step) for step in steps])


def apply(documents: dict[str, dict[str, Any]], id: str, change: dict[str, Any]) -> str:
    """Take one change over; say so where it does not follow what was told of the document before.

    A change that is marked `whole` takes the place of all that was told.
    """
    if id not in documents or change.get("whole"):
        documents[id] = {"calls": []} if change.get("data_type") == "step" else {}
    held = documents[id]
    known, version = held.get("version", 0), change.get("version", 0)
    if version != known + 1 and not change.get("whole"):
        return f"The {change.get('data_type')} {id!r} goes from version {known} to {version}: events are missing in between."
    calls = change.get("calls", {})
    held.update({name: value for name, value in change.items() if name not in ("calls", "whole")})
    for place, call in sorted(calls.items(), key=lambda item: int(item[0])):
        told = held["calls"][int(place) : int(place) + 1]
        held["calls"][int(place) : int(place) + 1] = [{**before, **call} for before in told] or [call]
    return ""
