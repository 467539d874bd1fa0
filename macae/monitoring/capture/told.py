"""What an event tells of a model call: its figures, and what was sent and answered where that is to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

from macae.monitoring.capture.client import ModelCall

__all__ = ["already_sent", "call_data", "calls_of", "sent_texts"]

MOST_TEXT = 4_000
"""Characters of one message that are kept."""
MOST_SENT = 16_000
"""Characters of all messages of a call that are kept."""


def call_data(call: ModelCall, usd: float | None) -> dict[str, Any]:
    """The call's figures. `usd` is its price in US dollars, None where it is not known."""
    # A reply that could not be used has cost its tokens too.
    usage = call.result.usage if call.result else getattr(call.error, "usage", None)
    return {
        "call": call.call,
        "model": call.model,
        "seconds": round(call.seconds, 4),
        "first_token": None if call.first_token is None else round(call.first_token, 4),
        "prompt_tokens": usage.prompt_tokens if usage else 0,
        "completion_tokens": usage.completion_tokens if usage else 0,
        "usd": usd,
        "ok": call.result is not None and call.error is None,
        "error_type": type(call.error).__name__ if call.error is not None else None,
        "finish": call.result.finish_reason if call.result else None,
        "streamed": call.streamed,
    }


def calls_of(call: ModelCall) -> tuple[str, list[dict[str, str]]]:
    """The reply's text, and the tool calls that it asks for."""
    content = call.result.content if call.result else ""
    if isinstance(content, str):
        return clipped(content), []
    return "", [{"name": c.name, "arguments": clipped(c.arguments)} for c in content]


def already_sent(messages: Sequence[LLMMessage], before: Sequence[LLMMessage]) -> int:
    """How many of the messages, from the first on, are the same as those sent before."""
    same = 0
    for now, then in zip(messages, before, strict=False):
        if now is not then and now != then:
            break
        same += 1
    return same


def sent_texts(messages: Sequence[LLMMessage], skip: int) -> tuple[list[dict[str, str]], int]:
    """The messages after the first `skip` as texts, the newest kept where they are too long together; and how many are not among
    them. A system message is kept in any case: it says who was asked."""
    texts = [text_of(message) for message in messages[skip:]]
    room, kept = MOST_SENT, [False] * len(texts)
    order = sorted(range(len(texts)), key=lambda i: (texts[i]["role"] != "system", -i))
    for place in order:
        length = len(texts[place]["text"])
        if length <= room:
            kept[place], room = True, room - length
    shown = [text for text, wanted in zip(texts, kept, strict=True) if wanted]
    return shown, len(messages) - len(shown)


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
    if len(text) <= MOST_TEXT:
        return text
    return f"{text[:MOST_TEXT]}… ({len(text) - MOST_TEXT} more characters)"
