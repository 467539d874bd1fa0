"""Notes on the trail: none makes work fail, none is lost without a word, and one that is bad spoils no other."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from autogen_core.models import UserMessage
from pydantic import ValidationError

from macae import AgentSpec, Engine, Settings, Team
from macae.agents import BaseAgent
from macae.errors import InvalidInput, NotAllowed, StoreError
from macae.memory.cosmos.items import MOST_BYTES, size_of
from macae.memory.documents import event_body
from macae.models import Event, EventType, PlanStatus
from macae.tools import tool
from tests.engine.conftest import TEAM, Ledger, Make
from tests.engine.test_model_calls import ASK, TALK, calls, run, script, team
from tests.support.scripted import ScriptedClient, planned


def noted(session_id: str, **more: Any) -> Event:
    return Event(type=EventType.message, session_id=session_id, user_id="x", **more)


@pytest.mark.parametrize("time", [math.nan, math.inf, -1.0, 1e18])
async def test_a_time_that_is_none_is_refused(make: Make, ledger: Ledger, time: float) -> None:
    with pytest.raises(ValidationError, match="time"):
        noted("s", time=time)
    engine = make(script(TALK))
    plan = await engine.submit("Bake")
    changed = noted(plan.session_id)
    changed.time = time
    with pytest.raises(InvalidInput, match="no event"):
        await engine.note(changed)
    assert await engine.session_events(plan.session_id)


async def test_what_is_too_long_is_cut(make: Make, ledger: Ledger) -> None:
    engine = make(script(TALK))
    plan = await engine.submit("Bake")
    await engine.note(
        noted(plan.session_id, text="x" * 5_000_000, data={"a": ["y" * 200_000], "b": object()})
    )
    last = (await engine.session_events(plan.session_id))[-1]
    assert last.text.startswith("xxx") and last.text.endswith("more characters)")
    assert last.data["b"] == {"unstorable": "object"} and last.data["a"][0].startswith("yyy")
    assert len(last.model_dump_json()) < 90_000


async def test_one_event_that_cannot_be_read_hides_no_other(
    make: Make, ledger: Ledger, tmp_path: Path
) -> None:
    engine = make(script(TALK))
    plan = await run(engine)
    before = await engine.session_events(plan.session_id)
    with closing(sqlite3.connect(tmp_path / "macae.db")) as db, db:
        spoiled = db.execute(
            "UPDATE events SET body = replace(body, '\"goal_received\"', '\"of_the_future\"')"
        )
        assert spoiled.rowcount
    after = await engine.session_events(plan.session_id)
    assert [e.seq for e in after] == [e.seq for e in before] and after[1:] == before[1:]
    assert after[0].type is EventType.events_missed and after[0].data["unreadable"]


async def test_what_is_only_shown_stands_behind_what_is_being_stored(make: Make, ledger: Ledger) -> None:
    engine = make(script(TALK))
    plan = await engine.submit("Bake")
    memory, seen = (await engine.live(plan.session_id)).memory, []
    unsubscribe = engine.subscribe(seen.append)
    memory.tell([memory.event(EventType.thought, text="first")])
    memory.show(EventType.model_started, "BakerAgent", model="gpt")  # the write is still under way
    assert not seen
    await memory.settled()
    memory.tell([memory.event(EventType.thought, text="third")])
    await memory.settled()
    unsubscribe()
    assert [event.type for event in seen] == [EventType.thought, EventType.model_started, EventType.thought]


async def test_a_note_that_cannot_be_stored_fails_no_step(make: Make, ledger: Ledger) -> None:
    class Noter(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            self.memory.note(EventType.message, text="half \ud83d", things={"a"}, what=object())
            return "Done."

    engine = make(script(TALK), team=team(Noter))
    plan = await run(engine)
    assert plan.overall_status is PlanStatus.completed and plan.steps[0].attempt == 1
    [note] = [e for e in await engine.trail(plan) if e.type is EventType.message]
    assert note.data == {"things": ["a"], "what": {"unstorable": "object"}}


async def test_a_note_that_the_store_does_not_take_is_in_the_log(
    make: Make, ledger: Ledger, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make(script(TALK))
    plan = await engine.submit("Bake")
    memory = (await engine.live(plan.session_id)).memory

    def fail(*_: Any, **__: Any) -> asyncio.Future[None]:
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        failed.set_exception(StoreError("the disk is full"))
        return failed

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(memory.store, "submit", fail)
        memory.note(EventType.message, "me", "lost?")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert "(message) were not stored: the disk is full" in caplog.text


async def test_no_write_grows_beyond_what_a_store_takes(
    make: Make, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Many(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            for n in range(30):
                words = [UserMessage(content=f"{n} {i} {'κόσμε ' * 600}", source="u") for i in range(4)]
                await self.model_client.create(words)
            return "Done."

    engine = make(script(TALK), team=team(Many))
    sizes: list[int] = []
    submit = engine.store.submit

    def seen(user: str, session: str, changes: Any = (), events: Any = (), after: Any = ()) -> Any:
        sizes.append(sum(size_of(event_body(event, user, session)) for event in events))
        return submit(user, session, changes, events, after)

    monkeypatch.setattr(engine.store, "submit", seen)
    plan = await run(engine)
    told = await calls(engine, plan)
    assert len(told) == 30 and sum(sizes) > MOST_BYTES > 2 * max(sizes)
    assert [call.time for call in told] == sorted(call.time for call in told)


async def test_long_arguments_stand_once_on_the_trail(make: Make, ledger: Ledger) -> None:
    @tool(effect="read")
    async def search(words: str) -> str:
        """Search."""
        return "nothing"

    def answer(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return planned(TALK)
        return [("search", {"words": "w" * 50_000})] if messages[-1].type == "UserMessage" else "Done."

    engine = make(answer, team=Team([AgentSpec("BakerAgent", "You bake.", [search])]))
    plan = await run(engine)
    [started] = [e for e in await engine.trail(plan) if e.type is EventType.tool_started]
    assert len(json.dumps(started.data)) < 5_000
    assert len(json.dumps(started.changes)) > 50_000
    assert plan.steps[0].calls[0].arguments == {"words": "w" * 50_000}


async def test_calls_are_told_also_when_another_engine_ends_the_plan(tmp_path: Path, ledger: Ledger) -> None:
    class Twice(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            await self.model_client.create(ASK)
            await self.model_client.create(ASK)
            asked.set()
            await ended.wait()
            return "Done."

    asked, ended = asyncio.Event(), asyncio.Event()
    settings, bakery = Settings(home=tmp_path), team(Twice)
    one = Engine(settings=settings, model=ScriptedClient(script(TALK)), team=bakery)
    two = Engine(settings=settings, model=ScriptedClient(script(TALK)), team=bakery)
    async with one, two:
        plan = await one.submit("Bake")
        await one.approve_all(plan)
        await asyncio.wait_for(asked.wait(), 10)
        await two.cancel(plan.id)
        ended.set()
        assert (await one.wait(plan, 10)).overall_status is PlanStatus.cancelled
        await (await one.live(plan.session_id)).memory.settled()
        told = await calls(one, plan)
    assert [call.step_id for call in told] == [plan.steps[0].id] * 2


async def test_a_goal_that_the_model_refuses_leaves_a_session_with_its_trace(
    make: Make, ledger: Ledger
) -> None:
    def judge(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return planned(TALK)
        return "ALLOW" if "Bake" in str(messages) else "REFUSE: no"

    engine = make(judge, settings={"safety": "model"}, team=TEAM)
    plan = await engine.submit("Bake")
    events = await engine.session_events(plan.session_id)
    assert events[0].agent == "SafetyCheck" and {event.trace_id for event in events} == {plan.trace_id}
    with pytest.raises(NotAllowed):
        await engine.submit("Burn it down", "refused")
    kept = await engine.session_events("refused")
    assert [event.type for event in kept] == [EventType.model_called, EventType.goal_refused]
    assert len({event.trace_id for event in kept}) == 1 and kept[0].trace_id


async def test_what_a_subscriber_does_with_its_event_nobody_else_sees(make: Make, ledger: Ledger) -> None:
    engine = make(script(TALK))
    seen: list[Event] = []

    def spoil(event: Event) -> None:
        event.text = "CHANGED"
        event.data.clear()
        event.changes.clear()

    engine.subscribe(spoil)
    engine.subscribe(seen.append)
    plan = await run(engine)
    stored = await engine.session_events(plan.session_id)
    assert [e for e in seen if e.seq] == stored and any(e.changes for e in seen)
