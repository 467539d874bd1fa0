"""Checks of challenge 8 on who thought what, heard on the way of a stream."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Sequence
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import (
    ModelClientStreamingChunkEvent,
    TextMessage,
    ThoughtEvent,
    ToolCallRequestEvent,
    ToolCallSummaryMessage,
)
from autogen_core import FunctionCall

from macae.workshop.props.recordings import a_thinking_model
from macae.workshop.trial import Trial

__all__ = ["hears_the_thoughts"]


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def asks(source: str) -> ToolCallRequestEvent:
    """A tool call."""
    return ToolCallRequestEvent(source=source, content=[FunctionCall(id="1", name="look", arguments="{}")])


def script() -> list[tuple[float, Any]]:
    """Seconds that pass, and what comes then: two agents, one of whose models streams."""
    text = TextMessage(source="user", content="Go.")
    return [
        (0.5, text),
        (2.0, ThoughtEvent(source="writer", content="First I look.")),
        (0.0, asks("writer")),
        (3.0, ToolCallSummaryMessage(source="writer", content="4", tool_calls=[], results=[])),
        (1.0, ModelClientStreamingChunkEvent(source="critic", content="Is ")),
        (1.0, ModelClientStreamingChunkEvent(source="critic", content="it?")),
        (0.5, ThoughtEvent(source="critic", content="I doubt it.")),
        (0.0, TextMessage(source="critic", content="Is it?")),
        (0.0, TaskResult(messages=[text])),
    ]


READS = 40.0
"""Seconds that the reader of the stream takes for a thought."""
WANTED = [("writer", "First I look.", 2.0), ("critic", "I doubt it.", 2.5)]


async def played(lines: Sequence[tuple[float, Any]], clock: Clock, given: list[Any], breaks: bool = False) -> AsyncIterator[Any]:  # fmt: skip
    """The script as a stream."""
    for seconds, item in lines:
        clock.now += seconds
        given.append(item)
        yield item
    if breaks:
        raise ConnectionError("the model's server is gone")


def opened(attempt: Any, trial: Trial, *arguments: Any) -> Any:
    """The learner's generator."""
    made = attempt(*arguments)
    if not hasattr(made, "__aiter__"):
        not_async(made, trial)
        trial.fail(
            expected="an async generator: an `async def` with a `yield` in it",
            seen="a coroutine: there is no `yield`" if inspect.iscoroutine(made) else made,
            look="Whoever reads the stream reads yours: give each item on with `yield item`.",
            kind="no-yield",
        )
    return made


def not_async(made: Any, trial: Trial) -> None:
    """A plain generator cannot read an async stream."""
    if inspect.isgenerator(made):
        trial.fail(
            expected="an async generator: `async def listen`, with `async for` in it",
            seen="`def listen`: a plain generator",
            look="The stream's items come one by one while others work. It needs `async def`, and `async for item in stream:`.",
            kind="not-async",
        )


async def hears_the_thoughts(attempt: Any, trial: Trial) -> None:
    """Everything is passed on at once, and thoughts are noted with who, what and how long."""
    made = attempt(empty(), [], Clock())
    not_async(made, trial)
    if inspect.iscoroutine(made):
        await made  # a stub says so itself
        trial.fail(
            expected="an async generator: an `async def` with a `yield` in it",
            seen="a function without `yield`: it gives nothing on",
            look="Whoever reads the stream reads yours: give each item on with `yield item`.",
            kind="no-yield",
        )
    await passes_on(attempt, trial)
    await notes(attempt, trial)
    await lets_errors_through(attempt, trial)
    await a_real_agent(attempt, trial)


async def empty() -> AsyncIterator[Any]:
    """A stream of nothing."""
    nothing: tuple[Any, ...] = ()
    for item in nothing:
        yield item


async def passes_on(attempt: Any, trial: Trial) -> None:
    """Each item comes out before the next one is asked for."""
    clock, given, out = Clock(), list[Any](), list[Any]()
    lines = script()
    async for item in opened(attempt, trial, played(lines, clock, given), [], clock):
        out.append(item)
        if len(given) > len(out) and item is given[-1]:
            trial.fail(
                expected="every item of the stream comes out",
                seen=f"not given on: {type(given[len(out) - 1]).__name__}",
                look="`yield item` for each, whatever it is, thoughts too.",
                kind="swallowed",
            )
        trial.expect(
            len(given) == len(out),
            expected="each item is given on before the next one is read",
            seen=f"{len(given)} items were read before number {len(out)} came out",
            look="`yield` inside the loop, not after it: the reader wants to see what happens while it happens.",
            kind="held-back",
        )
    wanted = [item for _, item in lines]
    missing = [type(item).__name__ for item in wanted if not any(item is one for one in out)]
    trial.expect(
        not missing,
        expected="every item of the stream comes out, the same object",
        seen=f"not given on: {', '.join(missing)}",
        look="`yield item` for each, whatever it is, thoughts and the TaskResult at the end too.",
        kind="swallowed",
    )
    trial.expect(len(out) == len(wanted), expected=f"{len(wanted)} items", seen=f"{len(out)} items", look="Once each.", kind="swallowed")  # fmt: skip
    trial.proven("The stream goes on as before: each item, at once, unchanged, the last one too.")


