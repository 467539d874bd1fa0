"""Keeps what is shown true: reads the plan again when an event tells of a change, and now and then without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from macae.errors import MacaeError
from macae.models import Event, PlanWithSteps
from macae.models.plans import OVER_PLAN

__all__ = ["Live"]

POLL = 2.0
"""Seconds between looks into the store without an event: another kernel may have decided something."""
BREATH = 0.03
"""Seconds between two updates at least: a burst of events becomes one update."""


class Live:
    """Follows one plan until `stop`. `show` gets each new state, `trouble` a sentence when the store can't be read."""

    def __init__(
        self,
        engine: Any,
        plan_id: str,
        session_id: str | None,
        show: Callable[[PlanWithSteps], None],
        trouble: Callable[[str], None],
    ) -> None:
        self._engine, self._plan_id, self._session_id = engine, plan_id, session_id
        self._show, self._trouble = show, trouble
        self._lock = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._over = self._troubled = self._stopped = False
        self._loop = asyncio.get_running_loop()
        self._unsubscribe: Callable[[], None] = engine.subscribe(self._on_event, plan_id)
        self._task = self._loop.create_task(self._follow(), name=f"board of plan {plan_id}")

    async def refresh(self) -> bool:
        """Read the plan now and show it; whether that could be done. What kept it from that is told."""
        async with self._lock:  # two reads must not overtake each other
            try:
                plan: PlanWithSteps = await self._engine.plan(self._plan_id, session_id=self._session_id)
                if self._stopped:  # the board may show another plan by now
                    return True
                self._show(plan)
            except MacaeError as error:
                self._trouble(str(error))
            except Exception as error:  # a board that stands still must say so
                self._trouble(f"The board cannot show the plan: {type(error).__name__}: {error}")
            else:
                self._over = plan.overall_status in OVER_PLAN
                if self._troubled:
                    self._trouble("")
                self._troubled = False
                return True
            self._troubled = True
            return False

    def stop(self) -> None:
        """Follow no longer. Idempotent."""
        self._stopped = True
        self._unsubscribe()
        self._task.cancel()

    def _on_event(self, _: Event) -> None:
        self._loop.call_soon_threadsafe(self._wanted.set)

    async def _follow(self) -> None:
        while True:
            await self.refresh()
            try:
                await asyncio.wait_for(self._wanted.wait(), None if self._over else POLL)
            except TimeoutError:
                continue
            self._wanted.clear()
            await asyncio.sleep(BREATH)
