"""No limit lets work go on without bound: with parallel steps, planning again, the safety check, and a price that is not known."""

from __future__ import annotations

from typing import Any

import pytest

from macae import Engine
from macae.errors import LimitReached
from macae.models import PlanStatus, PlanWithSteps, StepStatus
from tests.engine.conftest import Ledger, Make, client_of
from tests.support.scripted import obedient, planned

TWO = planned(
    {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}},
    {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}},
)
SIX = planned(
    *({"agent": "BakerAgent", "action": f"Look at {n}.", "depends_on": []} for n in range(6)),
)


def looks_on(messages: Any, tools: Any, json_output: Any) -> Any:
    """Plans six steps that depend on nothing; each looks on and on."""
    return SIX if json_output is not None else [("look", {"shelf": str(len(messages))})]


async def through(engine: Engine, plan: PlanWithSteps) -> PlanWithSteps:
    await engine.approve_all(plan)
    return await engine.wait(plan, 20)


@pytest.mark.parametrize("stop", [2.0, 1.0])
async def test_parallel_steps_share_their_plans_limit(make: Make, ledger: Ledger, stop: float) -> None:
    engine = make(looks_on, settings={"plan_tokens": 100, "budget_stop": stop})
    client_of(engine).delay = 0.01
    plan = await through(engine, await engine.submit("Look"))
    used = engine.spending.used("session", plan.session_id).tokens
    assert plan.overall_status is PlanStatus.paused
    assert used <= 100 + 6 * 15, "at most one answer a step that was being written when it was reached"
    limit = engine.held_by(plan)
    assert limit is not None and limit.scope == "plan" and limit.used == used
    assert sum((step.tokens for step in plan.steps), plan.usage.tokens) == used, "each call counts once"


async def test_a_plans_use_holds_over_a_restart_and_counts_once(make: Make, ledger: Ledger) -> None:
    engine = make(obedient(TWO), settings={"plan_tokens": 1_000})
    plan = await engine.submit("Bake and sell")
    await engine.approve(plan.steps[0])
    plan = await engine.wait(plan, 20)
    assert plan.steps[0].status is StepStatus.completed
    await engine.close(0)
    late = make(obedient(TWO), settings={"plan_tokens": 76, "budget_warn": 0.1})
    await late.resume(plan.session_id)
    plan = await through(late, await late.plan(plan))
    assert plan.overall_status is PlanStatus.completed
    again = make(TWO, settings={"plan_tokens": 75})
    limit = again.held_by(plan), late.spending.used_by_plan(plan.id, plan.usage)
    assert limit[0] is not None and limit[0].used == limit[1].tokens == 75


async def test_planning_again_and_again_ends_at_the_plans_limit(make: Make, ledger: Ledger) -> None:
    engine = make(obedient(TWO), settings={"plan_tokens": 20})
    plan = await engine.submit("Bake and sell")
    refused = 0
    for number in range(5):
        try:
            plan = await engine.revise(plan, f"Otherwise, {number}.")
        except LimitReached as error:
            assert "The plan has used 45 tokens; 20 are allowed (MACAE_PLAN_TOKENS)" in str(error)
            refused += 1
    assert refused == 3 and len(client_of(engine).seen) == 3
    with pytest.raises(LimitReached, match="MACAE_PLAN_TOKENS"):
        await engine.edit(plan.steps[0], "Bake something else.")
    assert len(client_of(engine).seen) == 3


async def test_planning_that_comes_to_nothing_counts_for_its_plan(make: Make, ledger: Ledger) -> None:
    answers = [TWO]
    engine = make(
        lambda *_: answers.pop() if answers else "no plan at all",
        settings={"plan_tokens": 20, "max_revisions": 9},
    )
    plan = await engine.submit("Bake and sell")
    with pytest.raises(Exception, match="no usable plan"):
        await engine.revise(plan, "Otherwise.")
    with pytest.raises(LimitReached, match="The plan has used 45 tokens"):
        await engine.revise(plan, "Otherwise.")


async def test_the_safety_check_asks_no_model_beyond_the_hard_stop(make: Make, ledger: Ledger) -> None:
    engine = make(
        lambda messages, tools, json_output: "ALLOW" if json_output is None else TWO,
        settings={"day_tokens": 20, "safety": "model"},
    )
    refused = 0
    for _ in range(6):
        try:
            await engine.submit("Bake")
        except LimitReached:
            refused += 1
    calls = len(client_of(engine).seen)
    assert refused >= 4 and calls <= 4
    assert engine.spending.used("day", "").tokens == calls * 15


async def test_no_goal_is_planned_while_nobody_knows_what_was_spent(make: Make, ledger: Ledger) -> None:
    engine = make(obedient(TWO), settings={"day_usd": 0.01})
    plan = await engine.submit("Bake and sell")
    wanted = "Nothing more is planned: The cost of today is not known.*Unset MACAE_DAY_USD, or limit tokens"
    for _ in range(3):
        with pytest.raises(LimitReached, match=wanted):
            await engine.submit("Bake and sell")
    with pytest.raises(LimitReached, match=wanted):
        await engine.revise(plan, "Otherwise.")
    assert len(client_of(engine).seen) == 1


async def test_allowing_more_offers_what_the_limit_had_stopped_again(make: Make, ledger: Ledger) -> None:
    engine = make(obedient(TWO), settings={"session_tokens": 30})
    plan = await through(engine, await engine.submit("Bake and sell"))
    assert plan.steps[0].status is StepStatus.failed and plan.overall_status is PlanStatus.paused
    plan = await engine.allow(plan, tokens=1_000)
    assert plan.steps[0].status is StepStatus.awaiting_feedback
    assert plan.overall_status is PlanStatus.in_progress
    plan = await through(engine, plan)
    assert ledger, "what was stopped is done"
