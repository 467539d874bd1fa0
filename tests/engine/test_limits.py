"""Running into a limit is a clear status, never a hang, and nothing is lost by it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from macae import Engine, Settings
from macae.errors import InvalidInput, NotAllowed
from macae.llm.prices import cost
from macae.models import EventType, PlanStatus, StepStatus
from tests.engine.conftest import TEAM, Ledger, Make
from tests.support.openai_server import OpenAIServer, error, text
from tests.support.scripted import obedient, planned
from tests.support.waiting import until

WAIT = planned({"agent": "BakerAgent", "function": "wait_long", "args": {"kind": "oat"}})
TWO = planned(
    {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}},
    {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}},
)


def hanging(messages: Any, tools: Any, json_output: Any) -> Any:
    """Plans, then never answers."""

    async def forever() -> str:
        await asyncio.sleep(3600)
        return ""

    return planned({"agent": "BakerAgent", "action": "Talk."}) if json_output is not None else forever()


@pytest.mark.parametrize(
    ("script", "settings", "says"),
    [
        (obedient(WAIT), {"tool_timeout": 0.1}, "wait_long did not finish within 0.1 s"),
        (hanging, {"model_timeout": 0.1}, "did not answer within 0.1 s"),
        (hanging, {"step_timeout": 0.1}, "did not finish the step within 0.1 s"),
        (obedient(WAIT), {"step_timeout": 0.1}, "did not finish the step within 0.1 s"),
    ],
)
async def test_what_hangs_is_stopped_and_the_step_failed(
    make: Make, ledger: Ledger, script: Any, settings: dict[str, Any], says: str
) -> None:
    engine = make(script, settings=settings)
    plan = await engine.submit("Go")
    await engine.approve_all(plan)
    plan = await engine.wait(plan, timeout=5)
    step = plan.steps[0]
    assert step.status is StepStatus.failed and says in (step.error or "")
    assert plan.overall_status is PlanStatus.in_progress
    if ledger:
        assert step.interrupted_calls == ["wait_long: it may have run"]


async def test_rounds_of_tool_calls_are_bounded(make: Make, ledger: Ledger) -> None:
    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        return (
            planned({"agent": "BakerAgent", "action": "Look."}) if json_output is not None else [("look", {})]
        )

    engine = make(script, settings={"max_tool_rounds": 3})
    plan = await engine.submit("Look")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.steps[0].status is StepStatus.failed and "3 rounds" in (plan.steps[0].error or "")
    assert len(ledger) <= 4


@pytest.mark.parametrize(
    ("settings", "more", "says"),
    [
        ({"plan_tokens": 40}, {"tokens": 1000}, "tokens"),
        ({"plan_seconds": 0.01, "budget_stop": 10_000}, {"seconds": 60}, "s are allowed"),
    ],
)
async def test_a_plan_at_its_limit_is_paused_until_more_is_allowed(
    make: Make, ledger: Ledger, settings: dict[str, Any], more: dict[str, Any], says: str
) -> None:
    engine = make(obedient(TWO), settings=settings)
    if "plan_seconds" in settings:
        from tests.engine.conftest import client_of

        client_of(engine).delay = 0.02
    plan = await engine.submit("Bake and sell")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.paused
    assert all(e["tool"] == "bake" for e in ledger)
    told = [e for e in await engine.trail(plan) if e.type is EventType.plan_changed][-1]
    assert says in told.text
    with pytest.raises(NotAllowed, match=r"engine\.allow"):
        await engine.skip(plan.steps[1])
    with pytest.raises(InvalidInput):
        await engine.allow(plan)
    plan = await engine.allow(plan, **more)
    for _ in range(2):
        plan = await engine.wait(plan)
        for step in plan.steps:
            if step.status is StepStatus.failed:
                await engine.approve(await engine.retry(step))
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    with pytest.raises(NotAllowed, match="not paused"):
        await engine.allow(plan, tokens=1)


async def test_money_needs_a_known_price(make: Make, ledger: Ledger) -> None:
    engine = make(obedient(TWO), settings={"plan_usd": 1.0})
    plan = await engine.submit("Bake and sell")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.paused and ledger == []
    assert "no list price" in [e.text for e in await engine.trail(plan)][-1]


def test_prices() -> None:
    assert cost("", 10, 10) == 0.0
    assert cost(None, 10, 10) is None and cost("no-such-model-at-all", 10, 10) is None
    assert 0 < (cost("gpt-4o", 1000, 100) or 0) < 0.1


async def test_a_rate_limit_is_shown_while_it_lasts(tmp_path: Path, ledger: Ledger) -> None:
    with OpenAIServer() as server:
        server.answer(
            text(planned({"agent": "BakerAgent", "action": "Talk."})),
            error(429, "slow down", headers={"retry-after": "0.3"}),
            text("Talked."),
        )
        settings = Settings(home=tmp_path, provider="openai", base_url=server.url, api_key="k" * 20)  # type: ignore[arg-type]
        async with Engine(settings=settings, team=TEAM) as engine:
            waits: list[str] = []
            engine.subscribe(lambda e: waits.append(e.text) if e.type is EventType.model_waiting else None)
            plan = await engine.submit("Talk")
            await engine.approve_all(plan)
            plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    assert waits == ["waiting for the model (rate limited, 0 s)"]
    assert plan.steps[0].usd is not None and plan.usage.tokens > 0


@pytest.mark.parametrize("script", [obedient(WAIT), hanging], ids=["tool", "model"])
async def test_cancel_stops_within_a_second(make: Make, ledger: Ledger, script: Any) -> None:
    engine = make(script)
    plan = await engine.submit("Go")
    await engine.approve_all(plan)
    live = await engine.live(plan.session_id)
    await until(lambda: any(run.task for run in live.gate.runs.values()))
    began = time.monotonic()
    await engine.cancel(plan)
    plan = await engine.wait(plan)
    assert time.monotonic() - began < 1
    assert plan.steps[0].status is StepStatus.cancelled


async def test_a_tool_that_will_not_stop_does_not_hold_the_engine_up(make: Make, ledger: Ledger) -> None:
    """Its attempt is left behind after a grace; whatever it still wants to call is refused."""
    from macae import AgentSpec, Team

    async def stubborn(kind: str) -> str:
        """Never stop."""
        for _ in range(100):
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                continue
        return "done"

    team = Team([AgentSpec("BakerAgent", "You bake.", [stubborn])])
    engine = make(planned({"agent": "BakerAgent", "function": "stubborn", "args": {"kind": "x"}}), team=team)
    plan = await engine.submit("Go")
    await engine.approve_all(plan)
    async for event in engine.events(plan):
        if event.type is EventType.tool_started:
            break
    began = time.monotonic()
    await engine.cancel(plan)
    plan = await engine.wait(plan, timeout=3)
    assert time.monotonic() - began < 1.5
    assert plan.steps[0].status is StepStatus.cancelled
