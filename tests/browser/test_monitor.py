"""The monitor in a browser: a live run without flicker, a replay moved by its slider, the filter, a download, both themes."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from .test_looks import READABLE, WIDE

LIVE = """\
import asyncio
from pathlib import Path
from macae.ui import Monitor
from tests.support.bakery import *
from tests.support.recordings import onboarding

engine = bakery({home!r})
await engine.start()
monitor = Monitor(engine)
monitor"""
RUN = """\
plan = await engine.submit("Bake and sell oat cookies.")
while not Path({go!r}).exists():
    await asyncio.sleep(0.05)
for step in plan.steps:
    await asyncio.sleep(1.3)
    await engine.approve(step)
await engine.wait(plan)"""
REPLAY = """\
replay = Monitor.replay(onboarding(), budget_usd=0.25)
replay.add_metric("tool calls", lambda recording: len(recording.tool_calls))
replay"""

WATCH = """
() => {
  const pane = document.querySelector('.macae-monitor .macae-pane');
  const seen = window.seen = {frames: 0, without: 0, pictures: new Set(), heights: []};
  const look = () => {
    const svg = pane.querySelector('svg');
    if (svg && svg.getBoundingClientRect().height > 50) {
      seen.frames += 1;
      seen.pictures.add(svg.innerHTML.length);
      const height = Math.round(pane.getBoundingClientRect().height);
      if (seen.heights.at(-1) !== height) seen.heights.push(height);
    } else if (seen.frames) seen.without += 1;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""
SEEN = "() => ({...window.seen, pictures: window.seen.pictures.size})"
INK = """
() => getComputedStyle([...document.querySelectorAll('.macae-monitor')].at(-1).querySelector('svg [style*="--f-text"]')).fill
"""


async def unnamed(monitor: Any) -> list[str]:
    """What can be pressed or chosen, and has no name. (The slider's handle has none; two buttons do the same.)"""
    lines = [line.strip() for line in (await monitor.aria_snapshot()).splitlines()]
    controls = ("- button", "- combobox", "- tab ", "- img", "- link")
    assert '- button "One moment back"' in lines
    return [line for line in lines if line.startswith(controls) and '"' not in line]


async def test_live_replayed_filtered_downloaded_in_both_themes(notebook: Any, page: Any, home: Path) -> None:
    go = home.with_name("go")  # the run goes on when the browser has seen its beginning
    opened = await notebook(LIVE.format(home=str(home)), RUN.format(go=str(go)), REPLAY)
    live, replay = page.locator(".macae-monitor").nth(0), page.locator(".macae-monitor").nth(1)
    await live.wait_for()
    await expect(live.locator(".macae-pill").first).to_have_text("Waits for a person", timeout=40_000)
    await page.evaluate(WATCH)
    go.touch()
    await expect(live.locator(".macae-mode")).to_have_text("live")
    await expect(live.locator(".macae-pill").first).to_have_text("Finished", timeout=40_000)
    await expect(live.locator(".macae-kpi").nth(1)).to_contain_text("2")
    seen = await page.evaluate(SEEN)
    assert seen["frames"] > 10
    assert seen["without"] == 0, "the figure was gone for a moment: it flickers"
    assert 2 <= seen["pictures"] <= 8, "about one picture a second"
    assert seen["heights"] == sorted(seen["heights"]), "it may grow by a row, never jump"

    handle = replay.locator(".noUi-handle")
    await expect(replay.locator(".macae-moment")).to_have_text("38.2 s of 38.2 s")
    await expect(replay.locator(".macae-figure svg")).to_be_visible()
    await handle.focus()
    await page.keyboard.press("Home")
    await expect(replay.locator(".macae-moment")).to_have_text("0 s of 38.2 s")
    await expect(replay.locator(".macae-pill").first).to_have_text("Planning")
    for _ in range(4):
        await page.keyboard.press("ArrowRight")
    await expect(replay.locator(".macae-moment")).not_to_have_text("0 s of 38.2 s")
    await page.keyboard.press("End")
    await expect(replay.locator(".macae-pill").first).to_have_text("Finished")
    assert await unnamed(replay) == []

    await replay.get_by_role("tab", name="Conversation").click()
    await expect(replay.locator(".macae-line")).to_have_count(15)
    await replay.get_by_label("Agent", exact=True).select_option("HrAgent")
    await expect(replay.locator(".macae-lines")).not_to_contain_text("ProcurementAgent")
    await expect(replay.locator(".macae-lines")).to_contain_text("HrAgent")
    await replay.get_by_label("Agent", exact=True).select_option("Everyone")
    await expect(replay.locator(".macae-lines")).to_contain_text("<img src=x")
    assert await replay.locator("img").count() == 0

    await replay.get_by_role("button", name="CSV").click()
    async with page.expect_download() as download:
        await replay.locator(".macae-link").click()
    saved = await download.value
    assert saved.suggested_filename == "macae-S-7f3a.csv"
    await saved.save_as(home.with_name("saved.csv"))
    with home.with_name("saved.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) > 40

    await page.evaluate("document.querySelectorAll('.macae-monitor')[0].classList.remove('macae-board')")
    await replay.get_by_role("tab", name="Overview").click()
    inks = []
    for theme in ("light", "dark", "contrast"):
        await opened.theme(theme)
        try:
            inks.append(await page.evaluate(INK))
            found = await page.evaluate(READABLE)
        finally:
            await opened.theme("light")
        assert len(found) > 30, "the measurement found too little"
        assert [one for one in found if one["ratio"] < 4.5] == []
    assert len(set(inks)) >= 2, "the figure follows the theme"
    await page.set_viewport_size({"width": 620, "height": 900})
    await page.wait_for_timeout(150)
    wide = [one for one in await page.evaluate(WIDE) if isinstance(one, str) and one.startswith("macae")]
    assert wide == []
