"""The turns of a chat, and which of them a model is sent: bounded, and always acceptable to a real API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

from macae.llm.replies import estimate_tokens

__all__ = ["INTERRUPTED", "Turn", "calls_of", "newest", "repaired", "shortened", "turns_of"]

INTERRUPTED = "Interrupted: no result of this call was saved. It is not known whether it had its effect."
"""Stands in for the result of a call that was cut short."""

_CUT = " [… left out …] "
Text = TypeVar("Text", bound=str | None)


@dataclass(frozen=True, slots=True)
class Turn:
    """What stays together: one message, or tool calls and their results."""

    index: int
    """The place of its first message in the chat."""
    messages: tuple[LLMMessage, ...]

    @property
    def tokens(self) -> int:
        """About how many tokens it is."""
        return estimate_tokens(self.messages)


def calls_of(message: LLMMessage) -> list[FunctionCall]:
    """The tool calls that a message asks for."""
    if isinstance(message, AssistantMessage) and isinstance(message.content, list):
        return message.content
    return []


def turns_of(messages: Iterable[tuple[int, LLMMessage]]) -> list[Turn]:
    """The turns of messages and their places, with every tool call answered and every result asked for.

    A call without a result gets one that says so; a result without a call is left out. Real APIs reject both.
    """
    turns: list[Turn] = []
    given = list(messages)
    position = 0
    while position < len(given):
        index, message = given[position]
        position += 1
        if isinstance(message, FunctionExecutionResultMessage):
            continue  # no call stands before it
        calls = calls_of(message)
        answers: list[FunctionExecutionResultMessage] = []
        while calls and position < len(given):
            following = given[position][1]
            if not isinstance(following, FunctionExecutionResultMessage):
                break
            answers.append(following)
            position += 1
        turns.append(Turn(index, (message, *(_answered(calls, answers) if calls else ()))))
    return turns


def repaired(messages: Sequence[LLMMessage]) -> list[LLMMessage]:
    """The messages of `turns_of`, in a row."""
    return [message for turn in turns_of(enumerate(messages)) for message in turn.messages]


def _answered(
    calls: Sequence[FunctionCall], answers: Sequence[FunctionExecutionResultMessage]
) -> list[LLMMessage]:
    given = [result for answer in answers for result in answer.content]
    if len(answers) == 1 and sorted(result.call_id for result in given) == sorted(call.id for call in calls):
        return list(answers)
    asked = Counter(call.id for call in calls)
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


def newest(turns: Sequence[Turn], size: int, tokens: int | None = None) -> int:
    """From which turn on they fit into `size` messages and `tokens`. The last one is always among them."""
    start = len(turns)
    while start > 0:
        turn = turns[start - 1]
        size -= len(turn.messages)
        tokens = None if tokens is None else tokens - turn.tokens
        if start < len(turns) and (size < 0 or (tokens is not None and tokens < 0)):
            break
        start -= 1
    return start


def shortened(turn: Turn, tokens: int) -> Turn:
    """A turn whose long texts are cut in the middle until it has about `tokens`. Tool calls stay as they were made."""
    most = max((len(text) for text in _texts(turn)), default=0)
    while turn.tokens > tokens and most > 100:
        most //= 2
        turn = Turn(turn.index, tuple(_shorter(message, most) for message in turn.messages))
    return turn


def _texts(turn: Turn) -> list[str]:
    texts: list[str] = []
    for message in turn.messages:
        if isinstance(message, AssistantMessage):
            texts.append(message.thought or "")
        content = message.content
        if isinstance(content, str):
            texts.append(content)
        elif isinstance(message, FunctionExecutionResultMessage):
            texts += [result.content for result in message.content]
        else:
            texts += [part for part in content if isinstance(part, str)]
    return texts


def _shorter(message: LLMMessage, most: int) -> LLMMessage:
    def cut(text: Text) -> Text | str:
        if text is None or len(text) <= most:
            return text
        half = (most - len(_CUT)) // 2
        return text[:half] + _CUT + text[-half:]

    if isinstance(message, SystemMessage):
        return message.model_copy(update={"content": cut(message.content)})
    if isinstance(message, FunctionExecutionResultMessage):
        results = [result.model_copy(update={"content": cut(result.content)}) for result in message.content]
        return FunctionExecutionResultMessage(content=results)
    if isinstance(message, UserMessage):
        whole = message.content
        parts = (
            cut(whole)
            if isinstance(whole, str)
            else [cut(part) if isinstance(part, str) else part for part in whole]
        )
        return message.model_copy(update={"content": parts})
    update: dict[str, object] = {"thought": cut(message.thought)}
    if isinstance(message.content, str):
        update["content"] = cut(message.content)
    return message.model_copy(update=update)
