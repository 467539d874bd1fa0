"""What is special about the SQLite file: group commit, and every way a file can fail."""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from macae.errors import Conflict, InvalidInput, StoreError
from macae.memory import Change, SQLiteStore
from macae.memory.sqlite.groupcommit import Unit
from macae.memory.sqlite.schema import SCHEMA_VERSION
from macae.models import AgentMessage, BaseDataModel, Event, EventType, Session, Step
from tests.support.waiting import until


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "store.db", lock_timeout=1) as opened:
        yield opened


def said(text: str = "hello") -> AgentMessage:
    return AgentMessage(session_id="s", user_id="ann", content=text, source="x")


async def write(store: SQLiteStore, *messages: BaseDataModel) -> None:
    await store.write("ann", "s", [Change(message, 0) for message in messages])


async def contents(store: SQLiteStore) -> list[str]:
    return [message.content for message in await store.find(AgentMessage, user_id="ann", session_id="s")]


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def run(script: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def statements(store: SQLiteStore) -> Iterator[list[str]]:
    seen: list[str] = []
    store._writer._db.set_trace_callback(seen.append)  # type: ignore[union-attr]
    yield seen
    store._writer._db.set_trace_callback(None)  # type: ignore[union-attr]


async def test_twenty_writes_at_once_share_commits(store: SQLiteStore) -> None:
    async def writer(name: int) -> None:
        for number in range(5):
            await write(store, said(f"{name}.{number}"))

    with statements(store) as seen:
        await asyncio.gather(*(writer(name) for name in range(20)))
    assert seen.count("COMMIT") <= 10
    assert len(await contents(store)) == 100


def hold_commits(store: SQLiteStore) -> tuple[asyncio.Event, threading.Event]:
    """A slow disk: gives an event set when a commit has begun, and one that lets commits go on."""
    writer = store._writer
    assert writer is not None
    in_commit, go_on = asyncio.Event(), threading.Event()
    loop, commit = asyncio.get_running_loop(), writer._commit

    def slow_commit() -> None:
        loop.call_soon_threadsafe(in_commit.set)
        go_on.wait(10)
        commit()

    writer._commit = slow_commit  # type: ignore[method-assign]
    return in_commit, go_on


async def test_writes_that_arrive_during_a_commit_share_the_next(store: SQLiteStore) -> None:
    in_commit, go_on = hold_commits(store)
    with statements(store) as seen:
        first = asyncio.create_task(write(store, said("first")))
        await in_commit.wait()
        rest = [asyncio.create_task(write(store, said(str(n)))) for n in range(10)]
        await asyncio.sleep(0)
        # The loop is free meanwhile, and a read neither waits nor sees what is not durable.
        assert await contents(store) == []
        assert not first.done()
        go_on.set()
        await asyncio.gather(first, *rest)
    assert seen.count("COMMIT") == 2
    assert await contents(store) == ["first", *map(str, range(10))]


async def test_the_file_is_durable_and_its_owners_alone(store: SQLiteStore) -> None:
    await write(store, said())
    assert store._writer is not None
    pragma = {
        name: store._writer._db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous")
    }
    assert pragma == {"journal_mode": "wal", "synchronous": 2}
    if os.name == "posix":
        for file in (store.path, store.path.with_name("store.db-wal")):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_closing_moves_the_log_into_the_file(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "store.db") as store:
        await write(store, said())
    assert names(tmp_path) == ["store.db", "store.db.owners"]
    assert names(tmp_path / "store.db.owners") == []


async def test_a_forgotten_store_lets_go(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "store.db")
    await write(store, said())
    del store

    def gone() -> bool:
        gc.collect()
        return not (tmp_path / "store.db-wal").exists()

    await until(gone)  # the writer's thread holds what it did last for a moment longer


def test_a_store_outlives_the_loop_it_was_opened_on(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "store.db")

    async def begin_and_leave() -> None:
        await store.open()
        store.submit("ann", "s", [Change(said("left"), 0)])

    asyncio.run(begin_and_leave())

    async def go_on() -> list[str]:
        await write(store, said("next"))
        found = await contents(store)
        await store.close()
        return found

    assert asyncio.run(go_on())[-1] == "next"


async def test_another_event_loop_is_refused_while_one_is_writing(store: SQLiteStore) -> None:
    in_commit, go_on = hold_commits(store)
    task = asyncio.create_task(write(store, said("first")))
    await in_commit.wait()
    try:
        with pytest.raises(StoreError, match="another event loop"):
            await asyncio.to_thread(asyncio.run, write(store, said("second")))
    finally:
        go_on.set()
    await task
    assert await contents(store) == ["first"]


async def test_close_waits_for_what_is_queued_behind_a_commit(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "store.db")
    await store.open()
    in_commit, go_on = hold_commits(store)
    first = store.submit("ann", "s", [Change(said("first"), 0)])
    await in_commit.wait()
    second = store.submit("ann", "s", [Change(said("second"), 0)])
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    assert first.done() and second.done()
    await store.open()
    assert await contents(store) == ["first", "second"]
    await store.close()


async def test_a_disk_that_never_answers_does_not_hold_up_closing_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macae.memory.sqlite.groupcommit._PATIENCE", 0)
    store = SQLiteStore(tmp_path / "store.db", lock_timeout=0.1)
    await store.open()
    in_commit, go_on = hold_commits(store)
    future = store.submit("ann", "s", [Change(said(), 0)])
    await in_commit.wait()
    with pytest.raises(StoreError, match="does not answer"):
        await store.close()
    go_on.set()
    await future
    await store.open()
    assert await contents(store) == ["hello"]
    await store.close()


async def test_a_place_without_locks_is_an_error_and_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("filelock.FileLock.acquire", no_locks)
    with pytest.raises(StoreError, match="supports file locks"):
        await SQLiteStore(tmp_path / "store.db").open()
    gc.collect()


async def test_submit_needs_an_open_store(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "store.db")
    with pytest.raises(StoreError, match="not open yet"):
        store.submit("ann", "s", [Change(said(), 0)])
    with pytest.raises(StoreError, match="not open yet"):
        _ = store.owner
    await write(store, said())  # what is awaited opens it
    await store.close()
    for call in (write(store, said()), contents(store)):
        with pytest.raises(StoreError, match="is closed"):
            await call


# Every way a file can fail: a clear error within the bound, nothing made, and the store works again once the cause is gone.


async def test_a_directory_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a directory"):
        await SQLiteStore(tmp_path).open()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be created"):
        await SQLiteStore(tmp_path / "file" / "store.db").open()


async def test_a_name_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be created"):
        await SQLiteStore(tmp_path / "a\x00b").open()


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000, b"\x00" * 5000]
)
async def test_a_file_that_is_damaged_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"no SQLite file|damaged|cannot be"):
        await SQLiteStore(path).open()
    assert path.read_bytes() == content


