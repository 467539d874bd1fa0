"""How long a session is kept: all of it ends at one moment, which its head names, and which is put off while it is written to.

An item's time to live begins anew whenever it is written, but a session's items are not written at the same time. So each gets
what is left until the session's end. When less than `ttl` is left, the end of everything is put off to twice as much: rarely, so
it costs next to nothing a write; and after the last write all is there for `ttl`, and goes together before twice as long.
"""

from __future__ import annotations

import time
from typing import Any

from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.errors import status_of
from macae.memory.cosmos.items import HEAD, MOST_OPERATIONS
from macae.memory.cosmos.reading import Question, ask
from macae.memory.cosmos.sending import STALE, execute

__all__ = ["fields_until", "first_end", "is_due", "put_off"]

_MOST_TRIES = 20
_SLACK = 5
"""Seconds by which the ends of a session's items may differ: times are whole seconds, and no two clocks are alike."""


def first_end(ttl: int | None, now: int) -> int | None:
    """When a session ends of which nothing is stored yet, in Unix time; None: never."""
    return None if ttl is None else now + 2 * ttl


def is_due(ends: int | None, ttl: int | None, now: int) -> bool:
    """Whether a session's end is to be moved before something is written to it: also when the setting has changed."""
    if ttl is None or ends is None:
        return (ttl is None) != (ends is None)
    return not ttl <= ends - now <= 2 * ttl + _SLACK


def fields_until(ends: int | None, now: int) -> dict[str, int]:
    """What an item carries that is written now."""
    return {} if ends is None else {"ttl": max(1, ends - now)}


async def put_off(connection: Connection, keys: tuple[str, ...]) -> None:
    """Move the end of a session, where that is due. Raises what the client raises.

    Cut short, some items have the new end and the rest is moved next time; the session's row and the head come last.
    """
    for attempt in range(_MOST_TRIES):
        try:
            await _try(connection, keys)
        except Exception as error:
            if status_of(error) not in STALE or attempt == _MOST_TRIES - 1:
                raise
        else:
            return


async def _try(connection: Connection, keys: tuple[str, ...]) -> None:
    ttl, now = connection.place.ttl, int(time.time())
    heads = await ask(connection, Question(keys, "c.id = @head").given(head=HEAD))
    if not heads or not is_due(heads[0].get("ends"), ttl, now):
        return  # another process was first
    ends = first_end(ttl, now)
    head = {name: value for name, value in heads[0].items() if name[0] != "_" and name not in ("ttl", "ends")}
    head |= fields_until(ends, now) | ({} if ends is None else {"ends": ends})
    wrong = "IS_DEFINED(c.ttl)"
    if ends is not None:
        wrong = "(NOT IS_DEFINED(c.ttl) OR c._ts + c.ttl < @least OR c._ts + c.ttl > @most)"
    question = Question(keys, f"c.id != @head AND {wrong}", fields="c.id, c.data_type")
    question.given(head=HEAD, least=(ends or 0) - _SLACK, most=(ends or 0) + _SLACK)
    found = sorted(await ask(connection, question), key=lambda item: item.get("data_type") == "session")
    change = [{"op": "set", "path": "/ttl", "value": -1 if ends is None else max(1, ends - now)}]
    moved: list[tuple[Any, ...]] = [("patch", (item["id"], change)) for item in found]
    last = len(moved) - len(moved) % MOST_OPERATIONS
    for start in range(0, last + 1, MOST_OPERATIONS):
        some = moved[start : start + MOST_OPERATIONS]
        if start == last:
            some.insert(0, ("replace", (HEAD, head), {"if_match_etag": heads[0]["_etag"]}))
        await execute(connection, keys, some)
