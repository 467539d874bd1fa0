"""Replay: each moment shows what was known then; and what can be taken along, compared, measured and explained."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from macae.errors import InvalidInput, NotFound
from macae.memory.store import Change
from macae.models import Event, EventType, Session
from macae.monitoring.recording import Recording
from macae.ui import Monitor
from macae.ui.monitor import exports, picture
from tests.support.bakery import TWO, bakery
from tests.support.recordings import HOSTILE, onboarding

pytestmark = pytest.mark.usefixtures("quick")
GONE = "12345-0123456789abcdef"
"""The name of a process that is none."""
OVERVIEW, CONVERSATION, STEPS, ALERTS, TALKING = range(5)


async def test_a_session_whose_process_is_gone_says_so_live_and_replayed(tmp_path: Path) -> None:
    async with bakery(tmp_path, TWO) as engine:
        own: dict[str, Any] = {"session_id": "s", "user_id": engine.user_id}
        goal = Event(
            type=EventType.goal_received, text="Bake", trace_id="a" * 32, data={"owner": GONE}, **own
        )
        await engine.store.write(engine.user_id, "s", [Change(Session(id="s", **own))], [goal])
        replayed = await Monitor.replay(engine, "s")
        assert "no process works on it" in replayed.panel.head.value
        live = await Monitor(engine, "s")
        await until(lambda: "no process works on it" in live.panel.head.value)
        live.stop()
        plan = await engine.submit("Bake and sell.", "waits")
        waits = (await Monitor.replay(engine, plan)).recording
        assert waits.status == "waiting" and waits.seconds > waits.timeline[-1].seconds, "up to now"


async def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def shown(monitor: Monitor, tab: int) -> str:
    """What stands on a tab, once it is drawn."""
    monitor.panel.tabs.selected_index = tab
    await monitor
    return str(monitor.panel.bodies[tab].value)


def said(html: str) -> list[str]:
    """The texts of the conversation's lines."""
    return re.findall(r'<div class="macae-text">(.*?)</div>', html, flags=re.S)


async def test_each_moment_shows_what_was_known_then() -> None:
    monitor = await Monitor.replay(onboarding())
    await shown(monitor, ALERTS)
    whole = monitor.recording
    assert monitor.at == whole.seconds, "at first the end is shown"
    assert "Finished" in monitor.panel.head.value
    assert "Alerts (4)" in monitor.panel.tabs.titles
    monitor.go(3.0)
    await monitor
    assert 1.4 <= (monitor.at or 0) <= 3.0
    assert "Waits for a person" in monitor.panel.head.value
    assert "Alerts" in monitor.panel.tabs.titles
    assert 'macae-value">1</span> <span class="macae-label">model call<' in monitor.panel.strip.value
    lines = said(await shown(monitor, CONVERSATION))
    assert "onboard Jessica Smith" in lines
    assert not any("E-1042" in line for line in lines)
    for moment in whole.moments[::7]:
        monitor.go(moment)
        await monitor
        then = whole.until(moment)
        assert monitor.at == moment
        assert (
            f'macae-value">{len(then.tool_calls)}</span> <span class="macae-label">tool'
            in monitor.panel.strip.value
        )


async def test_the_slider_draws_the_last_place_only() -> None:
    monitor = await Monitor.replay(onboarding())
    await shown(monitor, ALERTS)
    slider, count = monitor.panel.player.slider, monitor.showing.frames.count
    assert slider.max == len(monitor.recording.moments) - 1
    for place in range(slider.max):
        slider.value = place
    await monitor
    assert monitor.showing.frames.count - count <= 3
    assert "of 38.2 s" in monitor.panel.player.words.value
    monitor.panel.player.back.click()
    assert slider.value == slider.max - 2
    for _ in range(4):
        monitor.panel.player.ahead.click()
    assert slider.value == slider.max
    await monitor


async def test_play_goes_to_the_end_and_pause_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("macae.ui.monitor.playing.LONGEST", 0.01)
    monkeypatch.setattr("macae.ui.monitor.playing.SHORTEST", 0.001)
    monitor = await Monitor.replay(onboarding())
    await shown(monitor, ALERTS)  # quicker to draw than the figure
    player = monitor.panel.player
    player.speed.value = "20 ×"
    player.play.click()
    await until(lambda: player.playing)
    assert player.play.description == "Pause"
    await until(lambda: 2.0 < player.at < 38.0)
    player.play.click()
    await until(lambda: not player.playing)
    held = player.at
    await asyncio.sleep(0.05)
    assert player.at == held
    player.play.click()
    await until(lambda: player.at == 38.2 and not player.playing)
    assert player.play.description == "Play"
    await monitor
    assert "Finished" in monitor.panel.head.value
    player.play.click()  # from the beginning again
    await until(lambda: player.playing and player.at < 38.2)
    monitor.stop()
    await until(lambda: not player.playing)


