"""All of a session at one moment, read between two looks at the head; and many changes, in batches that move the head on."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from macae.errors import Conflict, MacaeError, StoreError
from macae.memory.archive.protocol import Record, Stored
from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.errors import status_of, store_error
from macae.memory.cosmos.formats import FORMAT, readable
from macae.memory.cosmos.items import HEAD, body_of, events_of
from macae.memory.cosmos.lifetime import fields_until, first_end
from macae.memory.cosmos.packing import Operation, batched, placed
from macae.memory.cosmos.sending import STALE, execute

__all__ = ["Whole", "changed", "look", "make", "read_all"]

_WHOLE = "SELECT * FROM c WHERE c.session_id = @session"
_MOST_LOOKS = 5


@dataclass(frozen=True, slots=True)
class Whole:
    """One user's part of a session: as a record, the partition's head (None: there is none), and the items."""

    record: Record
    head: dict[str, Any] | None
    items: list[dict[str, Any]]

    def is_as(self, seen: Record) -> bool:
        """Whether it is still what was seen."""
        versions = [{d.id: d.version for d in record.documents} for record in (self.record, seen)]
        last = [[event.seq for event in record.events[-1:]] for record in (self.record, seen)]
        is_longer = len(self.record.events) != len(seen.events)
        return versions[0] == versions[1] and last[0] == last[1] and not is_longer


async def look(connection: Connection, user_id: str, session_id: str) -> Whole:
    """Read a session until nothing was written meanwhile. Raises StoreError."""
    place = connection.place
    given = {"partition_key": place.key_value(place.keys(user_id, session_id))}
    parameters = [{"name": "@session", "value": session_id}]
    for _ in range(_MOST_LOOKS):
        found = [
            readable(item) for item in await read_all(connection, _WHOLE, parameters=parameters, **given)
        ]
        heads = [item for item in found if item["id"] == HEAD]
        again = await read_all(
            connection,
            _WHOLE + " AND c.id = @head",
            parameters=[*parameters, {"name": "@head", "value": HEAD}],
            **given,
        )
        if [item["_etag"] for item in heads] == [item["_etag"] for item in again]:
            break
    else:
        raise StoreError(f"The session {session_id} is written to all the time. Try again later.")
    mine = [
        item for item in found if item.get("user_id") == user_id and item["kind"] in ("document", "events")
    ]
    mine.sort(key=lambda item: item["seq"])
    documents = tuple(_stored(item) for item in mine if item["kind"] == "document")
    events = tuple(events_of([item for item in mine if item["kind"] == "events"], 0))
    return Whole(Record(user_id, session_id, documents, events), heads[0] if heads else None, mine)


async def make(
    connection: Connection,
    record: Record,
    head: dict[str, Any] | None,
    operations: list[Operation],
    number: int,
    clock: int,
) -> None:
    """Batch after batch, each on the head that the one before left. Raises Conflict when another has moved it, and StoreError."""
    place, now = connection.place, int(time.time())
    keys = place.keys(record.user_id, record.session_id)
    ends = head.get("ends") if head else first_end(place.ttl, now)
    fields: dict[str, Any] = (
        place.key_fields(keys) | {"session_id": record.session_id} | fields_until(ends, now)
    )
    kept = {name: value for name, value in (head or {}).items() if not name.startswith("_") and name != "ttl"}
    following = {"writers": {}} | kept | ({} if ends is None else {"ends": ends}) | fields
    following |= {"id": HEAD, "kind": "head", "format": FORMAT, "next": number, "at": clock}
    etag = head["_etag"] if head else None
    try:
        for batch in batched(operations):
            made = [placed(operation, fields) for operation in batch]
            first: Operation = ("create", (following,))
            if etag is not None:
                first = ("replace", (HEAD, following), {"if_match_etag": etag})
            results = await execute(connection, keys, [first, *made])
            etag = results[0]["eTag"]
    except MacaeError:
        raise
    except Exception as error:
        if status_of(error) in STALE:
            raise changed(record) from None
        raise store_error(error, place) from None


async def read_all(connection: Connection, text: str, **given: Any) -> list[dict[str, Any]]:
    """All pages of an answer; each is bounded in time. Raises StoreError."""
    found: list[dict[str, Any]] = []

    async def begin(container: Any) -> Any:
        return container.query_items(text, max_item_count=200, **given).by_page()

    try:
        pages = await connection.call(begin)
        while True:
            async with asyncio.timeout(connection.place.timeout):
                page = await anext(pages, None)
                if page is None:
                    return found
                found += [item async for item in page]
    except MacaeError:
        raise
    except Exception as error:
        raise store_error(error, connection.place) from None


def changed(record: Record) -> Conflict:
    """What to tell whose session was written by another."""
    return Conflict(f"The session {record.session_id} was changed meanwhile. Try again.")


def _stored(item: dict[str, Any]) -> Stored:
    return Stored(
        id=item["name"],
        data_type=item["data_type"],
        plan_id=item["plan_id"],
        version=item["version"],
        ts=item["ts"],
        body=json.loads(body_of(item)),
    )
