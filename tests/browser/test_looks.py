"""How the board looks to a browser: hostile text stays text, colours can be read in every theme, narrow windows lose nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from macae.memory.sqlite.store import SQLiteStore
from macae.memory.store import Change
from macae.models import CallRecord, PendingCall, Plan, Session, Step, StepStatus
from tests.support.bakery import EVIL

from .board import Board, start

S = StepStatus

READABLE = """
() => {
  const canvas = document.createElement('canvas'); canvas.width = canvas.height = 1;
  const paint = canvas.getContext('2d', {willReadFrequently: true});
  const read = (colour, under) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = `rgb(${under.join(',')})`; paint.fillRect(0, 0, 1, 1);
    paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.querySelector('.macae-board'), NodeFilter.SHOW_TEXT);
  const judge = (element, colour, words) => {
    const chain = [];
    for (let e = element; e; e = e.parentElement) chain.unshift(e);
    const under = chain.reduce((below, e) => read(getComputedStyle(e).backgroundColor, below), [255, 255, 255]);
    const [a, b] = [light(read(colour, under)), light(under)].sort((x, y) => y - x);
    found.push({ratio: (a + 0.05) / (b + 0.05), words: words.trim().slice(0, 40), element: element.className});
  };
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && element.checkVisibility() && element.tagName !== 'STYLE')
      judge(element, getComputedStyle(element).color, walker.currentNode.data);
  }
  for (const field of document.querySelectorAll('.macae-board textarea'))
    if (field.checkVisibility()) {
      judge(field, getComputedStyle(field).color, field.value);
      judge(field, getComputedStyle(field, '::placeholder').color, field.placeholder);
    }
  for (const icon of document.querySelectorAll('.macae-board .fa'))
    if (icon.checkVisibility()) judge(icon, getComputedStyle(icon).color, icon.className);
  return found;
}
"""
WIDE = """
() => { const board = document.querySelector('.macae-board'); const edge = board.getBoundingClientRect().right;
  return [...board.querySelectorAll('*')].filter(e => e.checkVisibility() && !e.closest('pre, .macae-gist')
    && e.getBoundingClientRect().right > edge + 1).map(e => e.className || e.tagName); }
"""


async def store_every_state(home: Path) -> None:
    """A plan with a step in each state that the board can show, written as a process long gone would have left it."""
    done = CallRecord(
        key="1", tool="bake", arguments={"kind": "oat"}, state="completed", result="ok", seconds=0.1
    )
    refused = CallRecord(
        key="2", tool="burn", arguments={}, state="failed", is_error=True, result="No.", seconds=0.1
    )
    lost = CallRecord(key="3", tool="sell", arguments={"kind": "oat"}, state="unknown")
    going = CallRecord(key="4", tool="taste", arguments={"kind": "oat"}, state="started", effect="read")
    common = {"session_id": "s", "user_id": "local"}
    plan = Plan(
        **common,
        initial_goal="Bake 12 oat cookies, sell them, and tell everybody how they taste",
        summary="Bakes, tastes and sells.",
        human_clarification_request="Which kind?",
        human_clarification_response="oat",
    )
    rows: list[dict[str, Any]] = [
        {
            "status": S.completed,
            "agent_reply": "Baked 12.",
            "calls": [done, refused],
            "seconds": 0.4,
            "tokens": 1_200,
        },
        {"status": S.action_requested, "calls": [going], "owner": "gone"},
        {"status": S.awaiting_feedback, "function": "sell", "arguments": {"kind": "oat", "price": "4.50"}},
        {
            "status": S.awaiting_feedback,
            "pending_call": PendingCall(tool="bake", arguments={"kind": "rye"}),
            "attempt": 2,
        },
        {"status": S.awaiting_feedback, "interrupted_calls": ["sell: it may have run"], "calls": [lost]},
        {"status": S.failed, "error": "The oven answers 503; tried 3 times."},
        {"status": S.rejected, "human_feedback": "Too sweet."},
        {"status": S.planned, "depends_on": ["failed"]},
        {"status": S.awaiting_feedback, "agent": "HumanAgent"},
        {"status": S.approved, "function": "sell", "arguments": {"kind": "oat"}},
        {"status": S.skipped},
        {"status": S.cancelled},
        {"status": S.superseded},
    ]
    steps = []
    for index, row in enumerate(rows, 1):
        given = {
            "agent": "BakerAgent",
            "action": f"Do the work of step {index}.",
            "index": index,
            **common,
            **row,
        }
        steps.append(Step(plan_id=plan.id, **given))
    steps[5].id = "failed"
    async with SQLiteStore(home / "macae.db") as store:
        session = Session(id="s", **common)
        await store.write("local", "s", [Change(document) for document in (session, plan, *steps)])


STATES = """\
from macae.ui import PlanBoard
from tests.support.bakery import bakery

engine = bakery({home!r})
await engine.start()
plan = (await engine.plans("s"))[0]
board = PlanBoard(engine, plan)
board.surface.cards[plan.steps[2].id].open_editor()
board.surface.cards[plan.steps[3].id].say("This is what an error looks like.")
board"""


@pytest_asyncio.fixture(loop_scope="session")
async def every_state(notebook: Any, home: Path) -> Board:
    await store_every_state(home)
    board = Board(await notebook(STATES.format(home=str(home))))
    await board.page.locator(".macae-card").nth(12).wait_for()
    return board


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
async def test_all_text_and_icons_can_be_read(every_state: Board, theme: str) -> None:
    await every_state.notebook.theme(theme)
    try:
        found = await every_state.page.evaluate(READABLE)
    finally:
        await every_state.notebook.theme("light")
    assert len(found) > 120, "the measurement found too little"
    assert [one for one in found if one["ratio"] < 4.5] == []


async def test_a_narrow_window_cuts_nothing_off(every_state: Board) -> None:
    for width in (1180, 700, 560):
        await every_state.page.set_viewport_size({"width": width, "height": 900})
        await every_state.page.wait_for_timeout(150)
        assert await every_state.page.evaluate(WIDE) == [], f"too wide at {width}"


async def test_hostile_text_is_shown_and_does_nothing(notebook: Any, home: Path) -> None:
    board = await start(notebook, home, plan="planned(TASTE)", goal=f"Taste {EVIL}")
    await board.card(1).field("Note").fill(EVIL)
    await board.card(1).press("Approve")
    await board.top_stands("Completed")
    await board.page.locator("details summary").first.click()
    for text in (f"Taste {EVIL}", f"Note: {EVIL}", "taste like <img src=x", "taste(kind='<img src=x"):
        await board.card(1).says(text)
    assert await board.page.evaluate("window.hacked") is None
    assert await board.page.locator(".macae-board :is(img, script)").count() == 0
    assert EVIL in await board.text(".macae-top:not(.macae-hidden) .macae-goal")


async def test_everything_that_can_be_pressed_or_typed_in_has_a_name(every_state: Board) -> None:
    tree = await every_state.page.locator(".macae-board").aria_snapshot()
    lines = [line.strip() for line in tree.splitlines()]
    unnamed = [line for line in lines if line.startswith(("- button", "- textbox")) and '"' not in line]
    assert unnamed == []
    assert '- button "Approve"' in lines
    assert not any("\\uf0" in ascii(line) for line in lines if "button" in line), "icons are read out"