async def test_the_conversation_shows_ten_messages_and_five_thoughts_and_more_when_asked() -> None:
    monitor = await Monitor.replay(onboarding())
    html = await shown(monitor, CONVERSATION)
    lines = monitor.recording.conversation
    assert html.count("macae-line-thought") == 5
    assert len(said(html)) == 15
    assert f"({len(lines) - 15})" in monitor.panel.earlier.description
    assert HOSTILE.split("\x1b")[0] not in html
    assert "&lt;img src=x" in html
    monitor.panel.earlier.click()
    assert len(said(await shown(monitor, CONVERSATION))) == len(lines)
    assert "macae-hidden" in monitor.panel.earlier._dom_classes


async def test_the_filter_keeps_one_agent() -> None:
    monitor = await Monitor.replay(onboarding())
    everyone = await shown(monitor, OVERVIEW)
    monitor.panel.agent.value = "HrAgent"
    hr = await shown(monitor, OVERVIEW)
    assert len(hr) < len(everyone), "fewer rows are drawn"
    html = await shown(monitor, CONVERSATION)
    assert "HrAgent" in html
    assert "ProcurementAgent" not in html
    assert "No alerts" in await shown(monitor, ALERTS)
    monitor.panel.agent.value = ""
    html = await shown(monitor, ALERTS)
    assert "check_stock" in html
    assert "2 emails" in html


async def test_a_step_is_explained() -> None:
    monitor = await Monitor.replay(onboarding())
    assert "Choose a step" in await shown(monitor, STEPS)
    labels = [label for label, _ in monitor.panel.step.options]
    assert any(label.startswith("3 · ProcurementAgent · Order a ThinkPad") for label in labels)
    monitor.panel.step.value = "s3"
    html = await shown(monitor, STEPS)
    assert "Look at the stock first." in html
    assert "order_hardware" in html
    for step in (3, "s3", monitor.recording.steps[2]):
        assert "PO-7731" in monitor.explain(step).text
    for wrong in (4, "s9", True):
        with pytest.raises(NotFound, match="The steps are: 1, 2, 3"):
            monitor.explain(wrong)


async def test_a_metric_in_one_line_is_shown_for_each_moment() -> None:
    monitor = await Monitor.replay(onboarding())
    before = await shown(monitor, OVERVIEW)
    monitor.add_metric("tool <calls>", lambda recording: len(recording.tool_calls))
    monitor.add_metric("broken", lambda recording: 1 / 0)
    after = await shown(monitor, OVERVIEW)
    assert len(after) > len(before), "it has a panel of its own"
    assert 'macae-value">5</span> <span class="macae-label">tool &lt;calls&gt;' in monitor.panel.strip.value
    assert "ZeroDivisionError" in monitor.panel.strip.value
    monitor.go(10)
    await monitor
    assert 'macae-value">1</span> <span class="macae-label">tool &lt;calls&gt;' in monitor.panel.strip.value


async def test_who_talks_to_whom_is_a_figure_with_words() -> None:
    monitor = await Monitor.replay(onboarding())
    html = await shown(monitor, TALKING)
    assert "<svg" in html
    assert 'aria-label="Who talks to whom: ' in html


async def test_figures_take_their_colours_from_the_page() -> None:
    html = await shown(await Monitor.replay(onboarding()), OVERVIEW)
    assert "var(--f-text)" in html
    for colour in ("#1b2430", "#0072b2", "#d55e00", "#e69f00", picture.sheet().ground, picture.sheet().hatch):
        assert colour not in html
    again = await shown(await Monitor.replay(onboarding()), OVERVIEW)
    ids = lambda page: set(re.findall(r'<(?:clipPath|pattern|path) id="((?:p|h|m)[0-9a-f]{6,})"', page))  # noqa: E731
    assert ids(html)
    assert not ids(html) & ids(again), "two pictures on a page share no id"


async def test_a_picture_too_large_for_the_browser_is_made_of_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "LARGEST", 1000)
    html = await shown(await Monitor.replay(onboarding()), OVERVIEW)
    assert "<svg" not in html
    assert "data:image/png;base64," in html


async def test_the_buttons_give_links_that_download() -> None:
    monitor = await Monitor.replay(onboarding())
    wanted = {"csv": (b"seq", "macae-S-7f3a.csv"), "png": (b"\x89PNG", "macae-S-7f3a.png")}
    for kind, (start, name) in {**wanted, "html": (b"<!doctype html", "macae-S-7f3a.html")}.items():
        monitor.export(kind)
        await until(lambda: f'download="{name}"' in monitor.panel.notice.value)  # noqa: B023
        content = base64.b64decode(re.findall(r'base64,([^"]+)"', monitor.panel.notice.value)[0])
        assert content[:60].lower().startswith(start.lower())


