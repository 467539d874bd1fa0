"""JupyterLab and Chromium, started once, and ended with the last of these tests: an open page goes on working."""

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

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)  # before xdist reads the group
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here drives a browser, the same one, in one event loop, and may take its time on a busy machine."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)  # before auto mode's own


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    """Note for the fixtures whether the test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    server = Lab(tmp_path_factory.mktemp("lab"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def jupyterlab(lab: Lab) -> AsyncIterator[Any]:
    """A page that shows JupyterLab. It serves all tests: loading it is what takes longest."""
    playwright = pytest.importorskip("playwright.async_api")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    async with playwright.async_playwright() as driver:
        try:
            browser = await driver.chromium.launch(executable_path=program, args=FLAGS)
        except playwright.Error as error:
            pytest.skip(f"no Chromium here (install chromium, or set CHROMIUM): {str(error).splitlines()[0]}")
        page = await browser.new_page(reduced_motion="reduce")
        page.set_default_timeout(40_000)  # many wait at once on a slow machine
        await page.goto(f"{lab.url}/lab?token={lab.token}")
        await page.wait_for_function("window.jupyterapp && window.jupyterapp.restored.then(() => true)")
        yield page
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(jupyterlab: Any) -> Any:
    """JupyterLab at its usual size."""
    await jupyterlab.set_viewport_size({"width": 1180, "height": 900})
    return jupyterlab


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the notebook's engine keeps its store; the test opens it too."""
    return tmp_path / "home"


@pytest_asyncio.fixture(loop_scope="session")
async def notebook(
    lab: Lab, page: Any, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[Notebook]]]:
    """Write a notebook of these cells, open it, and run it."""
    made: list[Notebook] = []

    async def make(*cells: str) -> Notebook:
        name = request.node.name.translate(str.maketrans("[]/ ", "____"))
        made.append(Notebook(lab, page, lab.write(name, *cells)))
        await made[-1].open()
        await made[-1].run_all()
        return made[-1]

    yield make
    if request.node.stash.get(FAILED, False):
        picture = tmp_path / "failed.png"
        await page.screenshot(path=picture)
        print(f"What the browser showed: {picture}")  # noqa: T201
    for opened in made:
        await opened.close()
    lab.forget_kernels()
