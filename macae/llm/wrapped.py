"""The base of clients around a client: it passes everything on but the asking itself."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from autogen_core.models import ChatCompletionClient, LLMMessage, ModelInfo, RequestUsage
from autogen_core.tools import Tool, ToolSchema

__all__ = ["WrappedClient"]


class WrappedClient(ChatCompletionClient, ABC):
    """Does what `inner` does; a subclass says how it asks (`create`, `create_stream`). Closing it closes `inner`."""

    component_type = "model"

    def __init__(self, inner: ChatCompletionClient) -> None:
        self.inner = inner

    @property
    def model(self) -> str:
        """The model's (or deployment's) name."""
        return str(getattr(self.inner, "model", None) or type(self.inner).__name__)

    async def close(self) -> None:
        """Close the client's connections."""
        await self.inner.close()

    def actual_usage(self) -> RequestUsage:
        """The tokens used, without cached replies."""
        return self.inner.actual_usage()

    def total_usage(self) -> RequestUsage:
        """The tokens used, with cached replies."""
        return self.inner.total_usage()

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()) -> int:
        """How many tokens the messages and tools are."""
        return self.inner.count_tokens(messages, tools=tools)

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()
    ) -> int:
        """How many tokens the model can still read beside these."""
        return self.inner.remaining_tokens(messages, tools=tools)

    @property
    def capabilities(self) -> ModelInfo:
        """The older name of `model_info`."""
        return self.inner.model_info

    @property
    def model_info(self) -> ModelInfo:
        """What the model can do."""
        return self.inner.model_info
