"""Many documents and events, packed into items, and these into batches that Cosmos DB takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from macae.memory.cosmos.items import MOST_BYTES, MOST_OPERATIONS, size_of
from macae.models import Event

__all__ = ["Operation", "batched", "grouped", "placed", "write_of"]

_EVENTS_AN_ITEM = 50

Operation = tuple[Any, ...]
"""One of a batch, as the client takes it."""


def write_of(item: dict[str, Any], before: dict[str, Any] | None = None) -> Operation:
    """What makes an item out of what was there before."""
    if before is None:
        return "create", (item,)
    return "replace", (item["id"], item), {"if_match_etag": before["_etag"]}


def grouped(bodies: Sequence[tuple[Event, str]]) -> Iterator[list[tuple[Event, str]]]:
    """Events that share an item: of one plan, not too many, not too large."""
    for _, same in groupby(bodies, key=lambda body: body[0].plan_id):
        some: list[tuple[Event, str]] = []
        size = 0
        for event in same:
            more = 2 * size_of(event[1])  # twice: what holds long numbers is sent as text, too
            if some and (len(some) == _EVENTS_AN_ITEM or size + more > MOST_BYTES):
                yield some
                some, size = [], 0
            some.append(event)
            size += more
        yield some


def batched(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """As many at once as go into a batch, beside the head."""
    batch: list[Operation] = []
    size = 0
    for operation in operations:
        more = size_of(json.dumps(operation[1][-1])) + 600
        if batch and (len(batch) == MOST_OPERATIONS or size + more > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(operation)
        size += more
    if batch:
        yield batch


def placed(operation: Operation, fields: dict[str, Any]) -> Operation:
    """The operation with these fields in its item."""
    name, given, *more = operation
    if name == "delete":
        return operation
    return (name, (*given[:-1], given[-1] | fields), *more)
