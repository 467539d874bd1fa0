"""A changing tool that breaks off after its effect: it may have run, so it is not made again under the same yes."""

from __future__ import annotations

from typing import Any

import pytest
from autogen_core.models import FunctionExecutionResultMessage

from macae import AgentSpec, Team
from macae.models import PlanStatus, StepStatus
from macae.tools import tool
from tests.engine.conftest import Ledger, Make, note
from tests.support.scripted import approved_call, planned


@tool(effect="change")
async def send(to: str) -> str:
    """Send a letter."""
    note("send", to=to)
    raise ConnectionError("no answer after the letter was handed over")


@tool(effect="change")
async def stop(to: str) -> str:
    """Send a letter, and end the program."""
    note("stop", to=to)
    raise SystemExit


TEAM = Team([AgentSpec("PostAgent", "You post.", [send, stop])], name="Post")


@pytest.mark.parametrize("name", ["send", "stop"])
async def test_what_may_have_run_is_not_made_again_under_the_same_yes(
    make: Make, ledger: Ledger, name: str
) -> None:
    def stubborn(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return planned({"agent": "PostAgent", "function": name, "args": {"to": "Ann"}})
        # Twice in each attempt; the last two messages are then answered calls.
        if len(messages) > 4 and all(
            isinstance(messages[n], FunctionExecutionResultMessage) for n in (-1, -3)
        ):
            raise RuntimeError("the model broke")
        call = approved_call(messages)
        assert call is not None
        return [call]

    engine = make(stubborn, team=TEAM)
    plan = await engine.submit("Go")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    step = plan.steps[0]
    assert [entry["tool"] for entry in ledger] == [name]
    assert step.status is StepStatus.failed
    assert step.interrupted_calls == [f"{name}: it may have run"]
    # A second yes, to a step that says so, is what makes it run again.
    await engine.approve(await engine.retry(step))
    await engine.wait(plan)
    assert [entry["tool"] for entry in ledger] == [name, name]
    assert (await engine.plan(plan)).overall_status is PlanStatus.in_progress
