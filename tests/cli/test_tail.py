"""`macae tail`: another process's run is followed live, and what it shows can do no harm."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from macae.memory import SQLiteStore
from macae.models import Event, EventType
from tests.cli.conftest import Inside, environment, object_in
from tests.support.bakery import bakery


@contextmanager
def tailing(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """`macae tail` in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "macae.cli", "tail", *words],
        cwd=folder,
        env=environment(folder / "home"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def test_a_run_of_another_process_is_followed_until_it_is_over(tmp_path: Path) -> None:
    async with bakery(tmp_path / "home") as engine:
        plan = await engine.submit("Bake 12 oat cookies and sell them.", session_id="session1")
        with tailing(tmp_path, "sess", "--json") as process:
            assert process.stdout is not None
            seen = []
            while not seen or seen[-1]["type"] != "step_offered":
                seen.append(json.loads(await asyncio.to_thread(process.stdout.readline)))
            assert process.poll() is None  # it waits for what comes
            await engine.approve_all(plan)
            await engine.wait(plan, timeout=30)
            while line := await asyncio.to_thread(process.stdout.readline):
                seen.append(json.loads(line))
            assert await asyncio.to_thread(process.wait, 30) == 0 and process.stderr is not None
            assert "Session session1" in process.stderr.read()
        stored = [event.model_dump(mode="json") for event in await engine.session_events("session1")]
        assert seen == stored and seen[-1]["data"] == {"status": "completed"}


def test_what_is_stored_is_shown_in_lines_that_a_terminal_does_not_obey(
    inside: Inside, tmp_path: Path
) -> None:
    assert "Nothing is stored" in inside("tail").stderr

    async def run() -> None:
        async with bakery(tmp_path / "home", auto_approve=True) as engine:
            await engine.wait(await engine.submit("Bake.", session_id="older1"))
            await engine.wait(await engine.submit("Bake 12 oat cookies and sell them.", session_id="newer1"))
            evil = {"session_id": "newer1", "user_id": "local", "agent": "Evil\x1b[2J"}
            await engine.note(Event(type=EventType.alert_raised, text="hot\x1b]0;x\x07\nline", **evil))

    asyncio.run(run())
    shown = inside("tail")
    assert shown.returncode == 0 and "Session newer1" in shown.stdout and "\x1b" not in shown.stdout
    assert "local → PlannerAgent: Bake 12 oat cookies" in shown.stdout
    assert "[1] BakerAgent → bake: kind='oat', quantity=12" in shown.stdout
    assert "alert raised: hot\\x1b]0;x\\x07 line" in shown.stdout
    narrow = inside("tail", "older1", "--type", "tool_*", "--type", "step_completed", "--agent", "bakeragent")
    lines = narrow.stdout.splitlines()
    assert (
        lines[0] == "Session older1" and len(lines) == 4 and all("BakerAgent" in line for line in lines[1:])
    )
    lost = inside("tail", "older1", "--agent", "BakrAgent", "--agent", "shopagent").stdout
    assert lost.count("Nothing of BakrAgent so far. In this session: ") == 1
    assert all(name in lost for name in ("BakerAgent", "PlannerAgent", "GroupChatManager"))
    once = inside("tail", "older1", "--no-follow", "--json", "--type", "goal_received")
    assert object_in(once)["text"] == "Bake."
    assert "no session or plan 'nobody'" in inside("tail", "nobody").stderr
    wrong = inside("tail", "newer1", "--type", "tool_begun")
    assert wrong.returncode == 1 and "no event type 'tool_begun'" in wrong.stderr and "tool_started" in wrong.stderr  # fmt: skip
    assert "no session or plan 'newer1'" in inside("--user", "eve", "tail", "newer1").stderr


def test_a_goal_that_got_no_plan_ends_it(inside: Inside, tmp_path: Path) -> None:
    async def run() -> None:
        async with SQLiteStore(tmp_path / "home" / "macae.db") as opened:
            own = {"session_id": "session1", "user_id": "local", "trace_id": "a" * 32}
            types = (EventType.goal_received, EventType.planning_failed, EventType.violation_found)
            await opened.write("local", "session1", (), [Event(type=one, text="why", **own) for one in types])

    asyncio.run(run())
    shown = inside("tail", "session1")
    assert shown.returncode == 0 and "planning failed: why" in shown.stdout


def test_no_key_is_shown_and_a_reader_that_has_gone_ends_it(tmp_path: Path, inside: Inside) -> None:
    async def store() -> None:
        async with SQLiteStore(tmp_path / "home" / "macae.db") as opened:
            told = {"session_id": "session1", "user_id": "local", "text": "x" * 1_000}
            many = [Event(type=EventType.message, **told) for _ in range(500)]
            key = f"sk-proj-{'aB3' * 16}"
            many.append(
                Event(type=EventType.tool_refused, data={"arguments": {"k": key}}, **(told | {"text": key}))
            )
            await opened.write("local", "session1", (), many)

    asyncio.run(store())
    for words in (["--json"], []):
        shown = inside("tail", "session1", "--no-follow", "--type", "tool_refused", *words)
        assert "refused" in shown.stdout and "aB3aB3" not in shown.stdout
        with tailing(tmp_path, "session1", "--forever", *words) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.wait(30) == 0  # though it was to go on for ever
            assert process.stderr is not None and "Traceback" not in process.stderr.read()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C cannot be sent to one process there")
def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    import signal

    async def store() -> None:
        async with SQLiteStore(tmp_path / "home" / "macae.db") as opened:
            await opened.write(
                "local",
                "session1",
                (),
                [Event(type=EventType.message, session_id="session1", user_id="local")],
            )

    asyncio.run(store())
    with tailing(tmp_path, "session1") as process:
        assert process.stdout is not None
        while "local" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr is not None and "Traceback" not in process.stderr.read()
