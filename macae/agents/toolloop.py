"""A specialist's loop: ask the model, run the tools it calls, until it answers with text.

Why not AgentChat's AssistantAgent here: when the gate says no, the attempt has to end at once, and a stop has to stop a tool
that is running. AssistantAgent hands every tool error back to the model and asks it again, and a cancellation inside a
tool leaves it waiting for ever (autogen issue 7956). This loop is all that a step needs of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
)

from macae.agents.callresult import reason_of
from macae.agents.gate import AttemptEnds
from macae.agents.gatedtool import GatedTool
from macae.agents.prompttext import one_line
from macae.errors import Conflict, LimitReached, ModelBadReply, StoreError

__all__ = ["Turn", "tool_loop"]

MAX_CALLS = 32
"""Calls that a model may make in one turn."""

Turn = Callable[[CreateResult], None]
"""Told of each model call's result; what it raises ends the loop."""


async def tool_loop(
    client: ChatCompletionClient,
    source: str,
    messages: Sequence[LLMMessage],
    tools: Sequence[GatedTool],
    *,
    max_rounds: int,
    history: list[LLMMessage],
    on_turn: Turn,
    system: Sequence[LLMMessage] = (),
) -> str:
    """The model's final answer. What was said is appended to `history`, always with a result for each tool call.

    Raises AttemptEnds when a call is not covered by the approval (after the turn's other calls have finished), LimitReached
    when `max_rounds` rounds of tool calls lead to no answer, ModelError kinds, Conflict and StoreError.
    """
    by_name = {tool.name: tool for tool in tools}
    schemas = [tool.schema for tool in tools]
    for _ in range(max_rounds + 1):
        result = await client.create([*system, *messages, *history], tools=schemas)
        on_turn(result)
        if isinstance(result.content, str):
            if not result.content.strip():
                raise ModelBadReply(
                    f"{source}'s model answered with nothing. Retry the step, or reword its action."
                )
            history.append(AssistantMessage(content=result.content, thought=result.thought, source=source))
            return result.content
        calls = result.content
        answers = await gather([run_call(by_name, call) for call in calls[:MAX_CALLS]])
        answers += [too_many(call) for call in calls[MAX_CALLS:]]
        history.append(AssistantMessage(content=calls, thought=result.thought, source=source))
        history.append(FunctionExecutionResultMessage(content=[answer for answer, _ in answers]))
        for _, ends in answers:
            if ends is not None:
                raise ends
    raise LimitReached(
        f"{source} called tools in {max_rounds} rounds without coming to an answer. "
        "Reword the step's action, or raise MACAE_MAX_TOOL_ROUNDS."
    )


async def run_call(
    tools: dict[str, GatedTool], call: FunctionCall
) -> tuple[FunctionExecutionResult, Exception | None]:
    """One call's result for the model, and the error that ends the attempt, if it is one of those."""

    def answer(text: str, is_error: bool) -> FunctionExecutionResult:
        return FunctionExecutionResult(content=text, name=call.name, call_id=call.id, is_error=is_error)

    tool = tools.get(call.name)
    if tool is None:
        return answer(
            f"There is no tool {one_line(call.name, 100)}. You have: {', '.join(tools) or 'none'}.", True
        ), None
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError) as error:
        return answer(f"The arguments of {call.name} are not JSON: {error}.", True), None
    if not isinstance(arguments, dict):
        return answer(f"The arguments of {call.name} must be a JSON object.", True), None
    try:
        return answer(await tool.gate.call(tool.agent, tool.tool, arguments), False), None
    except (AttemptEnds, LimitReached, Conflict, StoreError) as error:
        return answer(reason_of(error), True), error
    except Exception as error:  # whatever a tool raises is for the model to read
        return answer(reason_of(error), True), None


def too_many(call: FunctionCall) -> tuple[FunctionExecutionResult, None]:
    """The answer to a call beyond those that one turn may make."""
    text = f"Not run: {MAX_CALLS} calls in one turn are the most. Make it in the next turn."
    return FunctionExecutionResult(content=text, name=call.name, call_id=call.id, is_error=True), None


async def gather(
    calls: Sequence[Awaitable[tuple[FunctionExecutionResult, Exception | None]]],
) -> list[tuple[FunctionExecutionResult, Exception | None]]:
    """Run a turn's calls side by side (a single one without a task of its own)."""
    if len(calls) == 1:
        return [await calls[0]]
    return list(await asyncio.gather(*calls))
