"""The board, as a person at the screen finds it: by words, labels and roles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import expect

from .lab import Notebook

SETUP = """\
from tests.support.bakery import *
from macae.ui import PlanBoard

engine = bakery({home!r}, {plan})
await engine.start()
known = (await engine.sessions()).items
if known:
    plan = (await engine.resume(known[0].session_id))[-1]
else:
    plan = await engine.submit({goal!r}) if {goal!r} else None
board = PlanBoard(engine, plan)
board"""


async def start(
    notebook: Any, home: Path, *cells: str, plan: str = "TWO", goal: str | None = "Bake and sell oat cookies."
) -> Board:
    """Open a notebook with a board on a plan of the bakery (or, with goal None, on the form for a goal)."""
    setup = SETUP.format(home=str(home), plan=plan, goal=goal)
    opened = await notebook(setup, *(cells or ("'idle'",)))
    board = Board(opened)
    await board.page.locator(".macae-board").wait_for()
    return board


class Board:
    """All of it."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook, self.page = notebook, notebook.page

    def card(self, number: int) -> Card:
        """The card of step `number`, from 1."""
        return Card(self.page.locator(".macae-card").nth(number - 1))

    async def press(self, label: str) -> None:
        """Click a button of the board's upper part."""
        await self.page.locator(".macae-top").get_by_role("button", name=label, exact=True).click()

    async def text(self, selector: str) -> str:
        """The text of the first such element."""
        return str(await self.page.locator(selector).first.inner_text())

    async def top_stands(self, status: str) -> None:
        """Wait until the plan has this status."""
        await expect(self.page.locator(".macae-top .macae-pill")).to_have_text(status, timeout=40_000)

    async def run_again(self) -> None:
        """Run all cells, and wait for the new board."""
        await self.page.evaluate(
            "document.querySelectorAll('.macae-board').forEach(e => e.classList.remove('macae-board'))"
        )
        await self.notebook.run_all()
        await self.page.locator(".macae-board").wait_for()

    async def focus(self) -> dict[str, str]:
        """What has the keyboard's focus."""
        return dict(
            await self.page.evaluate(
                "() => { const e = document.activeElement; const s = getComputedStyle(e);"
                " return {tag: e.tagName.toLowerCase(), text: e.innerText || '', title: e.title || '',"
                " label: e.labels && e.labels.length ? e.labels[0].innerText : '', outline: s.outline}; }"
            )
        )

    async def focus_is(self, tag: str, **values: str) -> None:
        """Wait until the focus is on such an element."""
        wanted = {"tag": tag, **values}
        found: dict[str, str] = {}
        for _ in range(200):
            found = await self.focus()
            if all(found[name] == value for name, value in wanted.items()):
                return
            await self.page.wait_for_timeout(25)
        raise AssertionError(f"The focus is on {found}, not on {wanted}.")


class Card:
    """One step."""

    def __init__(self, element: Any) -> None:
        self.element = element

    async def press(self, label: str) -> None:
        """Click a button."""
        await self.element.get_by_role("button", name=label, exact=True).click()

    def field(self, label: str) -> Any:
        """A field by its label."""
        return self.element.get_by_label(label, exact=True)

    async def stands(self, status: str) -> None:
        """Wait until the step has this status."""
        await expect(self.element.locator(".macae-pill")).to_have_text(status, timeout=40_000)

    async def says(self, text: str) -> None:
        """Wait until this text stands on the card."""
        await expect(self.element).to_contain_text(text, timeout=40_000)
