"""What a process that is gone has left: nothing is lost, nothing runs twice unasked."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from macae.models import EventType, PlanStatus, StepStatus
from tests.engine.conftest import Ledger, Make
from tests.support.scripted import planned

BAKE = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}})
WAIT = planned({"agent": "BakerAgent", "function": "wait_long", "args": {"kind": "oat"}})


def die_in_tool(home: str, plan: str, where: str) -> None:
    """In a child process: carry out the plan and be killed at `where`."""
    import asyncio

    from macae import Engine, Settings
    from tests.engine.conftest import TEAM
    from tests.support.scripted import ScriptedClient, obedient

    async def main() -> None:
        script = obedient(plan)

        def dying(messages: Any, tools: Any, json_output: Any) -> Any:
            if json_output is None and where == "model":
                os.kill(os.getpid(), signal.SIGKILL)
            return script(messages, tools, json_output)

        async with Engine(
            settings=Settings(home=Path(home)), model=ScriptedClient(dying), team=TEAM
        ) as engine:
            made = await engine.submit("Go", session_id="s1")

            def see(event: Any) -> None:
                if where == "tool" and event.type is EventType.tool_started:
                    os.kill(os.getpid(), signal.SIGKILL)
                if where == "reply" and event.type is EventType.tool_finished:
                    os.kill(os.getpid(), signal.SIGKILL)

            engine.subscribe(see)
            await engine.approve_all(made)
            await engine.wait(made)

    asyncio.run(main())


def killed(home: Path, plan: str, where: str) -> None:
    child = multiprocessing.get_context("spawn").Process(target=die_in_tool, args=(str(home), plan, where))
    child.start()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
async def test_killed_in_a_tool_it_asks_and_names_what_had_started(
    make: Make, ledger: Ledger, tmp_path: Path
) -> None:
    killed(tmp_path, WAIT, "tool")
    engine = make(WAIT)
    await engine.start()
    assert (await engine.lookup.at_work("s1")).left == ("step 1 (wait_long)",)
    plan = (await engine.resume("s1"))[0]
    step = plan.steps[0]
    assert not (await engine.lookup.at_work("s1")).left
    assert step.status is StepStatus.awaiting_feedback
    assert step.interrupted_calls == ["wait_long: it may have run"]
    assert step.approval is None
    assert (await engine.approve_all(plan)) == [], "approve all is no answer to an interruption"
    assert ledger == []
    done = await engine.done(step, "I looked: it is done.")
    assert done.status is StepStatus.completed
    assert (await engine.wait(plan)).overall_status is PlanStatus.completed
    assert ledger == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
async def test_killed_in_the_model_call_it_goes_on_by_itself(
    make: Make, ledger: Ledger, tmp_path: Path
) -> None:
    killed(tmp_path, BAKE, "model")
    engine = make(BAKE)
    await engine.resume("s1")
    plan = await engine.wait((await engine.plans("s1"))[0])
    assert plan.overall_status is PlanStatus.completed
    assert len(ledger) == 1 and plan.steps[0].attempt == 2


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
async def test_killed_after_the_tool_its_call_is_not_made_again(
    make: Make, ledger: Ledger, tmp_path: Path
) -> None:
    killed(tmp_path, BAKE, "reply")
    engine = make(BAKE)
    await engine.resume("s1")
    plan = await engine.wait((await engine.plans("s1"))[0])
    assert plan.overall_status is PlanStatus.completed
    assert ledger == [], "the finished call's result was stored"
    assert plan.steps[0].agent_reply == "baked 12 oat"


async def test_a_closed_engines_running_step_asks_when_it_is_reopened(make: Make, ledger: Ledger) -> None:
    engine = make(WAIT)
    plan = await engine.submit("Go")
    await engine.approve_all(plan)
    async for event in engine.events(plan):
        if event.type is EventType.tool_started:
            break
    await engine.close(0)
    again = make(WAIT)
    plan = (await again.resume(plan.session_id))[0]
    assert plan.steps[0].status in (StepStatus.awaiting_feedback, StepStatus.failed)
    assert plan.steps[0].interrupted_calls == ["wait_long: it may have run"]


async def test_a_second_engine_leaves_a_living_ones_step_alone(make: Make, ledger: Ledger) -> None:
    first, second = make(WAIT), make(WAIT)
    plan = await first.submit("Go")
    await first.approve_all(plan)
    async for event in first.events(plan):
        if event.type is EventType.tool_started:
            break
    seen = (await second.resume(plan.session_id))[0]
    assert seen.steps[0].status is StepStatus.action_requested
    assert (await second.lookup.at_work(plan.session_id)).busy
    with pytest.raises(TimeoutError):
        await second.wait(seen, timeout=0.3)
    cancelled = await second.cancel(seen)
    assert cancelled.overall_status is PlanStatus.cancelled


async def test_a_plan_may_be_approved_from_a_second_engine(make: Make, ledger: Ledger) -> None:
    first, second = make(BAKE), make(BAKE)
    plan = await first.submit("Go")
    seen = (await second.resume(plan.session_id))[0]
    await second.approve(seen.steps[0])
    assert (await second.wait(seen)).overall_status is PlanStatus.completed
    assert (await first.plan(plan)).overall_status is PlanStatus.completed
    assert len(ledger) == 1
