"""What went wrong in a learner's code, in words that help: from the exception, or from how the run ended."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from types import FrameType, TracebackType
from typing import Any

from macae.errors import CheckFailed, MacaeError
from macae.workshop.harness import Outcome, at_line
from macae.workshop.verdict import NotYet

__all__ = [
    "NotAttempted",
    "explain",
    "forgotten",
    "home_of",
    "kind_of",
    "of_run",
    "reason",
    "redefined",
    "theirs",
]

NO_AWAIT = (
    "Calling an async function only makes a coroutine; `await` is what runs it. Put `await` before the call."
)
NO_ASYNC_FOR = (
    "A stream comes bit by bit: `async for message in stream:`. A plain `for` or an `await` cannot read it."
)
NO_RUN = (
    "A notebook has an event loop that runs already, so `asyncio.run` and `run_until_complete` fail there. "
    "Make your function `async def` and write `await` instead."
)


NO_BYTES = ("a bytes-like object is required, not 'str'", 'can only concatenate str (not "bytes")', "can't concat str to bytes")  # fmt: skip
"""Python's words for a text among bytes."""
NOT_FOR_AWAIT = {"asyncio-run", "no-await", "blocking-sleep", "endless"}
"""Failures that a forgotten `await` does not explain."""


class NotAttempted(Exception):
    """The stub is still there."""


def home_of(thing: Any) -> Mapping[str, Any]:
    """The names among which a function or class was defined: the notebook's, or its module's."""
    if inspect.isclass(thing):
        for value in vars(thing).values():
            plain = inspect.unwrap(value) if callable(value) else value
            if inspect.isfunction(plain) and plain.__module__ == thing.__module__:
                return plain.__globals__
        return vars(sys.modules[thing.__module__]) if thing.__module__ in sys.modules else {}
    try:
        names = getattr(inspect.unwrap(thing), "__globals__", None) if callable(thing) else None
    except ValueError:  # something that pretends to wrap itself for ever
        names = None
    return names if isinstance(names, dict) else {}


def kind_of(thing: Any, kind: str, name: str) -> NotYet | None:
    """What is wrong with what was given to the check, before anything runs; None when it can be tried."""
    word = "class" if kind == "class" else "function"
    call = f"`check({name})`"
    if inspect.iscoroutine(thing):
        thing.close()
        return NotYet("instance", f"the {word} {name} itself", "what a call of it gave: a coroutine", f"Leave out the brackets: {call}.")  # fmt: skip
    if kind == "class" and not inspect.isclass(thing):
        if type(thing).__name__ == name:
            return NotYet("instance", f"the class {name}", f"an object made from {name}", f"Leave out the brackets: {call}. The check makes its own objects.")  # fmt: skip
        return NotYet("instance", f"the class {name}", f"a {type(thing).__name__}", f"Give the class: {call}.")  # fmt: skip
    if kind == "function" and (inspect.isclass(thing) or not callable(thing)):
        seen = "a class" if inspect.isclass(thing) else f"a {type(thing).__name__}"
        return NotYet("instance", f"the function {name}", seen, f"Give the function itself, without calling it: {call}.")  # fmt: skip
    return None


def redefined(thing: Any) -> NotYet | None:
    """A message class that its handlers name was defined a second time meanwhile: messages of the new one would not arrive."""
    if not inspect.isclass(thing):
        return None
    names = home_of(thing)
    for handler in vars(thing).values():
        if not getattr(handler, "is_message_handler", False):
            continue
        for old in getattr(handler, "target_types", ()):
            new = names.get(old.__name__)
            if inspect.isclass(new) and new is not old and new.__module__ == old.__module__:
                return NotYet(
                    "redefined-message",
                    f"{thing.__name__} handles the {old.__name__} that there is now",
                    f"{old.__name__} was defined again after {thing.__name__}, so this is another class of the same name",
                    f"Run the cell of {thing.__name__} once more.",
                )
    return None


def last_line(trace: TracebackType | None, names: Mapping[str, Any]) -> tuple[str, bool]:
    """The learner's innermost line in a traceback, and whether it is the innermost of all."""
    found, innermost = "", False
    while trace is not None:
        innermost = trace.tb_frame.f_globals is names
        if innermost:
            found = at_line(trace.tb_frame, trace.tb_lineno)
        trace = trace.tb_next
    return found, innermost


def said(error: BaseException) -> str:
    """An exception's own words; a learner's `__str__` may fail too."""
    try:
        return str(error)
    except Exception as worse:
        return f"(its __str__ raised {type(worse).__name__})"


def reason(why: BaseException | str, names: Mapping[str, Any]) -> str:
    """Why something broke, in a line: with the learner's line, where it is known."""
    if isinstance(why, str):
        return why
    line, _ = last_line(why.__traceback__, names)
    at = line.partition(": ")[2]  # a kept answer has other numbers than the cell
    return f"{type(why).__name__}: {said(why)}".rstrip(": ") + (f" (at: {at})" if at else "")


