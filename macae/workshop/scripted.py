"""The model that checks use: it answers what the check says, or as the offline model does, and keeps what it was sent."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage

__all__ = ["Reply", "Request", "ScriptedModel"]

Reply = str | Sequence[tuple[str, Mapping[str, Any]]] | CreateResult
"""A text, tool calls as (name, arguments), or a whole result."""
Answer = Callable[[Sequence[LLMMessage], list[str]], Reply]


class Request(NamedTuple):
    """What the model was sent."""

    messages: list[LLMMessage]
    tools: list[str]


class ScriptedModel(ChatCompletionClient):
    """Gives the replies in order, the last one again and again. A reply may be a function of (messages, tool names).

    With `inner` and no replies it passes everything on to that client.
    """

    def __init__(self, *replies: Reply | Answer, inner: ChatCompletionClient | None = None) -> None:
        self.replies = replies
        self.inner = inner
        self.requests: list[Request] = []
        self.described: dict[str, str] = {}
        """By tool: what the model was told of it."""

    @property
    def calls(self) -> int:
        """How often it was asked."""
        return len(self.requests)

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
        """Answer, and keep what was asked."""
        names = [tool["name"] if isinstance(tool, dict) else tool.name for tool in tools]
        self.requests.append(Request(list(messages), names))
        schemas = [tool if isinstance(tool, dict) else tool.schema for tool in tools]
        self.described.update({schema["name"]: str(schema.get("description", "")) for schema in schemas})
        if self.inner is not None and not self.replies:
            return await self.inner.create(
                messages, tools=tools, tool_choice=tool_choice, json_output=json_output,
                extra_create_args=extra_create_args, cancellation_token=cancellation_token,
            )  # fmt: skip
        reply = self.replies[min(self.calls, len(self.replies)) - 1]
        if callable(reply):
            reply = reply(messages, names)
        return self.result(reply)

    def result(self, reply: Reply) -> CreateResult:
        """The reply as a model client gives it. Each call costs the same few tokens."""
        if isinstance(reply, CreateResult):
            return reply
        content: Any = reply
        if not isinstance(reply, str):
            content = [
                FunctionCall(id=f"call{self.calls}_{i}", name=name, arguments=json.dumps(arguments))
                for i, (name, arguments) in enumerate(reply)
            ]
        return CreateResult(
            content=content,
            finish_reason="stop" if isinstance(reply, str) else "function_calls",
            usage=RequestUsage(prompt_tokens=10, completion_tokens=5),
            cached=False,
        )

    async def create_stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[str | CreateResult, None]:
        """The answer in words, then whole."""
        whole = await self.create(*args, **kwargs)
        if isinstance(whole.content, str):
            for word in re.findall(r"\S+\s*|\s+", whole.content):
                yield word
        yield whole

    async def close(self) -> None:
        """Nothing is open."""

    def actual_usage(self) -> RequestUsage:
        """Tokens used so far."""
        return RequestUsage(prompt_tokens=10 * self.calls, completion_tokens=5 * self.calls)

    def total_usage(self) -> RequestUsage:
        """Tokens used so far."""
        return self.actual_usage()

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        """About four characters are a token."""
        return sum(len(str(message.content)) for message in messages) // 4

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        """Always enough."""
        return 100_000

    @property
    def capabilities(self) -> Any:
        """As `model_info`."""
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        """It can do what the offline model can."""
        return ModelInfo(
            vision=False,
            function_calling=True,
            json_output=True,
            family="unknown",
            structured_output=True,
            multiple_system_messages=True,
        )
