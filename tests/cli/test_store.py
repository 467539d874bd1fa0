"""`macae store`: real sessions, moved, kept and removed by the real command."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from macae.cli import codes
from macae.contoso.company import Company, company_file
from macae.memory import Change, SQLiteStore
from macae.memory.archive.masking import MASK
from macae.memory.archive.moving import compare
from macae.memory.cosmos import CosmosStore
from macae.models import AgentMessage, Approval, CallRecord, Event, EventType, Session, Step, StepStatus
from tests.cli.conftest import Command, Inside, environment, object_in
from tests.cosmos.peer import Peer

needs_terminal = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")


def variables(peer: Peer, database: str, **more: str) -> dict[str, str]:
    return {
        "MACAE_COSMOS_ENDPOINT": peer.endpoint,
        "MACAE_COSMOS_KEY": peer.key,
        "MACAE_COSMOS_DATABASE": database,
        **more,
    }


async def fill(store: Any, *names: str, user: str = "local") -> None:
    for name in names:
        session = Session(id=name, session_id=name, user_id=user)
        said = [AgentMessage(session_id=name, user_id=user, content=f"m{n}", source="x") for n in range(3)]
        events = [
            Event(type=EventType.message, session_id=name, user_id=user, text=text) for text in ("a", "b")
        ]
        await store.write(user, name, [Change(session, 0), *(Change(message, 0) for message in said)], events)


def filled(home: Path, *names: str, user: str = "local") -> Path:
    async def make() -> None:
        async with SQLiteStore(home / "macae.db") as store:
            await fill(store, *names, user=user)

    asyncio.run(make())
    return home / "macae.db"


def test_check_says_what_is_there(inside: Inside, tmp_path: Path) -> None:
    assert "Nothing is stored in it yet" in inside("store", "check").stdout
    assert not (tmp_path / "home").exists()
    path = filled(tmp_path / "home", "s1", "s2")
    filled(tmp_path / "home", "e1", user="eve")
    told = inside("store", "check")
    assert told.returncode == 0
    assert "3 sessions of 2 users, 2 of them yours (local)" in told.stdout and "in format 1" in told.stdout
    found = object_in(inside("store", "check", "--json"))
    assert (found["sessions"], found["users"], found["yours"], found["newest"]) == (3, 2, 2, "s2")
    assert found["listed"] == 2 and "alone" not in told.stdout
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM documents WHERE data_type = 'session' AND session_id = 's1'")
    assert "lists 1 of yours: 1 is an agent's chat alone" in inside("store", "check").stdout
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    newer = inside("store", "check")
    assert newer.returncode == 1 and "newer macae" in newer.stderr


def test_check_looks_at_the_whole_file(inside: Inside, tmp_path: Path) -> None:
    path = filled(tmp_path / "home", *(f"s{n}" for n in range(40)))
    assert inside("store", "check").returncode == 0
    whole = bytearray(path.read_bytes())
    whole[-4096:] = bytes(4096)  # its last page, which opening alone does not read
    path.write_bytes(whole)
    damaged = inside("store", "check")
    assert damaged.returncode == 1 and "is damaged" in damaged.stderr and "Restore a" in damaged.stderr


def test_a_session_goes_out_and_comes_back(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-anyone")
    assert inside("run", "Launch rocket sk-not-for-anyone to Mars", "--session", "rocket").returncode == 3
    out = inside("store", "export", "rock", "rocket.json")
    assert out.returncode == 0 and "were left out" in out.stdout
    text = Path("rocket.json").read_text(encoding="utf-8")
    assert "sk-not-for-anyone" not in text and "Launch rocket" in text
    again = inside("store", "export", "rocket", "rocket.json")
    assert again.returncode == 1 and "exists already" in again.stderr

    assert inside("store", "delete", "rocket").stderr.endswith("give --yes.\n")
    assert "deleted" in inside("store", "delete", "rocket", "--yes").stdout
    assert object_in(inside("sessions", "--json"))["sessions"] == []
    assert "no session 'rocket'" in inside("store", "delete", "rocket", "--yes").stderr

    assert "is in the store" in inside("store", "import", "rocket.json").stdout
    (row,) = object_in(inside("sessions", "--json"))["sessions"]
    assert (row["session_id"], row["status"]) == ("rocket", "impossible")
    assert "It was there already" in inside("store", "import", "rocket.json").stdout
    shown = object_in(inside("show", "rocket", "--trail", "--json"))
    assert [event["type"] for event in shown["plans"][0]["trail"]][:1] == ["plan_created"]

    anothers = inside("store", "import", "rocket.json", "--user", "eve")
    assert anothers.returncode == 1 and "belongs to somebody else" in anothers.stderr
    Path("bad.json").write_text(text.replace("Launch", "Lunch"), encoding="utf-8")
    assert "changed or cut" in inside("store", "import", "bad.json").stderr
    for end in (text.index("Launch rocket") + 9, text.rindex("}")):
        Path("cut.json").write_text(text[:end], encoding="utf-8")
        assert "cut.json was cut" in inside("store", "import", "cut.json").stderr
    assert inside("store", "backup", "kept.db").returncode == 0
    assert "is a backup" in inside("store", "import", "kept.db").stderr
    assert "cannot be read" in inside("store", "import", "none.json").stderr


def test_a_session_comes_back_with_its_company(inside: Inside, tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home, "s1")
    path = company_file(home, "local", "s1")
    with Company.open(path) as company:
        company.db.execute("UPDATE employees SET phone = 'sk-a0b1c2d3e4f5g6h7i8j9' WHERE id = 3")
        company.db.execute("INSERT INTO effects VALUES ('k', 'call_back', '{}', 'Called.', '2026-01-02')")
    out = inside("store", "export", "s1", "s1.json")
    assert "sample company is in it" in out.stdout and "1 session, 3 agent messages, 2 events" in out.stdout
    assert "sk-a0b1" not in Path("s1.json").read_text(encoding="utf-8")
    assert inside("store", "delete", "s1", "--yes").returncode == 0 and not path.exists()
    assert "company is in place" in inside("store", "import", "s1.json").stdout
    with Company.open(path) as company:
        assert company.effect("k") is not None
        assert company.db.execute("SELECT phone FROM employees WHERE id = 3").fetchone()[0] == MASK
        assert object_in(inside("store", "import", "s1.json", "--json"))["company"] == "same"
        company.db.execute("DELETE FROM effects")
    again = inside("store", "import", "s1.json")
    assert again.returncode == 0 and "the one here stays" in again.stdout
    assert "not in it: keep a copy of" in inside("store", "backup", "b.db").stdout
    path.write_bytes(b"no company")
    assert "was left out" in inside("store", "export", "s1", "without.json").stdout


def test_what_comes_back_without_its_company_is_told(inside: Inside, tmp_path: Path) -> None:
    async def make() -> None:
        async with SQLiteStore(tmp_path / "home" / "macae.db") as store:
            await fill(store, "s1")
            step = Step(plan_id="p", session_id="s1", user_id="local", action="x", agent="A")
            step.status, step.calls = StepStatus.completed, [CallRecord(key="k", tool="t", state="completed")]
            await store.write("local", "s1", [Change(step, 0)])

    asyncio.run(make())
    assert inside("store", "export", "s1", "s1.json").returncode == 0
    assert inside("store", "backup", "all.db").returncode == 0
    for words in (("import", "s1.json"), ("restore", "all.db")):
        assert inside("store", "delete", "s1", "--yes").returncode == 0
        assert "further steps begin with a new one" in inside("store", *words).stdout


def test_a_forged_approval_runs_nothing(inside: Inside, tmp_path: Path) -> None:
    goal = "Assign a mentor to Jessica Smith"
    assert inside("run", goal, "--session", "mentor").returncode == codes.WAITS_FOR_APPROVAL

    async def forge() -> None:
        async with SQLiteStore(tmp_path / "home" / "macae.db") as store:
            for step in await store.find(Step, user_id="local", session_id="mentor"):
                yes = Approval(by="local", version=step.version, hash=step.hash)
                forged = step.model_copy(update={"status": StepStatus.approved, "approval": yes})
                await store.write("local", "mentor", [Change(forged, step.version)])

    asyncio.run(forge())
    assert inside("store", "export", "mentor", "forged.json").returncode == 0
    assert inside("store", "delete", "mentor", "--yes").returncode == 0
    assert "approved but not done asks again: 1" in inside("store", "import", "forged.json").stdout
    assert inside("resume", "mentor").returncode == codes.WAITS_FOR_APPROVAL
    trail = object_in(inside("show", "mentor", "--trail", "--json"))["plans"][0]["trail"]
    assert "tool_started" not in {event["type"] for event in trail}
    assert inside("resume", "mentor", "--yes").returncode == codes.COMPLETED


def test_a_backup_brings_everything_back(inside: Inside, tmp_path: Path) -> None:
    path = filled(tmp_path / "home", "s1", "s2")
    filled(tmp_path / "home", "e1", user="eve")
    assert object_in(inside("store", "backup", "mine.db", "--json")) == {"file": "mine.db", "sessions": 2}
    every = ("store", "backup", "kept.db", "--all-users", "--json")
    assert object_in(inside(*every)) == {"file": "kept.db", "sessions": 3}
    assert inside("store", "backup", "kept.db").returncode == 1
    assert "the store in use itself" in inside("store", "restore", str(path)).stderr
    filled(tmp_path / "home", "s3")
    assert inside("store", "delete", "s1", "--yes").returncode == 0
    told = inside("store", "restore", "kept.db")
    assert told.returncode == 0 and "2 sessions are the same in both" in told.stdout
    assert "Of other users, 1 session" in told.stdout
    assert object_in(inside("store", "check", "--json"))["sessions"] == 4
    path.unlink()
    Path("cut.db").write_bytes(Path("kept.db").read_bytes()[:-8192])
    cut = inside("store", "restore", "cut.db")
    assert (
        cut.returncode == 1 and "cut.db is damaged or cut" in cut.stderr and "macae-restore" not in cut.stderr
    )
    Path("bad.db").write_bytes(Path("kept.db").read_bytes())
    with closing(sqlite3.connect("bad.db")) as db, db:
        db.execute("UPDATE documents SET body = '{}' WHERE session_id = 's1' AND data_type = 'agent_message'")
    partly = inside("store", "restore", "bad.db")
    assert partly.returncode == 1 and "1 session is the same in both; 1 is not: s1." in partly.stdout
    assert inside("store", "restore", "kept.db", "--all-users").returncode == 0
    assert object_in(inside("store", "check", "--json"))["sessions"] == 3


@needs_terminal
def test_deleting_asks_and_says_what_goes(macae: Command, inside: Inside) -> None:
    from tests.cli.keyboard import Keyboard

    filled(macae.home, "s1")
    with Keyboard(macae.words("store", "delete", "s1"), macae.folder, environment(macae.home)) as person:
        assert "1 session, 3 agent messages, 2 events" in person.wait_for("y = yes  n = no:")
        person.press("n")
        person.wait_for("Nothing was deleted.")
        assert person.ends() == 0
    assert '"yours": 1' in inside("store", "check", "--json").stdout


def test_a_session_at_work_is_not_deleted(inside: Inside, tmp_path: Path) -> None:
    async def main() -> subprocess.CompletedProcess[str]:
        async with SQLiteStore(tmp_path / "home" / "macae.db") as store:
            await fill(store, "s1")
            step = Step(plan_id="p", session_id="s1", user_id="local", action="x", agent="A")
            step.status, step.owner = StepStatus.action_requested, store.owner
            await store.write("local", "s1", [Change(step, 0)])
            return await asyncio.to_thread(inside, "store", "delete", "s1", "--yes")

    run = asyncio.run(main())
    assert run.returncode == 1 and "is at work" in run.stderr
    assert inside("store", "delete", "s1", "--yes").returncode == 0  # its owner has gone


def test_a_copy_that_is_killed_is_finished_by_the_next(
    macae: Command, inside: Inside, cosmos_peer: Peer, cosmos_database: str
) -> None:
    names = [f"session{n}" for n in range(6)]
    path = filled(macae.home, *names)
    env = variables(cosmos_peer, cosmos_database)
    cosmos_peer.fail("delay", kind="batch", seconds=0.2)
    words = macae.words("store", "copy", "--all", "--to", "cosmos")
    with subprocess.Popen(
        words, cwd=macae.folder, env=environment(macae.home, **env), stdout=subprocess.PIPE, encoding="utf-8"
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if line.startswith("2 of 6"):
                break
        run.kill()
    cosmos_peer.heal()
    done = macae("store", "copy", "--all", "--json", **env)
    assert done.returncode == 0, done.stderr
    rows = object_in(done)["sessions"]
    assert [row["session_id"] for row in rows] == names
    assert [row["documents"] for row in rows[:2]] == [0, 0] and rows[-1]["documents"] == 4

    async def look() -> None:
        place = {"endpoint": cosmos_peer.endpoint, "key": cosmos_peer.key, "database": cosmos_database}
        async with SQLiteStore(path) as file, CosmosStore(**place) as cosmos:
            for name in names:
                assert compare(await file.record("local", name), await cosmos.record("local", name)).is_none
            page = await cosmos.sessions(user_id="local")
            assert [row.session_id for row in page.items] == names[::-1]

    asyncio.run(look())
    # The commands that look work on it as they do on the file.
    env["MACAE_STORE"] = "cosmos"
    listed = object_in(inside("sessions", "--json", **env))["sessions"]
    assert [row["session_id"] for row in listed] == names[::-1]


def test_every_command_works_on_cosmos(
    inside: Inside,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cosmos_peer: Peer,
    cosmos_database: str,
) -> None:
    for name, value in variables(cosmos_peer, cosmos_database, MACAE_STORE="cosmos").items():
        monkeypatch.setenv(name, value)
    assert inside("run", "Launch a rocket to Mars", "--session", "rocket").returncode == 3
    assert "impossible" in inside("show", "rocket", "--json").stdout
    assert inside("store", "export", "rocket", "r.json").returncode == 0
    assert "1 session of yours (local) is in all.jsonl" in inside("store", "backup", "all.jsonl").stdout
    assert inside("store", "copy", "rocket").returncode == 0
    assert inside("store", "delete", "rocket", "--yes").returncode == 0
    assert object_in(inside("sessions", "--json"))["sessions"] == []
    assert inside("store", "restore", "all.jsonl").returncode == 0
    assert "It was there already" in inside("store", "import", "r.json").stdout
    found = object_in(inside("store", "check", "--json"))
    assert (found["store"], found["sessions"]) == ("cosmos", 1) and cosmos_database in found["place"]
    monkeypatch.setenv("MACAE_STORE", "sqlite")
    assert object_in(inside("sessions", "--json"))["sessions"][0]["session_id"] == "rocket"
    assert not {"store", "copy"} & {path.name for path in tmp_path.iterdir()}


def test_a_plan_goes_on_in_the_other_store_and_comes_back_done(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, cosmos_peer: Peer, cosmos_database: str
) -> None:
    for name, value in variables(cosmos_peer, cosmos_database).items():
        monkeypatch.setenv(name, value)
    goal = "Assign a mentor to Jessica Smith"
    assert inside("run", goal, "--session", "mentor").returncode == codes.WAITS_FOR_APPROVAL
    assert inside("store", "copy", "mentor").returncode == 0
    monkeypatch.setenv("MACAE_STORE", "cosmos")
    assert inside("resume", "mentor", "--yes").returncode == codes.COMPLETED
    assert inside("store", "copy", "mentor").returncode == 0
    trail = object_in(inside("show", "mentor", "--trail", "--json"))["plans"][0]["trail"]
    monkeypatch.setenv("MACAE_STORE", "sqlite")
    (plan,) = object_in(inside("show", "mentor", "--trail", "--json"))["plans"]
    assert plan["overall_status"] == "completed"
    assert [event["type"] for event in plan["trail"]] == [event["type"] for event in trail]
    assert "tool_finished" in {event["type"] for event in trail}
