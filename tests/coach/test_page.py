"""The page in Chromium: a report shows up by itself, names stay text, and it can be read in light and in dark."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from macae.workshop.coach.code import encode
from macae.workshop.coach.tracks import TITLES
from tests.browser.conftest import FLAGS
from tests.browser.test_looks import READABLE
from tests.coach.conftest import Coach, at, learner

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.xdist_group("coach's page"),  # they share a browser
    pytest.mark.asyncio(loop_scope="module"),
]
EVIL = '<img src=x onerror="document.title=1">'
WHOLE = READABLE.replace("'.macae-board'", "'#board'").replace(".macae-board ", "#board ")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    playwright = pytest.importorskip("playwright.async_api")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    async with playwright.async_playwright() as driver:
        try:
            one = await driver.chromium.launch(executable_path=program, args=FLAGS)
        except playwright.Error as error:
            pytest.skip(f"no Chromium here (install chromium, or set CHROMIUM): {str(error).splitlines()[0]}")
        yield one
        await one.close()


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def nothing_stays_open(browser: Any) -> AsyncIterator[None]:
    """An open page would go on asking for a board that has gone."""
    yield
    for context in list(browser.contexts):
        await context.close()


async def opened(browser: Any, address: str, scheme: str = "light", width: int = 1400) -> Any:
    """A page of its own, which notes what goes wrong in it."""
    page = await browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    page.set_default_timeout(30_000)
    page.wrong = []
    page.on("console", lambda m: page.wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: page.wrong.append(str(e)))
    page.on("dialog", lambda d: asyncio.ensure_future(d.accept()))
    await page.goto(address)
    return page


async def test_a_report_shows_up_by_itself(browser: Any, start: Callable[..., Coach]) -> None:
    coach = start()
    page = await opened(browser, coach.page)
    await page.wait_for_selector("#empty:not([hidden])")
    assert "key" not in page.url, "a projector shows the address bar"
    assert await page.text_content("#join-code") == "OTTER-2026"
    await asyncio.to_thread(coach.report, learner(1, EVIL, team=EVIL))
    await page.wait_for_selector("tbody .cell.now")
    assert await page.text_content("tbody th") == EVIL and await page.title() == "Coach board"
    assert await page.locator("tbody img").count() == 0
    stuck = at(3, passed=3, stuck=25.0, hints=2)
    await asyncio.to_thread(coach.report, learner(1, "Amira", challenges=(stuck,)))
    await page.wait_for_selector("tbody .cell.help")
    assert "3/4 help" in str(await page.text_content("tbody .cell.help"))
    assert "Amira" in str(await page.text_content("#first"))
    await page.reload()
    await page.wait_for_selector("tbody .cell.help")
    assert page.wrong == []


async def test_a_coach_enters_codes_sets_the_plan_and_removes(
    browser: Any, start: Callable[..., Coach]
) -> None:
    coach = start()
    page = await opened(browser, coach.page)
    code = encode(learner(9))
    await page.fill("#code", "X" + code[1:] if code[0] != "X" else "Y" + code[1:])
    await page.click("#paste button")
    await page.wait_for_selector("#said.bad:has-text('typo')")
    await page.fill("#code", code.lower())
    await page.fill("#team", "Foxes")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("tbody th:has-text('Foxes')")
    assert await page.input_value("#code") == ""
    await page.select_option("#track", "half-day")
    await page.fill("#begins", "00:00")
    await page.click("#plan button")
    await page.wait_for_selector("#pace-text:has-text('plan')")
    assert await page.locator("#bar").get_attribute("aria-label")
    await page.click("#project")
    assert '"OTTER-2026"' in str(await page.text_content("#card-text"))
    assert await page.is_visible("#card-alone"), "without --lan the shown address helps nobody else"
    shell = f"python workshop.py coach join {coach.url} OTTER-2026 --team NAME"
    assert str(await page.text_content("#card-shell")).strip() == shell
    await page.keyboard.press("Escape")
    await page.click("tbody button.remove")
    await page.wait_for_selector("#empty:not([hidden])")
    assert [said for said in page.wrong if "400" not in said] == []


async def test_a_board_for_a_room_shows_its_address_without_a_warning(
    browser: Any, start: Callable[..., Coach]
) -> None:
    coach = start(0, "--url", "http://192.168.1.20:8900")
    page = await opened(browser, coach.page)
    await page.click("#project")
    assert 'coach_join("http://192.168.1.20:8900",' in str(await page.text_content("#card-text"))
    assert not await page.is_visible("#card-alone")
    # One line on a projector, where it fits.
    tall = "document.querySelector('.shell').getBoundingClientRect().height"
    assert await page.evaluate(tall) < 45
    assert page.wrong == []


async def test_without_the_key_nothing_is_seen(browser: Any, start: Callable[..., Coach]) -> None:
    coach = start()
    coach.report(learner(1, "Amira"))
    page = await opened(browser, coach.url)
    await page.wait_for_selector("#closed:not([hidden])")
    assert "Amira" not in await page.inner_text("body")
    other = await opened(browser, f"{coach.url}/#key=wrong")
    await other.wait_for_selector("#closed-text:has-text('not the coach')")


async def test_a_board_that_has_gone_is_said(browser: Any, start: Callable[..., Coach]) -> None:
    coach = start()
    coach.report(learner(1))
    page = await opened(browser, coach.page)
    await page.wait_for_selector("tbody .cell.now")
    coach.end()
    await page.wait_for_selector("#link.dead:has-text('No connection')")
    start(coach.port)
    await page.wait_for_selector("#link:not(.dead)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_read_and_nothing_is_lost_in_a_narrow_window(
    browser: Any, start: Callable[..., Coach], tmp_path: Path, scheme: str
) -> None:
    coach = start()
    everywhere = tuple(at(i, total=6, minutes=44, hints=12, stuck=12.0) for i in range(len(TITLES)))
    coach.report(learner(1, "Amira", challenges=everywhere, challenge=5, exercise="GroupChatManager"))
    coach.report(learner(2, "Jonas", challenges=(at(2, stuck=12.0),), challenge=2))
    coach.report(
        learner(3, "Priya", team="A team with a long name, and more", challenges=(at(1), at(3, stuck=31.0)))
    )
    coach.do("/api/plan", track="day", begins="00:00")
    page = await opened(browser, coach.page, scheme)
    await page.wait_for_selector("tbody .cell.help")
    found = await page.evaluate(WHOLE)
    assert len(found) > 60
    assert not [one for one in found if one["ratio"] < 4.5]
    for width in (1300, 1180):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate(
            "(box => box.scrollWidth <= box.clientWidth)(document.querySelector('.scroll'))"
        )
    await page.set_viewport_size({"width": 420, "height": 900})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.wrong == []
