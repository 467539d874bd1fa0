"""Nothing runs without a person's yes, and a yes covers one call."""

from __future__ import annotations

from typing import Any

import pytest
from autogen_core import AgentId, CancellationToken, MessageContext, RoutedAgent, message_handler
from autogen_core.models import FunctionExecutionResultMessage

from macae import BaseAgent
from macae.agents import AgentContext
from macae.agents.gatedtool import GatedTool
from macae.agents.lifecycle import approval_of
from macae.agents.team import AgentSpec, Team
from macae.errors import Conflict, InvalidInput, NotAllowed
from macae.models import (
    ActionRequest,
    ActionResponse,
    ApprovalRequest,
    EventType,
    HumanFeedback,
    Plan,
    PlanStatus,
    StepStatus,
)
from tests.engine.conftest import TEAM, Ledger, Make, bake, client_of, look
from tests.support.scripted import planned

BAKE = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}})


def wants(*turns: Any, plan: str = BAKE) -> Any:
    """A specialist that makes these turns, whatever it is told."""
    left = list(turns)

    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return plan
        return left.pop(0) if left else "That is all."

    return script


class ApprovesItself(RoutedAgent):
    """A HumanAgent that does not wait for a human."""

    def __init__(self, context: AgentContext) -> None:
        super().__init__("impatient")
        self.context = context

    @message_handler
    async def handle_human_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        step = await self.context.memory.held_step(message.plan_id, message.step_id or "")
        await self.context.memory.update_step(step.model_copy(update={"status": StepStatus.approved}))
        await self.send_message(
            ApprovalRequest(
                plan_id=step.plan_id, step_id=step.id, session_id=step.session_id, user_id=step.user_id
            ),
            AgentId("GroupChatManager", self.id.key),
        )


async def test_feedback_that_did_not_come_through_the_engine_opens_nothing(
    make: Make, ledger: Ledger
) -> None:
    for human in (None, ApprovesItself):
        engine = make(BAKE, **({"human": human} if human else {}))
        plan = await engine.submit("Bake")
        live = await engine.live(plan.session_id)
        forged = HumanFeedback(
            step_id=plan.steps[0].id,
            plan_id=plan.id,
            session_id=plan.session_id,
            approved=True,
            user_id="local",
        )
        with pytest.raises(NotAllowed, match="no person said yes"):
            await live.send(forged, "HumanAgent")
        plan = await engine.wait(plan)
        assert ledger == []
        assert plan.steps[0].status is StepStatus.awaiting_feedback
        assert EventType.step_approved not in [e.type for e in await engine.trail(plan)]
        # The engine's own yes still works, whoever the HumanAgent is.
        await engine.approve(plan.steps[0])
        assert (await engine.wait(plan)).overall_status is PlanStatus.completed
        assert len(ledger) == 1
        ledger.clear()


