"""The one writer of a session: what is submitted is made in order, joined into batches that are made whole or not at all."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from macae.errors import Conflict, MacaeError, StoreError
from macae.memory.cosmos.batch import Batch, Misfit, refusal
from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.errors import is_open, status_of, store_error
from macae.memory.cosmos.items import HEAD, MOST_BYTES, MOST_OPERATIONS, item_id
from macae.memory.cosmos.known import Known
from macae.memory.cosmos.leases import Lease
from macae.memory.cosmos.lifetime import is_due, put_off
from macae.memory.cosmos.reading import Question, ask
from macae.memory.cosmos.sending import STALE, is_refusal, pause, send
from macae.memory.cosmos.units import Unit
from macae.memory.cosmos.watching import OutOfTime, explained
from macae.memory.writes import not_made

__all__ = ["Writer"]

_TURNS = 8
"""Turns of the loop that a batch waits for what belongs to it: microseconds, for a request that is saved."""

_MOST_TRIES = 40
"""How often a batch is made anew because others wrote to the session first."""

_CLOSED = "The store was closed before this was written."


class Writer:
    """Writes one partition. Each batch is bounded by the time for a call, half of it for a single request."""

    def __init__(
        self, connection: Connection, lease: Lease, known: Known, session_id: str, numbers: Iterator[int]
    ) -> None:
        self._connection, self._lease, self.known = connection, lease, known
        self._numbers = numbers
        self._session_id = session_id
        self._waiting: deque[Unit] = deque()
        self.task: asyncio.Task[None] | None = None
        self._trouble: BaseException | None = None
        """Why the batch at hand is tried again."""
        self._is_doubtful = False
        """Whether a batch was sent of which it is not known what became of it."""

    def submit(self, unit: Unit) -> None:
        """Take a unit. It is made after all that were submitted before."""
        self._waiting.append(unit)
        if self.task is None:
            self.task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            while self._waiting:
                if behind := [future for future in self._waiting[0].after if not future.done()]:
                    await asyncio.wait(behind)
                await self._make(self._next())
        finally:
            self.task = None  # before anything else can be submitted
            for unit in self._waiting:  # only when the task was cancelled, with its loop
                unit.failed(StoreError(_CLOSED))
            self._waiting.clear()

    def _next(self) -> list[Unit]:
        """As many of the waiting as fit into a batch, and whose predecessors are answered or in it."""
        taken: list[Unit] = []
        operations = size = 0
        while self._waiting:
            unit = self._waiting[0]
            operations, size = operations + unit.operations, size + unit.bytes
            here = {taken_unit.write for taken_unit in taken}
            waits = any(not future.done() and future not in here for future in unit.after)
            if taken and (waits or operations > MOST_OPERATIONS or size > MOST_BYTES):
                break
            taken.append(self._waiting.popleft())
        return taken

    async def _make(self, units: list[Unit]) -> None:
        """Make these units, or tell each why not."""
        self._trouble, self._is_doubtful = None, False
        try:
            with explained():
                async with asyncio.timeout(self._connection.place.timeout):
                    await self._lease.check()
                    await self._commit(units)
        except MacaeError as error:
            self._fail(units, error)
        except Exception as error:
            self._fail(units, self._told(error))
        except BaseException:  # the loop ends
            self._fail(units, StoreError(_CLOSED))
            raise

    def _told(self, error: Exception) -> StoreError:
        is_silent = isinstance(error, TimeoutError) and not isinstance(error, OutOfTime)
        told = store_error((self._trouble or error) if is_silent else error, self._connection.place)
        if self._is_doubtful:
            return StoreError(
                f"{told} It is not known whether this write was made: read again before you repeat it."
            )
        return told

    def _fail(self, units: Iterable[Unit], error: Exception) -> None:
        self.known.forget()
        for unit in units:
            if not unit.write.done():
                unit.failed(error)

    async def _commit(self, units: list[Unit]) -> None:
        number = next(self._numbers)
        stored = await self._look(units) if self._must_look(units) else None
        if await self._put_off():
            stored = await self._look(units)
        for attempt in range(_MOST_TRIES):
            batch = await self._build(units, stored, number)
            operations = batch.operations()
            error = await self._send(operations) if operations else None
            if error is not None:
                stored = await self._look_after(error, attempt, units)
                if not batch.is_made(self.known.head):
                    await self._lease.check()  # before anything is sent again
                    if is_refusal(error):
                        await self._apart(batch.units, error)
                        return
                    continue
            for unit in batch.units:
                unit.made(batch.now)
            return
        raise StoreError(
            f"The {self._connection.place.name} is written by too many in this session. Try again."
        )

    async def _put_off(self) -> bool:
        head, ttl = self.known.head, self._connection.place.ttl
        if head is None or not is_due(head.ends, ttl, int(time.time())):
            return False
        await put_off(self._connection, self.known.keys)
        return True

    async def _look_after(
        self, error: BaseException, attempt: int, units: list[Unit]
    ) -> dict[str, dict[str, Any]]:
        """What is stored now; asked until it is answered, or the time is over."""
        self._trouble = error
        while True:
            await asyncio.sleep(pause(self._trouble, attempt))
            try:
                stored = await self._look(units)
            except Exception as again:
                if not is_open(again) and status_of(again) != 429:
                    raise
                self._trouble, attempt = again, attempt + 1
            else:
                self._is_doubtful = False
                return stored

    async def _apart(self, units: list[Unit], error: BaseException) -> None:
        """One of them is not taken by the service: each on its own then, so that the others are."""
        if len(units) == 1:
            raise store_error(error, self._connection.place)
        for unit in units:
            try:
                await self._commit([unit])
            except MacaeError as told:
                unit.failed(told)

    def _must_look(self, units: list[Unit]) -> bool:
        if not self.known.is_read:
            return True
        rows = {item_id(row.id) for unit in units for row in unit.rows if row.expect != 0}
        removed = {item_id(id) for unit in units for id in unit.removed}
        return any(id not in self.known.metas for id in rows | removed)

    async def _look(self, units: list[Unit]) -> dict[str, dict[str, Any]]:
        """The head and these units' documents as they are stored now: one request."""
        ids = [item_id(row.id) for unit in units for row in unit.rows]
        ids = list(dict.fromkeys([*ids, *(item_id(id) for unit in units for id in unit.removed)]))
        question = Question(self.known.keys, "ARRAY_CONTAINS(@ids, c.id)").given(ids=[HEAD, *ids])
        began = time.monotonic()
        found = {item["id"]: item for item in await ask(self._connection, question)}
        self.known.take_head(found.pop(HEAD, None), began)
        self.known.take(found.values(), ids)
        return found

    async def _build(self, units: list[Unit], stored: dict[str, dict[str, Any]] | None, number: int) -> Batch:
        """The batch of those that fit what is stored. Who does not is told so, on what was read after it was submitted."""
        place = self._connection.place
        fields = place.key_fields(self.known.keys)
        while True:
            batch = Batch(self.known, fields, self._session_id, self._lease.name, number, place.ttl)
            refused: list[tuple[Unit, MacaeError]] = []
            left_out = {unit.write for unit in units if unit.write.unmade}
            for unit in units:
                if unit.write in left_out:
                    continue
                if any(future in left_out or not_made(future) for future in unit.after):
                    refused.append(
                        (unit, Conflict("An earlier change that this one builds on was not made."))
                    )
                    left_out.add(unit.write)
                    continue
                try:
                    batch.add(unit)
                except Misfit as misfit:
                    if misfit.is_pending:  # what it meets is not stored yet: it comes with the next batch
                        rest = units[units.index(unit) :]
                        self._waiting.extendleft(reversed(rest))
                        del units[-len(rest) :]
                        break
                    item = (stored or {}).get(item_id(misfit.row.id))
                    refused.append((unit, refusal(misfit.row, unit.user_id, item)))
                    left_out.add(unit.write)
            if not refused or stored is not None:
                for unit, told in refused:
                    unit.failed(told)
                return batch
            stored = await self._look(units)

    async def _send(self, operations: list[tuple[Any, ...]]) -> BaseException | None:
        """Send a batch. None when it was made; else the error, after which it may have been made all the same."""
        self._is_doubtful = True
        try:
            await send(self._connection, self.known, operations)
        except Exception as error:
            self._is_doubtful = is_open(error)
            if self._is_doubtful or is_refusal(error) or status_of(error) in (*STALE, 429, 449):
                return error
            raise
        self._is_doubtful = False
        return None
