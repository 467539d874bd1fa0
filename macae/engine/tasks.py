"""A session's work behind the scenes: the tasks under way for each plan, and why one ended without a stored outcome."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from typing import Any

from macae.errors import MacaeError

__all__ = ["BackgroundTasks"]

log = logging.getLogger(__name__)


class BackgroundTasks:
    """The tasks of one session. Iterating gives those that are not done."""

    def __init__(self) -> None:
        self._plans: dict[asyncio.Task[None], str] = {}
        """Each task under way, with the plan it belongs to."""
        self.errors: dict[str, MacaeError] = {}
        """By plan: why work on it ended without a stored outcome. Whoever waits for the plan takes it out."""

    def __iter__(self) -> Iterator[asyncio.Task[None]]:
        return iter(list(self._plans))

    def __len__(self) -> int:
        return len(self._plans)

    def of(self, plan_id: str) -> list[asyncio.Task[None]]:
        """The work under way for a plan."""
        return [task for task, plan in self._plans.items() if plan == plan_id]

    def spawn(self, work: Coroutine[Any, Any, None], plan_id: str) -> asyncio.Task[None]:
        """Run `work` behind the scenes. What it raises is kept for whoever waits for the plan."""
        task = asyncio.get_running_loop().create_task(self._run(work, plan_id), name=f"plan {plan_id}")
        self._plans[task] = plan_id
        task.add_done_callback(lambda done: self._plans.pop(done, None))
        return task

    async def _run(self, work: Coroutine[Any, Any, None], plan_id: str) -> None:
        try:
            await work
        except MacaeError as error:
            log.warning("Work on plan %s ended: %s", plan_id, error)
            self.errors[plan_id] = error
        except Exception as error:
            log.exception("Work on plan %s failed", plan_id)
            self.errors[plan_id] = MacaeError(
                f"Unexpected {type(error).__name__} while working on the plan: {error}"
            )

    async def forget(self, plan_id: str, work: set[asyncio.Task[None]]) -> None:
        """Let work end that was begun behind a decision that could not be stored: whoever decided is told why, and only once."""
        if work:
            await asyncio.wait(work, timeout=1)
        self.errors.pop(plan_id, None)
