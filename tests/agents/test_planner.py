"""The planner: what it sends, what it takes, what it mends, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from macae import AgentSpec, Engine, Settings, Team
from macae.agents.planned import PlannerResponse, parse_response
from macae.errors import PlanError
from macae.models import PlanStatus, PlanWithSteps
from tests.support.scripted import ScriptedClient, planned


async def order(item: str, quantity: int, tags: list[str] | None = None) -> str:
    """Order an item."""
    return f"{quantity} {item}"


async def email(to: str, text: str = "hi") -> str:
    """Send an e-mail."""
    return to


TEAM = Team([AgentSpec("BuyerAgent", "You buy.", [order]), AgentSpec("MailAgent", "You mail.", [email])])
GOOD = planned({"agent": "BuyerAgent", "function": "order", "args": {"item": "laptop", "quantity": "5"}})


async def plan_with(tmp_path: Path, *answers: str, **settings: Any) -> tuple[PlanWithSteps, ScriptedClient]:
    left = list(answers)
    client = ScriptedClient(lambda messages, tools, json_output: left.pop(0))
    async with Engine(settings=Settings(home=tmp_path, **settings), model=client, team=TEAM) as engine:
        return await engine.submit("Order 5 laptops"), client


async def test_arguments_get_the_tools_types(tmp_path: Path) -> None:
    plan, client = await plan_with(tmp_path, GOOD)
    assert plan.steps[0].arguments == {"item": "laptop", "quantity": 5}
    assert len(client.seen) == 1
    system, user = client.seen[0]
    assert "- order(item: string, quantity: integer" in str(system.content)
    assert "Goal: Order 5 laptops" in str(user.content) and "Today is " in str(user.content)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("no json at all", "no JSON object"),
        ('{"steps": "none"}', "steps"),
        (planned({"agent": "RocketAgent", "action": "Fly."}), "no agent 'RocketAgent'"),
        (planned({"agent": "BuyerAgent", "function": "fly"}), "no function 'fly'"),
        (planned({"agent": "MailAgent", "function": "order", "args": {"item": "x", "quantity": 1}}), "belongs to BuyerAgent"),
        (planned({"agent": "BuyerAgent", "function": "order", "args": {"item": "x", "quantity": "many"}}), "quantity"),
        (planned({"agent": "BuyerAgent", "function": "order", "args": {"item": "x", "quantity": 1, "colour": "red"}}), "colour"),
        (planned({"agent": "BuyerAgent", "action": "a", "depends_on": [2]}, {"agent": "BuyerAgent", "action": "b", "depends_on": [1]}), "cannot depend"),
        (planned({"agent": "BuyerAgent", "action": "a", "depends_on": [1]}), "cannot depend"),
        (planned({"agent": "BuyerAgent", "action": " "}), "no action"),
        (planned(*[{"agent": "BuyerAgent", "action": "a"}] * 500), "500 steps"),
        (planned(), "no steps"),
        (planned({"agent": "BuyerAgent", "action": "a"}, impossible="no"), "impossible"),
    ],
)  # fmt: skip
async def test_an_unusable_plan_is_mended_once_or_refused(tmp_path: Path, bad: str, says: str) -> None:
    plan, client = await plan_with(tmp_path, bad, GOOD)
    assert plan.steps[0].function == "order"
    assert says in str(client.seen[1][-1].content)
    with pytest.raises(PlanError, match=says):
        await plan_with(tmp_path, bad, bad)


async def test_a_missing_argument_is_asked_for_even_if_the_model_does_not(tmp_path: Path) -> None:
    missing = planned({"agent": "BuyerAgent", "function": "order", "args": {"item": "laptop"}})
    plan, client = await plan_with(tmp_path, missing, missing)
    assert plan.overall_status is PlanStatus.awaiting_clarification
    assert "quantity" in (plan.human_clarification_request or "")
    assert "ask for it" in str(client.seen[1][-1].content)


async def test_what_an_earlier_step_gives_is_known_later(tmp_path: Path) -> None:
    both = planned(
        {"agent": "BuyerAgent", "function": "order", "args": {"item": "laptop", "quantity": 1}},
        {"agent": "MailAgent", "function": "email", "args": {"to": "$1"}, "depends_on": []},
    )
    plan, _ = await plan_with(tmp_path, both)
    assert plan.steps[1].arguments is None and plan.steps[1].function == "email"
    assert plan.steps[1].depends_on == [plan.steps[0].id]
    assert [s.status for s in plan.steps] == ["awaiting_feedback", "planned"]


def test_json_is_found_in_whatever_stands_around_it() -> None:
    for text in (GOOD, f"```json\n{GOOD}\n```", f"Here you are:\n{GOOD}\nAnything else?"):
        response, wrong = parse_response(text)
        assert response is not None and not wrong
    assert parse_response(GOOD[: len(GOOD) // 2])[0] is None


def test_the_schema_is_one_that_strict_structured_output_takes() -> None:
    from openai.lib._pydantic import to_strict_json_schema

    schema = to_strict_json_schema(PlannerResponse)
    text = json.dumps(schema)
    assert '"additionalProperties": true' not in text
    for part in (schema, *schema["$defs"].values()):
        assert set(part["required"]) == set(part["properties"])


async def test_the_default_catalogue_is_far_from_a_rate_limit(tmp_path: Path) -> None:
    client = ScriptedClient(lambda messages, tools, json_output: planned(impossible="no"))
    async with Engine(settings=Settings(home=tmp_path), model=client) as engine:
        await engine.submit("Order 5 laptops")
    assert sum(len(str(m.content)) for m in client.seen[0]) < 30_000
