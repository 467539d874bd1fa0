"""One write as it was submitted, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from macae.errors import InvalidInput
from macae.memory.cosmos.items import MOST_BYTES, MOST_OPERATIONS, size_of
from macae.memory.documents import Row
from macae.memory.writes import Write, stamp
from macae.models import Event

__all__ = ["Unit"]

_AROUND = 600
"""Bytes of an item around its body."""


@dataclass(slots=True, eq=False)
class Unit:
    """Documents, events and removals that are made all or not at all."""

    user_id: str
    write: Write
    rows: list[Row] = field(default_factory=list)
    events: list[tuple[Event, str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """Ids of documents."""
    after: Sequence[asyncio.Future[None]] = ()
    versions: list[int] = field(default_factory=list, init=False)
    numbers: list[int] = field(default_factory=list, init=False)
    bytes: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        texts = [row.body for row in self.rows] + [body for _, body in self.events]
        # A body with long numbers is sent twice; it is rare, so the bound is on the whole.
        self.bytes = sum(size_of(text) + _AROUND for text in texts)
        biggest = max((size_of(text) for text in texts), default=0)
        if self.bytes > MOST_BYTES or biggest > MOST_BYTES or self.operations > MOST_OPERATIONS:
            raise InvalidInput(
                f"Cosmos DB takes at most {MOST_OPERATIONS} documents and 2 MB in one write; this one has {self.operations} "
                f"and {self.bytes / 1e6:.1f} MB. Write less at once, or a large text as a file."
            )

    @property
    def operations(self) -> int:
        """How many items it touches at most."""
        runs = groupby((event.user_id, event.plan_id) for event, _ in self.events)
        return len(self.rows) + len(self.removed) + sum(1 for _ in runs)

    def made(self, now: int) -> None:
        """Tell the documents and events what they became, and whoever waits."""
        for row, version in zip(self.rows, self.versions, strict=True):
            stamp(row, version, now)
        for (event, _), number in zip(self.events, self.numbers, strict=True):
            event.seq = number
        if not self.write.done():  # else whoever asked has gone; the write stands
            self.write.set_result(None)

    def failed(self, error: Exception) -> None:
        """Tell whoever waits."""
        self.write.unmade = True
        if not self.write.done():
            self.write.set_exception(error)
            self.write.exception()  # looked at: one that nobody waits for is no news to the loop
