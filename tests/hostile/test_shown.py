"""Hostile text is shown as text: on the board, in pages that stand alone, in the terminal, in JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from macae import AgentSpec, Engine, Settings, Team
from macae.cli.history import show_event
from macae.cli.output import Screen
from macae.cli.plantext import show_plan
from macae.cli.summary import as_json
from macae.errors import ToolRefused
from macae.models import PlanWithSteps
from macae.tools import tool
from macae.ui import PlanBoard, plan_html, trail_html
from tests.hostile.payloads import LOOKS
from tests.support.scripted import ScriptedClient, obedient, planned
from tests.support.waiting import until

HARMLESS = {"style", "div", "span", "i", "b", "code", "details", "summary", "pre", "table", "thead", "tbody", "tr", "th", "td", "progress", "strong", "em", "ul", "ol", "li", "p"}  # fmt: skip
ATTRIBUTES = {"class", "role", "aria-hidden", "aria-level", "aria-label", "aria-live", "title", "style", "scope", "open", "value", "max", "aria-valuenow", "aria-valuemin", "aria-valuemax"}  # fmt: skip


async def told(evil: str, home: Path) -> tuple[Engine, PlanWithSteps]:
    """A plan with the text in every field that people, models and tools write."""

    @tool(effect="change")
    async def act(kind: str) -> str:
        """Act."""
        return f"acted {evil}"

    @tool(effect="change")
    async def refuse(kind: str) -> str:
        """Refuse."""
        raise ToolRefused(f"refused {evil}")

    team = Team(
        [AgentSpec("BakerAgent", f"You bake {evil}.", [act, refuse], description=evil, quick_tasks=[f"Bake {evil}"])],
        name=f"Bakery {evil}",
    )  # fmt: skip
    plan_text = planned(
        {"agent": "BakerAgent", "action": f"Act {evil}", "function": "act", "args": {"kind": f"oat {evil}"}},
        {
            "agent": "BakerAgent",
            "action": f"Refuse {evil}",
            "function": "refuse",
            "args": {"kind": evil or "x"},
        },
        {"agent": "HumanAgent", "action": f"Taste {evil}"},
        {"agent": "BakerAgent", "action": f"Sell {evil}", "function": "act", "args": {"kind": "x"}},
        summary=f"We bake {evil}",
    )
    engine = Engine(settings=Settings(home=home), model=ScriptedClient(obedient(plan_text)), team=team)
    plan = await engine.submit(f"Bake {evil} cookies")
    await engine.approve(plan.steps[0], f"gently {evil}")
    plan = await engine.wait(plan, 10)
    await engine.approve(plan.steps[1])
    plan = await engine.wait(plan, 10)
    await engine.reject(plan.steps[3], f"because {evil}")
    return engine, await engine.plan(plan)


def markup_is_ours(page: str) -> None:
    """Only our own elements and attributes, and no character that a reader cannot see."""
    for element in BeautifulSoup(page, "html.parser").find_all(True):
        assert element.name in HARMLESS, element
        for name, value in element.attrs.items():
            assert name in ATTRIBUTES and "javascript" not in str(value) and "alert" not in str(value), (
                element
            )
    unseen = [c for c in page if not c.isprintable() and c not in "\n\t\u200c\u200d\u00a0\u2009\u202f"]
    assert unseen == [], unseen


def widget_values(widget: Any) -> Iterator[Any]:
    """All widgets below one, itself included."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widget_values(child)


@pytest.mark.parametrize("name", LOOKS)
async def test_on_the_board_and_in_pages(name: str, tmp_path: Path) -> None:
    engine, plan = await told(LOOKS[name], tmp_path)
    try:
        pages = [plan_html(plan, engine.banner), trail_html(await engine.trail(plan), plan)]
        for page in pages:
            markup_is_ours(page)
        board = PlanBoard(engine, plan)
        await until(lambda: board.surface.cards)
        shown = [w.value for w in widget_values(board.surface.root) if type(w).__name__ == "HTML"]
        assert len(shown) > 5
        for value in shown:
            markup_is_ours(value)
        board.close()
        if LOOKS[name].isprintable():
            text = BeautifulSoup("".join(pages), "html.parser").get_text()
            for field in ("Bake", "Act", "acted", "refused", "gently", "because", "We bake"):
                assert f"{field} {LOOKS[name]}" in text, field
    finally:
        await engine.close(0)


@pytest.mark.parametrize("name", LOOKS)
async def test_in_the_terminal_and_in_json(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine, plan = await told(LOOKS[name], tmp_path)
    try:
        screen = Screen()
        screen.console.file = io.StringIO()
        show_plan(screen, plan, results=True)
        trail = await engine.trail(plan)
        for event in trail:
            show_event(screen, event)
        screen.put(plan.initial_goal)
        screen.fail(f"went wrong: {LOOKS[name]}", "MacaeError")
        written = screen.console.file.getvalue() + "".join(capsys.readouterr())
        unseen = [c for c in written if not c.isprintable() and c not in "\n\u200c\u200d"]
        assert unseen == [], unseen
        screen.emit(as_json(plan) | {"trail": [event.model_dump(mode="json") for event in trail]})
        output = capsys.readouterr().out
        assert output.isascii() and all(c.isprintable() or c == "\n" for c in output)
        assert json.loads(output)["initial_goal"] == plan.initial_goal
    finally:
        await engine.close(0)
