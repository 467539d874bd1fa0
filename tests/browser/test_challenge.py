"""A learner in challenge 6: opens it unsolved, fills cells, runs them, clicks on a card of their own, and passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from macae import Engine, Settings
from macae.models import PlanStatus

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


async def test_a_learner_fills_cells_clicks_their_own_card_and_passes(learner: Learner, home: Path) -> None:
    await learner.run("step-html", "step-html-check")
    await learner.reads("step-html-check", "Not attempted")
    await learner.write("step-html", "def step_html(step):\n    return html.escape(step.task)")
    await learner.run("step-html", "step-html-check")
    await learner.reads("step-html-check", "Not yet", "Expected")
    await learner.write("step-html-check", "hint()")
    await learner.run("step-html-check")
    await learner.reads("step-html-check", "Hint 1 of")
    await learner.write("step-html-check", "check(step_html)")

    await solve(learner, "step-html", "approval-card", "ask")
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
