"""Whether anybody works on a session: asked of the store, of sessions that live, stand still, wait or are over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from macae.memory import SQLiteStore
from macae.memory.atwork import BETWEEN, AtWork, at_work
from macae.memory.store import Change
from macae.models import Event, EventType, Plan, Step

DEAD = "12345-0123456789abcdef"
NOW = 1_800_000_000.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "macae.db") as opened:
        yield opened


async def looked(store: SQLiteStore, plan: str, *steps: tuple[str, str | None], ago: float = 1.0) -> AtWork:
    """A session with a plan in this status and steps in these, each with its owner; its newest event is so old."""
    own: dict[str, Any] = {"session_id": "s", "user_id": "u"}
    made = [Plan(id="p", initial_goal="Bake", overall_status=plan, **own)]
    made += [
        Step(id=f"s{n}", plan_id="p", index=n, action="bake", agent="BakerAgent", function="bake", status=status, owner=owner, **own)
        for n, (status, owner) in enumerate(steps, 1)
    ]  # fmt: skip
    events = [
        Event(type=EventType.plan_created, plan_id="p", time=NOW - ago, **own),
        Event(type=EventType.alert_raised, time=NOW, **own),
    ]
    await store.write("u", "s", [Change(document) for document in made], events)
    return await at_work(store, "u", "s", now=NOW)


async def test_a_step_of_a_dead_process_is_left(store: SQLiteStore) -> None:
    work = await looked(store, "in_progress", ("completed", None), ("action_requested", DEAD))
    assert work == AtWork(False, ("step 2 (bake)",), False, False, NOW - 1)
    assert work.is_left, "an alert that somebody raised since is no sign of life"


async def test_what_a_living_process_does_is_not(store: SQLiteStore) -> None:
    steps = ("action_requested", store.owner), ("action_requested", DEAD)
    work = await looked(store, "in_progress", *steps)
    assert (work.busy, work.left, work.is_left) == (True, ("step 2 (bake)",), False)


@pytest.mark.parametrize(("ago", "left"), [(BETWEEN - 1, False), (BETWEEN + 1, True)])
async def test_a_plan_that_nobody_takes_further_is_left_after_a_while(
    store: SQLiteStore, ago: float, left: bool
) -> None:
    work = await looked(store, "in_progress", ("completed", None), ("approved", None), ago=ago)
    assert work.is_left is left and not work.over


@pytest.mark.parametrize(
    ("plan", "step", "asks", "over"),
    [
        ("in_progress", "awaiting_feedback", True, False),
        ("in_progress", "failed", True, False),
        ("awaiting_clarification", "planned", True, False),
        ("paused", "approved", True, False),
        ("completed", "completed", False, True),
        ("cancelled", "cancelled", False, True),
    ],
)
async def test_what_waits_for_a_person_or_is_over_needs_no_process(
    store: SQLiteStore, plan: str, step: str, asks: bool, over: bool
) -> None:
    work = await looked(store, plan, (step, None), ago=10_000)
    assert (work.is_left, work.asks, work.over) == (False, asks, over)


async def test_another_ones_session_is_as_if_it_were_not_there(store: SQLiteStore) -> None:
    await looked(store, "in_progress", ("action_requested", DEAD))
    assert await at_work(store, "eve", "s", now=NOW) == AtWork(False, (), False, True, None)
