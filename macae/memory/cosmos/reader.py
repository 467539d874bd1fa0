"""Reading, and the read cache: what was read or written is true while the session's head is the same."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from macae.errors import MacaeError
from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.errors import GONE, status_of, store_error
from macae.memory.cosmos.formats import readable
from macae.memory.cosmos.items import HEAD
from macae.memory.cosmos.known import Known, Shelf
from macae.memory.cosmos.reading import Question, ask

__all__ = ["Reader"]

_MOST_LEARNED = 200
"""Documents of one answer that are noted for later writes."""


class Reader:
    """Reads the container that `ready` gives. A kept answer costs one small request, and none shortly after another."""

    def __init__(self, ready: Callable[[], Awaitable[Connection]], shelf: Shelf) -> None:
        self._ready, self._shelf = ready, shelf

    async def item(self, keys: tuple[str, ...], id: str) -> dict[str, Any] | None:
        """One item, or None. Raises StoreError."""
        connection = await self._ready()

        async def read() -> list[dict[str, Any]]:
            found = await self._read(connection, keys, id)
            return [] if found is None else [found]

        found = await self._kept(connection, self._shelf.of(keys), id, id, read, again=False)
        return found[0] if found else None

    async def items(self, question: Question) -> list[dict[str, Any]]:
        """All that a question finds. Raises StoreError."""
        if question.limit is not None and question.limit < 1:
            return []
        connection = await self._ready()

        async def read() -> list[dict[str, Any]]:
            try:
                return await ask(connection, question)
            except MacaeError:
                raise
            except Exception as error:
                raise store_error(error, connection.place) from None

        if question.keys is None:
            return await read()
        known = self._shelf.of(question.keys)
        return await self._kept(connection, known, question.name, question.topic, read, again=True)

    async def _kept(
        self,
        connection: Connection,
        known: Known,
        name: Any,
        topic: str | None,
        read: Callable[[], Awaitable[list[dict[str, Any]]]],
        again: bool,
    ) -> list[dict[str, Any]]:
        if connection.place.ttl is not None:  # what runs out leaves no trace in the head
            return await read()
        if (known.holds(name) and not known.is_recent) or (again and known.worth_a_look(name)):
            began = time.monotonic()
            known.take_head(await self._read(connection, known.keys, HEAD), began)
        if (kept := known.answer(name)) is not None:
            return list(kept)
        head = known.head
        items = await read()
        if len(items) <= _MOST_LEARNED:
            known.take(items)
        if head is not None and known.head == head:  # nobody wrote meanwhile that this process knows of
            known.keep(name, topic, items)
        return list(items)

    async def _read(self, connection: Connection, keys: tuple[str, ...], id: str) -> dict[str, Any] | None:
        key = connection.place.key_value(keys)
        try:
            found: dict[str, Any] = await connection.read(lambda container: container.read_item(id, key))
        except Exception as error:
            if status_of(error) == 404 and getattr(error, "sub_status", None) != GONE:
                return None
            if isinstance(error, MacaeError):
                raise
            raise store_error(error, connection.place) from None
        return readable(found)
