"""In a running engine each reply of a specialist is checked with the step's own write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from macae import AgentSpec, Engine, Settings, Team
from macae.agents import grounded
from macae.models import CallRecord, Event, EventType, Plan, PlanStatus, PlanWithSteps, Step
from macae.monitoring import Recording
from macae.monitoring.grounding.stepping import check_step
from macae.tools import tool
from tests.support.bakery import BAKE, MINE, SELL, TEAM, sell
from tests.support.scripted import ScriptedClient, obedient, planned

TRUE = "12 oat cookies are baked."
FALSE = "120 oat cookies are baked; Mr Crumble of Crumble Brothers takes them on 3 May 2027."


async def carried_out(home: Path, reply: str, *steps: dict[str, Any]) -> tuple[PlanWithSteps, list[Event]]:
    follow = obedient(planned(*steps))

    def script(messages: Sequence[Any], tools: list[str], output: Any) -> Any:
        answer = follow(messages, tools, output)
        done = isinstance(answer, str) and messages[-1].__class__.__name__ == "FunctionExecutionResultMessage"
        return reply if done else answer

    settings = Settings(home=home, _env_file=None)  # type: ignore[call-arg]
    async with Engine(settings=settings, model=ScriptedClient(script), team=TEAM) as engine:
        plan = await engine.submit("Bake oat cookies")
        for _ in range(4):
            for step in (await engine.plan(plan)).steps:
                if step.status == "awaiting_feedback":
                    await engine.approve(
                        step, "It is to be red, like 77 balloons." if step.agent == "HumanAgent" else None
                    )
            plan = await engine.wait(plan)
            if plan.overall_status is not PlanStatus.in_progress:
                break
        return plan, await engine.session_events(plan.session_id)


def checks(events: list[Event]) -> list[Event]:
    return [event for event in events if event.type is EventType.reply_checked]


async def test_an_invented_reply_is_told_with_the_step(tmp_path: Path) -> None:
    plan, events = await carried_out(tmp_path, FALSE, BAKE)
    (check,) = checks(events)
    assert (check.agent, check.step_id, check.plan_id) == ("BakerAgent", plan.steps[0].id, plan.id)
    assert check.data["claims"] == len(check.data["ungrounded"]) == 3 and check.data["score"] == 0.0
    assert {one["text"] for one in check.data["ungrounded"]} == {
        "120",
        "Crumble of Crumble Brothers",
        "3 May 2027",
    }
    assert plan.overall_status is PlanStatus.completed, "the check tells; the person decides"
    done = next(event for event in events if event.type is EventType.step_completed)
    assert check.seq == done.seq - 1 and done.changes, (
        "one write, and the step's change stays with its own event"
    )
    assert Recording(events).steps[0].grounded == 0.0


async def test_what_the_tool_said_is_grounded_and_the_persons_own_step_is_not_checked(tmp_path: Path) -> None:
    plan, events = await carried_out(tmp_path, TRUE, BAKE, MINE)
    assert [step.status for step in plan.steps] == ["completed", "completed"]
    (check,) = checks(events)
    assert check.agent == "BakerAgent" and check.data == {"score": 1.0, "claims": 1, "ungrounded": []}


async def test_an_earlier_steps_result_is_a_source(tmp_path: Path) -> None:
    _, events = await carried_out(tmp_path, TRUE, BAKE, SELL)
    assert [event.data["score"] for event in checks(events)] == [1.0, 1.0], "12 was baked in the first step"


@tool(effect="read")
async def look_up() -> str:
    """Look up the lot."""
    return "The lot is LOT-4471."


async def test_what_an_earlier_steps_tool_said_is_a_source_though_its_reply_left_it_out(
    tmp_path: Path,
) -> None:
    first, second = (
        AgentSpec("LotAgent", "You look up.", [look_up]),
        AgentSpec("ShopAgent", "You sell.", [sell]),
    )
    answers = {"LotAgent": "I have looked.", "ShopAgent": "Sold from LOT-4471, not from LOT-9."}
    follow = obedient(planned({"agent": "LotAgent", "function": "look_up", "args": {}}, SELL))

    def script(messages: Sequence[Any], tools: list[str], output: Any) -> Any:
        answer = follow(messages, tools, output)
        done = isinstance(answer, str) and messages[-1].__class__.__name__ == "FunctionExecutionResultMessage"
        return answers["LotAgent" if "look_up" in tools else "ShopAgent"] if done else answer

    settings = Settings(home=tmp_path, _env_file=None)  # type: ignore[call-arg]
    async with Engine(
        settings=settings, model=ScriptedClient(script), team=Team([first, second], name="Lots")
    ) as engine:
        plan = await engine.submit("Sell")
        await engine.approve_all(plan)
        await engine.wait(plan)
        told = checks(await engine.session_events(plan.session_id))
    assert [one["text"] for one in told[-1].data["ungrounded"]] == ["LOT-9"]


def test_the_arguments_of_a_reading_call_are_the_models_own_words() -> None:
    plan = Plan(session_id="s", user_id="u", initial_goal="Find the ticket")
    step = Step(plan_id=plan.id, session_id="s", user_id="u", action="Find it", agent="HelpAgent")
    call = CallRecord(
        key="k",
        tool="find",
        arguments={"ticket": "T-9999"},
        effect="read",
        state="completed",
        result="There is none.",
    )
    reply = "The ticket T-9999 is closed."
    assert [
        c.text for c in check_step(reply, plan, step.model_copy(update={"calls": [call]})).ungrounded
    ] == ["T-9999"]
    changing = call.model_copy(update={"effect": "change"})  # a person approved just this
    assert check_step(reply, plan, step.model_copy(update={"calls": [changing]})).score == 1.0


async def test_a_check_that_fails_does_not_fail_the_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("no rules today")

    monkeypatch.setattr(grounded, "check_step", broken)
    plan, events = await carried_out(tmp_path, TRUE, BAKE)
    assert plan.overall_status is PlanStatus.completed and checks(events) == []
    assert "could not be checked" in caplog.text


async def test_a_long_reply_is_checked_beside_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grounded, "LONG", 10)
    _, events = await carried_out(tmp_path, FALSE, BAKE)
    assert checks(events)[0].data["score"] == 0.0
