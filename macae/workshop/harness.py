"""Runs a check off the learner's hands: in a thread of its own with its own event loop, and always to an end.

The learner's cell only waits. Code that never gives way is found by looking at the thread's stack, and stopped by an exception
that is put into it; should even that not help, the thread is left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import linecache
import sys
import threading
import time
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

__all__ = ["Outcome", "at_line", "only_what_is_new", "run"]

BEAT = 0.02
"""Seconds between two signs of life of the event loop."""
STILL = 0.12
"""Seconds without one after which it is looked at who holds it up."""
HELD_UP = 3.0
"""Seconds for which the learner's code may hold up the loop."""
INSIDE = 4
"""So many times as long where it is inside a call of ours: on a busy machine the first import takes its time."""
GRACE = 1.0
"""Seconds that a cancelled check has to end by itself."""

IsTheirs = Callable[[FrameType], bool]


class Stopped(BaseException):
    """Put into a thread that does not give way. No `except Exception` catches it."""


@dataclass
class Outcome:
    """How a run ended."""

    error: BaseException | None = None
    ended: bool = True
    """False: it had to be stopped."""
    held_up_at: str = ""
    """The learner's line that kept the loop from running."""
    slept: bool = False
    """That line is a `time.sleep`."""
    waiting_at: str = ""
    """The learner's line that was awaited when the time was up."""
    left_behind: bool = False
    """It could not be stopped at all, and still runs."""
    forgotten: list[str] = field(default_factory=list)
    """Coroutines that were made and never awaited."""


def at_line(frame: FrameType, number: int | None = None) -> str:
    """A line of a frame's source as people read it: `line 3: total = add(1)`."""
    at = number or frame.f_lineno
    text = linecache.getline(frame.f_code.co_filename, at, frame.f_globals).strip()
    return f"line {at}: {text}" if text else f"line {at} of {frame.f_code.co_name}"


def line_of(frame: FrameType | None) -> str:
    """`at_line` of a frame of another thread, which may be gone by now: then nothing."""
    try:
        return at_line(frame) if frame is not None else ""
    except AttributeError:
        return ""


class Worker(threading.Thread):
    """The thread that runs the check."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        super().__init__(name="exercise check", daemon=True)
        self.work = work
        self.error: BaseException | None = None
        self.beat = time.monotonic()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.task: asyncio.Task[None] | None = None

    def run(self) -> None:
        """Run the check on a new loop, and leave nothing running on it."""
        try:
            with asyncio.Runner() as runner:
                self.loop = runner.get_loop()
                # What a background task of theirs raises is part of what the check sees, not of the cell's output.
                self.loop.set_exception_handler(lambda loop, context: None)
                runner.run(self.main())
        except BaseException as error:
            self.error = error

    async def main(self) -> None:
        """The check beside a sign of life."""
        self.task = asyncio.current_task()
        beats = asyncio.create_task(self.beats())
        try:
            await self.work()
        finally:
            beats.cancel()

    async def beats(self) -> None:
        """Note again and again that the loop runs."""
        while True:
            self.beat = time.monotonic()
            await asyncio.sleep(BEAT)

    def cancel(self) -> None:
        """Ask the check to end."""
        if self.loop is not None and self.task is not None:
            with contextlib.suppress(RuntimeError):  # it ended just now
                self.loop.call_soon_threadsafe(self.task.cancel)

    def force(self) -> None:
        """Put an exception into the thread, at its next step in Python."""
        if self.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), ctypes.py_object(Stopped))

    def running(self) -> set[asyncio.Task[Any]]:
        """The tasks that have not ended."""
        with contextlib.suppress(RuntimeError):  # they come and go too fast to be counted
            return asyncio.all_tasks(self.loop) if self.loop is not None else set()
        return {self.task} if self.task is not None else set()

    def theirs(self, is_theirs: IsTheirs) -> tuple[FrameType | None, bool]:
        """The innermost frame of the learner's code that runs now, and whether it is inside a call of ours."""
        frame, inside = sys._current_frames().get(self.ident or 0), False
        try:
            while frame is not None and not is_theirs(frame):
                inside = inside or str(frame.f_globals.get("__name__", "")).startswith("macae.")
                frame = frame.f_back
        except AttributeError:  # the thread runs on meanwhile: what was a frame may be something else by now
            return None, False
        return frame, inside

    def awaited(self, is_theirs: IsTheirs) -> str:
        """The learner's innermost line that is awaited now."""
        found = ""
        coroutine: Any = self.task.get_coro() if self.task is not None else None
        while coroutine is not None:
            frame = getattr(coroutine, "cr_frame", None)
            if frame is not None and is_theirs(frame):
                found = at_line(frame)
            coroutine = getattr(coroutine, "cr_await", None)
        return found


def run(work: Callable[[], Awaitable[None]], seconds: float, is_theirs: IsTheirs) -> Outcome:
    """Run `work` for at most so many seconds (a little longer when it has to be stopped by force).

    Call it inside `only_what_is_new()`.
    """
    outcome = Outcome()
    worker = Worker(work)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        worker.start()
        try:
            watch(worker, seconds, is_theirs, outcome)
        except BaseException:  # the learner pressed Stop
            worker.cancel()
            worker.force()
            raise
        outcome.error = worker.error if outcome.ended else outcome.error
        worker.error = None
        if outcome.ended:
            gc.collect()  # a forgotten coroutine says so when it goes
    outcome.forgotten = [
        text.split("'")[1]
        for text in map(str, (warning.message for warning in heard))
        if text.startswith("coroutine '") and "never awaited" in text
    ]
    return outcome


@contextlib.contextmanager
def only_what_is_new() -> Iterator[None]:
    """Collecting looks at what was made since, alone: what was forgotten before is not this check's, and it is quick.

    What is left at the end goes without a word: the learner's next cell is not to hear of it.
    """
    gc.freeze()
    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
        gc.unfreeze()


def watch(worker: Worker, seconds: float, is_theirs: IsTheirs, outcome: Outcome) -> None:
    """Wait for the worker, look at who holds it up, and stop it when its time is over."""
    end = time.monotonic() + seconds
    while worker.is_alive():
        worker.join(BEAT)
        now = time.monotonic()
        still = now - worker.beat
        frame, inside = worker.theirs(is_theirs) if still >= STILL else (None, False)
        held_up = HELD_UP * (INSIDE if inside else 1)
        line = line_of(frame)
        if line:
            if "sleep(" in line and "await" not in line:
                outcome.slept, outcome.held_up_at = True, line
            elif still >= held_up or (now >= end and not inside):
                outcome.held_up_at = outcome.held_up_at or line
        if now >= end or (still >= held_up and outcome.held_up_at):
            outcome.waiting_at = worker.awaited(is_theirs) if still < STILL else ""
            outcome.ended = False
            running = worker.running()
            stop(worker)
            keep_for_ever(one for one in running if not one.done())
            outcome.left_behind = worker.is_alive()
            return


def keep_for_ever(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Never let go of tasks that refused to end.

    Python closes a coroutine when it goes: one that catches that too would go on then in the learner's cell, without an end.
    """
    for task in tasks:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(task))


def stop(worker: Worker) -> None:
    """First ask, then insist."""
    worker.cancel()
    worker.join(GRACE)
    for _ in range(10):
        if not worker.is_alive():
            return
        worker.force()
        worker.join(0.2)
