"""What an event tells of a model call: its figures, and what was sent and answered where that is to be kept."""

from __future__ import annotations

from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    LLMMessage,
    RequestUsage,
    SystemMessage,
    UserMessage,
)

from macae.llm.replies import estimate_tokens
from macae.monitoring.capture.client import ModelCall
from macae.monitoring.texts import clip

__all__ = ["call_data", "calls_of", "clipped", "text_of", "unsent", "usage_of"]

MOST_TEXT = 4_000
"""Characters of one message that are kept."""


def unsent(call: ModelCall) -> bool:
    """Whether no server can have got the call: then it has cost nothing, whatever the model."""
    return call.error is not None and getattr(call.error, "sent", True) is False


def usage_of(call: ModelCall) -> tuple[RequestUsage, bool]:
    """The tokens that a call has used, and whether they are only an estimate: of what was sent, and of the reply if there is one.

    Nobody says what a call has used that was stopped or failed, and some servers do not say it of streams. A reply that could not
    be used has cost its tokens too; one from a cache of the program's own has cost none, nor has one that no server got.
    """
    if unsent(call) or (call.result is not None and call.result.cached):
        return RequestUsage(prompt_tokens=0, completion_tokens=0), False
    usage = call.result.usage if call.result is not None else getattr(call.error, "usage", None)
    if usage is not None and (usage.prompt_tokens or usage.completion_tokens):
        return usage, False
    reply = [AssistantMessage(content=call.result.content, source="model")] if call.result else []
    completion = estimate_tokens(reply) if reply else 0
    return RequestUsage(prompt_tokens=estimate_tokens(call.messages), completion_tokens=completion), True


def call_data(call: ModelCall, usage: RequestUsage, estimated: bool, usd: float | None) -> dict[str, Any]:
    """The call's figures. `usd` is its price in US dollars, None where it is not known."""
    return {
        "call": call.call,
        "model": call.model,
        "seconds": round(call.seconds, 4),
        "first_token": None if call.first_token is None else round(call.first_token, 4),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "usd": usd,
        "ok": call.result is not None and call.error is None,
        "error_type": type(call.error).__name__ if call.error is not None else None,
        "finish": call.result.finish_reason if call.result else None,
        "streamed": call.streamed,
        **({"estimated": True} if estimated else {}),
    }


def calls_of(call: ModelCall) -> tuple[str, list[dict[str, str]]]:
    """The reply's text, and the tool calls that it asks for."""
    content = call.result.content if call.result else ""
    if isinstance(content, str):
        return clipped(content), []
    return "", [{"name": c.name, "arguments": clipped(c.arguments)} for c in content]


def text_of(message: LLMMessage) -> dict[str, str]:
    """A message as role, source and text."""
    if isinstance(message, SystemMessage):
        return {"role": "system", "source": "", "text": clipped(message.content)}
    if isinstance(message, UserMessage):
        parts = [message.content] if isinstance(message.content, str) else message.content
        text = " ".join(part if isinstance(part, str) else "[image]" for part in parts)
        return {"role": "user", "source": message.source, "text": clipped(text)}
    if isinstance(message, AssistantMessage):
        return {"role": "assistant", "source": message.source, "text": clipped(spoken(message.content))}
    text = "\n".join(f"{result.name}: {result.content}" for result in message.content)
    return {"role": "tool", "source": "", "text": clipped(text)}


def spoken(content: str | list[FunctionCall]) -> str:
    """An assistant's text or calls."""
    if isinstance(content, str):
        return content
    return "\n".join(f"{call.name}({call.arguments})" for call in content)


def clipped(text: str) -> str:
    """As much of a text as is kept, saying what is not."""
    return clip(text, MOST_TEXT, counted=True)