async def test_what_is_too_much_for_a_link_becomes_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exports, "LARGEST", 10)
    monkeypatch.chdir(tmp_path)
    monitor = await Monitor.replay(onboarding())
    monitor.export("csv")
    await until(lambda: "Saved to" in monitor.panel.notice.value)
    assert (tmp_path / "macae-S-7f3a.csv").stat().st_size > 10


def test_without_an_event_loop_it_still_draws_and_saves(tmp_path: Path) -> None:
    monitor = Monitor.replay(Recording(onboarding()))
    assert "Finished" in monitor.panel.head.value
    assert "<svg" in monitor.panel.bodies[OVERVIEW].value
    monitor.go(3.0)
    assert "Waits for a person" in monitor.panel.head.value
    assert monitor.save_png(tmp_path / "a.png", theme="dark").read_bytes().startswith(b"\x89PNG")
    assert "onboard Jessica Smith" in monitor.save_report(tmp_path / "a.html").read_text(encoding="utf-8")
    assert "check_stock" in monitor.save_csv(tmp_path / "a.csv").read_text(encoding="utf-8")
    assert str(tmp_path / "a.csv") in monitor.panel.notice.value
    with pytest.raises(InvalidInput, match="cannot be written"):
        monitor.save_csv(tmp_path / "no" / "a.csv")
    with pytest.raises(InvalidInput, match="event loop"):
        Monitor.replay(bakery(tmp_path), "s")


def test_an_exported_notebook_has_a_picture() -> None:
    monitor = Monitor.replay(onboarding())
    monitor.panel.tabs.selected_index = ALERTS
    bundle = monitor._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["image/png"].startswith(b"\x89PNG")
    page = monitor.snapshot().data
    assert "data:image/png;base64," in page
    assert "Finished" in page
    assert "<img src=x" not in page
    assert "$0" not in page, "JupyterLab would typeset prices"


def test_two_sessions_beside_each_other_can_be_kept_without_widgets() -> None:
    hostile = onboarding()
    hostile[0].text = HOSTILE
    both = Monitor.compare(Recording(hostile), Recording(onboarding()))
    page = both.snapshot().data
    found = re.fullmatch(
        r'.*<div class="macae-figure"><img alt="([^"<>]*)" src="data:image/png;base64,([^"]+)"></div></div>',
        page, re.S,
    )  # fmt: skip
    assert found is not None
    assert base64.b64decode(found[2]).startswith(b"\x89PNG") and "onboard Jessica Smith (B)" in found[1]
    assert "<script" not in page and "<img src=x" not in page


@pytest.mark.parametrize("wrong", [[], "S-7f3a", 3, ["event"], Recording()])
def test_what_cannot_be_replayed_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match=r"Recording|replay"):
        Monitor.replay(wrong)


def test_what_is_wrong_with_the_arguments_is_said() -> None:
    with pytest.raises(InvalidInput, match="There are no events here"):
        Monitor.replay([])
    for wrong in ("a lot", 0, True, float("nan")):
        with pytest.raises(InvalidInput, match="budget_usd takes a number above 0"):
            Monitor.replay(onboarding(), budget_usd=wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="limit_seconds takes a number above 0"):
        Monitor.replay(onboarding(), limit_seconds=None)  # type: ignore[arg-type]


async def test_a_stored_session_is_read_and_two_are_compared(tmp_path: Path) -> None:
    async with bakery(tmp_path, TWO, auto_approve=True) as engine:
        plan = await engine.wait(await engine.submit("Bake and sell oat cookies."))
        monitor = await Monitor.replay(engine, plan.session_id)
        assert "Finished" in monitor.panel.head.value
        assert monitor.recording.plans == [plan.id]
        assert (await Monitor.replay(engine, plan)).recording.plans == [plan.id]
        with pytest.raises(NotFound, match="nowhere"):
            await Monitor.replay(engine, "nowhere")
        both = await Monitor.compare((engine, plan.session_id), onboarding())
    assert [one.session_id for one in both.recordings] == [plan.session_id, "S-7f3a"]
    assert "duration" in both.body.value
    assert "<svg" in both.body.value
    assert both.save_png(tmp_path / "two.png").read_bytes().startswith(b"\x89PNG")
    report = both.save_report(tmp_path / "two.html").read_text(encoding="utf-8")
    assert "onboard Jessica Smith" in report
    assert "Bake and sell oat cookies." in report
    broken = Monitor.compare((engine, "nowhere"), onboarding())
    with pytest.raises(Exception, match=r"nowhere|closed"):
        await broken
    assert broken.notice.value
