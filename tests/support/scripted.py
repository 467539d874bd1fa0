"""A model client whose answers a test writes, and the plans that it answers with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    ModelInfo,
    RequestUsage,
    UserMessage,
)

Answer = str | list[tuple[str, dict[str, Any]]]
"""A text, or tool calls as (name, arguments)."""
Script = Callable[[Sequence[LLMMessage], list[str], Any], "Answer | Awaitable[Answer]"]


class ScriptedClient(ChatCompletionClient):
    """Answers with what `script(messages, tool_names, json_output)` gives. Counts its calls, and waits `delay` seconds in each."""

    def __init__(self, script: Script, delay: float = 0.0) -> None:
        self.script, self.delay, self.calls = script, delay, 0
        self.seen: list[list[LLMMessage]] = []

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
        self.calls += 1
        self.seen.append(list(messages))
        if self.delay:
            await asyncio.sleep(self.delay)
        names = [tool["name"] if isinstance(tool, dict) else tool.name for tool in tools]
        answer = self.script(messages, names, json_output)
        if not isinstance(answer, str | list):
            answer = await answer
        if isinstance(answer, str):
            content: Any = answer
        else:
            content = [
                FunctionCall(id=f"call{self.calls}_{i}", name=name, arguments=json.dumps(arguments))
                for i, (name, arguments) in enumerate(answer)
            ]
        return CreateResult(
            content=content,
            finish_reason="stop" if isinstance(answer, str) else "function_calls",
            usage=RequestUsage(prompt_tokens=10, completion_tokens=5),
            cached=False,
        )

    async def create_stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[str | CreateResult, None]:
        yield await self.create(*args, **kwargs)

    async def close(self) -> None:
        pass

    def actual_usage(self) -> RequestUsage:
        return RequestUsage(0, 0)

    def total_usage(self) -> RequestUsage:
        return RequestUsage(0, 0)

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        return 0

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        return 100_000

    @property
    def capabilities(self) -> Any:
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        return ModelInfo(
            vision=False,
            function_calling=True,
            json_output=True,
            family="unknown",
            structured_output=True,
            multiple_system_messages=True,
        )


def planned(*steps: dict[str, Any], **more: Any) -> str:
    """A planner's answer. A step is agent, action, function, args, depends_on."""
    return json.dumps(
        {
            "initial_goal": "goal",
            "summary": "A plan.",
            "human_clarification_request": None,
            "impossible": None,
            "steps": [
                {
                    "agent": step["agent"],
                    "action": step.get("action", f"Use {step.get('function')}."),
                    "function": step.get("function"),
                    "arguments": [
                        {"name": name, "value": value if isinstance(value, str) else json.dumps(value)}
                        for name, value in step.get("args", {}).items()
                    ],
                    "depends_on": step.get("depends_on"),
                }
                for step in steps
            ],
            **more,
        }
    )


def last_user(messages: Sequence[LLMMessage]) -> str:
    """The text of the last user message."""
    return next(str(m.content) for m in reversed(messages) if isinstance(m, UserMessage))


def approved_call(messages: Sequence[LLMMessage]) -> tuple[str, dict[str, Any]] | None:
    """The call that the prompt says is approved."""
    for line in last_user(messages).splitlines():
        if line.startswith("Approved call: "):
            name, _, arguments = line.removeprefix("Approved call: ").partition(" ")
            return name, json.loads(arguments)
    return None


def obedient(plan: str | Callable[[str], str]) -> Script:
    """Plans as told; as a specialist makes the approved call, then says what came of it."""

    def script(messages: Sequence[LLMMessage], tools: list[str], json_output: Any) -> Answer:
        if json_output is not None:
            return plan if isinstance(plan, str) else plan(last_user(messages))
        if isinstance(messages[-1], FunctionExecutionResultMessage):
            return "; ".join(result.content for result in messages[-1].content)
        call = approved_call(messages)
        return [call] if call else "Nothing to call."

    return script