async def test_damage_found_later_is_an_error_for_reads_and_writes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with SQLiteStore(path) as store:
        await write(store, *(said("x" * 3000) for _ in range(200)))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))
    async with SQLiteStore(path) as store:
        with pytest.raises(StoreError, match="damaged"):
            await contents(store)
        with pytest.raises(StoreError, match="damaged"):
            await write(store, said())


async def test_a_foreign_sqlite_file_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE employees (name TEXT)")
        other.commit()
    with pytest.raises(StoreError, match="something else"):
        await SQLiteStore(path).open()


async def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with SQLiteStore(path):
        pass
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreError, match="newer macae"):
        await SQLiteStore(path).open()


async def test_a_full_disk_fails_the_write_and_is_forgotten_once_there_is_room(store: SQLiteStore) -> None:
    await write(store, said("before"))
    assert store._writer is not None
    db = store._writer._db
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 2}")
    big = said("x" * 100_000)
    with pytest.raises(StoreError, match="disk is full"):
        await write(store, said("along"), big)
    assert big.version == 0
    # Of several at once, those that fit are made.
    outcomes = await asyncio.gather(
        write(store, said("small")),
        write(store, big),
        write(store, said("small too")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), StoreError, type(None)]
    assert await contents(store) == ["before", "small", "small too"]
    db.execute("PRAGMA max_page_count = 1000000")
    await write(store, big)
    assert len(await contents(store)) == 4


