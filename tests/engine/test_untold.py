"""Plans that were written without telling, or before anything was told of plans: they are rebuilt all the same, in one trace."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from macae import Engine
from macae.memory import SessionMemory
from macae.models import Event, EventType, PlanStatus, PlanWithSteps
from macae.monitoring.rebuilding import rebuild
from macae.monitoring.scope import Scope, scope_of, trace_id_of
from tests.engine.conftest import Ledger, Make
from tests.support.scripted import planned

CLOCK: Any = {"ts": True, "steps": {"__all__": {"ts"}}}
TWO = planned(
    {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}},
    {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}},
)


async def through(engine: Engine, plan: PlanWithSteps) -> PlanWithSteps:
    await engine.resume(plan.session_id)
    while await engine.approve_all(plan.id):
        plan = await engine.wait(plan.id, 20)
    assert plan.overall_status is PlanStatus.completed
    return plan


async def test_a_plan_from_before_events_told_of_it_is_rebuilt_and_keeps_one_trace(
    make: Make, ledger: Ledger, tmp_path: Path
) -> None:
    first = make(TWO)
    plan = await first.submit("Bake and sell")
    await first.approve(plan.steps[0])
    await first.wait(plan)
    await first.close()
    with closing(sqlite3.connect(tmp_path / "macae.db")) as db, db:
        db.execute("DELETE FROM events")
        changed = db.execute(
            "UPDATE documents SET body = json_remove(body, '$.trace_id') WHERE data_type = 'plan'"
        )
        assert changed.rowcount == 1
    second = make(TWO)
    plan = await through(second, plan)
    events = await second.session_events(plan.session_id)
    assert {event.trace_id for event in events} == {plan.trace_id} == {trace_id_of(plan.id)}
    [rebuilt] = rebuild(events)
    assert rebuilt.model_dump(exclude=CLOCK) == plan.model_dump(exclude=CLOCK)


async def test_what_was_written_without_an_event_is_told_with_the_next_write(
    make: Make, ledger: Ledger
) -> None:
    engine = make(TWO)
    plan = await engine.submit("Bake and sell")
    plain = SessionMemory(plan.session_id, engine.user_id, store=engine.store)
    held = await plain.get_plan(plan.id)
    assert held is not None
    held.summary = "Nobody told of this."
    await plain.update_plan(held)
    plan = await through(engine, plan)
    assert plan.summary == "Nobody told of this."
    [rebuilt] = rebuild(await engine.session_events(plan.session_id))
    assert rebuilt.model_dump(exclude=CLOCK) == plan.model_dump(exclude=CLOCK)


def test_a_message_that_names_a_plan_begins_no_trace() -> None:
    message = Event(type=EventType.message, session_id="s", user_id="u", plan_id="p")
    assert scope_of(message, "a", Scope(plan_id="p")).trace_id == ""
    assert scope_of(message, "a", Scope("t", "other")).trace_id == ""
    assert scope_of(object(), "a", Scope(plan_id="p")) == Scope("", "p", None, "a")
    assert len(scope_of(object(), "a", Scope()).trace_id) == 32
