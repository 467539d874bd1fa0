"""Whole sessions in Cosmos DB: read at one moment, written and removed in batches."""

from __future__ import annotations

import time
from typing import Any

from macae.errors import MacaeError
from macae.memory.archive.protocol import Record, body_text
from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.errors import store_error
from macae.memory.cosmos.items import document_item, event_item, item_id
from macae.memory.cosmos.known import Shelf
from macae.memory.cosmos.lifetime import is_due, put_off
from macae.memory.cosmos.packing import Operation, grouped, write_of
from macae.memory.cosmos.place import Place
from macae.memory.cosmos.whole import Whole, changed, look, make, read_all
from macae.memory.documents import Row, event_body
from macae.models import BaseDataModel

__all__ = ["CosmosArchive"]

_CENSUS = 'SELECT c.user_id, c.session_id, c.kind, c.at FROM c WHERE c.kind IN ("document", "events")'


class CosmosArchive:
    """The part of the Cosmos DB store that `Archive` adds. Every request is bounded by the time for a call."""

    place: Place
    _shelf: Shelf

    async def _ready(self) -> Connection:
        raise NotImplementedError

    async def census(self) -> list[tuple[str, str]]:
        """See `Archive.census`. Looks at every item of the container."""
        first: dict[tuple[str, str], tuple[bool, int]] = {}
        for item in await read_all(await self._ready(), _CENSUS):
            key, rank = (item["user_id"], item["session_id"]), (item["kind"] == "events", item["at"])
            first[key] = min(rank, first.get(key, rank))
        return sorted(first, key=lambda key: first[key])

    async def record(self, user_id: str, session_id: str) -> Record:
        """See `Archive.record`."""
        return (await look(await self._ready(), user_id, session_id)).record

    async def put(self, record: Record, seen: Record) -> None:
        """See `Archive.put`. Cut short, it leaves whole documents and a whole piece of the trail, but no session row."""
        found = await self._unchanged(seen)
        if found.head is not None and is_due(found.head.get("ends"), self.place.ttl, int(time.time())):
            await self._put_off(seen)
            found = await self._unchanged(seen)
        head = found.head
        number = head["next"] if head else 1
        clock = max(time.time_ns() // 1000, head["at"] + 1 if head else 0)
        stored = {item["id"]: item for item in found.items}
        operations: list[Operation] = []
        for place, document in enumerate(record.documents):
            before = stored.get(item_id(document.id))
            seq, at = (before["seq"], before["at"]) if before else (number + place, clock + place)
            row = Row(
                BaseDataModel(), 0, document.id, document.data_type, document.plan_id, body_text(document)
            )
            item = document_item(row, record.user_id, document.version, seq, at, document.ts)
            operations.append(write_of(item, before))
        number, clock = number + len(record.documents), clock + len(record.documents)
        bodies = [(event, event_body(event, record.user_id, record.session_id)) for event in record.events]
        for some in grouped(bodies):
            operations.append(write_of(event_item(some, number, clock)))
            number, clock = number + len(some), clock + 1
        operations.sort(key=lambda operation: operation[1][-1].get("data_type") == "session")
        await self._send(record, head, operations, number, clock)

    async def erase(self, seen: Record) -> None:
        """See `Archive.erase`. Cut short, the rest can be erased like a session; its row goes first."""
        found = await self._unchanged(seen)
        head, items = found.head, sorted(found.items, key=lambda item: item.get("data_type") != "session")
        operations: list[Operation] = [
            ("delete", (item["id"],), {"if_match_etag": item["_etag"]}) for item in items
        ]
        await self._send(seen, head, operations, head["next"] if head else 1, head["at"] if head else 0)

    # Inside

    async def _unchanged(self, seen: Record) -> Whole:
        found = await look(await self._ready(), seen.user_id, seen.session_id)
        if not found.is_as(seen):
            raise changed(seen)
        return found

    async def _put_off(self, record: Record) -> None:
        try:
            await put_off(await self._ready(), self.place.keys(record.user_id, record.session_id))
        except MacaeError:
            raise
        except Exception as error:
            raise store_error(error, self.place) from None

    async def _send(
        self,
        record: Record,
        head: dict[str, Any] | None,
        operations: list[Operation],
        number: int,
        clock: int,
    ) -> None:
        try:
            await make(await self._ready(), record, head, operations, number, clock)
        finally:
            self._shelf.of(self.place.keys(record.user_id, record.session_id)).forget()
