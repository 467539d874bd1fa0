"""Whether anybody works on a session. A step that is carried out and a goal that is planned name their owner, a process; here
its name is compared with who lives, for all who ask: recovery, lists, reports, whoever follows a session."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from macae.memory.store import Store
from macae.models import Event, EventType, Plan, PlanStatus, Step, StepStatus
from macae.models.plans import OVER_PLAN

__all__ = ["AtWork", "at_work", "lost_goals", "open_goals", "step_owned"]

RECENT = 60
"""Newest events that are looked at for a goal without a plan, and for the last sign of life."""
BETWEEN = 30.0
"""Seconds without an event after which a plan in which nothing runs and nobody is asked counts as left: from one step to the
next its process takes less."""

ENDS = frozenset({EventType.plan_created, EventType.planning_failed, EventType.goal_refused})
"""What comes of a goal."""
ASIDE = frozenset({EventType.alert_raised, EventType.alert_resolved})
"""No sign of life: whoever watches raises them."""
ASKED = frozenset({StepStatus.awaiting_feedback, StepStatus.rejected, StepStatus.failed})
"""A person has to say what is to become of a step in one of these."""


@dataclass(frozen=True, slots=True)
class AtWork:
    """Who works on a session, as far as its store tells."""

    busy: bool
    """A living process carries a step out, or plans a goal."""
    left: tuple[str, ...]
    """What was under way when its process ended: "step 2 (bake)", "planning"."""
    asks: bool
    """A plan waits for a person."""
    over: bool
    """Nothing more comes: every plan is over, and every goal has a plan or was given up."""
    since: float | None
    """The last sign of life, Unix time in seconds; None where there is none."""

    @property
    def is_left(self) -> bool:
        """Something is under way by its records, and no process works on it: it stands still until somebody takes it up."""
        return bool(self.left) and not self.busy

    @property
    def since_text(self) -> str:
        """When that was, as it goes on in a sentence: " since 2026-11-22 10:30:00", by this machine's clock; "" where it is not known."""
        return (
            ""
            if self.since is None
            else time.strftime(" since %Y-%m-%d %H:%M:%S", time.localtime(self.since))
        )


async def at_work(
    store: Store,
    user_id: str,
    session_id: str,
    *,
    plans: Sequence[Plan] | None = None,
    events: Sequence[Event] | None = None,
    now: float | None = None,
) -> AtWork:
    """Look whether anybody works on a session. Nothing of it is changed.

    `plans` and `events` (in order): those that were read already. `now`: Unix time, seconds; None: this moment. Raises StoreError.
    """
    work = await looked(store, user_id, session_id, plans, events, now)
    # What its process stored just before it ended may not have been among what was read first.
    return await looked(store, user_id, session_id, None, None, now) if work.is_left else work


async def looked(
    store: Store,
    user_id: str,
    session_id: str,
    plans: Sequence[Plan] | None,
    events: Sequence[Event] | None,
    now: float | None,
) -> AtWork:
    """One look. Raises StoreError."""
    if plans is None:
        plans = await store.find(Plan, user_id=user_id, session_id=session_id, data_type="plan")
    if events is None:
        newest = await store.events(user_id=user_id, session_id=session_id, limit=RECENT, newest_first=True)
        events = newest[::-1]
    since = max((event.time for event in events if event.type not in ASIDE), default=None)
    goals = open_goals(events)
    lost = await lost_goals(store, goals)
    busy, left = len(lost) < len(goals), ["planning"] * len(lost)
    asks = any(
        plan.overall_status in (PlanStatus.awaiting_clarification, PlanStatus.paused) for plan in plans
    )
    quiet = since is None or (time.time() if now is None else now) - since > BETWEEN
    going = {plan.id for plan in plans if plan.overall_status is PlanStatus.in_progress}
    steps = await store.find(Step, user_id=user_id, session_id=session_id) if going else []
    for plan_id in going:
        mine = [step for step in steps if step.plan_id == plan_id]
        running = [step for step in mine if step.status is StepStatus.action_requested]
        asked = any(step.status in ASKED for step in mine)
        asks = asks or asked
        for step in running:
            if await step_owned(store, step):
                busy = True
            else:
                left.append(f"step {step.index} ({step.function or step.agent})")
        if not running and not asked and quiet:
            left.append("the next step")
    over = not goals and all(plan.overall_status in OVER_PLAN for plan in plans)
    return AtWork(busy, tuple(left), asks, over, since)


async def step_owned(store: Store, step: Step) -> bool:
    """Whether the process that carries the step out lives. Raises StoreError."""
    return step.owner is not None and await store.owner_alive(step.owner)


def open_goals(events: Iterable[Event]) -> list[Event]:
    """The goals among these events, oldest first, of which nothing has come yet."""
    planned: dict[str, Event] = {}
    for event in events:
        if event.type is EventType.goal_received and event.trace_id:
            planned[event.trace_id] = event
        elif event.type in ENDS:
            planned.pop(event.trace_id, None)
    return list(planned.values())


async def lost_goals(store: Store, goals: Iterable[Event]) -> list[Event]:
    """Those of the goals whose planning went with its process. Raises StoreError."""
    owned = [(goal, goal.data.get("owner")) for goal in goals]
    return [g for g, owner in owned if isinstance(owner, str) and not await store.owner_alive(owner)]
