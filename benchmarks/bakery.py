"""The workload: a plan of bakes, a model that answers at once, a tool that does nothing."""

import asyncio
from collections.abc import Sequence
from typing import Any

from autogen_core import FunctionCall, MessageContext, RoutedAgent, message_handler
from autogen_core.models import (
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    RequestUsage,
)

from macae import AgentSpec, Team, tool
from macae.models import InputTask, Plan, PlanWithSteps, Step
from macae.tools import ActionTool
from tests.support.scripted import ScriptedClient


@tool(effect="change")
async def bake(kind: str) -> str:
    """Bake a cookie."""
    return f"baked {kind}"


def team_of(tools: int) -> Team:
    """A baker with so many tools; all but the first are never used."""

    def spare(number: int) -> Any:
        async def polish(what: str) -> str:
            return f"polished {what}"

        return ActionTool(
            polish, description=f"Polish thing number {number} until it shines.", name=f"polish_{number}"
        )

    return Team(
        [AgentSpec("BakerAgent", "You bake.", [bake, *(spare(i) for i in range(tools - 1))])], name="Bakery"
    )


def given_plan(wanted: Any) -> Any:
    """A planner that needs no model: as many bakes as `wanted.steps` says, in a row or side by side."""

    class GivenPlan(RoutedAgent):
        """Plans without thinking."""

        def __init__(self, context: Any) -> None:
            super().__init__("plans")

        @message_handler
        async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
            """The plan."""
            mine = {"session_id": message.session_id, "user_id": message.user_id}
            plan = Plan(**mine, initial_goal=message.description, summary="Bake.")
            steps: list[Step] = []
            for i in range(wanted.steps):
                step = Step(
                    **mine, plan_id=plan.id, index=i + 1, action=f"Bake kind {i} with bake.", agent="BakerAgent",
                    function="bake", arguments={"kind": f"kind {i}"},
                    depends_on=[steps[-1].id] if steps and wanted.in_a_row else [],
                )  # fmt: skip
                steps.append(step)
            return PlanWithSteps.of(plan, steps)

    return GivenPlan


class InstantModel(ScriptedClient):
    """Makes the approved call, then answers with its result; `delay` seconds a call."""

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__(lambda *_: "", delay)

    async def create(self, messages: Sequence[LLMMessage], **_: Any) -> CreateResult:
        """Answer."""
        content: Any
        last = messages[-1]
        if self.delay:
            await asyncio.sleep(self.delay)
        if isinstance(last, FunctionExecutionResultMessage):
            content = last.content[0].content
        else:
            line = next(x for x in str(last.content).splitlines() if x.startswith("Approved call: "))
            name, _, arguments = line.removeprefix("Approved call: ").partition(" ")
            content = [FunctionCall(id="call", name=name, arguments=arguments)]
        usage = RequestUsage(prompt_tokens=1, completion_tokens=1)
        return CreateResult(content=content, finish_reason="stop", usage=usage, cached=False)
