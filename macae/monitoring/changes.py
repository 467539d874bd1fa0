"""What a write changed in plans and steps, told with the events of that write: from the events alone, the documents can be
rebuilt (see `macae.monitoring.rebuilding`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from macae.models import Event, Plan, Step
from macae.models.plans import CallRecord

__all__ = ["difference", "tell_changes"]

APART = frozenset({"ts", "version", "session_id", "user_id", "data_type"})
"""Written by the store; the version and the kind are told by themselves, and whose it is by the event: it may be imported as somebody
else's."""
STORED = {kind: tuple(name for name in kind.model_fields if name not in APART) for kind in (Plan, Step)}
EMPTY: Mapping[type, Mapping[str, Any]] = {
    kind: {
        name: default
        for name, field in kind.model_fields.items()
        if not field.is_required() and not (default := field.get_default(call_default_factory=True))
    }
    for kind in (Plan, Step)
}
"""The fields of a document in which nothing is, unless something is said of them."""
ALWAYS = {"key", "state", "result"}


def difference(before: Plan | Step | None, after: Plan | Step, version: int) -> dict[str, Any]:
    """The fields of `after` that differ, as JSON values; of a new document, those that hold something. Of a step's calls, only those
    that differ, by place; of a call that was told before, only what differs (and always `key`, `state` and `result`).

    A document that is told as a whole though it is not new is marked `whole`: it has all fields, and stands for all that was before.
    """
    kind: type[Plan | Step] = Step if isinstance(after, Step) else Plan
    whole = before is None and after.version > 0
    earlier: Mapping[str, Any] = EMPTY[kind] if before is None else before.__dict__
    now = after.__dict__
    names = [
        name
        for name in STORED[kind]
        if whole or name not in earlier or (earlier[name] is not now[name] and earlier[name] != now[name])
    ]
    found = after.model_dump(mode="json", include=set(names) - {"calls"})
    if isinstance(after, Step) and "calls" in names:
        known = before.calls if isinstance(before, Step) else []
        found["calls"] = {
            str(place): call_difference(known[place] if place < len(known) else None, call)
            for place, call in enumerate(after.calls)
            if place >= len(known) or known[place] != call
        }
    return {"data_type": after.data_type, "version": version, **({"whole": True} if whole else {}), **found}


def call_difference(before: CallRecord | None, after: CallRecord) -> dict[str, Any]:
    """A call as it is told: what differs, and what it is known by."""
    if before is None:
        return after.model_dump(mode="json")
    new = {name for name, value in after.__dict__.items() if value != before.__dict__.get(name)}
    return after.model_dump(mode="json", include=new | ALWAYS)


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
        if event.changes:
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
