"""Checks of a person in a team: what they answer is said, and when nobody answers in time, it is no."""

from __future__ import annotations

import asyncio
import builtins
from typing import Any
from unittest.mock import patch

from autogen_agentchat.base import ChatAgent
from autogen_agentchat.messages import TextMessage

from macae.workshop.props.teams import sort_of
from macae.workshop.trial import Trial

__all__ = ["answers_in_time"]

TIMED_OUT = "no"


async def answers_in_time(attempt: Any, trial: Trial) -> None:
    """Somebody who answers at once, nobody at all, and somebody who takes a while."""
    prompts: list[str] = []

    async def quick(prompt: str) -> str:
        prompts.append(prompt)
        await asyncio.sleep(0.01)
        return f"yes, number {len(prompts)}"

    async def slow(prompt: str) -> str:
        await asyncio.sleep(0.4)
        return "yes, at last"

    async def silent(prompt: str) -> str:
        await asyncio.sleep(6)  # longer than the check waits, and short enough for a thread of theirs to end
        return "yes, next day"

    person = await trial.call(attempt, quick, 2.0)
    trial.expect(isinstance(person, ChatAgent), expected="an agent", seen=sort_of(person), look="`return UserProxyAgent(…)`", kind="not-an-agent")  # fmt: skip
    for number in (1, 2):
        said = await asked(person, 3.0, trial)
        trial.expect(said == f"yes, number {number}", expected=f"what `ask` gave: 'yes, number {number}'", seen=said, look="Return what `await ask(prompt)` gives.", kind="wrong-answer")  # fmt: skip
    trial.expect(all(isinstance(p, str) and p for p in prompts), expected="`ask` is given the prompt", seen=prompts, look="`ask(prompt)`", kind="no-prompt")  # fmt: skip
    trial.proven("The agent says what the person answered, each time anew.")
    said = await asked(
        await trial.call(attempt, silent, 0.05), 1.5, trial, f'"{TIMED_OUT}", because nobody answers'
    )
    trial.expect(said == TIMED_OUT, expected=f'"{TIMED_OUT}" when nobody answers in time', seen=said, look=f'`return "{TIMED_OUT}"` after a TimeoutError.', kind="wrong-answer")  # fmt: skip
    trial.proven("Nobody answered: after the time limit it said no.")
    said = await asked(await trial.call(attempt, slow, 2.0), 3.0, trial)
    trial.expect(said == "yes, at last", expected="an answer that takes a while counts, when it comes before `seconds` are over", seen=said, look="Use the parameter `seconds`, not a number of your own.", kind="fixed-seconds")  # fmt: skip
    trial.proven("A slow answer counts, as long as it is in time.")
    await can_be_stopped(attempt, trial)


async def can_be_stopped(attempt: Any, trial: Trial) -> None:
    """A stop while the person is asked ends the run; it is no answer."""
    begun = asyncio.Event()

    async def thinking(prompt: str) -> str:
        begun.set()
        await asyncio.sleep(6)
        return "yes, after all"

    person = await trial.call(attempt, thinking, 5.0)
    run = asyncio.ensure_future(person.run(task="May I publish this?"))
    await trial.waits(begun.wait(), 1.5, "a call of `ask`")
    run.cancel()
    await asyncio.wait({run}, timeout=1.5)
    said = "" if not run.done() or run.cancelled() or run.exception() else f": {run.result().messages[-1].to_text()!r}"  # fmt: skip
    run.cancel()
    trial.expect(run.cancelled(), expected="Stop (■) ends the run while the person is asked", seen=f"the stop was taken for an answer{said}", look="`except TimeoutError:` catches the time limit only. A bare `except:` catches a stop too.", kind="swallows-cancel")  # fmt: skip
    trial.proven("A stop gets through: it is not taken for a no.")


async def asked(
    person: ChatAgent, seconds: float, trial: Trial, what: str = "what the person answered"
) -> str:
    """What a person's agent says, within the seconds. What keeps it from speaking is told."""
    keyboard: list[str] = []

    def typed(prompt: str = "") -> str:
        keyboard.append(prompt)
        raise RuntimeError("the keyboard was asked")

    try:
        with patch.object(builtins, "input", typed):
            result = await trial.waits(person.run(task="May I publish this?"), seconds, what)
    except RuntimeError as error:
        text = str(error)
        if keyboard:
            trial.fail(expected="the person is asked by `await ask(prompt)`", seen="`input()` was called: a box at the keyboard, without a time limit", look="`UserProxyAgent(…, input_func=…)`, with a function of your own.", kind="keyboard")  # fmt: skip
        if any(isinstance(cause, TimeoutError) for cause in causes(error)):
            trial.fail(expected='"no" when nobody answers in time', seen="a TimeoutError, which ends the whole team", look="`except TimeoutError:` inside your input function.", kind="timeout-raises")  # fmt: skip
        if "coroutine" in text:
            trial.fail(expected="a text", seen="a coroutine of `ask` that nobody awaited", look="`async def` for your input function, and `await ask(prompt)` inside it.", kind="no-await")  # fmt: skip
        if "positional argument" in text:
            trial.fail(expected="an async input function with two parameters", seen=text.rpartition(": ")[2], look="`async def answer(prompt, cancellation_token=None):`", kind="signature")  # fmt: skip
        raise
    last = result.messages[-1]
    trial.expect(last.source == "approver", expected='an agent named "approver"', seen=f"it is named {last.source!r}", look='`UserProxyAgent("approver", …)`', kind="names")  # fmt: skip
    return str(last.to_text()) if isinstance(last, TextMessage) else repr(last)


def causes(error: BaseException | None) -> list[BaseException]:
    """An exception and what caused it."""
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
