"""A transactional batch in the making: several writes of one session, joined, and the head that counts them."""

from __future__ import annotations

import time
from typing import Any

from macae.errors import MacaeError
from macae.memory.conflicts import conflict
from macae.memory.cosmos.formats import FORMAT
from macae.memory.cosmos.items import (
    HEAD,
    body_of,
    document_item,
    event_item,
    item_id,
    stamps_of,
)
from macae.memory.cosmos.known import Head, Known, Meta
from macae.memory.cosmos.lifetime import fields_until, first_end
from macae.memory.cosmos.units import Unit
from macae.memory.documents import Row
from macae.memory.store import ANY
from macae.models import Event

__all__ = ["Batch", "Misfit", "refusal"]

_MOST_WRITERS = 32


class Misfit(Exception):
    """What a row expects does not fit what is known, or (`is_pending`) what the batch is about to write."""

    def __init__(self, row: Row, is_pending: bool) -> None:
        super().__init__(row.id)
        self.row, self.is_pending = row, is_pending


class Batch:
    """What is to be stored when these units are made on top of what is known.

    `token` names the store that writes; `number` is higher than those of all that it wrote before, and the same when what may
    have been made is sent again.
    """

    def __init__(
        self,
        known: Known,
        fields: dict[str, str],
        session_id: str,
        token: str,
        number: int,
        ttl: int | None = None,
    ) -> None:
        self._known = known
        self._fields = fields | {"session_id": session_id}
        head = known.head or Head("", 1, 0, {})
        self._before = known.head
        self._next = head.next
        self._clock = max(time.time_ns() // 1000, head.at + 1)
        self._items: dict[str, dict[str, Any] | None] = {}
        self._events: list[list[tuple[int, tuple[Event, str]]]] = []
        self._token, self.number = token, number
        self._writers = head.writers
        self.now = int(time.time())
        self._ends = head.ends if known.head else first_end(ttl, self.now)
        self.units: list[Unit] = []

    def add(self, unit: Unit) -> None:
        """Join a unit. Raises Misfit, with the batch as it was, when one of its documents does not fit."""
        following, clock = self._next, self._clock
        fresh: dict[str, dict[str, Any] | None] = {}
        versions = []
        for row in unit.rows:
            id = item_id(row.id)
            found = fresh[id] if id in fresh else self._present(id)
            if found is None:
                if row.expect > 0:
                    raise Misfit(row, id in self._items)
                version, seq, at = 1, following, clock
                following, clock = following + 1, clock + 1
            else:
                same = found["user_id"] == unit.user_id and found["data_type"] == row.data_type
                if not same or row.expect not in (ANY, found["version"]):
                    raise Misfit(row, id in self._items)
                version, seq, at = found["version"] + 1, found["seq"], found["at"]
            fresh[id] = document_item(row, unit.user_id, version, seq, at, self.now)
            versions.append(version)
        for id in map(item_id, unit.removed):
            found = fresh[id] if id in fresh else self._present(id)
            if found is not None and found["user_id"] == unit.user_id:
                fresh[id] = None
        unit.versions, unit.numbers = versions, list(range(following, following + len(unit.events)))
        self._next, self._clock = following + len(unit.events), clock
        self._items |= fresh
        for number, event in zip(unit.numbers, unit.events, strict=True):
            self._append(number, event)
        self.units.append(unit)

    def _present(self, id: str) -> dict[str, Any] | None:
        if id in self._items:
            return self._items[id]
        meta = self._known.metas.get(id)
        return None if meta is None else {field: getattr(meta, field) for field in Meta.__slots__}

    def _append(self, number: int, event: tuple[Event, str]) -> None:
        last = self._events[-1][-1] if self._events else None
        if last and last[0] == number - 1 and _whose(last[1][0]) == _whose(event[0]):
            self._events[-1].append((number, event))
        else:
            self._events.append([(number, event)])

    def operations(self) -> list[tuple[Any, ...]]:
        """As the client takes them; the head comes first. Empty when nothing is to be done."""
        made: list[tuple[Any, ...]] = []
        for id, item in self._items.items():
            meta = self._known.metas.get(id)
            condition = () if meta is None else ({"if_match_etag": meta.etag},)
            if item is None:
                made += [("delete", (id,), *condition)] if meta is not None else []
            elif meta is None:
                made.append(("create", (self._whole(item),)))
            else:
                made.append(("replace", (id, self._whole(item)), *condition))
        for group in self._events:
            item = event_item([event for _, event in group], group[0][0], self._clock)
            made.append(("create", (self._whole(item),)))
        if not made:
            return []
        head = self._whole(self._head())
        if self._before is None:
            return [("create", (head,)), *made]
        return [("replace", (HEAD, head), {"if_match_etag": self._before.etag}), *made]

    def _head(self) -> dict[str, Any]:
        others = [(name, number) for name, number in self._writers.items() if name != self._token]
        writers = dict([*others[-_MOST_WRITERS:], (self._token, self.number)])
        head = {"id": HEAD, "kind": "head", "format": FORMAT, "next": self._next, "at": self._clock}
        return head | {"writers": writers} | ({} if self._ends is None else {"ends": self._ends})

    def _whole(self, item: dict[str, Any]) -> dict[str, Any]:
        return item | self._fields | fields_until(self._ends, self.now)

    def is_made(self, head: Head | None) -> bool:
        """Whether the partition of this head holds the batch."""
        return head is not None and head.writers.get(self._token, 0) >= self.number


def refusal(row: Row, user_id: str, item: dict[str, Any] | None) -> MacaeError:
    """The Conflict to tell, from what is stored (None: nothing)."""
    if item is None or item["user_id"] != user_id:
        return conflict(row, None)
    return conflict(row, (body_of(item), *stamps_of(item)))


def _whose(event: Event) -> tuple[str, str]:
    return event.user_id, event.plan_id
