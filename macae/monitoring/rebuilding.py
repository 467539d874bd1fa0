"""Plans and steps as they stood after some events, rebuilt from these events alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from macae.errors import InvalidInput
from macae.models import Event, Plan, PlanWithSteps, Step

__all__ = ["rebuild"]


def rebuild(events: Iterable[Event]) -> list[PlanWithSteps]:
    """The plans with their steps, oldest first, as the last of the events left them. `ts` is not told by events, and is None.

    Raises InvalidInput when events are missing in between, naming the document and the version that is not there.
    """
    documents: dict[str, dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: event.seq):
        for id, change in event.changes.items():
            apply(documents, id, change)
    try:
        plans = [Plan.model_validate(d) for d in documents.values() if d["data_type"] == "plan"]
        steps = [Step.model_validate(d) for d in documents.values() if d["data_type"] == "step"]
    except ValidationError as error:
        raise InvalidInput(
            f"These events do not make a whole plan: {error.errors()[0]['msg']}. Are the first ones missing?"
        ) from None
    return [PlanWithSteps.of(plan, [s for s in steps if s.plan_id == plan.id]) for plan in plans]


def apply(documents: dict[str, dict[str, Any]], id: str, change: dict[str, Any]) -> None:
    """Take one change over. One that is marked `whole` takes the place of all that was told of the document before."""
    if id not in documents or change.get("whole"):
        documents[id] = {"calls": []} if change.get("data_type") == "step" else {}
    held = documents[id]
    known, version = held.get("version", 0), change.get("version", 0)
    if version != known + 1 and not change.get("whole"):
        raise InvalidInput(
            f"The {change.get('data_type')} {id!r} goes from version {known} to {version}: events are missing in between."
        )
    calls = change.get("calls", {})
    held.update({name: value for name, value in change.items() if name not in ("calls", "whole")})
    for place, call in sorted(calls.items(), key=lambda item: int(item[0])):
        held["calls"][int(place) : int(place) + 1] = [call]
