"""Whole sessions in Cosmos DB: read between two looks at the head, written and removed in batches that move it on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from macae.errors import Conflict, MacaeError, StoreError
from macae.memory.archive.protocol import Record, Stored, body_text
from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.errors import status_of, store_error
from macae.memory.cosmos.items import (
    HEAD,
    MOST_BYTES,
    MOST_OPERATIONS,
    body_of,
    document_item,
    event_item,
    events_of,
    item_id,
    size_of,
)
from macae.memory.cosmos.known import Shelf
from macae.memory.cosmos.place import Place
from macae.memory.documents import Row, event_body
from macae.models import BaseDataModel, Event

__all__ = ["CosmosArchive"]

_CENSUS = 'SELECT c.user_id, c.session_id, c.kind, c.at FROM c WHERE c.kind IN ("document", "events")'
_WHOLE = "SELECT * FROM c WHERE c.session_id = @session"
_EVENTS_AN_ITEM = 50
_MOST_LOOKS = 5
_STALE = (404, 409, 412)

Operation = tuple[Any, ...]


class CosmosArchive:
    """The part of the Cosmos DB store that `Archive` adds. Every request is bounded by the time for a call."""

    place: Place
    _shelf: Shelf

    async def _ready(self) -> Connection:
        raise NotImplementedError

    async def census(self) -> list[tuple[str, str]]:
        """See `Archive.census`. Looks at every item of the container."""
        first: dict[tuple[str, str], tuple[bool, int]] = {}
        for item in await self._all(_CENSUS):
            key, rank = (item["user_id"], item["session_id"]), (item["kind"] == "events", item["at"])
            first[key] = min(rank, first.get(key, rank))
        return sorted(first, key=lambda key: first[key])

    async def record(self, user_id: str, session_id: str) -> Record:
        """See `Archive.record`."""
        return (await self._look(user_id, session_id))[0]

    async def put(self, record: Record, seen: Record) -> None:
        """See `Archive.put`. Cut short, it leaves whole documents and a whole piece of the trail, but no session row."""
        head, items = await self._unchanged(seen)
        number = head["next"] if head else 1
        clock = max(time.time_ns() // 1000, head["at"] + 1 if head else 0)
        stored = {item["id"]: item for item in items}
        operations: list[Operation] = []
        for place, document in enumerate(record.documents):
            before = stored.get(item_id(document.id))
            seq, at = (before["seq"], before["at"]) if before else (number + place, clock + place)
            row = Row(
                BaseDataModel(), 0, document.id, document.data_type, document.plan_id, body_text(document)
            )
            item = document_item(row, record.user_id, document.version, seq, at, document.ts)
            operations.append(self._written(item, before))
        number, clock = number + len(record.documents), clock + len(record.documents)
        bodies = [(event, event_body(event, record.user_id, record.session_id)) for event in record.events]
        for some in _groups(bodies):
            operations.append(self._written(event_item(some, number, clock), None))
            number, clock = number + len(some), clock + 1
        operations.sort(key=lambda operation: operation[1][-1].get("data_type") == "session")
        await self._send(record, head, operations, number, clock)

    async def erase(self, seen: Record) -> None:
        """See `Archive.erase`. Cut short, the rest can be erased like a session; its row goes first."""
        head, items = await self._unchanged(seen)
        items = sorted(items, key=lambda item: item.get("data_type") != "session")
        operations: list[Operation] = [
            ("delete", (item["id"],), {"if_match_etag": item["_etag"]}) for item in items
        ]
        await self._send(seen, head, operations, head["next"] if head else 1, head["at"] if head else 0)

    # Inside

    def _written(self, item: dict[str, Any], before: dict[str, Any] | None) -> Operation:
        if before is None:
            return "create", (item,)
        return "replace", (item["id"], item), {"if_match_etag": before["_etag"]}

    async def _look(
        self, user_id: str, session_id: str
    ) -> tuple[Record, dict[str, Any] | None, list[dict[str, Any]]]:
        """The session, the partition's head, and this user's items."""
        keys = self.place.keys(user_id, session_id)
        given = {"partition_key": self.place.key_value(keys)}
        parameters = [{"name": "@session", "value": session_id}]
        before = None
        for _ in range(_MOST_LOOKS):  # until nothing was written while it was read
            found = await self._all(_WHOLE, parameters=parameters, **given)
            heads = [item for item in found if item["id"] == HEAD]
            again = await self._all(
                _WHOLE + " AND c.id = @head",
                parameters=[*parameters, {"name": "@head", "value": HEAD}],
                **given,
            )
            if [item["_etag"] for item in heads] == [item["_etag"] for item in again]:
                break
        else:
            raise StoreError(f"The session {session_id} is written to all the time. Try again later.")
        before = heads[0] if heads else None
        mine = [
            item
            for item in found
            if item.get("user_id") == user_id and item["kind"] in ("document", "events")
        ]
        mine.sort(key=lambda item: item["seq"])
        documents = [_stored(item) for item in mine if item["kind"] == "document"]
        events = events_of([item for item in mine if item["kind"] == "events"], 0)
        return Record(user_id, session_id, tuple(documents), tuple(events)), before, mine

    async def _unchanged(self, seen: Record) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        present, head, items = await self._look(seen.user_id, seen.session_id)
        versions = [{d.id: d.version for d in record.documents} for record in (present, seen)]
        last = [[event.seq for event in record.events[-1:]] for record in (present, seen)]
        if versions[0] != versions[1] or last[0] != last[1] or len(present.events) != len(seen.events):
            raise _changed(seen)
        return head, items

    async def _send(
        self,
        record: Record,
        head: dict[str, Any] | None,
        operations: list[Operation],
        number: int,
        clock: int,
    ) -> None:
        """Batch after batch, each on the head that the one before left. Raises Conflict when another has moved it."""
        connection = await self._ready()
        keys = self.place.keys(record.user_id, record.session_id)
        fields = self.place.key_fields(keys) | {"session_id": record.session_id}
        if self.place.ttl is not None:
            fields |= {"ttl": self.place.ttl}  # type: ignore[dict-item]
        following = (
            (head or {"writers": {}}) | {"id": HEAD, "kind": "head", "next": number, "at": clock} | fields
        )
        following = {name: value for name, value in following.items() if not name.startswith("_")}
        etag = head["_etag"] if head else None
        try:
            for batch in _batches(operations):
                made = [_with(operation, fields) for operation in batch]
                first: Operation = ("create", (following,))
                if etag is not None:
                    first = ("replace", (HEAD, following), {"if_match_etag": etag})
                results = await connection.call(_sending([first, *made], self.place.key_value(keys)))
                etag = results[0]["eTag"]
        except MacaeError:
            raise
        except Exception as error:
            if status_of(error) in _STALE:
                raise _changed(record) from None
            raise store_error(error, self.place) from None
        finally:
            self._shelf.of(keys).forget()

    async def _all(self, text: str, **given: Any) -> list[dict[str, Any]]:
        """All pages of an answer; each is bounded in time."""
        connection = await self._ready()
        found: list[dict[str, Any]] = []

        async def begin(container: Any) -> Any:
            return container.query_items(text, max_item_count=200, **given).by_page()

        try:
            pages = await connection.call(begin)
            while True:
                async with asyncio.timeout(self.place.timeout):
                    page = await anext(pages, None)
                    if page is None:
                        return found
                    found += [item async for item in page]
        except MacaeError:
            raise
        except Exception as error:
            raise store_error(error, self.place) from None


def _sending(operations: list[Operation], key: Any) -> Callable[[Any], Awaitable[Any]]:
    async def send(container: Any) -> Any:
        return await container.execute_item_batch(operations, partition_key=key)

    return send


def _stored(item: dict[str, Any]) -> Stored:
    return Stored(
        id=item["name"],
        data_type=item["data_type"],
        plan_id=item["plan_id"],
        version=item["version"],
        ts=item["ts"],
        body=json.loads(body_of(item)),
    )


def _changed(record: Record) -> Conflict:
    return Conflict(f"The session {record.session_id} was changed meanwhile. Try again.")


def _groups(bodies: Sequence[tuple[Event, str]]) -> Iterator[list[tuple[Event, str]]]:
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


def _batches(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
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


def _with(operation: Operation, fields: dict[str, Any]) -> Operation:
    name, given, *more = operation
    if name == "delete":
        return operation
    return (name, (*given[:-1], given[-1] | fields), *more)
