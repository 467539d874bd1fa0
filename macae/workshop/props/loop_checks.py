"""What checks ask of a learner's tool loop: what it sends to the model, and how it ends."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, NoReturn

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    RequestUsage,
)

from macae.errors import ToolRefused
from macae.tools import tool
from macae.workshop.trial import Trial
from macae.workshop.verdict import NotYet

__all__ = [
    "answers",
    "can_be_stopped",
    "escaped",
    "is_bounded",
    "measure",
    "reaches",
    "results",
    "turn",
    "unwrapped",
    "weigh",
]


@tool(effect="read")
async def weigh(thing: Annotated[str, "what is to be weighed"]) -> str:
    """Weigh a thing."""
    return f"{thing}: {len(thing) * 137} grams"


@tool(effect="read")
async def measure(thing: Annotated[str, "what is to be measured"]) -> str:
    """Measure a thing."""
    raise ToolRefused(f"{thing} is too long for this ruler. Possible: things up to 30 cm.")


def turn(call: FunctionCall) -> CreateResult:
    """A model's turn with one call, just as it is."""
    usage = RequestUsage(prompt_tokens=10, completion_tokens=5)
    return CreateResult(content=[call], finish_reason="function_calls", usage=usage, cached=False)


def unwrapped(trial: Trial, error: AttributeError) -> NoReturn:
    """The model client was given the plain functions, and says so in words of its own."""
    if "'function' object has no attribute" not in str(error):
        raise error
    trial.fail(
        expected="the model client is given tools", seen=f"plain functions: AttributeError: {error}",
        look="`as_tool` made tools of them, in the function's first line: `tools=list(by_name.values())`.", kind="plain-functions",
    )  # fmt: skip


def answers(trial: Trial, said: Any, text: str) -> None:
    """The loop gives the model's text."""
    trial.expect(
        said == text, expected=f"the model's answer as a text: {text!r}", seen=said,
        look="When `result.content` is a `str`, return it.", kind="no-answer",
    )  # fmt: skip


def escaped(
    trial: Trial, error: Exception, expected: str = "a tool's error becomes a result for the model"
) -> NoReturn:
    """An error that should have become a result."""
    trial.fail(
        expected=expected, seen=f"{type(error).__name__}: {error} ended the loop",
        look="`try:` and `except Exception as error:` around what belongs to one call, the lookup of the tool included.",
        kind="error-raised",
    )  # fmt: skip


def results(trial: Trial, model: Any, count: int) -> list[FunctionExecutionResult]:
    """The results in the model's second request, which have to fit the calls before them."""
    trial.expect(
        model.calls > 1,
        expected="the model is asked again after its calls",
        seen="it was asked once",
        kind="no-result",
    )
    messages = model.requests[1].messages
    order = ", ".join(type(message).__name__ for message in messages)
    asked = [m for m in messages if isinstance(m, AssistantMessage) and not isinstance(m.content, str)]
    told = [m for m in messages if isinstance(m, FunctionExecutionResultMessage)]
    trial.expect(
        told, expected="a FunctionExecutionResultMessage with what came of the calls", seen=order,
        look="Append it to `messages` before the model is asked again.", kind="no-result",
    )  # fmt: skip
    trial.expect(
        asked and messages.index(asked[0]) < messages.index(told[0]),
        expected="the model's calls, as an AssistantMessage, before their results", seen=order,
        look="Real services refuse a result whose call they cannot see.", kind="no-calls",
    )  # fmt: skip
    found = [result for message in told for result in message.content]
    calls = [call for message in asked for call in message.content]
    trial.expect(
        len(found) == count, expected=f"a result for each call: {count}", seen=len(found), kind="one-call"
    )
    trial.expect(
        [result.call_id for result in found] == [getattr(call, "id", "") for call in calls],
        expected="each result has its call's id",
        seen=[result.call_id for result in found], kind="call-id",
    )  # fmt: skip
    return found


def reaches(trial: Trial, model: Any, reason: str, what: str) -> None:
    """An error is told to the model: marked as one, with its reason."""
    (found,) = results(trial, model, 1)
    trial.expect(
        found.is_error, expected=f"{what} is marked as an error", seen=f"is_error={found.is_error}: {found.content!r}",
        look="`FunctionExecutionResult(…, is_error=True)`.", kind="not-error",
    )  # fmt: skip
    trial.expect(
        reason in found.content and found.content.strip(), expected=f"{what} is in the result: “… {reason}”", seen=found.content,
        look="The model can only mend what it is told. Never an empty text, never “Error”.", kind="no-reason",
    )  # fmt: skip


async def is_bounded(attempt: Any, trial: Trial) -> None:
    """A model that never answers does not keep the loop going."""

    def again(messages: Any, tools: list[str]) -> list[tuple[str, dict[str, Any]]]:
        if model.calls > 8:
            trial.fail(
                expected="after `max_rounds=3` rounds of calls the loop ends", seen="the model was asked more than 8 times",
                look="Each round costs money. Bound them.", kind="unbounded",
            )  # fmt: skip
        return [("weigh", {"thing": f"stone {model.calls}"})]

    model = trial.model(again)
    try:
        said = await trial.call(attempt, model, [weigh], "Weigh all stones.", max_rounds=3)
    except NotYet:
        raise
    except Exception as error:
        said = str(error) or type(error).__name__
    trial.expect(
        model.calls in (3, 4),
        expected="`max_rounds=3` means three rounds",
        seen=f"{model.calls} model calls",
        kind="unbounded",
    )
    trial.expect(
        isinstance(said, str) and said.strip(), expected="it says so when the rounds are used up: `raise LimitReached(…)`",
        seen=said, look="Whoever called your loop would take nothing for an answer.", kind="silent-end",
    )  # fmt: skip
    trial.proven("A model that only calls tools is stopped after `max_rounds` rounds.")


async def can_be_stopped(attempt: Any, trial: Trial) -> None:
    """A stop while a tool runs ends the loop; it is no error for the model."""
    entered = asyncio.Event()

    @tool(effect="read")
    async def stand_still() -> str:
        """Wait for ever."""
        entered.set()
        await asyncio.Event().wait()
        return "never"

    model = trial.model([("stand_still", {})], "Stopped.")
    task = asyncio.ensure_future(attempt(model, [stand_still], "Stand still."))
    await trial.waits(entered.wait(), 2, "the start of the tool that was called")
    task.cancel()
    await asyncio.wait({task}, timeout=2)
    told = (
        ""
        if not task.done() or task.cancelled()
        else f", and ended with {task.exception() or task.result()!r}"
    )
    trial.expect(
        task.cancelled(), expected="Stop (■) ends the loop while a tool runs", seen=f"the loop took the stop for a tool's error{told}",
        look="`CancelledError` is no `Exception`: catch `Exception`, and a stop gets through.", kind="swallows-cancel",
    )  # fmt: skip
    trial.proven("A stop gets through, also while a tool runs.")
