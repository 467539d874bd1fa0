"""A Cosmos DB store's life: opened, an owner while it is open, closed; served to one event loop at a time."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import count
from typing import Any, Self

from macae.config import Settings, load_settings
from macae.errors import StoreError
from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.known import Shelf
from macae.memory.cosmos.leases import Lease, owner_alive
from macae.memory.cosmos.place import Place
from macae.memory.cosmos.reader import Reader
from macae.memory.cosmos.writer import Writer

__all__ = ["Life"]


class Life:
    """What is open, and for whom."""

    def __init__(self, settings: Settings | None = None, **place: Any) -> None:
        """Where the settings say, or in the given `Place`: `endpoint`, `key`, `database`, … Raises ConfigError naming what to set."""
        self.place = Place(**place) if place else Place.of(settings or load_settings())
        self.requests: Counter[str] = Counter()
        self._connection: Connection | None = None
        self._lease: Lease | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writers: dict[tuple[str, ...], Writer] = {}
        self._numbers = count(1)
        """Of its batches, in all sessions."""
        self._shelf = Shelf()
        self._reader = Reader(self._ready, self._shelf)
        self._closed = False
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """See `Store.open`. A closed store can be opened again. Raises ConfigError when the container does not fit the settings."""
        self._adopt()
        async with self._opening:
            if self._connection is None:
                connection = Connection(self.place, self.requests)
                await connection.open()
                lease = Lease(connection)
                try:
                    await lease.take()
                except BaseException:
                    await connection.close()
                    raise
                self._connection, self._lease = connection, lease
            self._closed = False

    async def close(self) -> None:
        """See `Store.close`."""
        self._closed = True  # from here on nothing new is taken
        self._adopt()
        async with self._opening:
            connection, lease = self._connection, self._lease
            if connection is None or lease is None:
                return
            tasks = [writer.task for writer in self._writers.values() if writer.task is not None]
            if tasks:  # each is bounded; what is queued behind one joins the next
                await asyncio.wait(tasks, timeout=3 * self.place.timeout)
            self._connection = self._lease = None
            self._writers.clear()
            self._shelf.clear()
            await lease.release()
            await connection.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def owner(self) -> str:
        """See `Store.owner`. Raises StoreError when the store is not open."""
        if self._lease is None:
            raise self._not_open()
        return self._lease.name

    async def owner_alive(self, owner: str) -> bool:
        """See `Store.owner_alive`."""
        connection = await self._ready()
        if self._lease is not None and owner == self._lease.name:
            return not self._lease.is_lost
        return await owner_alive(connection, owner)

    async def _ready(self) -> Connection:
        if self._closed:
            raise self._not_open()
        self._adopt()
        if self._connection is None:
            await self.open()
        if self._connection is None:
            raise self._not_open()
        return self._connection

    def _adopt(self) -> None:
        """Serve this event loop. What an ended one left is dropped: it cannot be closed any more."""
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        if self._connection is not None and self._loop is not None and not self._loop.is_closed():
            raise StoreError(
                "The store is in use by another event loop. Open a store of its own for each loop."
            )
        self._loop, self._connection, self._lease = loop, None, None
        self._opening = asyncio.Lock()
        self._writers.clear()
        self._shelf.clear()

    def _not_open(self) -> StoreError:
        state = "is closed" if self._closed else "is not open yet"
        return StoreError(f"The {self.place.name} {state}. Call `await store.open()` first.")
