"""Chat messages as documents, and the view of them that a model is sent: bounded, and always acceptable to a real API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from autogen_core import FunctionCall, Image
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    UserMessage,
)
from pydantic import BeforeValidator, Field

from macae.models import BaseDataModel

__all__ = ["INTERRUPTED", "ChatMessage", "StoredMessage", "repaired", "view"]

INTERRUPTED = "Interrupted: no result of this call was saved. It is not known whether it had its effect."
"""Stands in for the result of a call that was cut short."""


def _with_images(value: Any) -> Any:
    """Read a message's images first: AutoGen's Image cannot be validated where a text may stand as well."""
    if (
        isinstance(value, dict)
        and isinstance(value.get("content"), list)
        and value.get("type") == "UserMessage"
    ):
        parts = [
            Image.from_base64(part["data"]) if isinstance(part, dict) else part for part in value["content"]
        ]
        return UserMessage(content=parts, source=value.get("source", ""))
    return value


StoredMessage = Annotated[LLMMessage, BeforeValidator(_with_images)]
"""A message that can be read back from JSON, whatever it holds."""


class ChatMessage(BaseDataModel):
    """One message of an agent's conversation with its model."""

    data_type: Literal["chat_message"] = "chat_message"
    session_id: str = ""
    user_id: str = ""
    agent: str = ""
    """Whose conversation it is."""
    index: int = 0
    """Its place in the conversation, from 0."""
    message: StoredMessage
    more: list[StoredMessage] = Field(default_factory=list)
    """The messages after it that were stored together with it."""

    @property
    def messages(self) -> list[LLMMessage]:
        """All of them, in order."""
        return [self.message, *self.more]


def calls_of(message: LLMMessage) -> list[FunctionCall]:
    """The tool calls that a message asks for."""
    if isinstance(message, AssistantMessage) and isinstance(message.content, list):
        return message.content
    return []


def repaired(messages: Sequence[LLMMessage]) -> list[LLMMessage]:
    """The messages with every tool call answered and every result asked for.

    A call without a result gets one that says so; a result without a call is left out. Real APIs reject both.
    """
    whole: list[LLMMessage] = []
    position = 0
    while position < len(messages):
        message = messages[position]
        position += 1
        if isinstance(message, FunctionExecutionResultMessage):
            continue  # no call stands before it
        whole.append(message)
        calls = calls_of(message)
        if not calls:
            continue
        answers: list[FunctionExecutionResultMessage] = []
        while position < len(messages):
            following = messages[position]
            if not isinstance(following, FunctionExecutionResultMessage):
                break
            answers.append(following)
            position += 1
        whole += _answered(calls, answers)
    return whole


def _answered(
    calls: Sequence[FunctionCall], answers: Sequence[FunctionExecutionResultMessage]
) -> list[LLMMessage]:
    given = [result for answer in answers for result in answer.content]
    asked = Counter(call.id for call in calls)
    if len(answers) == 1 and Counter(result.call_id for result in given) == asked:
        return list(answers)
    kept: list[FunctionExecutionResult] = []
    for result in given:
        if asked[result.call_id] > 0:
            asked[result.call_id] -= 1
            kept.append(result)
    for call in calls:
        if asked[call.id] > 0:
            asked[call.id] -= 1
            kept.append(
                FunctionExecutionResult(content=INTERRUPTED, name=call.name, call_id=call.id, is_error=True)
            )
    return [FunctionExecutionResultMessage(content=kept)]


def view(messages: Sequence[LLMMessage], size: int, earlier: int = 0) -> list[LLMMessage]:
    """The last `size` messages, after one that says what is not shown; `earlier` more stood before `messages`.

    It never begins with a tool result whose call is cut off: then the result is left out too, or, where nothing else would
    be left, the call is kept.
    """
    whole = repaired(messages)
    start = max(0, len(whole) - size)
    while start < len(whole) and isinstance(whole[start], FunctionExecutionResultMessage):
        start += 1
    if start == len(whole) and whole:
        start -= 1
        while start > 0 and isinstance(whole[start], FunctionExecutionResultMessage):
            start -= 1
    hidden = earlier + start
    if not hidden:
        return whole
    return [UserMessage(content=_summary(whole[:start], hidden), source="memory"), *whole[start:]]


def _summary(cut: Sequence[LLMMessage], hidden: int) -> str:
    """What is not shown, in few words and without its text."""
    told = sum(isinstance(message, UserMessage) for message in cut)
    asked = Counter(call.name for message in cut for call in calls_of(message))
    said = sum(isinstance(message, AssistantMessage) for message in cut) - sum(bool(calls_of(m)) for m in cut)
    parts = [f"{told} to this agent" if told else "", f"{said} replies" if said else ""]
    if asked:
        names = [name if times == 1 else f"{name} ({times} times)" for name, times in asked.most_common(5)]
        parts.append("tool calls of " + ", ".join(names) + (" and others" if len(asked) > 5 else ""))
    known = "; ".join(part for part in parts if part) or "the beginning of this conversation"
    older = f"; and {hidden - len(cut)} older ones" if cut and hidden > len(cut) else ""
    return f"{hidden} earlier messages are not shown: {known}{older}."