@pytest.mark.skipif(
    os.name != "posix" or sys.platform == "darwin", reason="needs a limit on the size of files"
)
def test_a_commit_that_the_disk_refuses_is_an_error_and_the_store_goes_on(tmp_path: Path) -> None:
    script = """
import asyncio, resource, signal, sys
from macae.errors import StoreError
from macae.memory import Change, SQLiteStore
from macae.models import AgentMessage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def said(text): return AgentMessage(session_id="s", user_id="ann", content=text, source="x")
async def main():
    async with SQLiteStore(sys.argv[1]) as store:
        await store.write("ann", "s", [Change(said("before"), 0)])
        size = store.path.with_name(store.path.name + "-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, resource.RLIM_INFINITY))
        for _ in range(3):
            try:
                await store.write("ann", "s", [Change(said("x" * 100_000), 0)])
            except StoreError as error:
                print(type(error).__name__, "disk" in str(error))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await store.write("ann", "s", [Change(said("after"), 0)])
    async with SQLiteStore(sys.argv[1]) as store:
        print([m.content for m in await store.find(AgentMessage, user_id="ann", session_id="s")])
asyncio.run(main())
"""
    done = run(script, tmp_path / "store.db")
    assert done.stdout.splitlines() == ["StoreError True"] * 3 + ["['before', 'after']"], done.stderr


async def test_a_lock_that_is_held_too_long_is_an_error_and_reads_go_on(store: SQLiteStore) -> None:
    await write(store, said("before"))
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        task = asyncio.create_task(write(store, said("blocked")))
        await asyncio.sleep(0)
        assert await contents(store) == ["before"]
        with pytest.raises(StoreError, match="locked"):
            await task
        assert time.monotonic() - began < 5
        other.execute("COMMIT")
        await write(store, said("after"))
    assert await contents(store) == ["before", "after"]


