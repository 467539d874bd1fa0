"""The texts in a model's messages, wherever they stand in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import (
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

__all__ = ["Change", "changed_json", "changed_message", "walked"]

Change = Callable[[str, str], str]
"""Gives what stands instead of a text; told where it stands, in words."""


def changed_message(message: LLMMessage, change: Change, *, calls: bool) -> LLMMessage:
    """The message with its texts changed; the same object where nothing is new. `calls`: the arguments of tool calls too."""
    if isinstance(message, FunctionExecutionResultMessage):
        results = [
            result.model_copy(update={"content": new})
            if (new := change(result.content, f"a result of {result.name}")) != result.content
            else result
            for result in message.content
        ]
        same = all(new is old for new, old in zip(results, message.content, strict=True))
        return message if same else message.model_copy(update={"content": results})
    updates: dict[str, Any] = {}
    if isinstance(message, SystemMessage):
        content: Any = change(message.content, "a system text")
    elif isinstance(message, UserMessage):
        content = message.content
        if isinstance(content, str):
            content = change(content, "a user message")
        else:
            content = [change(part, "a user message") if isinstance(part, str) else part for part in content]
    else:
        content = message.content
        if isinstance(content, str):
            content = change(content, "an earlier reply")
        elif calls:
            content = [changed_call(call, change) for call in content]
        if message.thought:
            thought = change(message.thought, "an earlier thought")
            if thought != message.thought:
                updates["thought"] = thought
    if content != message.content:
        updates["content"] = content
    return message.model_copy(update=updates) if updates else message


def changed_call(call: FunctionCall, change: Change) -> FunctionCall:
    """The call with the texts in its arguments changed."""
    where = f"the arguments of {call.name}"
    arguments = changed_json(call.arguments, lambda text: change(text, where))
    if arguments == call.arguments:
        return call
    return FunctionCall(id=call.id, name=call.name, arguments=arguments)


def changed_json(text: str, change: Callable[[str], str]) -> str:
    """A JSON text with its strings changed; any other text changed as a whole."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return change(text)
    new = walked(value, change)
    return text if new == value else json.dumps(new, ensure_ascii=False)


def walked(
    value: Any, change: Callable[[str], str], skip: frozenset[str] = frozenset(), deep: int = 20
) -> Any:
    """A JSON value with its strings changed, except what stands under the names `skip`."""
    if isinstance(value, str):
        return change(value)
    if deep == 0:
        return change(str(value)) if isinstance(value, dict | list) else value
    if isinstance(value, dict):
        return {
            name: inner if name in skip else walked(inner, change, skip, deep - 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [walked(inner, change, skip, deep - 1) for inner in value]
    return value
