"""The texts in a model's messages, wherever they stand in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import (
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

from macae.monitoring.compliance.values import changed_json, looked

__all__ = ["Change", "changed_message"]

Change = Callable[[str, str, str], str]
"""Gives what stands instead of a text; told where it stands, in words, and the name that it stands under."""


def changed_message(message: LLMMessage, change: Change, *, calls: bool) -> LLMMessage:
    """The message with its texts changed; the same object where nothing is new. `calls`: the arguments of tool calls too."""
    if isinstance(message, FunctionExecutionResultMessage):
        results = [
            result.model_copy(update={"content": new})
            if (new := changed_result(result, change)) != result.content
            else result
            for result in message.content
        ]
        same = all(new is old for new, old in zip(results, message.content, strict=True))
        return message if same else message.model_copy(update={"content": results})
    updates: dict[str, Any] = {}
    if isinstance(message, SystemMessage):
        content: Any = change(message.content, "a system text", "")
    elif isinstance(message, UserMessage):
        content = message.content
        if isinstance(content, str):
            content = change(content, "a user message", "")
        else:
            content = [
                change(part, "a user message", "") if isinstance(part, str) else part for part in content
            ]
    else:
        content = message.content
        if isinstance(content, str):
            content = looked(content, lambda text, name: change(text, "an earlier reply", name))
        elif calls:
            content = [changed_call(call, change) for call in content]
        if message.thought:
            thought = change(message.thought, "an earlier thought", "")
            if thought != message.thought:
                updates["thought"] = thought
    if content != message.content:
        updates["content"] = content
    return message.model_copy(update=updates) if updates else message


def changed_result(result: FunctionExecutionResult, change: Change) -> str:
    """A tool's result, the values in it too when it is JSON."""
    where = f"a result of {result.name}"
    return looked(result.content, lambda text, name: change(text, where, name))


def changed_call(call: FunctionCall, change: Change) -> FunctionCall:
    """The call with the texts in its arguments changed."""
    where = f"the arguments of {call.name}"
    arguments = changed_json(call.arguments, lambda text, name: change(text, where, name))
    if arguments == call.arguments:
        return call
    return FunctionCall(id=call.id, name=call.name, arguments=arguments)
