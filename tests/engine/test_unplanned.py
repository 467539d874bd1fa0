"""A goal that gets no plan: the trail says so and why, whoever planned it and whatever became of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from macae.errors import MacaeError, ModelUnavailable, PlanError
from macae.memory import SQLiteStore
from macae.memory.store import ANY, Change
from macae.models import Event, EventType, Session
from macae.monitoring import Recording, summary
from tests.engine.conftest import Ledger, Make
from tests.support.scripted import planned

BAKE = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}})
BAD = planned({"agent": "NobodyAgent", "function": "bake", "args": {"kind": "oat"}})


def dead(messages: Any, tools: Any, json_output: Any) -> Any:
    raise ModelUnavailable("The server is gone.")


def broken(messages: Any, tools: Any, json_output: Any) -> Any:
    return BAD


@pytest.mark.parametrize(
    ("script", "raised", "problems"), [(broken, PlanError, ["goal"]), (dead, ModelUnavailable, ["model"])]
)
async def test_a_planning_that_failed_is_stored_with_its_reason(
    make: Make, ledger: Ledger, script: Any, raised: type[MacaeError], problems: list[str]
) -> None:
    engine = make(script)
    with pytest.raises(raised) as caught:
        await engine.submit("Bake", "s")
    goal, *_, failed = await engine.session_events("s")
    assert (goal.type, failed.type) == (EventType.goal_received, EventType.planning_failed)
    assert failed.seq and failed.text == str(caught.value) and failed.data["error_type"] == raised.__name__
    assert failed.trace_id == goal.trace_id != ""
    told = Recording(await engine.session_events("s"))
    assert (told.status, summary(told).status) == ("failed", "failed")
    assert [problem.kind for problem in told.errors] == problems, "each trouble is told once"
    assert str(caught.value) in told.conversation[-1].text


async def test_the_next_goal_of_the_session_is_planned(make: Make, ledger: Ledger) -> None:
    answers = iter([BAD, BAD, BAKE])
    engine = make(lambda *_: next(answers))
    with pytest.raises(PlanError):
        await engine.submit("Bake", "s")
    await engine.submit("Bake oats", "s")
    told = Recording(await engine.session_events("s"))
    assert told.status == "waiting" and len(told.errors) == 1


async def test_a_goal_whose_process_died_is_told_of_by_the_next_that_takes_the_session_up(
    make: Make, ledger: Ledger, tmp_path: Path
) -> None:
    engine = make(BAKE)
    await engine.start()

    async def plan_and_die(name: str) -> None:
        async with SQLiteStore(engine.settings.home / "macae.db") as other:
            goal = Event(
                type=EventType.goal_received, session_id=name, user_id="local", text="Bake", trace_id="a" * 32,
                data={"owner": other.owner},
            )  # fmt: skip
            row = Session(id=name, session_id=name, user_id="local")
            await other.write("local", name, [Change(row, ANY)], [goal])
            if name == "alive":
                work = await engine.lookup.at_work(name)
                assert (work.busy, work.is_left, work.over, work.since) == (True, False, False, goal.time)
                await engine.resume(name)

    await plan_and_die("alive")
    assert [event.type for event in await engine.session_events("alive")] == [EventType.goal_received]
    await plan_and_die("dead")
    [goal_given] = await engine.session_events("dead")
    assert Recording([goal_given]).status == "planning", "nobody has said otherwise"
    work = await engine.lookup.at_work("dead")
    assert (work.busy, work.left, work.is_left) == (False, ("planning",), True)
    left = await engine.lookup.recording("dead", now=goal_given.time + 99)
    assert (left.status, left.seconds, left.left) == ("interrupted", 0.0, goal_given.time)
    await engine.resume("dead")
    assert not (await engine.lookup.at_work("dead")).is_left
    goal, lost = await engine.session_events("dead")
    assert (lost.type, lost.trace_id) == (EventType.planning_failed, goal.trace_id)
    told = Recording([goal, lost])
    assert told.status == "failed" and "process" in told.errors[0].text
    again = make(BAKE)
    await again.resume("dead")
    assert len(await again.session_events("dead")) == 2, "told once"
