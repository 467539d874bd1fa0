"""All events of one session, kept up to date: told by the engine, and read from the store where that is not enough."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from macae.errors import MacaeError, NotFound
from macae.models import Event, EventType

__all__ = ["Following", "session_of"]

POLL = 2.0
"""Seconds between looks into the store: another process may work on the same session."""
IDLE_POLL = 15.0
"""The same, when nothing goes on in it."""
LONGEST_POLL = 30.0
"""The same, when the store could not be read again and again."""
QUIET = 10.0
"""Seconds without news from this process after which it is asked whether any process works on the session."""
GIVE_UP = 6
"""After so many failures in a row it is no longer tried."""
QUEUE = 1000
"""How many events may wait for this watcher before it is told that it missed some."""
LIVE_ONLY = 500
"""How many events are kept that no store has (a model call that has just begun)."""


async def session_of(engine: Any, plan_or_session: Any) -> tuple[str, str]:
    """The ids of the session and of the plan ("": all plans of the session). Raises NotFound."""
    if not isinstance(plan_or_session, str):
        return plan_or_session.session_id, plan_or_session.id
    try:
        plan = await engine.plan(plan_or_session)
    except NotFound:
        return plan_or_session, ""
    return plan.session_id, plan.id


class Following:
    """Follows one session, or, when none is named, the one that was given a goal last. `changed` is called for each news."""

    def __init__(
        self, engine: Any, subject: Any, changed: Callable[[], None], trouble: Callable[[str], None]
    ) -> None:
        self._engine, self._subject, self._changed, self._trouble = engine, subject, changed, trouble
        self.session_id = self.plan_id = ""
        self.version = 0
        """Grows with each news."""
        self.missed = 0
        """How many events came faster than they were taken; they were read from the store."""
        self.over = False
        """The engine has been closed, or the store cannot be read any more."""
        self.heard = float("-inf")
        """When the last event came from this process (time.monotonic())."""
        self.left = False
        """No process works on the session any more."""
        self._stored: dict[int, Event] = {}
        self._live: deque[Event] = deque(maxlen=LIVE_ONLY)
        self._read_to = 0
        self._troubled = False
        self._again = asyncio.Event()
        self.idle = False
        """Nothing goes on in the session: the store is looked into less often."""
        self.tried = asyncio.Event()
        """The store was read, or could not be."""
        self.error: Exception | None = None
        """Why it could not be read the last time."""
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, on the running loop."""
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._watch(), name="monitor: watches the engine"),
            loop.create_task(self._poll(), name="monitor: reads the store"),
        ]

    def stop(self) -> None:
        """End it. Idempotent."""
        self.over = True
        for task in self._tasks:
            task.cancel()
        self.tried.set()

    def events(self) -> list[Event]:
        """All events so far: the stored ones in their order, then those that no store has."""
        return [self._stored[seq] for seq in sorted(self._stored)] + list(self._live)

    # Told by the engine ---------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        try:
            async with self._engine.watch(size=QUEUE) as events:
                async for event in events:
                    self._take(event)
        except MacaeError as error:
            self._trouble(str(error))
        # The engine is closed: what it stored last is read, then nothing more can come from here.
        await self._read()
        self.over = True
        self._again.set()
        self._news()

    def _news(self) -> None:
        self.version += 1
        self._changed()

    def _take(self, event: Event) -> None:
        if event.type is EventType.events_missed:
            self.missed += int(event.data.get("missed", 1))
            self._again.set()
            return
        begins = event.type in {EventType.goal_received, EventType.goal_refused}
        if self._subject is None and event.session_id != self.session_id and (begins or not self.session_id):
            self._turn_to(event.session_id)
        if event.session_id != self.session_id:
            return
        self.heard, self.left = time.monotonic(), False
        if event.seq:
            self._stored[event.seq] = event
        else:
            self._live.append(event)
        self._news()

    def _turn_to(self, session_id: str) -> None:
        self.session_id = session_id
        self._stored.clear()
        self._live.clear()
        self._read_to = 0
        self._again.set()
        self._news()

    # Read from the store --------------------------------------------------------------------------------------------

    async def _poll(self) -> None:
        failed = 0
        while True:
            self._again.clear()
            failed = 0 if await self._read() else failed + 1
            if self.over:
                return
            if failed >= GIVE_UP:
                self._trouble("The store could not be read again and again; this is the last that is known.")
                self.over = True
                return
            pause = IDLE_POLL if self.idle and not failed else min(LONGEST_POLL, POLL * 2**failed)
            try:
                await asyncio.wait_for(self._again.wait(), pause)
            except TimeoutError:
                continue

    async def _read(self) -> bool:
        self.error = None
        try:
            await self._find()
            if self.session_id:
                await self._catch_up(self.session_id)
                await self._look_for_life(self.session_id)
        except Exception as error:  # a monitor that stands still must say so
            if isinstance(error, NotFound) and self._subject is None and not self._read_to:
                return True  # the engine tells of a session before its first event is stored
            self.error = error
            self._troubled = True
            self._trouble(str(error) if isinstance(error, MacaeError) else f"{type(error).__name__}: {error}")
            # A session that is not there yet may still come, and its first event says so.
            return isinstance(error, NotFound)
        finally:
            self.tried.set()
        if self._troubled:  # else something else may stand there
            self._trouble("")
        self._troubled = False
        return True

    async def _find(self) -> None:
        if self.session_id:
            return
        if self._subject is not None:
            self.session_id, self.plan_id = await session_of(self._engine, self._subject)
            return
        newest = (await self._engine.sessions(limit=1)).items
        if newest and not self.session_id:
            self.session_id = newest[0].session_id

    async def _catch_up(self, session_id: str) -> None:
        found: list[Event] = await self._engine.session_events(session_id, after=self._read_to)
        if session_id != self.session_id or not found:
            return
        new = [event for event in found if event.seq not in self._stored]
        self._stored.update((event.seq, event) for event in found)
        # Only what was read here counts: of what the engine told, another process's events may lie in between.
        self._read_to = max(self._read_to, found[-1].seq)
        if new:
            self.left = False
            self._news()

    async def _look_for_life(self, session_id: str) -> None:
        """Whether a process still works on what goes on there by its events: one that was killed says nothing of it."""
        lookup = getattr(self._engine, "lookup", None)
        if lookup is None or self.left or self.idle or time.monotonic() - self.heard < QUIET:
            return
        work = await lookup.at_work(session_id)
        if work.is_left and session_id == self.session_id:
            self.left = True
            self._news()
