"""How many tokens a text would be, estimated without any tokeniser file: about four characters each."""

from __future__ import annotations

from collections.abc import Sequence

from autogen_core.models import AssistantMessage, FunctionExecutionResultMessage, LLMMessage

from macae.llm.offline.cards import ToolCard

__all__ = ["WINDOW", "of_messages", "of_text", "of_tools"]

WINDOW = 128_000
"""The tokens that the offline model says it can take; it has no real limit."""


def of_text(text: str) -> int:
    """Tokens of a text: a quarter of its characters, rounded up."""
    return (len(text) + 3) // 4


def of_messages(messages: Sequence[LLMMessage]) -> int:
    """Tokens of messages, four more for each."""
    total = 0
    for message in messages:
        if isinstance(message, FunctionExecutionResultMessage):
            total += sum(of_text(r.content) + 4 for r in message.content)
        elif isinstance(message.content, str):
            total += of_text(message.content) + 4
        elif isinstance(message, AssistantMessage):
            total += sum(
                of_text(c.name) + of_text(c.arguments) + 4 for c in message.content if not isinstance(c, str)
            )
        else:
            total += sum(of_text(c) if isinstance(c, str) else 85 for c in message.content) + 4
    return total


def of_tools(tools: Sequence[ToolCard]) -> int:
    """Tokens of tool schemas."""
    return sum(
        of_text(t.name)
        + of_text(t.description)
        + 8
        + sum(of_text(p.name) + of_text(p.description) + 4 for p in t.params)
        for t in tools
    )
