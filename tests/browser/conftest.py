"""JupyterLab and Chromium, started once; a page for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from .lab import Lab, Notebook

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here drives a browser, all in one event loop, and may take its time on a busy machine."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))
            item.add_marker(pytest.mark.asyncio(loop_scope="session"))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    server = Lab(tmp_path_factory.mktemp("lab"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Any]:
    playwright = pytest.importorskip("playwright.async_api")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    async with playwright.async_playwright() as driver:
        try:
            browser = await driver.chromium.launch(executable_path=program, args=FLAGS)
        except playwright.Error as error:
            pytest.skip(f"no Chromium here (install chromium, or set CHROMIUM): {str(error).splitlines()[0]}")
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Any, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    width, height = getattr(request, "param", (1180, 900))
    context = await chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    yield await context.new_page()
    await context.close()


@pytest.fixture
def notebook(lab: Lab, page: Any, request: pytest.FixtureRequest) -> Callable[..., Awaitable[Notebook]]:
    """Write a notebook of these cells, open it in the page, and run it."""

    async def make(*cells: str, run: bool = True) -> Notebook:
        opened = Notebook(
            lab, page, lab.write(request.node.name.translate(str.maketrans("[]/ ", "____")), *cells)
        )
        await opened.open()
        if run:
            await opened.run_all()
        return opened

    return make