async def notes(attempt: Any, trial: Trial) -> None:
    """The thoughts of the script."""
    clock, thoughts = Clock(), list[Any]()
    async for item in opened(attempt, trial, played(script(), clock, []), thoughts, clock):
        if isinstance(item, ThoughtEvent):
            clock.now += READS  # the reader has its own work with it
    keys = {"agent", "text", "seconds"}
    for one in thoughts:
        trial.expect(
            isinstance(one, dict) and set(one) >= keys,
            expected='dicts with "agent", "text" and "seconds"',
            seen=one,
            look='`thoughts.append({"agent": item.source, "text": item.content, "seconds": …})`',
            kind="other-form",
        )
    told = [(one["agent"], one["text"]) for one in thoughts]
    wanted = [(agent, text) for agent, text, _ in WANTED]
    trial.expect(
        told == wanted,
        expected=f"{len(wanted)} thoughts: {wanted}",
        seen=told or "no thoughts were noted",
        look="Only `ThoughtEvent` is a thought: `isinstance(item, ThoughtEvent)`.",
        kind="no-thoughts" if len(told) < len(wanted) else "not-only-thoughts",
    )
    trial.proven("Two agents' thoughts are noted, each under who thought it, and nothing else is.")
    seconds = [one["seconds"] for one in thoughts]
    trial.expect(
        all(isinstance(one, int | float) for one in seconds), expected="seconds as numbers", seen=seconds,
        look="`clock() - since`", kind="no-seconds",
    )  # fmt: skip
    right = [number for _, _, number in WANTED]
    if abs(seconds[1] - 0.5) < 1e-6:
        trial.fail(
            expected="2.5 seconds for the second thought: its model call began before the first piece",
            seen="0.5 seconds: the time since the last piece of the answer",
            look="A `ModelClientStreamingChunkEvent` belongs to the model call that goes on. It does not start the time anew.",
            kind="chunk-resets",
        )
    trial.expect(
        abs(seconds[0] - right[0] - READS) > 1e-6,
        expected="2 seconds for the first thought: what the model took",
        seen=f"{seconds[0]:g} seconds: your reader's time is in it",
        look="`yield` waits until the reader asks for the next item. Note the thought before you give it on.",
        kind="noted-late",
    )
    trial.expect(
        abs(seconds[0] - right[0]) < 1e-6,
        expected="2 seconds for the first thought: the time since the item before it",
        seen=f"{seconds[0]:g} seconds",
        look="Note the time at each item: `since = clock()`.",
        kind="wrong-seconds",
    )
    trial.expect(
        abs(seconds[1] - right[1]) < 1e-6,
        expected="2.5 seconds for the second thought: the time since the tool's result",
        seen=f"{seconds[1]:g} seconds",
        look="Each item that is no streaming piece sets the time: `since = clock()`. What a tool took is not the model's time.",
        kind="wrong-seconds",
    )
    clock, thoughts = Clock(), []
    first = [(1.5, ThoughtEvent(source="writer", content="At once."))]
    async for _ in opened(attempt, trial, played(first, clock, []), thoughts, clock):
        pass
    trial.expect(
        len(thoughts) == 1 and abs(thoughts[0]["seconds"] - 1.5) < 1e-6,
        expected="1.5 seconds for a thought that comes first in its stream",
        seen=thoughts,
        look="`since = clock()` before the loop.",
        kind="wrong-seconds",
    )
    trial.proven(
        "The seconds are the model call's: tools do not count, and pieces of an answer do not start anew."
    )


async def lets_errors_through(attempt: Any, trial: Trial) -> None:
    """What breaks, breaks for the reader too; what was heard until then is kept."""
    clock, thoughts = Clock(), list[Any]()
    try:
        async for _ in opened(attempt, trial, played(script()[:3], clock, [], breaks=True), thoughts, clock):
            pass
    except ConnectionError:
        pass
    else:
        trial.fail(
            expected="an error of the stream reaches its reader",
            seen="the stream just ended",
            look="A listener hides nothing. Catch nothing that you cannot repair.",
            kind="error-hidden",
        )
    trial.expect(len(thoughts) == 1, expected="the thought from before the error is noted", seen=thoughts, look="Append when it comes, not at the end.", kind="no-thoughts")  # fmt: skip
    trial.proven("An error goes through, and what was thought before it is noted.")


async def a_real_agent(attempt: Any, trial: Trial) -> None:
    """AutoGen's own stream."""

    async def stock(item: str) -> str:
        """How many are in stock."""
        return f"4 {item}s"

    agent = AssistantAgent("clerk", model_client=a_thinking_model(), tools=[stock], max_tool_iterations=3)
    thoughts: list[Any] = []
    last: Any = None
    async for item in opened(attempt, trial, agent.run_stream(task="Chairs?"), thoughts):
        last = item
    trial.expect(
        [one["agent"] for one in thoughts] == ["clerk"] and isinstance(last, TaskResult),
        expected="one thought of the clerk, and a TaskResult at the end",
        seen=thoughts,
        kind="no-thoughts",
    )
    trial.expect(0 <= thoughts[0]["seconds"] < 30, expected="some milliseconds", seen=thoughts[0]["seconds"], look="`clock()` gives seconds.", kind="wrong-seconds")  # fmt: skip
    trial.proven("A real agent ran through it, and its caller noticed nothing.")
