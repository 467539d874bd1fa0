"""A model client whose answers a test writes, and the plans that it answers with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.models import (
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    UserMessage,
)

from macae.workshop.scripted import Request, ScriptedModel

Answer = str | list[tuple[str, dict[str, Any]]]
"""A text, or tool calls as (name, arguments)."""
Script = Callable[[Sequence[LLMMessage], list[str], Any], "Answer | Awaitable[Answer]"]


class ScriptedClient(ScriptedModel):
    """Answers with what `script(messages, tool_names, json_output)` gives. Counts its calls, and waits `delay` seconds in each."""

    def __init__(self, script: Script, delay: float = 0.0) -> None:
        super().__init__()
        self.script, self.delay = script, delay

    @property
    def seen(self) -> list[list[LLMMessage]]:
        """The messages of each call."""
        return [request.messages for request in self.requests]

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
        names = [tool["name"] if isinstance(tool, dict) else tool.name for tool in tools]
        self.requests.append(Request(list(messages), names))
        if self.delay:
            await asyncio.sleep(self.delay)
        answer = self.script(messages, names, json_output)
        if not isinstance(answer, str | list):
            answer = await answer
        return self.result(answer)


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
