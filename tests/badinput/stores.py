"""Store files that cannot be used, and disks that fill up at the worst moment."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from macae.errors import StoreError
from macae.memory.sqlite.store import SQLiteStore
from macae.models import EventType, StepStatus
from tests.badinput.child import outcome_of
from tests.badinput.rig import BAKE, DOCUMENTS, NOTHING, PLANNED, UNSURE, UNTOUCHED, Kept, Rig, step_is
from tests.badinput.table import Row, row

LONG = "x " * 9_000
FULL = "has no more room: the disk is full. Free some space and try again."
AFTER = step_is(
    "Nothing was lost: the step still awaits a yes, the tool did not run.",
    StepStatus.awaiting_feedback,
    ran=[],
)


def fill(engine: Any) -> None:
    """From now on the store's file cannot grow."""
    db = engine.store._writer._db
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")


def free(engine: Any) -> None:
    """There is room again."""
    engine.store._writer._db.execute("PRAGMA max_page_count = 1000000")


def opening(gave: str, prepare: Callable[[Path], Any], says: str | tuple[str, ...]) -> Row:
    """Opening a store that was prepared so; the file stays as it was."""

    async def deed(rig: Rig) -> None:
        path = rig.home / "macae.db"
        prepare(path)
        before = path.read_bytes() if path.is_file() else None
        try:
            await rig.engine().submit("Bake")
        finally:
            assert before is None or path.read_bytes() == before
            if path.is_file():
                path.unlink()

    async def check(rig: Rig) -> None:
        assert rig.ran == []

    return row(gave, deed, StoreError, says, Kept("The file stays as it is.", check))


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database, but a shopping list\n" * 500)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
        db.commit()


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA application_id = 0x4D414341")
        db.execute("PRAGMA user_version = 99")
        db.commit()


async def damaged(rig: Rig) -> None:
    engine, _ = await rig.planned()
    await engine.close(0)
    path = rig.home / "macae.db"
    whole = bytearray(path.read_bytes())
    whole[4096:] = os.urandom(len(whole) - 4096)
    path.write_bytes(whole)
    try:
        again = rig.engine()
        for session in (await again.sessions()).items:
            await again.plans(session.id)
    finally:
        for name in ("macae.db", "macae.db-wal", "macae.db-shm"):
            (rig.home / name).unlink(missing_ok=True)


async def home_is_a_file(rig: Rig) -> None:
    home = rig.home / "file"
    home.write_text("x", encoding="utf-8")
    await rig.engine(settings={"home": home}).submit("Bake")


async def empty_file(rig: Rig) -> str:
    (rig.home / "macae.db").touch()
    return (await rig.engine().submit("Bake")).steps[0].action


async def deep_home(rig: Rig) -> str:
    engine = rig.engine(settings={"home": rig.home / "a" / "b c" / "ü"})
    plan = await engine.submit("Bake")
    assert (rig.home / "a" / "b c" / "ü" / "macae.db").is_file()
    await rig.engine().submit("Bake")
    return plan.steps[0].action


async def locked(rig: Rig) -> None:
    engine, plan = await rig.planned(store=SQLiteStore(rig.home / "macae.db", lock_timeout=0.1))
    with closing(sqlite3.connect(rig.home / "macae.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            await engine.approve(plan.steps[0])
        finally:
            other.execute("ROLLBACK")
            await engine.store.close()


async def closed(rig: Rig) -> None:
    engine, plan = await rig.planned()
    await engine.close()
    await engine.approve(plan.steps[0])


async def full_at_submit(rig: Rig) -> None:
    engine = rig.engine()
    await engine.start()
    rig.look()
    fill(engine)
    try:
        await engine.submit(LONG)
    finally:
        free(engine)


async def full_at_approve(rig: Rig) -> None:
    engine, plan = await rig.planned()
    fill(engine)
    try:
        await engine.approve(plan.steps[0], note=LONG)
    finally:
        free(engine)


async def full_at_completion(rig: Rig) -> None:
    engine, plan = await rig.planned(BAKE)
    engine.subscribe(lambda event: fill(engine) if event.type is EventType.tool_started else None)
    await engine.approve(plan.steps[0], note=LONG)
    try:
        await engine.wait(plan, 10)
    finally:
        free(engine)
        await engine.resume(plan.session_id)
        await engine.wait(plan, 10)


async def small_files(rig: Rig) -> str:
    return await outcome_of(rig.home, "small_files")


async def read_only(rig: Rig) -> str:
    return await outcome_of(rig.home, "look_only")


async def nobody_minds(rig: Rig) -> None:
    """It was another folder, and it is gone."""


ROWS = [
    opening("a folder where the store's file should be", lambda path: path.mkdir(), "is a directory. Name a file, or set MACAE_HOME to another folder."),
    opening("a file that is no database", garbage, "is no SQLite file. Move it away, or set MACAE_HOME to another folder."),
    opening("a database of something else", foreign, "is a SQLite file of something else. Name another file for the store."),
    opening("a store written by a newer macae", newer, ("was written by a newer macae (format 99;", "Update macae, or set MACAE_HOME to another folder.")),
    row("a store that is damaged in its middle", damaged, StoreError, "is damaged. Restore a copy, or move the file away to begin anew.", Kept("The file stays as it is.", NOTHING.check)),
    row("a file for MACAE_HOME", home_is_a_file, StoreError, ("cannot be created or written", "Check the folder's permissions and free space, or set MACAE_HOME to another folder."), NOTHING),
    row("an empty file for a store", empty_file, None, "Use bake.", PLANNED),
    row("a folder for MACAE_HOME that is not there yet", deep_home, None, "Use bake.", PLANNED),
    row("a store that another program keeps locked", locked, StoreError, "is locked by another program for too long. Close what holds it and try again.", UNTOUCHED),
    row("a store that is closed", closed, StoreError, "is closed. Call `await store.open()` first.", UNTOUCHED),
    row("the disk is full when a goal is given", full_at_submit, StoreError, FULL, DOCUMENTS),
    row("the disk is full when a step is approved", full_at_approve, StoreError, FULL, UNTOUCHED),
    row("the disk is full when the step's outcome is to be stored", full_at_completion, StoreError, FULL, UNSURE),
]  # fmt: skip
if sys.platform != "win32":
    ROWS += [
        row("files may not grow any more when a step is approved", small_files, None, ("ran []; StoreError:", "macae.db"), AFTER),
        row("a folder that may only be read", read_only, None, ("ran []; StoreError:", "cannot be created or written", "Check the folder's permissions"), Kept("Nothing is stored.", nobody_minds)),
    ]  # fmt: skip