async def test_a_lock_that_is_let_go_in_time_costs_nothing_but_time(store: SQLiteStore) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(write(store, said("waited")))
        await until(lambda: store._writer is not None and store._writer._batch)
        other.execute("COMMIT")
        await task
    assert await contents(store) == ["waited"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_read_only_file_is_an_error_that_says_so() -> None:
    # In a folder that others may enter (pytest's own is closed), by a process that is not root: to root nothing is read-only.
    script = """
import asyncio, os, sys
from macae.errors import StoreError
from macae.memory import SQLiteStore
path = sys.argv[1]
async def open_it():
    async with SQLiteStore(path): pass
asyncio.run(open_it())
os.chmod(path, 0o444)
os.chmod(os.path.dirname(path), 0o755)
if os.getuid() == 0: os.setuid(65534)
try:
    asyncio.run(open_it())
except StoreError as error:
    print(error)
"""
    with tempfile.TemporaryDirectory() as folder:
        done = run(script, Path(folder) / "store.db")
    assert "cannot be created or written (Permission denied)" in done.stdout, done.stderr
    assert "MACAE_HOME" in done.stdout


async def test_a_file_that_turns_read_only_fails_writes_alone(store: SQLiteStore) -> None:
    await write(store, said("before"))
    assert store._writer is not None
    store._writer._db.execute("PRAGMA query_only = 1")
    with pytest.raises(StoreError, match="read-only"):
        await write(store, said("never"))
    store._writer._db.execute("PRAGMA query_only = 0")
    await write(store, said("after"))
    assert await contents(store) == ["before", "after"]


async def test_an_error_in_taking_the_outcome_is_told_not_hung_on(store: SQLiteStore) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("bug")

    with pytest.raises(RuntimeError, match="bug"):
        await store._submit(lambda db: None, fail)
    with pytest.raises(StoreError):
        await store._submit(lambda db: [][1], fail)
    await write(store, said())


async def test_an_interrupt_in_the_middle_of_a_batch_leaves_nobody_waiting(store: SQLiteStore) -> None:
    writer = store._writer
    assert writer is not None
    writer._loop = asyncio.get_running_loop()
    loop = writer._loop
    futures = [loop.create_future() for _ in range(2)]

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    units = [
        Unit(work, lambda _: None, loop, future)
        for work, future in zip((interrupt, lambda db: None), futures, strict=True)
    ]
    writer._batch = units
    writer._idle.clear()
    writer._db.execute("BEGIN IMMEDIATE")
    with pytest.raises(KeyboardInterrupt):
        writer._fill(None)
    assert all(isinstance(future.exception(), StoreError) for future in futures)
    await write(store, said())


async def test_old_documents_that_no_longer_fit_their_model_are_named(store: SQLiteStore) -> None:
    class Note(BaseDataModel):
        text: str

    await write(store, Note(text="x"))
    with pytest.raises(StoreError, match="text"):

        class Changed(BaseDataModel):
            data_type: str = "note"
            text: int

        await store.find(Changed, user_id="ann", session_id="s")


# Cost stays flat: every read has its index, however large the file is.


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.get(Step, "x", user_id="u", session_id="s"),
        lambda s: s.find(Step, user_id="u", session_id="s"),
        lambda s: s.find(Step, user_id="u", session_id="s", newest_first=True, limit=5),
        lambda s: s.find(Step, user_id="u", session_id="s", plan_id="p"),
        lambda s: s.find(
            AgentMessage,
            data_type="chat_message",
            agent="A",
            user_id="u",
            session_id="s",
            limit=9,
            newest_first=True,
        ),
        lambda s: s.find(Step, user_id="u", limit=3),
        lambda s: s.events(user_id="u", session_id="s", plan_id="p", after=7),
        lambda s: s.sessions(user_id="u", limit=10, before="99"),
    ],
)
async def test_reads_search_an_index_and_need_no_sorting(store: SQLiteStore, ask: object) -> None:
    plans = []
    assert store._reader is not None
    real = store._reader

    class Explaining:
        def execute(self, sql: str, bound: list[object]) -> sqlite3.Cursor:
            plans.extend(row[3] for row in real.execute("EXPLAIN QUERY PLAN " + sql, bound))
            return real.execute(sql, bound)

    store._reader = Explaining()  # type: ignore[assignment]
    try:
        await ask(store)  # type: ignore[operator]
    finally:
        store._reader = real
    assert len(plans) == 1, plans
    assert plans[0].startswith("SEARCH"), plans


async def test_conflicts_carry_what_was_written_a_moment_ago_in_the_same_commit(store: SQLiteStore) -> None:
    first = Session(id="s", message_to_user="first")
    second = Session(id="s", message_to_user="second")
    outcomes = await asyncio.gather(write(store, first), write(store, second), return_exceptions=True)
    assert outcomes[0] is None
    assert isinstance(outcomes[1], Conflict)
    assert outcomes[1].current == first


async def test_too_large_a_number_is_refused(store: SQLiteStore) -> None:
    with pytest.raises(InvalidInput):
        await store.events(user_id="ann", session_id="s", after=2**70)
    with pytest.raises(InvalidInput):
        await store.write("ann", "s", [Change(said(), 2**70)])


async def test_events_and_documents_of_one_write_share_its_fate(store: SQLiteStore) -> None:
    await write(store, said("x"))
    event = Event(type=EventType.message, session_id="s", user_id="ann")
    stale = said()
    with pytest.raises(Conflict):
        await store.write("ann", "s", [Change(stale, 4)], [event])
    assert event.seq == 0
    assert await store.events(user_id="ann", session_id="s") == []
