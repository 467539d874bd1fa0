"""Keeps a monitor's widgets true: takes what is known, has it painted in a thread, and puts in what is new."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from typing import Any

from macae.errors import InvalidInput
from macae.monitoring.analysis.budgets import Budgets
from macae.monitoring.recording import Recording
from macae.monitoring.texts import one_line
from macae.ui.monitor import painting
from macae.ui.monitor.frames import Frames
from macae.ui.monitor.metrics import Metrics
from macae.ui.monitor.painting import Look, Painted
from macae.ui.monitor.panel import Panel
from macae.ui.monitor.stories import MOVING, Kept, Live, words_of

__all__ = ["Limits", "Shot", "Showing"]

BEAT = 1.0
"""Seconds between two looks at the clock while a session's time goes on."""
FINE = 100
"""A figure is drawn anew when time alone has moved it by one part in so many."""
FINEST = 0.9
"""Or by so many seconds, whichever is more."""


@dataclass(frozen=True)
class Limits:
    """What is drawn as a line: US dollars, and seconds of a model call."""

    budget_usd: float | None = None
    """None: as the `budgets` say."""
    limit_seconds: float = 5.0
    budgets: Budgets = field(default_factory=Budgets)

    def __post_init__(self) -> None:
        for name, value in (("budget_usd", self.budget_usd), ("limit_seconds", self.limit_seconds)):
            if value is None and name == "budget_usd":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
                raise InvalidInput(f"{name} takes a number above 0, such as 5, not {one_line(value, 60)}.")


@dataclass(frozen=True)
class Shot:
    """What is shown, for whoever wants to take it along."""

    whole: Recording
    seen: Recording
    look: Look
    metrics: Metrics


class Showing:
    """The link between a story and a panel. Without an event loop it draws when asked, in the caller's thread."""

    def __init__(
        self, story: Live | Kept, panel: Panel, limits: Limits, loop: asyncio.AbstractEventLoop | None
    ) -> None:
        self.story, self.panel, self.limits = story, panel, limits
        self.metrics = Metrics()
        self.frames = Frames(loop, self._draw) if loop is not None else None
        self.whole: Recording | None = None
        """What was drawn last."""
        self.displayed = self._was_seen = self.stopped = False
        self._session = ""
        self._time = 0.0
        self._drawn: dict[int, Any] = {}
        panel.root.observe(self._views_changed, "_view_count")

    # What there is --------------------------------------------------------------------------------------------------

    def known(self) -> Recording:
        """All that is known. Raises InvalidInput while there is nothing."""
        whole = self.story.maker()()
        if whole is None:
            raise InvalidInput(
                "This monitor knows nothing yet. Give the engine a goal; `await monitor` waits until it has read what there is."
            )
        return whole

    def seen(self, whole: Recording) -> Recording:
        """What is shown of it: up to the replay's moment, or up to now."""
        if self.panel.player is not None:
            return whole.until(self.panel.player.at)
        now = self.story.now(whole)
        return whole if now is None else whole.until(now)

    def shot(self) -> Shot:
        """What is shown. Raises InvalidInput while there is nothing."""
        whole = self.known()
        return Shot(whole, self.seen(whole), self._look(whole), self.metrics)

    # When -----------------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """There is news: shown when somebody looks."""
        if self.frames is not None and self.displayed and (not self._was_seen or self.panel.root._view_count):
            self.frames.want()

    def at_once(self) -> None:
        """A person has asked for something else."""
        if self.frames is not None:
            self.frames.want(now=True)
        elif (whole := self.story.maker()()) is not None:
            self._put(self._paint(whole), whole)

    def beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at the clock, now and from now on: while something goes on, its time does too."""
        if self.stopped or self.story.over:
            return
        if self.whole is not None and self.story.now(self.whole) is not None:
            self.changed()
        loop.call_later(BEAT, self.beat, loop)

    async def settled(self) -> None:
        """Wait until all that was wanted is drawn."""
        if self.frames is not None:
            await self.frames.settled()

    def _views_changed(self, change: Any) -> None:
        self._was_seen = self._was_seen or bool(change["new"])
        if change["new"]:
            self.at_once()

    # How ------------------------------------------------------------------------------------------------------------

    async def _draw(self) -> None:
        try:
            whole = await asyncio.to_thread(self.story.maker())
            if whole is not None:
                self._put(await asyncio.to_thread(self._paint, whole), whole)
            elif not (overview := self.panel.bodies[painting.OVERVIEW]).value:
                overview.value = await asyncio.to_thread(painting.empty)
        except Exception as error:  # a monitor that stands still must say so
            self.panel.say(f"The monitor cannot show this: {words_of(error)}")

    def _put(self, painted: Painted, whole: Recording) -> None:
        self.whole = whole
        self.story.idle(whole.status not in MOVING)
        self.panel.put(painted)

    def _paint(self, whole: Recording) -> Painted:
        if whole.session_id != self._session:
            self._session, self._time = whole.session_id, 0.0
            self.metrics.forget()
        seen, look = self.seen(whole), self._look(whole)
        if seen.seconds < self._time or seen.seconds - self._time >= max(FINEST, seen.seconds / FINE):
            self._time = seen.seconds
        # The recording itself, not its id: another one may get the id of one that is gone.
        drawn_from = (whole, look, self.metrics.version, self._time if look.tab == painting.OVERVIEW else 0.0)
        fresh = self._drawn.get(look.tab) != drawn_from
        painted = painting.paint(whole, seen, look, self.metrics, body=fresh)
        self._drawn[look.tab] = drawn_from
        return painted

    def _look(self, whole: Recording) -> Look:
        panel = self.panel
        return Look(
            tab=panel.tab,
            agent=str(panel.agent.value or ""),
            messages=panel.messages,
            thoughts=panel.thoughts,
            step=str(panel.step.value or ""),
            mode="stopped" if self.stopped else self.story.mode(whole),
            budget_usd=self.limits.budget_usd or self.limits.budgets.of(whole),
            limit_seconds=self.limits.limit_seconds,
            at=panel.player.at if panel.player is not None else None,
        )
