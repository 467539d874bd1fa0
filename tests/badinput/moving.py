"""Sessions and files that cannot be moved, and a Cosmos DB that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from macae.config import Settings
from macae.errors import ConfigError, Conflict, InvalidInput, StoreError
from macae.memory.archive.backup import back_up_file, back_up_store, opened_backup
from macae.memory.archive.exporting import as_export, read_export
from macae.memory.archive.files import read_file
from macae.memory.archive.moving import copy_session, delete_session
from macae.memory.opening import open_store
from macae.memory.sqlite.store import SQLiteStore
from macae.models import Event, EventType
from tests.badinput.rig import NOTHING, UNTOUCHED, Kept, Rig
from tests.badinput.table import Row, row


def of_file(gave: str, spoil: Callable[[dict[str, Any]], str], says: str | tuple[str, ...]) -> Row:
    """An exported session whose file was spoilt, read again."""

    async def deed(rig: Rig) -> None:
        engine, plan = await rig.planned()
        content, _ = as_export(await engine.store.record("local", plan.session_id))  # type: ignore[attr-defined]
        file = rig.home / "session.json"
        file.write_text(spoil(content), encoding="utf-8")
        read_export(read_file(file), file.name, "local")

    return row(gave, deed, InvalidInput, says, UNTOUCHED)


async def no_file(rig: Rig) -> None:
    read_file(rig.home / "none.json")


async def over_a_newer(rig: Rig) -> None:
    engine, plan = await rig.planned()
    async with SQLiteStore(rig.home / "other" / "macae.db") as other:
        await copy_session(engine.store, other, "local", plan.session_id)  # type: ignore[arg-type]
        happened = Event(type=EventType.message, session_id=plan.session_id, user_id="local", text="there")
        await other.write("local", plan.session_id, [], [happened])
        await engine.store.write("local", plan.session_id, [], [happened.model_copy(update={"text": "here"})])
        rig.look()
        await copy_session(engine.store, other, "local", plan.session_id)  # type: ignore[arg-type]


async def changed_meanwhile(rig: Rig) -> None:
    engine, plan = await rig.planned()
    store: Any = engine.store
    seen = await store.record("local", plan.session_id)
    await engine.reject(plan.steps[0])
    rig.look()
    await delete_session(store, seen)


async def cut_backup(rig: Rig) -> None:
    engine, _ = await rig.planned()
    file = rig.home / "all.jsonl"
    await back_up_store(engine.store, file, lambda at, whole: None)  # type: ignore[arg-type]
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    async with opened_backup(file):
        pass


async def backup_over_a_file(rig: Rig) -> None:
    await rig.planned()
    file = rig.home / "kept.db"
    file.write_text("mine", encoding="utf-8")
    try:
        back_up_file(rig.home / "macae.db", file)
    finally:
        assert file.read_text(encoding="utf-8") == "mine"


def cosmos(gave: str, error: type[Exception], says: str, **settings: Any) -> Row:
    """A Cosmos DB store of these settings, opened."""

    async def deed(rig: Rig) -> None:
        given = {"home": rig.home, "store": "cosmos", "cosmos_timeout": 3, **settings}
        store = open_store(Settings(**given))
        try:
            await store.open()
        finally:
            await store.close()

    return row(gave, deed, error, says, NOTHING)


async def _both_stay(rig: Rig) -> None:
    assert rig.stored() == rig.before
    async with SQLiteStore(Path(rig.home) / "other" / "macae.db") as other:
        ((user, session),) = await other.census()
        assert (await other.record(user, session)).events[-1].text == "there"


KEY = "bm9ib2R5IGhhcyB0aGlzIGtleQ=="
ROWS = [
    of_file("an exported session that was damaged (its sum guards against damage, not against forgery: no approval in a file counts)", lambda c: json.dumps(c).replace("12 oat", "99 oat"), "was changed or cut after it was exported. Export the session again."),
    of_file("an exported session that was cut", lambda c: json.dumps(c)[:-200], "is no JSON file"),
    of_file("an exported session of a newer macae", lambda c: json.dumps(c | {"version": 9}), ("was written by a newer macae", "Update macae.")),
    of_file("a file of something else for an exported session", lambda c: '{"name": "x"}', "is no exported session. Give a file that `macae store export` wrote."),
    row("a file that is not there for an exported session", no_file, InvalidInput, ("none.json cannot be read", "Check its name."), NOTHING),
    row("a copy of a session that went on differently there", over_a_newer, Conflict, ("was not copied: its audit trail there goes on differently.", "Delete it there first"), Kept("Both stay as they are.", _both_stay)),
    row("deleting a session that changed since it was shown", changed_meanwhile, Conflict, "was changed meanwhile. Try again.", UNTOUCHED),
    row("a backup that was cut", cut_backup, InvalidInput, ("was cut: it has 0 of 1 sessions.", "Use another backup."), UNTOUCHED),
    row("a backup over a file that exists", backup_over_a_file, InvalidInput, "exists already. Name another file, or move it away.", UNTOUCHED),
    cosmos("MACAE_STORE=cosmos without an account", ConfigError, "set MACAE_COSMOS_ENDPOINT to https://NAME.documents.azure.com:443/, or MACAE_STORE=sqlite for a file."),
    cosmos("a connection string for the Cosmos DB account", ConfigError, "must be a URL such as https://NAME.documents.azure.com:443/ (not a connection string).", cosmos_endpoint="AccountEndpoint=x;AccountKey=y"),
    cosmos("a Cosmos DB account that does not answer", StoreError, "cannot be reached. Check MACAE_COSMOS_ENDPOINT and the network", cosmos_endpoint="http://127.0.0.1:9/", cosmos_key=KEY),
]  # fmt: skip
