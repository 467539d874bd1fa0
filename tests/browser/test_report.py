"""The report in a browser: as a stranger's file, without a server and without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from macae.monitoring import Recording
from macae.monitoring.report import save_report
from tests.support.recordings import onboarding


async def test_the_report_shows_itself_and_asks_for_nothing(jupyterlab: Any, tmp_path: Path) -> None:
    file = save_report(Recording(onboarding()), tmp_path / "report.html")
    said: list[str] = []
    for width, scheme in ((1180, "dark"), (390, "light")):
        page = await jupyterlab.context.browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append("a dialog"))
        page.on("request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None)  # fmt: skip
        await page.goto(file.as_uri())
        pictures = await page.eval_on_selector_all("img", "all => all.map(one => [one.complete, one.naturalWidth, one.clientWidth])")  # fmt: skip
        assert len(pictures) == 2 and all(done and wide and shown for done, wide, shown in pictures)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"
        ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(21, 24, 29)" if scheme == "dark" else "rgb(255, 255, 255)"), (
            "its style is let in"
        )
        first = page.locator("details.call").first
        await first.locator("summary").click()
        assert await first.locator("pre").first.is_visible()
        assert said == []
        await page.close()
