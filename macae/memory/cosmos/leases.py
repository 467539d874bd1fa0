"""Who is alive: every open store holds a lease that it renews, and that runs out with its process.

Whether one has run out is judged by the service's clock alone (when it was renewed, and what time it is now), so clocks that
differ do no harm. Whoever finds that one has run out removes it, and that is what makes its owner dead: a process that was
only paused finds its lease gone when it wakes, and its store writes nothing any more. What it had sent just before is caught
by the versions of the documents, which whoever took over has changed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import secrets
import time
from email.utils import parsedate_to_datetime
from typing import Any

from macae.errors import StoreError
from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.errors import status_of, store_error
from macae.memory.cosmos.watching import counted_as

__all__ = ["Lease", "owner_alive"]

log = logging.getLogger(__name__)

_ID = "lease"
_NAME = re.compile(r"\d{1,10}-[0-9a-f]{16}", re.A)
_MOST_TRIES = 5
"""Of a renewal: what was sent before and given up may still arrive meanwhile."""
_KEPT = 86_400
"""Seconds after which the service itself clears a dead owner's lease away."""


def _keys(connection: Connection, name: str) -> tuple[str, ...]:
    return connection.place.keys("macae", f"macae-owner-{name}")


def _condition(etag: str) -> dict[str, Any]:
    from azure.core import MatchConditions

    return {"etag": etag, "match_condition": MatchConditions.IfNotModified}


class Lease:
    """A name for the user of one store, alive while it is renewed. Times are in seconds."""

    def __init__(self, connection: Connection) -> None:
        self.name = f"{os.getpid()}-{secrets.token_hex(8)}"
        self.is_lost = False
        self._connection = connection
        self._seconds = connection.place.lease
        self._key = _keys(connection, self.name)
        self._etag = ""
        self._renewed = (0.0, 0.0)
        self._task: asyncio.Task[None] | None = None
        self._one = asyncio.Lock()

    async def take(self) -> None:
        """Begin to live. Raises StoreError."""
        began = _clocks()
        try:
            with counted_as("lease"):
                # Not `create`: the client may send it twice, and nobody else has this name.
                made = await self._connection.call(lambda container: container.upsert_item(self._item()))
        except Exception as error:
            raise store_error(error, self._connection.place) from None
        self._etag, self._renewed = made["_etag"], began
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def check(self) -> None:
        """Renew it where it may have run out. Raises StoreError when this process counts as dead, or cannot tell."""
        if not self.is_lost and self._age() >= self._seconds:
            try:
                await self._renew()
            except Exception as error:
                raise store_error(error, self._connection.place) from None
        if self.is_lost:
            raise StoreError(
                f"This process was not heard of for {self._seconds:g} s (MACAE_LEASE), so others may have taken over what it "
                "was doing. Nothing more is written. Open the store again: close the engine and start another."
            )

    async def release(self) -> None:
        """Say that this owner is gone. What cannot be told now, the lease's end will tell."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        key = self._connection.place.key_value(self._key)
        try:
            with counted_as("lease"):
                await self._connection.call(lambda container: container.delete_item(_ID, key))
        except Exception as error:
            log.info(
                "The lease %s could not be given back (%s); it runs out", self.name, type(error).__name__
            )

    async def _keep(self) -> None:
        while not self.is_lost:
            await asyncio.sleep(self._seconds / 3)
            try:
                await self._renew()
            except Exception as error:
                problem = store_error(error, self._connection.place)
                log.warning("The lease of this process could not be renewed: %s", problem)

    async def _renew(self) -> None:
        async with self._one:
            began = _clocks()
            with counted_as("lease"):
                try:
                    etag = await self._replaced()
                except Exception as error:
                    if status_of(error) != 404:
                        raise
                    etag = None
            if etag is None:
                self.is_lost = True
                log.error("The lease of this process ran out: others may have taken over its work")
            else:
                self._etag, self._renewed = etag, began

    async def _replaced(self) -> str:
        """Renew under its etag. Where that is another one, an answer of ours was lost: others take a lease away, but change none."""
        place, call = self._connection.place, self._connection.call
        tries = 0
        while True:
            try:
                new = await call(lambda c: c.replace_item(_ID, self._item(), **_condition(self._etag)))
                return str(new["_etag"])
            except Exception as error:
                tries += 1
                if status_of(error) != 412 or tries == _MOST_TRIES:
                    raise
            found = await call(lambda c: c.read_item(_ID, place.key_value(self._key)))
            self._etag = found["_etag"]

    def _item(self) -> dict[str, Any]:
        item = {"id": _ID, "kind": "lease", "seconds": self._seconds, "ttl": _KEPT + int(self._seconds)}
        return item | self._connection.place.key_fields(self._key)

    def _age(self) -> float:
        # The longer of two: one clock stands still while a computer sleeps, the other may be set back.
        return max(now - then for now, then in zip(_clocks(), self._renewed, strict=True))


def _clocks() -> tuple[float, float]:
    return time.monotonic(), time.time()


async def owner_alive(connection: Connection, name: str) -> bool:
    """Whether the owner of that name still lives. A dead one's lease is removed, so that it stays dead."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return False
    place, heard = connection.place, {}
    key = place.key_value(_keys(connection, name))

    def hear(headers: Any, _: Any) -> None:
        heard.update({field.lower(): value for field, value in headers.items()})

    try:
        with counted_as("lease"):
            found = await connection.call(lambda c: c.read_item(_ID, key, response_hook=hear))
            # Both times are whole seconds.
            if _server_time(heard) - found["_ts"] <= found["seconds"] + 1:
                return True
            await connection.call(lambda c: c.delete_item(_ID, key, **_condition(found["_etag"])))
    except Exception as error:
        if status_of(error) in (404, 412):
            return status_of(error) == 412  # it was renewed just now
        raise store_error(error, place) from None
    return False


def _server_time(headers: dict[str, str]) -> float:
    if date := headers.get("date"):
        return parsedate_to_datetime(date).timestamp()
    return time.time()
