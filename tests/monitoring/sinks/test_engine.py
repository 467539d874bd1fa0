"""Sinks at a real run: they get what is stored, in order, and one that fails or hangs costs the run nothing."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from macae import Engine, Settings
from macae.engine import outlets
from macae.engine.hub import Hub
from macae.errors import ConfigError, InvalidInput, StoreError
from macae.models import Event, PlanStatus
from macae.monitoring.sinks import open_sinks, opening, read_events
from tests.monitoring.sinks.conftest import Kept, event, until
from tests.support.bakery import TEAM, TWO
from tests.support.scripted import ScriptedClient, obedient

ROOT = Path(__file__).parents[3]


def engine_of(home: Path, given: Sequence[Any] = (), **settings: Any) -> Engine:
    options = Settings(home=home, _env_file=None, auto_approve=True, **settings)  # type: ignore[call-arg]
    return Engine(settings=options, model=ScriptedClient(obedient(TWO)), team=TEAM, sinks=given)


async def test_every_sink_gets_a_run_while_others_fail_and_hang(
    tmp_path: Path, hasty: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outlets, "SECONDS", 0.5)
    monkeypatch.chdir(tmp_path)

    def fail(events: Sequence[Event]) -> None:
        raise ConnectionError("dead")

    hanging, failing, mine = Kept(held=True), Kept(fail), Kept()
    engine = engine_of(tmp_path, [hanging, failing, mine], sinks="ndjson, trace")
    async with engine:
        plan = await engine.submit("Bake 12 oat cookies and sell them.")
        plan = await engine.wait(plan, timeout=30)
        assert plan.overall_status is PlanStatus.completed
        stored = await engine.session_events(plan.session_id)
        began = time.monotonic()
    took = time.monotonic() - began
    assert took < 5, took
    health = engine.sink_health()
    assert len(stored) > 10 and len(health) == 5
    back = read_events(tmp_path / "logs")
    assert [e for e in back if e.seq] == stored == [e for e in mine.events if e.seq]
    assert back == mine.events and back[-1].type == "session_closed"
    trace = (tmp_path / "logs" / "agent_trace.log").read_text(encoding="utf-8").splitlines()
    assert len(trace) == len(back) and any("BakerAgent → bake: kind='oat', quantity=12" in line for line in trace)  # fmt: skip
    for number in (0, 1, 4):
        assert (health[number].written, health[number].dropped) == (len(back), 0)
    assert (health[2].written, health[2].dropped) == (0, len(back))
    assert health[3].dropped == len(back) and health[3].failed > 0 and "dead" in health[3].last_error
    lost = [record.getMessage() for record in caplog.records if "did not get" in record.getMessage()]
    assert len(lost) == 2 and "dead" in lost[1]
    hanging.gate.set()


@pytest.mark.parametrize(
    ("lost", "failing", "told"),
    [
        (9, False, "The sink kept could not deliver 9 items: status 500"),
        (9, True, "The sink kept did not get 3 events and could not deliver 9 items: "),
        (0, True, "The sink kept did not get 3 events: "),
        (0, False, None),
    ],
)
async def test_what_a_sink_missed_is_told_when_it_closes(
    lost: int, failing: bool, told: str | None, hasty: None, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(events: Sequence[Event]) -> None:
        raise ConnectionError("dead")

    sink = Kept(fail if failing else None)
    vars(sink).update({"lost": lost, "trouble": "status 500" if lost else ""})
    hub = Hub()
    opened = outlets.Outlets(Settings(_env_file=None, sinks=""), [sink], hub)  # type: ignore[call-arg]
    opened.open()
    for number in range(1, 4):
        hub.emit(event(number))
    await opened.close()
    messages = [record.getMessage() for record in caplog.records if "The sink kept" in record.getMessage()]
    assert len(messages) == bool(told) and all(message.startswith(told or "") for message in messages)


async def test_an_engine_that_is_used_again_has_its_sinks_again(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, sinks="ndjson")
    for _ in range(2):
        async with engine:
            await engine.start()  # starting twice opens no second sink
            plan = await engine.submit("Bake 12 oat cookies and sell them.")
            await engine.wait(plan, timeout=30)
            assert len(engine.sink_health()) == 1
    engine.hub.emit(event(99))
    assert engine.sink_health()[0].dropped == 0  # what is closed is told no more
    back = [e for e in read_events(tmp_path / "logs") if e.seq]
    assert [e.seq for e in back] == sorted({e.seq for e in back}) and len(
        {e.plan_id for e in back} - {""}
    ) == 2
    async with engine_of(tmp_path / "none") as quiet:
        assert quiet.sink_health() == [] and not (tmp_path / "none" / "logs").exists()


async def test_a_sink_that_was_given_is_closed_once_and_gets_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    closed: list[int] = []
    mine = Kept()
    mine.close = lambda: closed.append(len(mine.events))  # type: ignore[method-assign]
    engine = engine_of(tmp_path, [mine], sinks="ndjson")
    for number in (1, 2):
        async with engine:
            engine.hub.emit(event(number))
            assert len(engine.sink_health()) == 3 - number
    assert closed == [len(mine.events)] and mine.numbers[0] == 1 and 2 not in mine.numbers
    assert {1, 2} <= {e.seq for e in read_events(tmp_path / "logs")}
    (told,) = [r.getMessage() for r in caplog.records]
    assert "get no more events: kept" in told


async def test_a_sink_that_cannot_be_opened_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    with pytest.raises(StoreError, match="MACAE_SINKS"):
        await engine_of(tmp_path, sinks="trace").start()
    with pytest.raises(
        ConfigError, match=r"'prometheus', which is no sink. There are: ndjson, trace, otlp, azure"
    ):
        await engine_of(tmp_path, sinks="trace, prometheus").start()
    with pytest.raises(InvalidInput, match=r"engine\.subscribe"):
        await engine_of(tmp_path, [lambda event: None]).start()
    with pytest.raises(InvalidInput, match=r"MACAE_SINKS names the built-in ones"):
        engine_of(tmp_path, "ndjson")


def test_an_engine_that_is_forgotten_leaves_no_thread_behind(tmp_path: Path) -> None:
    async def use() -> None:
        engine = engine_of(tmp_path, sinks="ndjson")
        await engine.start()
        await engine.wait(await engine.submit("Bake 12 oat cookies and sell them."), timeout=30)

    asyncio.run(use())
    gc.collect()
    until(lambda: not any(thread.name == "macae-sink-ndjson" for thread in threading.enumerate()))
    assert any(event.type == "plan_changed" for event in read_events(tmp_path / "logs"))


def test_an_event_is_cleaned_once_for_all_sinks(tmp_path: Path) -> None:
    cleaned: list[int] = []

    def clean(given: Event) -> Event:
        cleaned.append(given.seq)
        return given.model_copy(update={"text": "***"})

    sinks = [Kept(), Kept(), Kept()]
    runners = open_sinks(Settings(home=tmp_path), sinks, clean)
    one = event(1)
    for runner in runners:
        runner.put(one)
        runner.close()
    assert all([e.text for e in sink.events] == ["***"] for sink in sinks) and cleaned == [1]


def test_cleaned_events_are_held_within_bounds() -> None:
    once = opening.Once(lambda given: given.model_copy(), most=50, megabytes=0.1)
    for number in range(200):
        given = event(number, text=" " * (20_000 if number < 100 else 10))
        assert once(given) is once(given) is not given
        assert sum(len(cleaned.text) for _, cleaned, _ in once._done.values()) <= 100_000
    assert len(once._done) == 50 and 50_000 < once._bytes <= 100_000


def ended(code: str, *words: object) -> float:
    """Seconds until a real process with this code has ended, well."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr or "the program fails" in done.stderr, done.stderr
    return time.monotonic() - began


