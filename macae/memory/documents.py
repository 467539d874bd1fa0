"""From a document to what is stored of it, and back. Shared by every store."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from macae.errors import InvalidInput, StoreError
from macae.memory.packing import INSTEAD, is_packed, packed, unpacked
from macae.memory.store import Change
from macae.models import BaseDataModel, Event, EventType

__all__ = [
    "STAMPS",
    "Row",
    "data_type_of",
    "event_body",
    "prepare",
    "revive",
    "revive_event",
    "set_where_it_fits",
]

Stored = TypeVar("Stored", bound=BaseModel)

STAMPS = ("id", "session_id", "user_id", "data_type", "plan_id", "version", "ts")
"""Kept beside the body and put back into it on reading: the store looks them up or decides them, and once is enough."""
_BESIDE = set(STAMPS)
_BESIDE_EVENT = {"seq", "session_id", "user_id", "plan_id"}


@dataclass(slots=True)
class Row:
    """One document, ready to be written."""

    document: BaseDataModel
    expect: int
    id: str
    data_type: str
    plan_id: str
    body: str


@lru_cache(maxsize=512)
def data_type_of(model: type[BaseModel]) -> str | None:
    """The kind of documents a model is for: its `data_type`, else its class name in snake case. None for the base itself."""
    if model is BaseDataModel:
        return None
    field = model.model_fields.get("data_type")
    if field is not None:
        choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        default = choices[0] if field.is_required() and len(choices) == 1 else field.default
        default = getattr(default, "value", default)  # an enum's member, too
        if isinstance(default, str) and default:
            return str(default)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", model.__name__).lower()


def prepare(change: Change, user_id: str, session_id: str) -> Row:
    """Stamp and serialise one document, once. Raises InvalidInput when it cannot be stored for this user and session."""
    document = change.document
    kind = type(document)
    if not isinstance(document, BaseModel) or not getattr(document, "id", None):
        raise InvalidInput(f"A {kind.__name__} cannot be stored: make it a BaseDataModel with an id.")
    _stamp(document, "session_id", session_id)
    _stamp(document, "user_id", user_id)
    data_type = getattr(document, "data_type", None) or data_type_of(kind) or "item"
    data_type = str(getattr(data_type, "value", data_type))  # an enum's member, too
    set_where_it_fits(document, "data_type", data_type)
    plan_id = getattr(document, "plan_id", None) or ""
    return Row(document, change.expect, str(document.id), data_type, str(plan_id), _serialise(document))


def _stamp(document: BaseModel, field: str, value: str) -> None:
    if field not in type(document).model_fields:
        return
    present = getattr(document, field)
    if not present:
        set_where_it_fits(document, field, value)
    elif present != value:
        raise InvalidInput(
            f"The {type(document).__name__} carries {field} {present!r}, but is written for {value!r}. "
            "Write it for the one that it belongs to."
        )


def _serialise(document: BaseModel) -> str:
    try:
        return document.model_dump_json(exclude=_BESIDE, warnings="error")
    except PydanticSerializationError:
        pass  # a field was assigned something that is not of its type: perhaps it can be converted
    try:
        plain = document.model_dump(warnings=False)
        return type(document).model_validate(plain).model_dump_json(exclude=_BESIDE, warnings="error")
    except (PydanticSerializationError, ValidationError, ValueError) as error:
        raise InvalidInput(
            f"The {type(document).__name__} {getattr(document, 'id', '')} cannot be stored: {_short(error)}"
        ) from None


def event_body(event: Event, user_id: str, session_id: str) -> str:
    """One event as JSON. Raises InvalidInput when it is another user's or session's, or holds what JSON cannot."""
    if event.user_id != user_id or event.session_id != session_id:
        raise InvalidInput(f"The event {event.type} is of another user or session than it is written for.")
    try:
        parts = packed(event)
        beside = _BESIDE_EVENT.union(INSTEAD[name] for name in parts)
        body = event.model_dump_json(exclude=beside, exclude_defaults=True, warnings="error")
        return f"{body[:-1]},{to_json(parts, inf_nan_mode='null').decode()[1:]}" if parts else body
    except (PydanticSerializationError, ValueError) as error:
        raise InvalidInput(f"The event {event.type} cannot be stored: {_short(error)}") from None


def revive(model: type[Stored], body: str, stamps: Sequence[Any]) -> Stored:
    """The document of a stored body and its `STAMPS`. Raises StoreError when the model cannot read it any more."""
    known = model.model_fields
    every = model.model_config.get("extra") == "allow"
    beside = {
        field: value
        for field, value in zip(STAMPS, stamps, strict=True)
        if field in known or (every and value != "")
    }
    return _read(model, body, beside)


def revive_event(body: str, seq: int, session_id: str, user_id: str, plan_id: str) -> Event:
    """The event of a stored body. One that cannot be read must not take all others of its session with it: an `events_missed`
    stands in its place, and says why."""
    stamps: dict[str, Any] = {"seq": seq, "session_id": session_id, "user_id": user_id, "plan_id": plan_id}
    try:
        return _read(Event, body, stamps)
    except StoreError as error:
        data = {"missed": 1, "unreadable": True}
        return Event(type=EventType.events_missed, time=0.0, text=str(error)[:500], data=data, **stamps)


def _read(model: type[Stored], body: str, beside: Mapping[str, Any]) -> Stored:
    whole = f"{json.dumps(beside)[:-1]}{', ' if beside and body != '{}' else ''}{body[1:]}"
    try:
        if model is Event and is_packed(body):
            return model.model_validate(unpacked(from_json(whole)))
        return model.model_validate_json(whole)
    except Exception as error:  # a learner's validator may raise anything
        raise StoreError(
            f"What is stored cannot be read as {model.__name__}: {_short(error)} "
            "Give new fields a default, or delete the old documents."
        ) from None


def set_where_it_fits(document: BaseModel, field: str, value: Any) -> None:
    """Set a field that the model has; a model without it, or a frozen one, stays as it is."""
    if field in type(document).model_fields and getattr(document, field) != value:
        try:
            setattr(document, field, value)
        except ValidationError:
            return


def _short(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3]) + "."
    return " ".join(str(error).split())[:300] + "."
