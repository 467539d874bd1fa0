"""Whoever comes from the guide finds its functions, handlers and flows, working."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from autogen_core import AgentId

from macae import Engine, initialize, initialize_runtime_and_context, retrieve_all_agent_tools
from macae.agents import BaseAgent, GroupChatManager, HumanAgent, PlannerAgent, default_team
from macae.errors import ConfigError, TeamError
from macae.models import AgentMessage, ApprovalRequest, InputTask, PlanStatus, PlanWithSteps, Session
from macae.monitoring import track_event_if_configured
from tests.engine.conftest import Ledger, Make, client_of
from tests.support.scripted import last_user, obedient, planned

BAKE = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}})


def test_the_handlers_have_the_guides_names() -> None:
    for cls, names in (
        (GroupChatManager, ("handle_input_task", "process_next_step", "execute_step")),
        (PlannerAgent, ("handle_input_task",)),
        (HumanAgent, ("handle_human_feedback",)),
        (BaseAgent, ("handle_action_request",)),
    ):
        assert all(callable(getattr(cls, name)) for name in names)


def test_all_tools_are_listed_with_their_agent() -> None:
    tools = retrieve_all_agent_tools()
    assert all(set(tool) == {"agent", "function", "description", "arguments"} for tool in tools)
    assert {tool["agent"] for tool in tools} == {agent.name for agent in default_team()}
    assert len({tool["function"] for tool in tools}) == len(tools) >= 60


async def test_a_runtime_and_its_memory(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    runtime, memory = await initialize_runtime_and_context("s1", engine=engine)
    plan = await runtime.send_message(
        InputTask(session_id="s1", description="Bake", user_id="local"), AgentId("GroupChatManager", "s1")
    )
    assert isinstance(plan, PlanWithSteps)
    stored = await memory.get_plan_by_session("s1")
    assert stored is not None and stored.id == plan.id
    assert [s.id for s in await memory.get_steps_by_plan(plan.id)] == [plan.steps[0].id]
    found = await memory.query_items(
        "SELECT * FROM c WHERE c.plan_id=@plan AND c.data_type=@kind",
        [{"name": "@plan", "value": plan.id}, {"name": "@kind", "value": "approval_request"}],
        ApprovalRequest,
    )
    assert [request.step_id for request in found] == [plan.steps[0].id]
    assert runtime.engine is engine  # type: ignore[attr-defined]


async def test_without_arguments_there_is_a_new_session(elsewhere: Path) -> None:
    runtime, memory = await initialize()
    try:
        assert memory.session_id and memory.user_id == "local"
    finally:
        await runtime.engine.close()  # type: ignore[attr-defined]


async def test_the_session_has_one_row_with_its_status(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake", session_id="s1")
    rows = await engine.store.find(Session, user_id="local", session_id="s1")
    assert [(row.id, row.current_status) for row in rows] == [("s1", "active")]
    await engine.approve_all(plan)
    await engine.wait(plan)
    await engine.submit("Bake again", session_id="s1")
    rows = await engine.store.find(Session, user_id="local", session_id="s1")
    assert [row.current_status for row in rows] == ["active"]
    page = await engine.sessions()
    assert [row.session_id for row in page.items] == ["s1"]


async def test_every_message_names_its_true_source(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake")
    await engine.approve(plan.steps[0], "gently")
    await engine.wait(plan)
    said = await engine.store.find(AgentMessage, user_id="local", session_id=plan.session_id)
    assert [(m.source, m.content) for m in said] == [
        ("local", "Bake"),
        ("PlannerAgent", "A plan."),
        ("HumanAgent", "approved: gently"),
        ("BakerAgent", "baked 12 oat"),
    ]


async def test_a_specialist_is_told_all_that_it_needs(make: Make, ledger: Ledger) -> None:
    def plan_for(text: str) -> str:
        if "Answer:" not in text:
            return planned(human_clarification_request="For whom?")
        return planned(
            {"agent": "BakerAgent", "function": "look", "action": "Look with look."},
            {"agent": "BakerAgent", "function": "bake", "action": "Bake with bake.", "args": {"kind": "oat"}},
        )

    engine = make(obedient(plan_for))
    plan = await engine.submit("Bake for a guest")
    plan = await engine.clarify(plan, "For Ann")
    await engine.approve(plan.steps[0])
    plan = await engine.wait(plan)
    step = await engine.edit(
        plan.steps[1], "Bake slowly with bake.", arguments={"kind": "oat", "quantity": 2}
    )
    await engine.approve(step, "no nuts, please")
    await engine.wait(plan)
    messages = client_of(engine).seen[-1]
    told = last_user(messages)
    for part in (
        "Goal: Bake for a guest",
        "Your step: Bake slowly with bake.",
        'Approved call: bake {"kind": "oat", "quantity": 2}',
        "1. BakerAgent, Look with look.: nothing on top",
        "Question: For whom?",
        "Answer: For Ann",
        "Note from the person: no nuts, please",
    ):
        assert part in told
    assert "Today is " in str(messages[0].content)


async def test_a_specialist_remembers_its_conversation_after_a_restart(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    await engine.wait(plan)
    await engine.close()
    again = make(BAKE)
    plan = await again.submit("Bake again", session_id=plan.session_id)
    await again.approve_all(plan)
    await again.wait(plan)
    told = [str(m.content) for m in client_of(again).seen[-1]]
    assert any("Goal: Bake\n" in text for text in told) and any("Goal: Bake again" in text for text in told)


def test_an_agent_outside_an_engine_says_so() -> None:
    with pytest.raises(TeamError, match="memory that an Engine made"):
        BaseAgent("X", None, "s", "u", object())  # type: ignore[arg-type]


def test_telemetry_is_a_no_op_unless_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APPLICATIONINSIGHTS_CONNECTION_STRING", raising=False)
    track_event_if_configured("planned", {"steps": 3})
    monkeypatch.setenv("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=0")
    with pytest.raises(ConfigError, match="APPLICATIONINSIGHTS_CONNECTION_STRING"):
        track_event_if_configured("planned")


async def test_parts_can_be_swapped(make: Make, ledger: Ledger) -> None:
    class Cautious(PlannerAgent):
        async def ask(self, *arguments: Any) -> Any:
            answer = await super().ask(*arguments)
            return answer._replace(
                response=answer.response and answer.response.model_copy(update={"summary": "Mine."})
            )

    engine: Engine = make(BAKE, planner=Cautious)
    plan = await engine.submit("Bake")
    assert plan.summary == "Mine." and plan.overall_status is PlanStatus.in_progress
