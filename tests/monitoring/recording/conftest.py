"""One real session, run once with the offline model: what it stored, and what was seen live."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from macae import Engine
from macae.config import Settings
from macae.models import Event, PlanStatus, PlanWithSteps

GOALS = (
    "Onboard a new employee, Jessica Smith, laptop and mentor included",
    "Order 5 laptops for the marketing team and book a training session for them next Tuesday.",
    "Set up VPN access for Jessica Smith.",
)


@dataclass(frozen=True)
class Run:
    """A session with three plans: one done, one with a step that was rejected and skipped, one cancelled."""

    stored: list[Event]
    live: list[Event]
    plans: list[PlanWithSteps]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return asyncio.run(carried_out(tmp_path_factory.mktemp("run")))


async def carried_out(home: Path) -> Run:
    live: list[Event] = []
    async with Engine(settings=Settings(home=home, capture="messages", _env_file=None)) as engine:  # type: ignore[call-arg]
        engine.subscribe(live.append)
        first = await engine.submit(GOALS[0])
        session = first.session_id
        for _ in range(20):
            first = await engine.plan(first)
            if first.overall_status is not PlanStatus.in_progress:
                break
            await engine.approve_all(first)
            await engine.wait(first)
        second = await engine.submit(GOALS[1], session)
        await engine.skip(await engine.reject(second.steps[0], "not this year"))
        await engine.approve_all(second)
        await engine.wait(second)
        third = await engine.submit(GOALS[2], session)
        await engine.cancel(third, "no longer needed")
        stored = await engine.session_events(session)
        plans = [await engine.plan(plan) for plan in (first, second, third)]
    return Run(stored, live, plans)
