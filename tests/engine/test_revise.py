"""Another way after a failure or a no: shown before anything of it runs, bounded, and nothing that was approved is lost."""

from __future__ import annotations

from typing import Any

import pytest

from macae.errors import NotAllowed, PlanError
from macae.models import EventType, PlanStatus, StepStatus
from tests.engine.conftest import Ledger, Make, client_of
from tests.support.scripted import last_user, obedient, planned
from tests.support.waiting import until

OAT = {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}}
RYE = {"agent": "BakerAgent", "function": "bake", "args": {"kind": "rye"}}
SELL = {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}}
BURN = {"agent": "BakerAgent", "function": "burn", "args": {"kind": "oat"}}


def two_plans(first: str, second: str) -> Any:
    """Plans `first`; once the goal carries a history, `second`."""
    return obedient(
        lambda text: second if "\n" in text.partition("Goal: ")[2] or "Goal: " not in text else first
    )


async def test_a_rejected_step_is_replaced_and_the_new_one_asks(make: Make, ledger: Ledger) -> None:
    engine = make(two_plans(planned(OAT, SELL), planned(RYE, SELL)))
    plan = await engine.submit("Bake and sell")
    await engine.approve(plan.steps[1])
    await engine.reject(plan.steps[0], "no oats left")
    plan = await engine.revise(plan, "use rye")
    told = last_user(client_of(engine).seen[-1])
    assert (
        "What the person rejected:" in told and "no oats left" in told and "The person says: use rye" in told
    )
    by_status = {step.status: step for step in plan.steps}
    assert set(by_status) == {StepStatus.superseded, StepStatus.approved, StepStatus.awaiting_feedback}
    kept, new = by_status[StepStatus.approved], by_status[StepStatus.awaiting_feedback]
    assert kept.approval is not None and kept.depends_on == [new.id], (
        "it keeps its yes, and waits for the new step"
    )
    assert ledger == []
    await engine.approve(new)
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    assert [(e["tool"], e["arguments"]["kind"]) for e in ledger] == [("bake", "rye"), ("sell", "oat")]


async def test_a_failure_is_told_to_the_planner(make: Make, ledger: Ledger) -> None:
    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return planned(RYE) if "What failed:" in last_user(messages) else planned(OAT)
        if "oat" in last_user(messages):
            raise RuntimeError("the oven is cold")
        return obedient("")(messages, tools, json_output)

    engine = make(script)
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.steps[0].status is StepStatus.failed
    calls = client_of(engine).calls
    plan = await engine.wait(plan)
    assert client_of(engine).calls == calls, "no model is called unasked"
    plan = await engine.revise(plan)
    assert "the oven is cold" in last_user(client_of(engine).seen[-1])
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    assert [s.status for s in plan.steps] == [StepStatus.superseded, StepStatus.completed]
    assert EventType.step_superseded in [e.type for e in await engine.trail(plan)]


async def test_revisions_are_bounded(make: Make, ledger: Ledger) -> None:
    engine = make(planned(OAT), settings={"max_revisions": 2})
    plan = await engine.submit("Bake")
    for _ in range(2):
        await engine.reject(next(s for s in plan.steps if s.status is StepStatus.awaiting_feedback))
        plan = await engine.revise(plan)
    await engine.reject(plan.steps[-1])
    with pytest.raises(NotAllowed, match="2 times"):
        await engine.revise(plan)


async def test_when_the_planner_fails_all_stays_as_it_is(make: Make, ledger: Ledger) -> None:
    for answer, says in ((planned(impossible="No flour."), "No flour."), ("nonsense", "no usable plan")):
        engine = make(two_plans(planned(OAT, SELL), answer))
        plan = await engine.submit("Bake and sell")
        await engine.reject(plan.steps[0])
        before = await engine.plan(plan)
        with pytest.raises(PlanError, match=says):
            await engine.revise(plan)
        assert await engine.plan(plan) == before
        failed = (await engine.trail(plan))[-1]
        assert failed.type is EventType.planning_failed and says in failed.text
        assert failed.trace_id == plan.trace_id


async def test_running_steps_finish_and_nothing_is_dispatched_meanwhile(make: Make, ledger: Ledger) -> None:
    import asyncio

    thinking, go = asyncio.Event(), asyncio.Event()
    baking = asyncio.Event()

    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        async def slow(event: asyncio.Event, answer: Any) -> Any:
            await event.wait()
            return answer

        if json_output is None:
            told = last_user(messages)
            if 'kind": "oat' in told and ledger == []:
                return slow(baking, obedient("")(messages, tools, json_output))
            return obedient("")(messages, tools, json_output)
        if "The person says" in last_user(messages):
            thinking.set()
            return slow(go, planned({**SELL, "depends_on": []}))
        return planned(OAT, SELL, {**RYE, "depends_on": []})

    engine = make(script)
    plan = await engine.submit("Bake and sell")
    await engine.approve(plan.steps[0])
    await engine.approve(plan.steps[1])
    revising = asyncio.ensure_future(engine.revise(plan, "no rye"))
    await thinking.wait()
    baking.set()
    await until(lambda: len(ledger) == 1)
    baked = engine.live(plan.session_id)
    live = await baked
    await until(lambda: live.memory.peek(plan.id, plan.steps[0].id).status is StepStatus.completed)  # type: ignore[union-attr]
    assert [e["tool"] for e in ledger] == ["bake"], "the approved sale waits for the new plan"
    go.set()
    plan = await revising
    plan = await engine.wait(plan)
    assert [e["tool"] for e in ledger] == ["bake", "sell"]
    assert plan.overall_status is PlanStatus.completed
