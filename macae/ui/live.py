"""Keeps what is shown true: reads the plan again when an event tells of a change, and now and then without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from macae.errors import MacaeError, NotFound
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
        self._over = False
        self._loop = asyncio.get_running_loop()
        self._unsubscribe: Callable[[], None] = engine.subscribe(self._on_event, plan_id)
        self._task = self._loop.create_task(self._follow(), name=f"board of plan {plan_id}")

    async def refresh(self) -> None:
        """Read the plan now and show it. Raises what `Engine.plan` raises."""
        async with self._lock:  # two reads must not overtake each other
            plan: PlanWithSteps = await self._engine.plan(self._plan_id, session_id=self._session_id)
            self._over = plan.overall_status in OVER_PLAN
            self._show(plan)

    def stop(self) -> None:
        """Follow no longer. Idempotent."""
        self._unsubscribe()
        self._task.cancel()

    def _on_event(self, _: Event) -> None:
        self._loop.call_soon_threadsafe(self._wanted.set)

    async def _follow(self) -> None:
        troubled = False
        while True:
            try:
                await self.refresh()
            except NotFound as error:
                self._trouble(str(error))
                return
            except MacaeError as error:
                self._trouble(str(error))
                troubled = True
            else:
                if troubled:
                    self._trouble("")
                    troubled = False
            try:
                await asyncio.wait_for(self._wanted.wait(), None if self._over else POLL)
            except TimeoutError:
                continue
            self._wanted.clear()
            await asyncio.sleep(BREATH)
