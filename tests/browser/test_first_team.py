"""A learner in challenge 1 is the person in a team of agents: the buttons appear while the team runs, and it goes on when they are pressed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import expect

from .lab import Lab, Notebook
from .learner import Learner, write_challenge


async def test_the_person_in_the_team_says_no_and_then_yes(lab: Lab, page: Any, home: Path) -> None:
    opened = Notebook(lab, page, write_challenge(lab, "01-a-first-team", home, "first-team"))
    await opened.open()
    learner = Learner(opened)
    try:
        await learner.run("home", "parameters", "imports", "setup", "buttons", "published")
        cell = await learner.reads("published", "writer: The canteen is closed.")
        await cell.get_by_role("button", name="no", exact=True).click()
        await learner.reads("published", "approver: no", "there are sandwiches")
        await expect(cell.get_by_role("button", name="yes", exact=True)).to_have_count(2)
        await cell.get_by_role("button", name="yes", exact=True).last.click()
        await learner.reads("published", "approver: yes")
    finally:
        await opened.close()
        lab.forget_kernels()
