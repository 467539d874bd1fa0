"""One batch on its way: sent within half the time for a call, so that there is time to learn what became of it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.errors import status_of
from macae.memory.cosmos.known import Known

__all__ = ["STALE", "execute", "is_refusal", "pause", "send"]

STALE = (404, 409, 412)
"""What a batch is answered that was made from what is no longer so."""


async def execute(
    connection: Connection,
    keys: tuple[str, ...],
    operations: list[tuple[Any, ...]],
    seconds: float | None = None,
) -> list[dict[str, Any]]:
    """Make these operations in one partition, all or none. Gives each one's result; raises what the client raises."""
    key = connection.place.key_value(keys)
    with _large_bodies():
        results: list[dict[str, Any]] = await connection.call(
            lambda container: container.execute_item_batch(operations, partition_key=key), seconds
        )
    return results


async def send(connection: Connection, known: Known, operations: list[tuple[Any, ...]]) -> None:
    """Make these operations, the head's first, and note what is stored then. Raises what the client raises."""
    began = time.monotonic()
    results = await execute(connection, known.keys, operations, connection.place.timeout / 2)
    done = list(zip(operations, results, strict=True))
    items = [op[1][-1] | {"_etag": result["eTag"]} for op, result in done if op[0] != "delete"]
    removed = [op[1][0] for op, _ in done if op[0] == "delete"]
    if removed:  # what else they took away from is not worked out
        known.take_head(items.pop(0), began)
        known.take(items, removed)
    else:
        known.take_batch(items[0], items[1:], began)


def is_refusal(error: BaseException) -> bool:
    """Whether the service does not take what was sent, however often."""
    return status_of(error) in (400, 413)


def pause(error: BaseException, attempt: int) -> float:
    """Seconds before the next try. Who lost a race looks at once; who met a failing service waits."""
    if status_of(error) in STALE:
        return min(0.005 * attempt, 0.2)
    return min(0.05 * 2.0**attempt, 1.0)


@contextmanager
def _large_bodies() -> Iterator[None]:
    """The HTTP client warns of bodies above 1 MB; here they are rare and bounded."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending a large body", ResourceWarning)
        yield
