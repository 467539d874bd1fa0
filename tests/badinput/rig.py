"""What a row of the table works with: engines on one folder, a look at all that is stored, and the checks of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from macae import Engine, Settings
from macae.errors import MacaeError
from macae.models import PlanStatus, PlanWithSteps, StepStatus
from tests.engine.conftest import TEAM, _ledger
from tests.support.scripted import ScriptedClient, obedient, planned

BAKE = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}})
TWO = planned(
    {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}},
    {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}},
)


@dataclass
class Rig:
    """One row's own folder."""

    home: Path
    before: dict[str, list[Any]] = field(default_factory=dict)
    made: list[Engine] = field(default_factory=list)

    def engine(self, script: Any = TWO, *, settings: dict[str, Any] | None = None, **parts: Any) -> Engine:
        """An engine whose model is scripted: a plan's text, or a script."""
        client = ScriptedClient(obedient(script) if isinstance(script, str) else script)
        options: dict[str, Any] = {"model": client, "team": TEAM, **parts}
        made = Engine(settings=Settings(**{"home": self.home, **(settings or {})}), **options)
        self.made.append(made)
        return made

    async def planned(self, script: Any = TWO, **more: Any) -> tuple[Engine, PlanWithSteps]:
        """An engine with a stored plan. What is stored from here on must not change unless the row says so."""
        engine = self.engine(script, **more)
        plan = await engine.submit("Bake 12 oat cookies and sell them.")
        self.look()
        return engine, plan

    async def run(self, script: Any, **more: Any) -> PlanWithSteps:
        """Submit, approve everything, wait."""
        engine, plan = await self.planned(script, **more)
        await engine.approve_all(plan)
        return await engine.wait(plan, 10)

    def look(self) -> None:
        """Remember what is stored now."""
        self.before = self.stored()

    def stored(self) -> dict[str, list[Any]]:
        """All rows of all tables."""
        path = self.home / "macae.db"
        if not path.is_file():
            return {}
        with closing(sqlite3.connect(path)) as db:
            names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            rows = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}
        return {name: found for name, found in rows.items() if found}

    @property
    def ran(self) -> list[str]:
        """The tools that ran."""
        return [entry["tool"] for entry in _ledger]

    async def plans(self) -> list[PlanWithSteps]:
        """All stored plans of the usual user, seen by an engine of its own."""
        engine = self.engine()
        found = []
        for session in (await engine.sessions()).items:
            found += await engine.plans(session.id)
        return found

    async def close(self) -> None:
        """Let go of all engines."""
        for engine in self.made:
            with suppress(MacaeError):
                await engine.close(0)


@dataclass(frozen=True)
class Kept:
    """What has become of stored data: said for people, and checked."""

    text: str
    check: Callable[[Rig], Awaitable[None]]


def step_is(text: str, status: StepStatus, *, ran: list[str] | None = None, plan: PlanStatus | None = None, interrupted: bool = False) -> Kept:  # fmt: skip
    """The first step of the only plan has this status."""

    async def check(rig: Rig) -> None:
        (found,) = await rig.plans()
        step = found.steps[0]
        assert step.status is status, (step.status, step.error, step.agent_reply)
        assert plan is None or found.overall_status is plan
        assert ran is None or rig.ran == ran
        assert step.interrupted is interrupted

    return Kept(text, check)


async def _nothing(rig: Rig) -> None:
    assert rig.stored() == {} and rig.ran == []


async def _untouched(rig: Rig) -> None:
    assert rig.stored() == rig.before and rig.ran == []


async def _documents(rig: Rig) -> None:
    assert rig.stored().get("documents", []) == rig.before.get("documents", []) and rig.ran == []


async def _only_the_goal(rig: Rig) -> None:
    engine = rig.engine()
    (session,) = (await engine.sessions()).items
    assert await engine.plans(session.id) == []
    events = await engine.store.events(user_id="local", session_id=session.id)
    told = [e.type for e in events if e.type != "model_called"]
    assert told == ["goal_received", "planning_failed"] and rig.ran == []


async def _planned(rig: Rig) -> None:
    plans = await rig.plans()
    assert plans and all(plan.steps for plan in plans) and rig.ran == []
    assert {step.approval for plan in plans for step in plan.steps} == {None}


async def _asks(rig: Rig) -> None:
    (plan,) = await rig.plans()
    assert plan.overall_status is PlanStatus.awaiting_clarification and rig.ran == []


NOTHING = Kept("Nothing is stored.", _nothing)
UNTOUCHED = Kept("What is stored stays as it is.", _untouched)
DOCUMENTS = Kept("What is stored stays as it is, but for an event: a model was asked.", _documents)
GOAL = Kept("The goal is kept in its session; there is no plan.", _only_the_goal)
PLANNED = Kept("The plan is stored; its steps wait for a yes.", _planned)
ASKS = Kept("The plan is stored and waits for the answer.", _asks)
FAILED = step_is(
    "The step is failed with the reason; the plan goes on when you retry, skip or revise.",
    StepStatus.failed,
    plan=PlanStatus.in_progress,
)
NOT_RUN = step_is("The tool did not run; the step is failed with that reason.", StepStatus.failed, ran=[])  # fmt: skip
DONE = step_is("The step is completed.", StepStatus.completed)
BROKE = step_is(
    "The step is failed with the reason, naming the call that may have run.",
    StepStatus.failed,
    interrupted=True,
)
CHANGED = Kept("The decision is stored, cleaned.", lambda rig: _changed(rig))
PENDING = step_is("The call did not run; the step asks again, showing just that call.", StepStatus.awaiting_feedback, ran=[])  # fmt: skip
UNSURE = step_is(
    "The step asks again: interrupted, naming the call that may have run.", StepStatus.awaiting_feedback, interrupted=True
)  # fmt: skip


async def _changed(rig: Rig) -> None:
    assert rig.stored() != rig.before
