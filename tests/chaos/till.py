"""A team whose tools act on a file of their own: the till's book says what truly ran, whatever the engine believes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from macae import AgentSpec, Team, contoso
from macae.errors import ToolRefused
from macae.tools import RunningCall, current_call, tool
from tests.chaos.points import here, turn, watch_commits

_book: Path | None = None


def keep(book: Path) -> None:
    """Keep this process's book in the file `book`."""
    global _book
    _book = book
    with opened() as db:
        db.executescript(
            "CREATE TABLE IF NOT EXISTS runs (key TEXT, step TEXT, tool TEXT, arguments TEXT, at REAL);"
            "CREATE TABLE IF NOT EXISTS effects (key TEXT, tool TEXT, result TEXT);"
            "CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY);"
        )


@contextlib.contextmanager
def opened(book: Path | None = None) -> Iterator[sqlite3.Connection]:
    """The book."""
    path = book or _book
    assert path is not None
    db = sqlite3.connect(path, timeout=5, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = OFF")  # a kill spares what the system was given
        yield db
    finally:
        db.close()


def first_time(name: str) -> bool:
    """Whether this is asked for the first time in all processes."""
    with opened() as db:
        return db.execute("INSERT OR IGNORE INTO marks VALUES (?)", (name,)).rowcount == 1


def ran(name: str, arguments: dict[str, Any]) -> RunningCall:
    """Note that a tool has begun."""
    call = current_call()
    assert call is not None, "a tool ran without a call"
    with opened() as db:
        db.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?)",
            (call.key, call.step_id, name, json.dumps(arguments), time.time()),
        )
    return call


@tool(effect="change")
async def pay(kind: str, coins: int = 1) -> str:
    """Pay for cookies. A call that was made before is not made again."""
    await turn("pay: before")
    call = ran("pay", {"kind": kind, "coins": coins})
    await turn("pay: in")
    with opened() as db:
        watch_commits(db, "pay")
        db.execute("BEGIN IMMEDIATE")
        done = db.execute("SELECT result FROM effects WHERE key = ?", (call.key,)).fetchone()
        result = done[0] if done else f"paid {coins} for {kind}"
        if not done:
            db.execute("INSERT INTO effects VALUES (?, 'pay', ?)", (call.key, result))
        db.execute("COMMIT")
    await turn("pay: after its commit")
    return str(result)


@tool(effect="change")
async def ring(times: int) -> str:
    """Ring the bell. It knows no keys: each call is heard."""
    await turn("ring: before")
    call = ran("ring", {"times": times})
    with opened() as db:
        watch_commits(db, "ring")
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO effects VALUES (?, 'ring', 'rang')", (call.key,))
        db.execute("COMMIT")
    await turn("ring: after its commit")
    return f"rang {times}"


@tool(effect="change")
async def lock(door: str) -> str:
    """Lock a door; refused when asked for the first time."""
    await turn("lock: before")
    ran("lock", {"door": door})
    if first_time("lock"):
        raise ToolRefused("The door is stuck. Ask again.")
    return f"locked the {door}"


@tool(effect="change")
async def stay(hours: int) -> str:
    """Stay at the till."""
    ran("stay", {"hours": hours})
    await asyncio.sleep(3600 * hours)
    return "stayed"


@tool(effect="read")
async def look(shelf: str) -> str:
    """Look at a shelf."""
    await turn("look: before")
    ran("look", {"shelf": shelf})
    await turn("look: after")
    return f"nothing on {shelf}"


@tool(effect="change")
async def assign_mentor(employee_name: str, mentor_name: str) -> str:
    """Assign a mentor."""
    here("assign_mentor: before")
    watch_commits(contoso.current().db, "assign_mentor")
    ran("assign_mentor", {"employee_name": employee_name, "mentor_name": mentor_name})
    said = await contoso.hr.assign_mentor(employee_name, mentor_name)
    await turn("assign_mentor: after its commit")
    return said


@tool(effect="change")
async def order_hardware(item_name: str, quantity: int) -> str:
    """Order hardware."""
    here("order_hardware: before")
    watch_commits(contoso.current().db, "order_hardware")
    ran("order_hardware", {"item_name": item_name, "quantity": quantity})
    said = await contoso.procurement.order_hardware(item_name, quantity)
    await turn("order_hardware: after its commit")
    return said


TEAM = Team(
    [
        AgentSpec("TillAgent", "You keep the till.", [pay, ring, lock, stay, look]),
        AgentSpec("HrAgent", "You care for people.", [assign_mentor]),
        AgentSpec("ProcurementAgent", "You order.", [order_hardware]),
    ],
    name="Till",
)
EFFECTFUL = {"pay", "ring", "assign_mentor", "order_hardware"}
"""The tools each of whose completed calls has left something behind."""
