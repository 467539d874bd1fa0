"""The offline model as AutoGen sees it: a ChatCompletionClient that answers by rules, the same each time, with no network."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal

from autogen_core import CancellationToken, Component, FunctionCall
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    ModelCapabilities,
    ModelFamily,
    ModelInfo,
    RequestUsage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from macae.llm.offline import usage
from macae.llm.offline.cards import ToolCard
from macae.llm.offline.schemas import card_of

__all__ = ["OfflineChatCompletionClient", "OfflineConfig"]


class OfflineConfig(BaseModel):
    """The offline model has nothing to set."""


class OfflineChatCompletionClient(ChatCompletionClient, Component[OfflineConfig]):
    """A deterministic, rule-based model: no AI, no key, no network.

    It sees only the messages and the tool schemas. It plans, uses tools, chooses speakers, hands off, summarises, and answers from
    given sources; where it recognises nothing of that, it says so. Usage is estimated in tokens (four characters each).
    """

    component_type = "model"
    component_config_schema = OfflineConfig
    component_provider_override = "macae.llm.offline.OfflineChatCompletionClient"

    def __init__(self) -> None:
        self._actual = RequestUsage(prompt_tokens=0, completion_tokens=0)
        self._total = RequestUsage(prompt_tokens=0, completion_tokens=0)

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: Tool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """Answer. Raises asyncio.CancelledError when the token is cancelled."""
        _check(cancellation_token)
        from macae.llm.offline.answering import answer

        cards = [card_of(t) for t in tools]
        choice = card_of(tool_choice).name if not isinstance(tool_choice, str) else tool_choice
        content, thought = answer(messages, cards, choice, json_output)
        await asyncio.sleep(0)  # one turn of the loop, as any real call gives
        _check(cancellation_token)
        return self._result(messages, cards, content, thought)

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: Tool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """The same answer in pieces, then the whole result."""
        result = await self.create(
            messages, tools=tools, tool_choice=tool_choice, json_output=json_output, extra_create_args=extra_create_args, cancellation_token=cancellation_token,
        )  # fmt: skip
        if isinstance(result.content, str):
            for piece in re.findall(r"\S+\s*|\s+", result.content):
                _check(cancellation_token)
                yield piece
                await asyncio.sleep(0)
        yield result

    def _result(self, messages: Sequence[LLMMessage], cards: Sequence[ToolCard], content: str | list[FunctionCall], thought: str | None) -> CreateResult:  # fmt: skip
        written = content if isinstance(content, str) else " ".join(c.name + c.arguments for c in content)
        spent = RequestUsage(
            prompt_tokens=usage.of_messages(messages) + usage.of_tools(cards),
            completion_tokens=usage.of_text(written + (thought or "")),
        )
        self._actual = spent
        self._total = RequestUsage(
            prompt_tokens=self._total.prompt_tokens + spent.prompt_tokens,
            completion_tokens=self._total.completion_tokens + spent.completion_tokens,
        )
        reason: Literal["stop", "function_calls"] = "stop" if isinstance(content, str) else "function_calls"
        return CreateResult(finish_reason=reason, content=content, usage=spent, cached=False, thought=thought)

    async def close(self) -> None:
        """Nothing is held open."""

    def actual_usage(self) -> RequestUsage:
        """Tokens of the last call (estimated)."""
        return self._actual

    def total_usage(self) -> RequestUsage:
        """Tokens of all calls (estimated)."""
        return self._total

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []) -> int:
        """Tokens of the messages and tools, estimated without any download."""
        return usage.of_messages(messages) + usage.of_tools([card_of(t) for t in tools])

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []
    ) -> int:
        """What is left of a window of 128,000 tokens."""
        return usage.WINDOW - self.count_tokens(messages, tools=tools)

    @property
    def capabilities(self) -> ModelCapabilities:
        """What it can do (AutoGen's old name for `model_info`)."""
        return {"vision": False, "function_calling": True, "json_output": True}

    @property
    def model_info(self) -> ModelInfo:
        """What it can do."""
        return ModelInfo(
            vision=False, function_calling=True, json_output=True, family=ModelFamily.UNKNOWN, structured_output=True, multiple_system_messages=True,
        )  # fmt: skip

    def _to_config(self) -> OfflineConfig:
        return OfflineConfig()

    @classmethod
    def _from_config(cls, config: OfflineConfig) -> OfflineChatCompletionClient:
        return cls()


def _check(token: CancellationToken | None) -> None:
    if token is not None and token.is_cancelled():
        raise asyncio.CancelledError
