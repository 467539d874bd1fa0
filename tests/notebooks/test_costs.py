"""What the challenges cost is measured, priced and shown; and the stand-in that measures it is a model that the engine can use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from macae import Engine, Settings
from macae.models import PlanStatus
from macae.workshop.shows import costs
from macae.workshop.shows.costs import Use, cost_table, measured
from tests.notebooks.costs import NOTEBOOKS, measure
from tests.support.openai_server import OpenAIServer
from tests.support.stand_in import prompt_tokens, stand_in, tokens, use_of


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        running.answer(stand_in)
        yield running


async def test_the_engine_plans_and_acts_with_the_stand_in(server: OpenAIServer, tmp_path: Path) -> None:
    settings = Settings(  # type: ignore[call-arg]
        home=tmp_path, provider="openai", base_url=server.url, api_key=SecretStr("none"), _env_file=None
    )
    async with Engine(settings=settings) as engine:
        plan = await engine.submit("Order 5 laptops for the marketing team.")
        await engine.approve_all(plan)
        plan = await engine.wait(plan, timeout=20)
    assert plan.overall_status is PlanStatus.completed
    assert plan.steps[0].calls
    used = use_of(server.requests)
    assert used.calls == len(server.requests) >= 2
    told = plan.usage.tokens + sum(step.tokens for step in plan.steps)
    assert told == used.prompt_tokens + used.completion_tokens, "what is measured is what the engine counted"
    assert 500 < used.largest < used.prompt_tokens


def test_four_characters_are_a_token() -> None:
    assert [tokens(text) for text in ("", "a", "abcd", "abcde")] == [0, 1, 1, 2]
    asked = {"messages": [{"role": "user", "content": "x" * 400}]}
    assert prompt_tokens(asked) == 104
    with_tool = asked | {"tools": [{"type": "function", "function": {"name": "clock", "parameters": {}}}]}
    assert prompt_tokens(with_tool) > 104


def test_a_use_has_the_list_price() -> None:
    use = Use(1, 1_000_000, 100_000, 5_000)
    mini, large = use.price("gpt-4o-mini"), use.price("gpt-4o")
    assert mini is not None
    assert large is not None
    assert 0 < mini < large
    assert use.price("gpt-4o", 3) == pytest.approx(3 * large)
    assert use.price("nobody-knows-this-model") is None


def test_the_table_shows_each_challenge_and_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    uses = {"00-a": Use(2, 1_000_000, 0, 700), "01-<b>": Use(1, 2_000_000, 0, 900)}
    monkeypatch.setattr(costs, "measured", lambda: uses)
    table = cost_table(["gpt-4o", "nobody-knows-this-model"], runs=2)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)]
    assert rows[1] == ["00-a", "4", "2,000,000", "0", "700", "5.000", "?"]
    assert rows[2][0] == "01-&lt;b&gt;"
    assert rows[3] == ["All", "6", "6,000,000", "0", "900", "15.000", "?"]
    assert "<b>" not in table


def test_every_notebook_that_asks_a_model_is_measured() -> None:
    assert set(measured()) == {path.stem for path in NOTEBOOKS}
    assert all(use.calls for use in measured().values())


@pytest.mark.notebook
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "path", NOTEBOOKS[::4], ids=[path.stem for path in NOTEBOOKS[::4]]
)  # each takes a while
def test_it_runs_with_a_provider_and_asks_as_much_as_is_said(path: Path, tmp_path: Path) -> None:
    """More than a quarter off: run `python -m tests.notebooks.costs --write`."""
    now, said = measure(path, tmp_path), measured()[path.stem]
    assert now.calls == pytest.approx(said.calls, rel=0.25)
    assert now.prompt_tokens == pytest.approx(said.prompt_tokens, rel=0.25)
    assert now.completion_tokens == pytest.approx(said.completion_tokens, rel=0.25)
    shown = (tmp_path / "result.ipynb").read_text(encoding="utf-8")
    assert "could not be kept" not in shown
    assert "broke; ours goes on" not in shown and "broke, ours stands in" not in shown
