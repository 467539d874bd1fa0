"""Plans rebuilt from events alone, also where not every write was told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from macae.memory.archive.copies import Copies
from macae.memory.archive.exporting import Exported, as_export, read_export
from macae.memory.archive.moving import copy_session
from macae.memory.archive.protocol import Archive, Record
from macae.memory.session import SessionMemory
from macae.memory.sqlite.store import SQLiteStore
from macae.models import Event, EventType, Plan, PlanWithSteps, Step
from macae.models.plans import CallRecord
from macae.monitoring.changes import difference
from macae.monitoring.rebuilding import rebuild
from tests.engine.conftest import Ledger, Make
from tests.support.scripted import planned

BAKE = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}})
CLOCK: Any = {"ts": True, "steps": {"__all__": {"ts"}}}


async def test_a_document_told_as_a_whole_stands_for_all_before_it(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake")
    events = await engine.session_events(plan.session_id)
    step = plan.steps[0].model_copy(update={"version": 7, "task": "Bake by hand."})
    whole = {step.id: difference(None, step, 7)}
    late = Event(
        seq=events[-1].seq + 1,
        type=EventType.document_changed,
        session_id=plan.session_id,
        user_id=plan.user_id,
        changes=whole,
    )
    [rebuilt] = rebuild([*events, late])
    assert rebuilt.steps[0].model_dump(exclude={"ts"}) == step.model_dump(exclude={"ts"})
    assert "whole" not in rebuilt.steps[0].model_dump()


async def stored(store: Any, user_id: str, session_id: str) -> list[PlanWithSteps]:
    plans = await store.find(Plan, user_id=user_id, session_id=session_id)
    steps = await store.find(Step, user_id=user_id, session_id=session_id)
    return [PlanWithSteps.of(plan, [s for s in steps if s.plan_id == plan.id]) for plan in plans]


def plain(plans: list[PlanWithSteps]) -> list[dict[str, Any]]:
    return [plan.model_dump(exclude=CLOCK) for plan in plans]


def changed(record: Record, step: str, **fields: Any) -> Record:
    """The record after a write of a step, told as the engine tells it."""
    old = record.by_id[step]
    new = replace(old, version=old.version + 1, body={**old.body, **fields})
    event = record.events[-1].model_copy(
        update={"type": EventType.step_approved, "step_id": step, "plan_id": old.plan_id,
                "changes": {step: {"data_type": "step", "version": new.version, **fields}}}
    )  # fmt: skip
    documents = tuple(new if d.id == step else d for d in record.documents)
    return replace(record, documents=documents, events=(*record.events, event))


async def test_what_comes_from_a_file_is_still_rebuilt_from_its_events(
    make: Make, ledger: Ledger, tmp_path: Path
) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake")
    session, step = plan.session_id, plan.steps[0].id
    record = await cast(Archive, engine.store).record(engine.user_id, session)
    approval = {"by": "local", "version": 1, "hash": "x"}
    approved = changed(record, step, status="approved", approval=approval, human_approval_status="addressed")
    done = changed(approved, step, status="completed", agent_reply="baked")
    copies = Copies(tmp_path / "copies.db")
    async with SQLiteStore(tmp_path / "other.db") as other:
        for source, told in ((approved, 1), (approved, 0), (done, 2), (done, 0)):
            before = len((await other.record("bob", session)).events)
            copy = read_export(as_export(source)[0], "f.json", user_id="bob")
            await copy_session(Exported(copy), other, "bob", session, copies=copies, from_file=True)
            there = await other.record("bob", session)
            assert plain(rebuild(there.events)) == plain(await stored(other, "bob", session))
            more = len(there.events) - before
            assert more == (told if before else len(approved.events) + told)
        last = rebuild(there.events)[0]
        assert (last.user_id, last.steps[0].user_id, last.steps[0].status) == ("bob", "bob", "completed")
    own = read_export(as_export(there)[0], "f.json")  # and out again, with what the first import told
    async with SQLiteStore(tmp_path / "third.db") as third:
        for events in (len(there.events), 0):
            assert (await copy_session(Exported(own), third, "bob", session, from_file=True)).events == events


async def test_a_plan_that_was_written_without_telling_spoils_no_other(
    make: Make, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    engine = make(BAKE)
    first = await engine.submit("Bake")
    second = await engine.submit("Bake again", session_id=first.session_id)
    events = await engine.session_events(first.session_id)
    step = first.steps[0]
    late = {step.id: {"data_type": "step", "version": 9, "task": "?"}}
    gap = events[-1].model_copy(update={"seq": 10**6, "plan_id": first.id, "changes": late})
    assert [plan.id for plan in rebuild([*events, gap])] == [second.id]
    assert "from version 1 to 9" in caplog.text
    whole = {step.id: difference(None, step.model_copy(update={"version": 9}), 10)}
    healed = gap.model_copy(update={"seq": 10**6 + 1, "changes": whole})
    assert {plan.id for plan in rebuild([*events, gap, healed])} == {first.id, second.id}


async def test_a_plan_written_past_the_engine_is_told_with_the_next_write(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake")
    memory = SessionMemory(plan.session_id, engine.user_id, store=engine.store)
    (held,) = await memory.get_all_plans()
    held.summary = "by hand"
    await memory.update_plan(held)
    again = make(BAKE)
    await again.approve_all(await again.plan(plan.id))
    await again.wait(plan.id, timeout=30)
    events = await again.session_events(plan.session_id)
    assert plain(rebuild(events)) == plain(await stored(again.store, again.user_id, plan.session_id))
    assert rebuild(events)[0].summary == "by hand"


async def test_only_what_changed_is_told_and_what_was_told_in_full_is_read_alike(
    make: Make, ledger: Ledger
) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    await engine.wait(plan, timeout=30)
    events = await engine.session_events(plan.session_id)
    step = plan.steps[0].id
    told = {event.type: event.changes.get(step, {}) for event in events if event.step_id == step}
    assert told[EventType.step_offered].keys() == {
        "data_type", "version", "id", "plan_id", "index", "action", "agent", "function", "arguments", "status", "human_approval_status",
    }  # fmt: skip
    assert told[EventType.tool_started]["calls"]["0"].keys() == CallRecord.model_fields.keys()
    assert told[EventType.tool_finished]["calls"]["0"].keys() == {"key", "state", "result", "seconds"}
    rebuilt = rebuild(events)
    assert plain(rebuilt) == plain(await stored(engine.store, engine.user_id, plan.session_id))
    # As it was told once: every field of a new document, and every field of a call that changed.
    full: list[Event] = []
    for place, event in enumerate(events):
        documents = {d.id: d for one in rebuild(events[: place + 1]) for d in (one, *one.steps)}
        changes = {}
        for id, change in event.changes.items():
            fields = documents[id].model_dump(mode="json")
            calls = {n: fields["calls"][int(n)] for n in change.get("calls", {})}
            every = Step.model_fields if change["data_type"] == "step" else Plan.model_fields
            names = every if change["version"] == 1 else change
            changes[id] = {name: fields[name] for name in names if name in fields} | (
                {"calls": calls} if calls else {}
            )
            if change["version"] == 1 and change["data_type"] == "step":
                changes[id]["calls"] = calls
        full.append(event.model_copy(update={"changes": changes}))
    assert rebuild(full) == rebuilt and len(str(full)) > len(str(events))
