"""The live monitor on a real engine with a real store: what it shows, how often, and when it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from macae import Engine, Settings
from macae.errors import InvalidInput, NotFound
from macae.ui import Monitor
from macae.ui.monitor import cells
from tests.support.bakery import EVIL, SLOW, TASTE, TWO, bakery, planned

pytestmark = pytest.mark.usefixtures("quick")
OVERVIEW, CONVERSATION, STEPS, ALERTS = range(4)


async def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def names() -> list[str]:
    """The tasks of all monitors, by name."""
    return sorted(task.get_name() for task in asyncio.all_tasks() if "monitor" in task.get_name())


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Makes engines (a new one on the same store each time), and monitors that are displayed; closes them all."""
    things: list[Any] = []

    async def engine(plan: Any = TWO, **settings: Any) -> Any:
        things.append(bakery(tmp_path, plan, **settings))
        await things[-1].start()
        return things[-1]

    def monitor(*args: Any, tab: int = ALERTS, **more: Any) -> Monitor:
        things.append(Monitor(*args, **more))
        things[-1].panel.tabs.selected_index = tab  # what is on this one is drawn quickly
        things[-1]._repr_mimebundle_()
        return things[-1]

    engine.monitor = monitor  # type: ignore[attr-defined]
    yield engine
    for thing in things:
        if isinstance(thing, Monitor):
            thing.stop()
            await thing.showing.settled()
    for thing in things:
        if not isinstance(thing, Monitor):
            await thing.close(0)


async def test_it_shows_a_session_from_the_goal_to_the_end(opened: Any) -> None:
    engine = await opened()
    monitor = opened.monitor(engine, tab=OVERVIEW)
    assert "Nothing has happened yet" in monitor.panel.head.value
    await monitor
    assert "<svg" in monitor.panel.bodies[OVERVIEW].value, "the place is taken from the beginning"
    plan = await engine.submit("Bake and sell oat cookies.")
    await until(lambda: "Waits for a person" in monitor.panel.head.value)
    assert "Bake and sell oat cookies." in monitor.panel.head.value
    assert "live" in monitor.panel.head.value
    for step in plan.steps:
        await engine.approve(step)
    await engine.wait(plan)
    await until(lambda: "Finished" in monitor.panel.head.value)
    assert 'macae-value">2</span> <span class="macae-label">tool calls' in monitor.panel.strip.value
    assert "BakerAgent" in monitor.panel.bodies[OVERVIEW].value, "the figure says in words what it shows"
    assert [name for _, name in monitor.panel.agent.options] == ["", *monitor.recording.agents]
    monitor.panel.tabs.selected_index = CONVERSATION
    await until(lambda: "Baked 12 oat cookies." in monitor.panel.bodies[CONVERSATION].value)
    assert monitor.recording.status == "finished"