def explain(error: BaseException, names: Mapping[str, Any], asked: str) -> NotYet | NotAttempted:
    """What an exception of the learner's code says to the learner."""
    while isinstance(error, BaseExceptionGroup):  # of a TaskGroup: the first is what went wrong
        error = error.exceptions[0]
    line, innermost = last_line(error.__traceback__, names)
    text = said(error)
    if isinstance(error, NotImplementedError) and (innermost or not line):
        return NotAttempted(text)
    if isinstance(error, NotYet):
        return error
    kind, seen, look = "exception", f"{type(error).__name__}: {text}" if text else type(error).__name__, ""
    if "asyncio.run() cannot" in text or "event loop is already running" in text or "Cannot run the event loop" in text:  # fmt: skip
        kind, look = "asyncio-run", NO_RUN
    elif "coroutine" in text and isinstance(error, AttributeError | TypeError | ValueError):
        kind, look = "no-await", NO_AWAIT
    elif "async_generator" in text and isinstance(error, TypeError):
        kind, look = "no-async-for", NO_ASYNC_FOR
    elif "defined again" in text or "defined a second time" in text:
        kind, look = "redefined-message", "Run the cell of the message class, then the cell of the agent, once more."  # fmt: skip
    elif isinstance(error, NameError):
        name = getattr(error, "name", None) or "it"
        kind, look = "missing", f"Is the cell that defines or imports `{name}` run? Is it spelled the same there?"  # fmt: skip
    elif isinstance(error, TypeError) and not innermost and ("argument" in text or "positional" in text):
        kind, look = "signature", "Compare the parameters (and `self`) with those that the cell came with."
    elif isinstance(error, CheckFailed | MacaeError):
        seen = text
    elif isinstance(error, TimeoutError):
        kind, seen = "too-slow", f"something was waited for that did not come: {text or 'time is up'}"
    elif innermost and isinstance(error, AttributeError | KeyError | IndexError | TypeError | ValueError):
        look = meaning(error)
    elif isinstance(error, AttributeError) and error.name and f".{error.name}" in line:
        look = meaning(error)  # a pydantic object says so in code of its own
    return NotYet(kind, asked, seen, look, line)


def meaning(error: BaseException) -> str:
    """Where to look for an error that the learner's own line raised."""
    if isinstance(error, KeyError):
        return "The dict has no such key there, at that moment. `name in d` asks, and `d.get(name, default)` gives another value."
    if isinstance(error, AttributeError) and error.name:
        if error.obj is None:
            return f"It is None there, and None has no `.{error.name}`. Where does the None come from?"
        return f"What comes there is of the type `{type(error.obj).__name__}`, which has no `.{error.name}`. `isinstance` asks first what it is."
    text = said(error)
    if isinstance(error, TypeError) and any(words in text for words in NO_BYTES):
        return "A text stands there where bytes are wanted: `.encode()` makes bytes of a text."
    if isinstance(error, TypeError) and "NoneType" in text:
        return (
            "There is a `None`, which can be neither unpacked nor added nor looked into. Ask `is None` first."
        )
    if isinstance(error, IndexError):
        return "It is shorter there than that line expects, or empty."
    return "Look at that line: what is the value there? `type(x)` and `dir(x)` tell."


def of_run(outcome: Outcome, seconds: float, asked: str) -> NotYet | None:
    """What the way in which a run ended says; None when it says nothing."""
    if outcome.slept:
        seen = "`time.sleep` held up the whole event loop: no other agent, button or message had its turn"
        look = "Write `await asyncio.sleep(…)` instead."
        return NotYet("blocking-sleep", "everybody else goes on while this waits", seen, look, outcome.held_up_at)  # fmt: skip
    if outcome.held_up_at:
        seen = "a loop or a call that never ended and never gave way; the check stopped it"
        look = "What is to end the loop, and does that ever become true? Does it `await` anything?"
        if outcome.left_behind:
            seen = "a loop or a call that never ended, never gave way, and could not be stopped"
            look += " It still runs: restart the kernel (menu Kernel) before you go on."
        return NotYet("endless", "code that comes to an end, or gives way at an `await`", seen, look, outcome.held_up_at)  # fmt: skip
    if not outcome.ended:
        seen = f"it had not ended after {seconds:g} seconds; the check stopped it"
        look = (
            "What is it waiting for, and who would give it that? Is there a limit"
            " (a termination condition, a number of rounds, a timeout)?"
        )
        return NotYet("too-slow", asked, seen, look, outcome.waiting_at)
    return None


def forgotten(outcome: Outcome, failure: NotYet | None) -> NotYet | None:
    """The failure, told as a forgotten `await` where that is what it was."""
    if failure is None or not outcome.forgotten or failure.kind in NOT_FOR_AWAIT:
        return failure
    names = ", ".join(f"`{name.split('.')[-1]}`" for name in dict.fromkeys(outcome.forgotten))
    seen = f"{failure.seen}; and a call of {names} was never awaited"
    return NotYet("no-await", failure.expected, seen, NO_AWAIT, failure.line)


def theirs(names: Mapping[str, Any]) -> Callable[[FrameType], bool]:
    """Tells whether a frame runs the learner's code."""

    def is_theirs(frame: FrameType) -> bool:
        return frame.f_globals is names

    return is_theirs
