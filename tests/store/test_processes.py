"""Several processes on one file: killed ones lose nothing, rivals do not overwrite each other, the dead are known."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from macae.memory import SQLiteStore
from macae.models import AgentMessage, Session, Step

WRITERS = """
import asyncio, os, sys
from macae.memory import Change, SQLiteStore
from macae.models import AgentMessage, Event, EventType, Step

async def main(path):
    store = SQLiteStore(path)
    await store.open()
    async def write(name):
        step = Step(id=f"{os.getpid()}.{name}", plan_id="p", session_id="s", user_id="ann", action="x", agent="A")
        for number in range(1, 100_000):
            step.tokens = number
            said = AgentMessage(session_id="s", user_id="ann", content=f"{step.id}={number}", source="x" * 500)
            event = Event(type=EventType.message, session_id="s", user_id="ann", text=said.content)
            await store.write("ann", "s", [Change(step, step.version), Change(said, 0)], [event])
            os.write(1, f"{said.content}\\n".encode())
    await asyncio.gather(*(write(name) for name in "abc"))
asyncio.run(main(sys.argv[1]))
"""

HOLD = """
import asyncio, sys
from macae.memory import SQLiteStore
async def main(path):
    async with SQLiteStore(path) as store:
        print(store.owner, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
asyncio.run(main(sys.argv[1]))
"""

RIVAL = """
import asyncio, sys
from macae.errors import Conflict
from macae.memory import Change, SQLiteStore
from macae.models import Session
async def main(path):
    won = lost = 0
    async with SQLiteStore(path) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        while won < 40:
            session = await store.get(Session, "s", user_id="ann", session_id="s")
            session.message_to_user = str(int(session.message_to_user) + 1)
            try:
                await store.write("ann", "s", [Change(session, session.version)])
                won += 1
            except Conflict as conflict:
                assert conflict.current.version > session.version
                lost += 1
    print(won, lost, flush=True)
asyncio.run(main(sys.argv[1]))
"""


@contextmanager
def child(script: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", script, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(count)]


@pytest.mark.parametrize("acknowledged", [1, 7, 60])
def test_what_was_acknowledged_survives_a_kill_and_nothing_is_half_written(
    tmp_path: Path, acknowledged: int
) -> None:
    path = tmp_path / "store.db"
    with child(WRITERS, path) as one, child(WRITERS, path) as two:
        told = lines(one, acknowledged) + lines(two, acknowledged)
        for process in (one, two):
            process.kill()
            assert process.stdout is not None
            # What stood in the pipe was acknowledged too; a last line may be cut.
            told += [
                line.strip()
                for line in process.stdout.read().splitlines(keepends=True)
                if line.endswith("\n")
            ]

    async def look() -> tuple[list[str], list[str], dict[str, int]]:
        async with SQLiteStore(path) as store:
            messages = await store.find(AgentMessage, user_id="ann", session_id="s")
            events = await store.events(user_id="ann", session_id="s")
            steps = await store.find(Step, user_id="ann", session_id="s")
            assert all(step.version == step.tokens for step in steps)
            return [m.content for m in messages], [e.text for e in events], {s.id: s.tokens for s in steps}

    messages, events, steps = asyncio.run(look())
    assert set(told) <= set(messages)
    assert messages == events
    for id, reached in steps.items():
        assert [m for m in messages if m.startswith(id + "=")] == [f"{id}={n}" for n in range(1, reached + 1)]


def test_of_two_processes_each_conditional_write_has_one_winner(tmp_path: Path) -> None:
    path = tmp_path / "store.db"

    async def begin() -> None:
        from macae.memory import Change

        async with SQLiteStore(path) as store:
            await store.write("ann", "s", [Change(Session(id="s", message_to_user="0"), 0)])

    async def end() -> Session | None:
        async with SQLiteStore(path) as store:
            return await store.get(Session, "s", user_id="ann", session_id="s")

    asyncio.run(begin())
    with child(RIVAL, path) as one, child(RIVAL, path) as two:
        for process in (one, two):
            assert lines(process, 1) == ["ready"]
        for process in (one, two):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [line.split()[0] for process in (one, two) for line in lines(process, 1)] == ["40", "40"]
    session = asyncio.run(end())
    assert session is not None
    assert (session.message_to_user, session.version) == ("80", 81)


async def test_a_living_process_is_alive_and_a_killed_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with SQLiteStore(path) as store:
        with child(HOLD, path) as process:
            (owner,) = await asyncio.to_thread(lines, process, 1)
            assert await store.owner_alive(owner)
            assert await store.owner_alive(owner), "asking must not take the lock away"
            process.kill()
            await asyncio.to_thread(process.wait, 20)
            assert not await store.owner_alive(owner)
            assert not await store.owner_alive(owner)
        assert await store.owner_alive(store.owner)


def test_what_dead_owners_left_is_cleared_away(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    for _ in range(2):
        with child(HOLD, path) as process:
            lines(process, 1)
            process.kill()
    assert len(list((tmp_path / "store.db.owners").iterdir())) >= 1

    async def visit() -> tuple[int, str]:
        async with SQLiteStore(path) as store:
            return len(list((tmp_path / "store.db.owners").iterdir())), store.owner

    left, _ = asyncio.run(visit())
    assert left == 1
    assert list((tmp_path / "store.db.owners").iterdir()) == []


# Forked while the event loop rests: in a forked child, the running loop of Python 3.14 does not pass an exit on.
FORKING = """
import asyncio, os, sys, time
from macae.memory import SQLiteStore
store, loop = SQLiteStore(sys.argv[1]), asyncio.new_event_loop()
loop.run_until_complete(store.open())
child = os.fork()
if child == 0:
    if sys.argv[2] == "exits":
        sys.exit(0)
    os.close(1)
    time.sleep(60)
    os._exit(0)
if sys.argv[2] == "exits":
    os.waitpid(child, 0)
print(store.owner, child, flush=True)
loop.run_until_complete(asyncio.sleep(60))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("way", ["exits", "stays"])
async def test_a_forked_child_neither_ends_nor_prolongs_its_parents_life(tmp_path: Path, way: str) -> None:
    path = tmp_path / "store.db"
    command = [sys.executable, "-W", "ignore", "-c", FORKING, str(path), way]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    owner, forked = (await process.stdout.readline()).decode().split()
    try:
        async with SQLiteStore(path) as store:
            assert await store.owner_alive(owner)
            process.kill()
            await process.wait()
            assert not await store.owner_alive(owner)
    finally:
        if way == "stays":
            os.kill(int(forked), 9)