async def test_time_goes_on_while_a_step_runs_and_few_pictures_are_drawn_of_it(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macae.ui.monitor.showing.BEAT", 0.05)
    monkeypatch.setattr("macae.ui.monitor.frames.PAUSE", 0.05)
    engine = await opened(planned(SLOW))
    monitor = opened.monitor(engine, tab=OVERVIEW)
    plan = await engine.submit("Bake a wedding cake.")
    await engine.approve(plan.steps[0])
    await until(lambda: "Working" in monitor.panel.head.value)
    await monitor.showing.settled()
    shown, pictures = set[str](), set[str]()
    events, begun = len(monitor.recording.events), time.monotonic()
    while len(shown) < 4 and time.monotonic() < begun + 20:
        await asyncio.sleep(0.05)
        shown.add(monitor.panel.clock.value)
        pictures.add(monitor.panel.bodies[OVERVIEW].value)
    assert len(shown) == 4, "the seconds must move though nothing is told"
    assert len(monitor.recording.events) == events
    assert len(pictures) <= 2 + (time.monotonic() - begun) / 0.9, (
        "a second moves the figure by next to nothing"
    )
    await engine.cancel(plan)
    await until(lambda: "Cancelled" in monitor.panel.head.value)
    await asyncio.sleep(0.3)  # what the cancelled call still tells
    await monitor.showing.settled()
    count = monitor.showing.frames.count
    await asyncio.sleep(0.3)
    assert monitor.showing.frames.count == count, "when nothing goes on, nothing is drawn"


async def test_another_process_is_seen(opened: Any) -> None:
    watching, working = await opened(), await opened()
    plan = await working.submit("Bake and sell oat cookies.")
    monitor = await opened.monitor(watching, plan.session_id)
    assert "Waits for a person" in monitor.panel.head.value
    for step in plan.steps:
        await working.approve(step)
    await working.wait(plan)
    await until(lambda: "Finished" in monitor.panel.head.value)
    assert monitor.recording.plans == [plan.id]


async def test_one_plan_of_a_session(opened: Any) -> None:
    engine = await opened()
    first = await engine.submit("Bake and sell oat cookies.")
    second = await engine.submit("Bake and sell more.", first.session_id)
    monitor = await opened.monitor(engine, second)
    assert monitor.recording.plans == [second.id]
    assert "Bake and sell more." in monitor.panel.head.value
    by_id = await opened.monitor(engine, first.id)
    assert by_id.recording.plans == [first.id]
    whole = await opened.monitor(engine, first.session_id)
    assert whole.recording.plans == [first.id, second.id]


async def test_what_does_not_exist_is_said_and_raised_to_whoever_waits(opened: Any) -> None:
    engine = await opened()
    monitor = opened.monitor(engine, "nowhere")
    with pytest.raises(NotFound, match="nowhere"):
        await monitor
    assert "nowhere" in monitor.panel.notice.value
    with pytest.raises(InvalidInput, match="knows nothing yet"):
        _ = monitor.recording
    plan = await engine.submit("Bake and sell oat cookies.", "nowhere")
    await until(lambda: "Waits for a person" in monitor.panel.head.value)
    assert monitor.recording.plans == [plan.id]


async def test_stop_leaves_the_last_state_and_no_task(opened: Any, tmp_path: Path) -> None:
    engine = await opened()
    plan = await engine.submit("Bake and sell oat cookies.")
    monitor = await opened.monitor(engine)
    assert names()
    monitor.stop()
    monitor.stop()
    await monitor.showing.settled()
    await until(lambda: not names())
    assert "no longer followed" in monitor.panel.head.value
    await engine.cancel(plan)
    assert "Waits for a person" in monitor.panel.head.value
    monitor.panel.tabs.selected_index = CONVERSATION
    await until(lambda: "Bake" in monitor.panel.bodies[CONVERSATION].value)
    assert monitor.save_png(tmp_path / "last.png").read_bytes().startswith(b"\x89PNG")


async def test_a_closed_engine_ends_it(opened: Any) -> None:
    engine = await opened()
    await engine.submit("Bake and sell oat cookies.")
    monitor = await opened.monitor(engine)
    await engine.close(0)
    await until(lambda: "no longer followed" in monitor.panel.head.value)
    await monitor.showing.settled()
    await until(lambda: not names())


async def test_a_cell_that_runs_again_has_one_monitor(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = await opened()
    run = ["1"]
    monkeypatch.setattr(cells, "running_cell", lambda: ("cell", run[0]))
    first = opened.monitor(engine)
    run[0] = "2"
    second = opened.monitor(engine)
    await engine.submit("Bake and sell oat cookies.")
    await until(lambda: "Waits for a person" in second.panel.head.value)
    assert first.showing.stopped
    assert not second.showing.stopped
    following = ["monitor: reads the store", "monitor: watches the engine"]
    await until(lambda: [name for name in names() if name.startswith("monitor:")] == following)


async def test_nobody_looks_nothing_is_drawn(opened: Any) -> None:
    engine = await opened()
    monitor = await opened.monitor(engine)
    monitor.panel.root._view_count = 1  # the browser shows it …
    await monitor.showing.settled()
    monitor.panel.root._view_count = 0  # … and its tab is closed
    await engine.submit("Bake and sell oat cookies.")
    count = monitor.showing.frames.count
    await until(lambda: monitor.recording.status == "waiting")
    await asyncio.sleep(0.2)
    assert monitor.showing.frames.count == count
    assert "Waits for a person" not in monitor.panel.head.value
    monitor.panel.root._view_count = 1
    await until(lambda: "Waits for a person" in monitor.panel.head.value)


async def test_hostile_text_is_text(opened: Any) -> None:
    engine = await opened(planned(TASTE))
    monitor = opened.monitor(engine)
    plan = await engine.submit(f"Taste {EVIL}")
    await engine.approve(plan.steps[0])
    await engine.wait(plan)
    await until(lambda: "Finished" in monitor.panel.head.value)
    monitor.panel.step.value = plan.steps[0].id
    for tab in range(5):
        monitor.panel.tabs.selected_index = tab
        await until(lambda: monitor.panel.bodies[tab].value)  # noqa: B023
    page = "".join(
        [monitor.panel.head.value, monitor.panel.strip.value, *(one.value for one in monitor.panel.bodies)]
    )
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;script&gt;" in monitor.snapshot().data
    assert "<script" not in monitor.snapshot().data


async def test_what_the_rule_for_screens_hides_is_nowhere(opened: Any) -> None:
    engine = await opened()
    monitor = opened.monitor(engine, shown=lambda text: text.replace("oat", "▇▇▇"))
    plan = await engine.submit("Bake and sell oat cookies.")
    for step in plan.steps:
        await engine.approve(step)
    await engine.wait(plan)
    await until(lambda: "Finished" in monitor.panel.head.value)
    monitor.panel.step.value = plan.steps[0].id
    for tab in range(4):
        monitor.panel.tabs.selected_index = tab
        await until(lambda: monitor.panel.bodies[tab].value)  # noqa: B023
    assert "▇▇▇" in monitor.panel.head.value
    page = "".join([monitor.panel.head.value, *(one.value for one in monitor.panel.bodies)])
    assert " oat " not in page
    assert "&#x27;oat&#x27;" not in page


def test_outside_a_cell_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="event loop"):
        Monitor(Engine(settings=Settings(home=tmp_path, _env_file=None)))  # type: ignore[call-arg]
    with pytest.raises(InvalidInput, match="needs an engine"):
        Monitor(object())


async def test_a_picture_that_cannot_be_drawn_is_said(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **more: Any) -> Any:
        raise ValueError("no <ink>")

    monkeypatch.setattr("macae.ui.monitor.painting.figure", broken)
    engine = await opened()
    monitor = opened.monitor(engine, tab=OVERVIEW)
    await engine.submit("Bake and sell oat cookies.")
    await until(lambda: "no &lt;ink&gt;" in monitor.panel.notice.value)
    monitor.panel.tabs.selected_index = CONVERSATION
    await until(lambda: "Bake" in monitor.panel.bodies[CONVERSATION].value)