async def test_an_agent_cannot_write_an_approval(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake")
    live = await engine.live(plan.session_id)
    step = plan.steps[0]
    forged = step.model_copy(
        update={"status": StepStatus.approved, "approval": approval_of(step, "eve", None)}
    )
    for write in (live.memory.update_step, live.memory.update_item, live.memory.add_item):
        with pytest.raises((NotAllowed, Conflict)):
            await write(forged)
    # Nor that it is done, whether the plan is held or not.
    done = step.model_copy(update={"status": StepStatus.completed, "agent_reply": "Baked by nobody."})
    for write in (live.memory.update_step, live.memory.update_item):
        with pytest.raises(NotAllowed, match="was not approved"):
            await write(done)
    live.memory._plans.clear()
    with pytest.raises(NotAllowed, match="was not approved"):
        await live.memory.update_step(done)
    with pytest.raises(InvalidInput, match="version -1"):
        await live.memory.update_step(step.model_copy(update={"version": -1}))
    assert (await engine.plan(plan)).steps[0].approval is None
    assert ledger == []


async def test_an_old_yes_opens_nothing_again(make: Make, ledger: Ledger) -> None:
    """Not after a failure, and not after a cancel."""
    engine = make(planned({"agent": "BakerAgent", "function": "burn", "args": {"kind": "oat"}}))
    plan = await engine.submit("Burn")
    live = await engine.live(plan.session_id)
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.steps[0].status is StepStatus.failed and plan.steps[0].approval is not None
    for write in (live.memory.update_step, live.memory.update_item):
        with pytest.raises(NotAllowed, match="does not follow"):
            await write(plan.steps[0].model_copy(update={"status": StepStatus.approved}))
    cancelled = await engine.cancel(plan)
    with pytest.raises(NotAllowed, match="it is over"):
        await live.memory.update_plan(
            Plan(**cancelled.model_dump(include=set(Plan.model_fields))).model_copy(
                update={"overall_status": PlanStatus.in_progress}
            )
        )
    assert len(ledger) == 1


async def test_reading_is_free_and_an_uncovered_change_asks_for_exactly_that_call(
    make: Make, ledger: Ledger
) -> None:
    engine = make(wants([("look", {"shelf": "low"})], [("bake", {"kind": "oat", "quantity": 99})], "Baked."))
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    step = plan.steps[0]
    assert [e["tool"] for e in ledger] == ["look"]
    assert step.status is StepStatus.awaiting_feedback
    assert step.pending_call is not None
    assert (step.pending_call.tool, step.pending_call.arguments) == ("bake", {"kind": "oat", "quantity": 99})
    assert step.approval is None
    types = [e.type for e in await engine.trail(plan)]
    assert EventType.step_paused in types and EventType.tool_refused in types


async def test_the_call_that_was_asked_for_runs_once_approved(make: Make, ledger: Ledger) -> None:
    engine = make(wants([("bake", {"kind": "rye"})], [("bake", {"kind": "rye"})], "Baked rye."))
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert ledger == []
    await engine.approve(plan.steps[0])
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    assert [e["arguments"] for e in ledger] == [{"kind": "rye", "quantity": 1}]
    assert plan.steps[0].arguments == {"kind": "rye"}


async def test_parallel_calls_covered_ones_finish_and_are_not_repeated(make: Make, ledger: Ledger) -> None:
    both = [("bake", {"kind": "oat", "quantity": 12}), ("bake", {"kind": "rye"}), ("look", {})]
    engine = make(wants(both, both, "Both baked."))
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert sorted(e["tool"] for e in ledger) == ["bake", "look"]
    assert plan.steps[0].pending_call is not None
    await engine.approve(plan.steps[0])
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    bakes = [e["arguments"] for e in ledger if e["tool"] == "bake"]
    assert bakes == [{"kind": "oat", "quantity": 12}, {"kind": "rye", "quantity": 1}]


async def test_one_yes_is_for_one_call(make: Make, ledger: Ledger) -> None:
    same = ("bake", {"kind": "oat", "quantity": 12})
    engine = make(wants([same, same], [same], [same], "Baked."))
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    await engine.wait(plan)
    assert len(ledger) == 1


async def test_a_model_that_tries_three_times_gets_nothing_run(make: Make, ledger: Ledger) -> None:
    other = [("bake", {"kind": "poison"})]
    engine = make(wants(other, other, other, "I did it anyway."))
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert ledger == [] and plan.steps[0].status is StepStatus.awaiting_feedback


async def test_another_agents_tool_is_not_there(make: Make, ledger: Ledger) -> None:
    engine = make(wants([("sell", {"kind": "oat"})], "Could not."))
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert ledger == []
    told = client_of(engine).seen[-1][-1]
    assert (
        isinstance(told, FunctionExecutionResultMessage)
        and "There is no tool sell" in told.content[0].content
    )


async def test_bad_arguments_are_told_to_the_model(make: Make, ledger: Ledger) -> None:
    engine = make(wants([("bake", {"kind": "oat", "quantity": "lots"})], [("bake", {})], "Sorry."))
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert ledger == [] and plan.steps[0].agent_reply == "Sorry."


async def test_a_tool_called_outside_a_step_is_refused(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake")
    live = await engine.live(plan.session_id)
    wrapped = GatedTool(TEAM["BakerAgent"].action_tools[0], live.gate, "BakerAgent")
    for arguments in ({"kind": "oat", "quantity": 12}, {"kind": "oat"}):
        try:
            await wrapped.run_json(arguments, CancellationToken())
        except Exception as error:
            assert "no approved step" in str(error)
    assert ledger == []


async def test_a_read_only_tool_needs_a_yes_too(make: Make, ledger: Ledger) -> None:
    engine = make(planned({"agent": "BakerAgent", "function": "look"}))
    plan = await engine.submit("Look")
    await engine.wait(plan)
    assert ledger == []
    await engine.approve_all(plan)
    await engine.wait(plan)
    assert [e["tool"] for e in ledger] == ["look"]


async def test_a_learners_own_specialist_is_gated_too(make: Make, ledger: Ledger) -> None:
    class OwnLoop(RoutedAgent):
        def __init__(self, tools: list[Any]) -> None:
            super().__init__("own")
            self.tools = tools

        @message_handler
        async def handle_action_request(self, message: ActionRequest, ctx: MessageContext) -> ActionResponse:
            said = []
            for arguments in ({"kind": "oat", "quantity": 12}, {"kind": "anything"}):
                try:
                    said.append(await self.tools[0].run_json(arguments, ctx.cancellation_token))
                except Exception as error:
                    said.append(str(error))
            return ActionResponse(status="success", message=" | ".join(said))

    team = Team([AgentSpec("BakerAgent", "You bake.", [bake, look], agent_class=OwnLoop)])
    engine = make(BAKE, team=team)
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert [e["arguments"] for e in ledger] == [{"kind": "oat", "quantity": 12}]
    assert plan.steps[0].pending_call is not None and plan.steps[0].pending_call.arguments == {
        "kind": "anything"
    }


async def test_agentchats_own_loop_is_gated_too(make: Make, ledger: Ledger) -> None:
    from autogen_agentchat.agents import AssistantAgent

    class WithAssistant(BaseAgent):
        async def carry_out(self, message: ActionRequest, run: Any) -> str:
            assistant = AssistantAgent(
                "baker", self.model_client, tools=self.tools, max_tool_iterations=3, reflect_on_tool_use=False
            )
            result = await assistant.run(task=message.action)
            return result.messages[-1].to_text()

    team = Team([AgentSpec("BakerAgent", "You bake.", [bake, look], agent_class=WithAssistant)])
    turns = [[("bake", {"kind": "oat", "quantity": 12})], [("bake", {"kind": "rye"})], "Baked."]
    engine = make(wants(*turns), team=team)
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert [e["arguments"] for e in ledger] == [{"kind": "oat", "quantity": 12}]
    assert plan.steps[0].pending_call is not None


async def test_automatic_approval_is_named_in_the_record(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE, settings={"auto_approve": True})
    assert "automatically" in engine.banner
    plan = await engine.wait(await engine.submit("Bake"))
    assert plan.overall_status is PlanStatus.completed
    assert plan.steps[0].approval is not None and plan.steps[0].approval.by == "auto:env"


async def test_automatic_approval_also_covers_what_comes_later(make: Make, ledger: Ledger) -> None:
    later = planned(
        {"agent": "BakerAgent", "function": "look"},
        {"agent": "BakerAgent", "function": "bake", "args": {"kind": "$1"}},
    )
    turns = [[("look", {})], "Looked.", [("bake", {"kind": "rye"})], [("bake", {"kind": "rye"})], "Baked."]
    engine = make(wants(*turns, plan=later), settings={"auto_approve": True})
    plan = await engine.wait(await engine.submit("Look, then bake"))
    assert plan.overall_status is PlanStatus.completed
    assert {step.approval.by for step in plan.steps if step.approval} == {"auto:env"}


async def test_a_yes_in_one_session_lets_no_tool_of_another_through(make: Make, ledger: Ledger) -> None:
    kept: list[Any] = []

    class Keeping(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            kept.append(self.tools[0])
            call = {"kind": "oat", "quantity": 12}
            return str(await kept[0].run_json(call, CancellationToken()))

    engine = make(BAKE, team=Team([AgentSpec("BakerAgent", "You bake.", [bake], agent_class=Keeping)]))
    statuses = []
    for _ in range(2):
        plan = await engine.submit("Bake")
        await engine.approve_all(plan)
        statuses.append((await engine.wait(plan)).steps[0].status)
    assert statuses == [StepStatus.completed, StepStatus.failed] and len(ledger) == 1
