"""A learner in challenge 6: opens it unsolved, fills cells, runs them, clicks on a card of their own, and passes; the coach sees it live."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from macae import Engine, Settings
from macae.models import PlanStatus
from tests.coach.conftest import JOIN, Coach

from .lab import Lab, Notebook
from .learner import Learner, answers, write_challenge

NAME = "06-the-human"


@pytest_asyncio.fixture(loop_scope="session")
async def learner(lab: Lab, page: Any, home: Path) -> AsyncIterator[Learner]:
    """In front of the unsolved notebook, with its first cells run."""
    opened = Notebook(lab, page, write_challenge(lab, NAME, home, "challenge"))
    await opened.open()
    found = Learner(opened)
    await found.run("home", "parameters", "setup", "imports", "a-step")
    await found.reads("setup", "Challenge 6", "0 of 6 passed")
    yield found
    await opened.close()
    lab.forget_kernels()


@pytest.fixture
def coach(tmp_path: Path) -> Iterator[Coach]:
    """The coach's board, running."""
    (tmp_path / "coach").mkdir()
    board = Coach(tmp_path / "coach")
    yield board
    board.close()


@pytest_asyncio.fixture(loop_scope="session")
async def watching(page: Any, coach: Coach) -> AsyncIterator[Any]:
    """The board, open in another tab."""
    tab = await page.context.browser.new_page()
    await tab.goto(coach.page)
    yield tab
    await tab.close()


async def solve(learner: Learner, *exercises: str) -> None:
    """Fill cells as our solution does, run them and their checks, and see that each passes."""
    code = answers(NAME)
    for cell in exercises:
        await learner.write(cell, code[cell])
        await learner.run(cell, f"{cell}-check")
        await learner.reads(f"{cell}-check", "Passed")


async def press(where: Any, button: str, note: str = "") -> None:
    """Type a note on the learner's card, and press one of its buttons, once it is on the screen."""
    if note:
        await where.get_by_label("Note").fill(note)
    await where.get_by_role("button", name=button, exact=True).click()


async def test_a_learner_fills_cells_clicks_their_own_card_and_passes(
    learner: Learner, home: Path, coach: Coach, watching: Any
) -> None:
    join = f'from macae.workshop import coach_join\n\ncoach_join("{coach.url}", "{JOIN}", team="Otters")'
    await learner.write("home", join)
    await learner.run("home")
    await learner.run("step-html", "step-html-check")
    await learner.reads("step-html-check", "Not attempted")
    await learner.write("step-html", "def step_html(step):\n    return html.escape(step.task)")
    await learner.run("step-html", "step-html-check")
    await learner.reads("step-html-check", "Not yet", "Expected")
    await learner.write("step-html-check", "hint()")
    await learner.run("step-html-check")
    await learner.reads("step-html-check", "Hint 1 of")
    await learner.write("step-html-check", "check(step_html)")
    row = watching.locator("tbody tr")
    await expect(row).to_contain_text("Otters", timeout=40_000)
    await expect(row).to_contain_text("0/6", timeout=40_000)

    await solve(learner, "step-html", "approval-card", "ask")
    await expect(row).to_contain_text("3/6", timeout=40_000)
    await learner.run("ask-demo")
    await learner.reads("ask-demo", "Order 5 laptops for the marketing team.")
    await learner.notebook.menu("Kernel", "Interrupt Kernel")
    await learner.reads("ask-demo", "CancelledError")
    await learner.run("ask-demo")
    shown = await learner.reads("ask-demo", "Order 5 laptops for the marketing team.")
    await shown.get_by_label("Note").fill("the black ones")
    for key in ("Tab", "Tab", "Enter"):  # past the field for an edit, to Approve
        await learner.page.keyboard.press(key)
    await learner.reads("ask-demo", "('approve', 'the black ones')")
    await expect(shown.get_by_role("button", name="Reject", exact=True)).to_be_disabled()

    await solve(learner, "decide", "after-decision", "human-agent")
    await learner.run("binding", "show-engine", "show-cards")
    shown = await learner.reads("show-cards", "order_hardware")
    await press(shown.locator(".jp-OutputArea-child").nth(0), "Approve", "from my own card")
    await learner.reads("show-cards", "book_training_session")
    await press(shown.locator(".jp-OutputArea-child").nth(1), "Reject", "no time")
    await learner.reads("show-cards", "1 completed", "2 rejected | no time")
    await learner.run("show-parts", "done")
    await learner.reads("show-parts", "HumanAgent")
    await learner.reads("done", "6 of")
    await expect(row).to_contain_text("✓ 6/6", timeout=40_000)

    async with Engine(settings=Settings(home=home, _env_file=None)) as engine:  # type: ignore[call-arg]
        plans = [
            plan for one in (await engine.sessions()).items for plan in await engine.plans(one.session_id)
        ]
        decided = next(
            plan for plan in plans if plan.overall_status is PlanStatus.in_progress and plan.completed
        )
        first, second = decided.steps
        assert first.approval is not None
        assert (first.approval.by, first.approval.note) == ("local", "from my own card")
        assert (second.human_feedback, second.calls) == ("no time", [])
