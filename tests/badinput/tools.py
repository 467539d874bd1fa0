"""What tools may do: raise, return what is no text, never end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from macae import AgentSpec, Team
from macae.errors import ToolRefused
from macae.models import StepStatus
from tests.badinput.child import outcome_of
from tests.badinput.rig import BROKE, DONE, FAILED, UNSURE, Kept, Rig, step_is
from tests.badinput.table import Row, row
from tests.support.scripted import planned

ACT = planned({"agent": "BakerAgent", "function": "act", "args": {"kind": "oat"}})
HANGS = step_is("The step is failed, naming the call that may have run.", StepStatus.failed, interrupted=True)


class NoText:
    def __str__(self) -> str:
        raise ValueError("I have no text")


class BrokenError(Exception):
    def __str__(self) -> str:
        raise ValueError("no")


def acting(body: Callable[[], Awaitable[Any]]) -> Team:
    """A team with one tool that does this."""

    async def act(kind: str) -> object:
        """Act on a kind of cookie."""
        return await body()

    return Team([AgentSpec("BakerAgent", "You bake.", [act])])


def does(gave: str, body: Callable[[], Awaitable[Any]], says: str, kept: Kept = DONE, **settings: Any) -> Row:
    async def deed(rig: Rig) -> str:
        plan = await rig.run(ACT, team=acting(body), settings=settings)
        step = plan.steps[0]
        (record,) = step.calls
        assert record.state != "started"
        return step.error or record.result or ""

    return row(gave, deed, None, says, kept)


def raises(error: BaseException) -> Callable[[], Awaitable[Any]]:
    async def body() -> None:
        raise error

    return body


def returns(make: Callable[[], Any]) -> Callable[[], Awaitable[Any]]:
    async def body() -> Any:
        return make()

    return body


def circle() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["again"] = made
    return made


def endless(depth: int = 0) -> int:
    return endless(depth + 1)


async def leaves() -> None:
    sys.exit(3)


async def sleeps() -> None:
    await asyncio.sleep(3600)


async def keyboard(rig: Rig) -> str:
    done = await outcome_of(rig.home, "keyboard")
    assert "KeyboardInterrupt" in done
    (plan,) = await resumed(rig)
    return str(plan.steps[0].interrupted_calls)


async def resumed(rig: Rig) -> list[Any]:
    """The plans after the session was taken up again."""
    engine = rig.engine(ACT)
    (session,) = (await engine.sessions()).items
    return await engine.resume(session.id)


ROWS = [
    does("refuses", raises(ToolRefused("we are out of oats; rye is left")), "we are out of oats; rye is left", FAILED),
    does("raises", raises(RuntimeError("the oven exploded")), "the oven exploded", BROKE),
    does("raises without a word", raises(RuntimeError()), "RuntimeError", BROKE),
    does("raises an error that cannot be shown", raises(BrokenError()), "BrokenError", BROKE),
    does("raises with half a character", raises(ValueError("bad \ud83d")), "bad \ufffd", BROKE),
    does("raises an error of two million characters", raises(ValueError("no " * 700_000)), "no no no", BROKE),
    does("raises a time-out of its own", raises(TimeoutError("the shop does not answer")), "the shop does not answer", BROKE),
    does("calls itself without end", returns(endless), "maximum recursion depth exceeded", BROKE),
    does("ends the program (`sys.exit`)", leaves, "act broke off: it raised SystemExit(3).", BROKE),
    does("raises `asyncio.CancelledError`", raises(asyncio.CancelledError()), "act broke off: it raised CancelledError().", BROKE),
    does("raises a BaseException", raises(BaseException("odd")), "act broke off: it raised BaseException(odd).", BROKE),
    row("raises KeyboardInterrupt, as Ctrl+C does: the program ends; then the session is resumed", keyboard, None, "act: it may have run", UNSURE),
    does("never ends", sleeps, "act did not finish within 0.1 s and was stopped. It may have had its effect.", HANGS, tool_timeout=0.1),
    does("returns nothing", returns(lambda: None), "done"),
    does("returns a million characters", returns(lambda: "m" * 1_000_000), "m… (980000 more characters were cut)"),
    does("returns bytes", returns(lambda: b"\x00\xff\xfe"), "3 bytes of binary data"),
    does("returns an object without text", returns(NoText), "done; its result (NoText) cannot be shown as text: I have no text"),
    does("returns what holds itself", returns(circle), "done; its result (dict) cannot be shown as text: Circular reference detected"),
    does("returns half a character", returns(lambda: "Baked \ud83d"), "Baked \ufffd"),
    does("returns a structure", returns(lambda: {"baked": [1, 2]}), '{"baked": [1, 2]}'),
    does("returns control sequences", returns(lambda: "\x1b]8;;http://x\x07Baked\x00"), "\x1b]8;;http://x\x07Baked\x00"),
]  # fmt: skip
