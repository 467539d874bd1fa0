"""From documents and events to the items of a container, and back.

A partition holds a session: its documents, its events (those that were written together share an item) and a head, which
counts both. What learners store is below `body`, so that no field of theirs can be taken for one of ours.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import getitem
from typing import Any, TypeVar

from pydantic import BaseModel

from macae.errors import InvalidInput
from macae.memory.cosmos.formats import FORMAT
from macae.memory.documents import STAMPS, Row, revive, revive_event
from macae.models import Event

__all__ = [
    "HEAD",
    "MOST_BYTES",
    "MOST_OPERATIONS",
    "body_of",
    "document_item",
    "document_of",
    "event_item",
    "events_of",
    "item_id",
    "plain_of",
    "size_of",
    "stamps_of",
]

Document = TypeVar("Document", bound=BaseModel)

HEAD = "head"
"""The id of a partition's head. Documents' and events' ids begin otherwise."""

MOST_OPERATIONS = 99
"""What Cosmos DB takes in a batch (100), less the head."""
MOST_BYTES = 1_900_000
"""What Cosmos DB takes in a batch and in an item (2 MB), less what is sent around it."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.A)
_LONG_NUMBER = re.compile(r"(?<![\d.])\d{16}", re.A)
"""Cosmos DB's numbers are doubles, so a whole number may not fit. A document that may hold one is kept as text, too."""


_MOST_FLOATS = 50


def item_id(id: str) -> str:
    """The id of a document's item: a document's id may hold what an item's may not."""
    if _PLAIN_ID.fullmatch(id):
        return f"d-{id}"
    try:
        return f"h-{hashlib.sha256(id.encode()).hexdigest()}"
    except UnicodeEncodeError:
        raise InvalidInput(f"The id {id!r} is no Unicode text. Use another one.") from None


def document_item(row: Row, user_id: str, version: int, seq: int, at: int, now: int) -> dict[str, Any]:
    """One document's item, without what puts it into its partition. `at`: microseconds, of its first write."""
    item: dict[str, Any] = {
        "id": item_id(row.id),
        "kind": "document",
        "format": FORMAT,
        "name": row.id,
        "user_id": user_id,
        "data_type": row.data_type,
        "plan_id": row.plan_id,
        "version": version,
        "ts": now,
        "seq": seq,
        "at": at,
        "body": json.loads(row.body),
    }
    floats = list(_whole_floats(item["body"]))
    if _LONG_NUMBER.search(row.body) or len(floats) > _MOST_FLOATS:
        item["exact"] = row.body
    elif floats:
        item["floats"] = floats
    return item


def document_of(model: type[Document], item: dict[str, Any]) -> Document:
    """The document of an item. Raises StoreError when the model cannot read it any more."""
    return revive(model, body_of(item), stamps_of(item))


def stamps_of(item: dict[str, Any]) -> list[Any]:
    """The `STAMPS` of a document's item."""
    return [item["name"] if field == "id" else item[field] for field in STAMPS]


def body_of(item: dict[str, Any]) -> str:
    """The body of a document's item, as it was written."""
    for path in item.get("floats", ()):
        *way, last = path
        inner = reduce(getitem, way, item["body"])
        inner[last] = float(inner[last])
    return _text(item.get("exact"), item["body"])


def plain_of(item: dict[str, Any]) -> dict[str, Any]:
    """An item as queries give it: the body's fields and the stamps, side by side."""
    body: dict[str, Any] = json.loads(body_of(item))
    return body | dict(zip(STAMPS, stamps_of(item), strict=True))


def event_item(events: Sequence[tuple[Event, str]], first: int, at: int) -> dict[str, Any]:
    """One item for events of one user and plan, numbered from `first` on."""
    bodies = [body for _, body in events]
    item: dict[str, Any] = {
        "id": f"e-{first:012d}",
        "kind": "events",
        "format": FORMAT,
        "user_id": events[0][0].user_id,
        "plan_id": events[0][0].plan_id,
        "seq": first,
        "last": first + len(events) - 1,
        "at": at,
        "bodies": [json.loads(body) for body in bodies],
    }
    return item | ({"exact": bodies} if any(map(_LONG_NUMBER.search, bodies)) else {})


def events_of(items: Iterable[dict[str, Any]], after: int) -> list[Event]:
    """The events of these items whose number is above `after`."""
    found = []
    for item in items:
        exact = item.get("exact") or [None] * len(item["bodies"])
        for number, (body, text) in enumerate(zip(item["bodies"], exact, strict=True), item["seq"]):
            if number > after:
                stamps = (number, item["session_id"], item["user_id"], item["plan_id"])
                found.append(revive_event(_text(text, body), *stamps))
    return found


def size_of(text: str) -> int:
    """Bytes that a JSON text takes when it is sent: what is not ASCII is escaped."""
    return (
        len(text) if text.isascii() else sum(1 if c < "\x80" else 6 if c < "\U00010000" else 12 for c in text)
    )


def _text(exact: str | None, body: Any) -> str:
    return exact if exact is not None else json.dumps(body, ensure_ascii=False)


def _whole_floats(value: Any, *way: str | int) -> Iterator[list[str | int]]:
    """Where 1.0 stands: it comes back as 1, and what an approval binds, a call's arguments, would no longer be the same."""
    if isinstance(value, float):
        if value.is_integer():
            yield list(way)
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _whole_floats(inner, *way, key)
