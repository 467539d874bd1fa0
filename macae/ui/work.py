"""Does what a person's click asks for, in the background, and says what went wrong in a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from macae.errors import Conflict, MacaeError

__all__ = ["Place", "Work", "Worker"]

SLOW = 0.4
"""Seconds after which a person wants to see that something is under way (a model may be asked)."""
Work = Callable[[], Awaitable[Any]]


class Place(Protocol):
    """Where a click came from, and where its error is shown: a card, or the board's own surface."""

    busy: bool

    def say(self, text: str) -> None:
        """Show a sentence; an empty one takes the last away."""

    def working(self, under_way: bool) -> None:
        """Show that something takes its time."""


class Worker:
    """Runs one thing at a time for each place: a second click while the first is under way is no second decision."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, after: Callable[[Place, bool], Awaitable[None]]
    ) -> None:
        self._loop, self._after = loop, after
        self._tasks: set[asyncio.Task[None]] = set()

    def act(self, work: Work, place: Place) -> None:
        """Do it; then `after(place, whether it went well)`. May be called on any thread."""
        if place.busy:
            return
        place.busy = True
        self._loop.call_soon_threadsafe(
            self._begin, work, place
        )  # some kernels bring a click on another thread

    def soon(self, seconds: float, call: Callable[[], None]) -> None:
        """Call it on the event loop after so many seconds. May be called on any thread."""
        self._loop.call_soon_threadsafe(self._loop.call_later, seconds, call)

    def stop(self) -> None:
        """Stop what is under way."""
        for task in self._tasks:
            task.cancel()

    def _begin(self, work: Work, place: Place) -> None:
        task = self._loop.create_task(self._run(work, place))
        self._tasks.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)

    async def _run(self, work: Work, place: Place) -> None:
        place.say("")
        slow = self._loop.call_later(SLOW, place.working, True)
        went_well = False
        try:
            await work()
            went_well = True
        except Conflict as error:
            place.say(f"{error} What you see now is how it stands.")
        except MacaeError as error:
            place.say(str(error))
        except Exception as error:  # whoever presses a button must never see nothing happen
            place.say(f"That did not work: {type(error).__name__}: {error}")
        finally:
            slow.cancel()
            place.working(False)
            place.busy = False
        await self._after(place, went_well)
