"""Where a monitor's recording comes from: a session that goes on, or one that is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from macae.errors import InvalidInput, MacaeError
from macae.models import Event
from macae.monitoring.recording import MOVING, Recording
from macae.ui.monitor.following import Following, session_of
from macae.ui.monitor.masking import Mask, Shown, shown_of

__all__ = ["MOVING", "Kept", "Live", "recording_of"]

LONG_AGO = 600.0
"""Seconds without news after which a session that nobody works on here counts as left, and its time stands still."""


class Live:
    """The recording of a session that is followed."""

    def __init__(
        self,
        engine: Any,
        subject: Any,
        shown: Shown | None,
        changed: Callable[[], None],
        trouble: Callable[[str], None],
    ) -> None:
        self.following = Following(engine, subject, changed, trouble)
        self._mask = Mask(shown or shown_of(engine))
        self._made: tuple[int, Recording | None] = (-1, None)

    def maker(self) -> Callable[[], Recording | None]:
        """Makes a recording of what there is now, and may be in another thread: events come in on this one's loop.

        It gives None while there is nothing, and the same recording again while nothing is new.
        """
        following = self.following
        return partial(self._make, following.version, following.plan_id, following.events(), following.left)

    def _make(self, version: int, plan_id: str, events: list[Event], left: bool) -> Recording | None:
        if version == self._made[0]:
            return self._made[1]
        made = Recording(self._mask(events), left=left) if events else None
        if made is not None and plan_id in made.plans:
            made = made.of_plan(plan_id)
        self._made = (version, made)
        return made

    @property
    def over(self) -> bool:
        """Nothing more can come."""
        return self.following.over

    def idle(self, idle: bool) -> None:
        """Whether nothing goes on: then it is looked after less often."""
        self.following.idle = idle

    def mode(self, whole: Recording) -> str:
        """Whether it is followed: live, stopped, or "" when it is over anyway."""
        if self.following.over:
            return "stopped"
        return "live" if whole.status in MOVING or whole.status in ("paused", "interrupted") else ""

    def now(self, whole: Recording) -> float | None:
        """Seconds since its start, while its time goes on."""
        if whole.status not in MOVING or self.following.over:
            return None
        heard = time.monotonic() - self.following.heard < LONG_AGO
        if not heard and time.time() - whole.end > LONG_AGO:
            return None
        return max(whole.seconds, time.time() - whole.start)


class Kept:
    """A recording that is there already, or is read once."""

    def __init__(self, what: Any, shown: Shown | None) -> None:
        self._what, self._shown = what, shown
        self.recording: Recording | None = None
        self.error: Exception | None = None
        """Why it could not be read."""
        if not needs_reading(what):
            self.recording = recording_of(what, shown)

    def maker(self) -> Callable[[], Recording | None]:
        """Gives the recording; None while it is not read."""
        return lambda: self.recording

    over = True
    """Nothing more can come."""

    def idle(self, idle: bool) -> None:
        """It always is."""

    def mode(self, whole: Recording) -> str:
        """Nothing to say: a replay shows by its slider what it is."""
        return ""

    def now(self, whole: Recording) -> float | None:
        """Its time stands still."""
        return None

    async def read(self) -> None:
        """Read it from its engine's store. Raises NotFound, StoreError, InvalidInput."""
        try:
            await self._read()
        except Exception as error:
            self.error = error
            raise

    async def _read(self) -> None:
        engine, subject = self._what
        session_id, plan_id = await session_of(engine, subject)
        shown = Mask(self._shown or shown_of(engine))
        recording = await engine.lookup.recording(session_id, shown)
        if not recording.events:
            raise InvalidInput(
                f"Nothing has happened in session {session_id[:60]!r} yet: there is nothing to replay."
            )
        self.recording = recording.of_plan(plan_id) if plan_id in recording.plans else recording


def needs_reading(what: Any) -> bool:
    """Whether it names an engine and one of its sessions."""
    return isinstance(what, tuple) and len(what) == 2 and hasattr(what[0], "session_events")


def recording_of(what: Any, shown: Shown | None = None) -> Recording:
    """A recording, or events, as a recording of what may be shown. Raises InvalidInput for anything else, or nothing."""
    if isinstance(what, Recording):
        if not what.events:
            raise InvalidInput("This recording has no events: there is nothing to replay.")
        return what.copy() if shown is None else Recording(Mask(shown)(what.events))
    if isinstance(what, Iterable) and not isinstance(what, str | bytes):
        events = list(what)
        if events and all(isinstance(event, Event) for event in events):
            return Recording(Mask(shown)(events))
        if not events:
            raise InvalidInput("There are no events here: there is nothing to replay.")
    raise InvalidInput(
        "Give a Recording, its events (await engine.session_events(session_id)), or an engine and a session's id,"
        f" not {type(what).__name__}."
    )


def words_of(error: BaseException) -> str:
    """An error as a sentence."""
    return str(error) if isinstance(error, MacaeError) else f"{type(error).__name__}: {error}"


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs here, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