def test_what_nobody_has_closed_is_written_at_the_end_of_the_program(tmp_path: Path) -> None:
    code = """
        import asyncio, sys
        from pathlib import Path
        from tests.monitoring.sinks.conftest import event
        from tests.monitoring.sinks.test_engine import engine_of
        async def main():
            engine = engine_of(Path(sys.argv[1]), sinks="ndjson")
            await engine.start()
            await engine.wait(await engine.submit("Bake 12 oat cookies and sell them."))
            for number in range(3_000):
                engine.hub.emit(event(number))
            kept.append(engine)
        kept = []
        asyncio.run(main())
        raise RuntimeError("the program fails")
        """
    ended(code, tmp_path)
    back = read_events(tmp_path / "logs")
    assert [e.seq for e in back if e.session_id == "s1"] == list(range(3_000)) and back.torn == 0
    assert any(e.type == "plan_changed" and e.text == "completed" for e in back)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_drops_and_says_so_and_harms_not_the_first(tmp_path: Path) -> None:
    code = """
        import json, logging, os, sys
        from macae.monitoring.sinks import NdjsonSink, SinkRunner
        from tests.monitoring.sinks.conftest import event
        logging.basicConfig(filename=sys.argv[1] + "/log")
        runner = SinkRunner(NdjsonSink(sys.argv[1]))
        runner.put(event(1))
        if os.fork():
            os.wait()
            runner.put(event(2))
        else:
            runner.put(event(3)); runner.put(event(4)); runner.close(30)
            open(sys.argv[1] + "/told", "w").write(json.dumps([runner.health.dropped, runner.health.waiting]))
        """
    assert ended(code, tmp_path) < 20
    assert json.loads((tmp_path / "told").read_text(encoding="utf-8")) == [2, 0]
    assert [e.seq for e in read_events(tmp_path)] == [1, 2]
    assert (tmp_path / "log").read_text(encoding="utf-8").count("engines after the fork") == 1


def test_a_hanging_sink_does_not_keep_the_program(tmp_path: Path) -> None:
    code = """
        import sys, json, time, atexit
        from macae.monitoring.sinks import NdjsonSink, SinkRunner
        from tests.monitoring.sinks.conftest import Kept, event
        atexit.register(lambda: open(sys.argv[1] + "/told", "w").write(json.dumps(time.monotonic() - began)))
        runners = [SinkRunner(Kept(held=True), wait=0), SinkRunner(Kept(held=True), wait=0), SinkRunner(NdjsonSink(sys.argv[1]))]
        for runner in runners:
            runner.put(event(1))
        began = time.monotonic()
        """
    ended(code, tmp_path)
    waited = json.loads((tmp_path / "told").read_text(encoding="utf-8"))
    assert 2 < waited < 4, waited  # it waits once for both
    assert [e.seq for e in read_events(tmp_path)] == [1]


async def test_the_loop_goes_on_while_a_sink_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlets, "SECONDS", 0.3)
    hanging = Kept(held=True)
    engine = engine_of(tmp_path, [hanging])
    await engine.start()
    engine.hub.emit(event(1))
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.01)

    turning = asyncio.create_task(turn())
    await engine.close()
    turning.cancel()
    hanging.gate.set()
    assert turns > 5
