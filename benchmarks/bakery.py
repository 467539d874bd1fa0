"""The workload: a plan of bakes, a model that answers at once, a tool that does nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    ModelInfo,
    RequestUsage,
)

from macae import AgentSpec, Team, tool


@tool(effect="change")
async def bake(kind: str) -> str:
    """Bake a cookie."""
    return f"baked {kind}"


TEAM = Team([AgentSpec("BakerAgent", "You bake.", [bake])], name="Bakery")


class InstantModel(ChatCompletionClient):
    """Plans `steps` bakes, in a row or side by side; makes the approved call; answers with its result. Takes no time."""

    def __init__(self, steps: int, in_a_row: bool = True) -> None:
        self.plan = json.dumps(
            {
                "initial_goal": "Bake",
                "summary": "Bake.",
                "human_clarification_request": None,
                "impossible": None,
                "steps": [
                    {
                        "agent": "BakerAgent",
                        "action": f"Bake kind {i} with bake.",
                        "function": "bake",
                        "arguments": [{"name": "kind", "value": f"kind {i}"}],
                        "depends_on": None if in_a_row else [],
                    }
                    for i in range(steps)
                ],
            }
        )

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
        if json_output is not None:
            content = self.plan
        elif isinstance(last, FunctionExecutionResultMessage):
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
