"""What a write changed in plans and steps, told with the events of that write: from the events alone, the documents can be
rebuilt (see `macae.monitoring.rebuilding`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from macae.models import Event, Plan, Step

__all__ = ["difference", "tell_changes"]

STORED = {Plan: tuple(Plan.model_fields), Step: tuple(Step.model_fields)}
APART = frozenset({"ts", "version", "session_id", "user_id"})
"""Written by the store; the version is told by itself, and whose it is by the event: it may be imported as somebody else's."""


def difference(before: Plan | Step | None, after: Plan | Step, version: int) -> dict[str, Any]:
    """The fields of `after` that differ, as JSON values; without `before`, all. Of a step's calls, only those that differ, by place.

    A document that is told as a whole though it is not new is marked `whole`: it stands for all that was before.
    """
    kind: type[Plan | Step] = Step if isinstance(after, Step) else Plan
    names = [
        name
        for name in STORED[kind]
        if name not in APART and (before is None or getattr(before, name) != getattr(after, name))
    ]
    found = after.model_dump(mode="json", include=set(names) - {"calls"})
    if isinstance(after, Step) and "calls" in names:
        known = before.calls if isinstance(before, Step) else []
        found["calls"] = {
            str(place): call.model_dump(mode="json")
            for place, call in enumerate(after.calls)
            if place >= len(known) or known[place] != call
        }
    whole = {"whole": True} if before is None and after.version > 0 else {}
    return {"data_type": after.data_type, "version": version, **whole, **found}


def tell_changes(
    changed: Sequence[tuple[Plan | Step | None, Plan | Step]],
    events: Sequence[Event],
    untold: Callable[[Plan | Step], Event],
    standing: Sequence[Plan | Step] = (),
) -> list[Event]:
    """The events, holding what is new in each of the documents (pairs: as it was, as it is to be written).

    A change goes with the last event about its document, else with the first about its plan; `untold` makes one where there
    is none. `standing`: documents that are not written, but were never told: they are told as they stand.
    """
    told = [*events]
    for event in told:
        event.changes = {}
    written = [(before, after, after.version + 1) for before, after in changed]
    for before, after, version in [*written, *((None, document, document.version) for document in standing)]:
        step_id, plan_id = (after.id, after.plan_id) if isinstance(after, Step) else (None, after.id)
        about = [event for event in told if event.plan_id == plan_id]
        own = [event for event in about if event.step_id == step_id]
        holder = own[-1] if own else about[0] if about else None
        if holder is None:
            holder = untold(after)
            told.append(holder)
        holder.changes[after.id] = difference(before, after, version)
    return told
