"""The workload: a plan of bakes, a model that answers at once, a tool that does nothing."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from autogen_core import CancellationToken, FunctionCall, MessageContext, RoutedAgent, message_handler
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    ModelInfo,
    RequestUsage,
)

from macae import AgentSpec, Team, tool
from macae.models import InputTask, Plan, PlanWithSteps, Step
from macae.tools import ActionTool


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


class InstantModel(ChatCompletionClient):
    """Makes the approved call, then answers with its result; `delay` seconds a call."""

    def __init__(self, steps: int = 6, delay: float = 0.0) -> None:
        self.delay = delay

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Any] = (),
        tool_choice: Any = "auto",
        json_output: Any = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
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

    async def create_stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[str | CreateResult, None]:
        """Answer, as a stream."""
        yield await self.create(*args, **kwargs)

    async def close(self) -> None:
        """Nothing to close."""

    def actual_usage(self) -> RequestUsage:
        """None."""
        return RequestUsage(0, 0)

    def total_usage(self) -> RequestUsage:
        """None."""
        return RequestUsage(0, 0)

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        """None."""
        return 0

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        """Many."""
        return 100_000

    @property
    def capabilities(self) -> ModelInfo:  # type: ignore[override]
        """The old name of `model_info`."""
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        """What it can do."""
        return ModelInfo(
            vision=False, function_calling=True, json_output=True, family="unknown", structured_output=True
        )
