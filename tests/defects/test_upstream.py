"""What the upstream accelerator got wrong, each shown there by running it, and what is true here instead: one test each.

Some are of its HTTP API and web page alone, so they belong to the tests of an API: 13 (a request without an identity was
served as a sample user; here the API has no default user), 20 (a passing health check answered 503), and of 22 to 24 the page:
22 (it stopped polling; the events that a page would show are tested here), 23 (model text went into innerHTML; the board and
the pages that stand alone are tested here), 24 (only the five latest plans could be reached; the paging is tested here).
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from autogen_core.models import SystemMessage, UserMessage
from bs4 import BeautifulSoup

from macae import AgentSpec, Engine, Settings, Team
from macae.engine import livesessions
from macae.errors import NotAllowed, NotFound, PlanError, StoreError
from macae.memory.sqlite.store import SQLiteStore
from macae.models import AgentMessage, EventType, Plan, PlanStatus, StepStatus
from macae.ui import PlanBoard, plan_html
from tests.badinput.stores import fill, free
from tests.engine.conftest import TEAM, Ledger, Make, client_of
from tests.support.scripted import ScriptedClient, last_user, obedient, planned

BAKE = {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}}
SELL = {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}}
TALK = {"agent": "BakerAgent", "action": "Talk.", "depends_on": []}
LONG = "x " * 9_000


def query_only(engine: Engine, on: bool) -> None:
    """Let every write of the store fail, or not any more."""
    engine.store._writer._db.execute(f"PRAGMA query_only = {int(on)}")  # type: ignore[attr-defined]


async def test_01_rejected_is_stored_as_rejected(make: Make, ledger: Ledger) -> None:
    engine = make(planned(BAKE, SELL))
    plan = await engine.submit("Bake and sell")
    step = await engine.reject(plan.steps[0], "no sugar")
    assert step.status is StepStatus.rejected
    await engine.wait(plan)
    (again,) = await make(planned(BAKE)).resume(plan.session_id)
    assert (again.steps[0].status, again.steps[0].human_feedback) == (StepStatus.rejected, "no sugar")
    assert again.steps[0].agent_reply is None and ledger == []


async def test_02_approving_all_twice_runs_each_step_once_and_no_rejected_one(
    make: Make, ledger: Ledger
) -> None:
    engine = make(
        planned(BAKE, {**SELL, "depends_on": []}, {**BAKE, "args": {"kind": "rye"}, "depends_on": []})
    )
    plan = await engine.submit("Bake and sell")
    await engine.reject(plan.steps[2])
    await asyncio.gather(engine.approve_all(plan), engine.approve_all(plan), return_exceptions=True)
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert sorted(entry["tool"] for entry in ledger) == ["bake", "sell"]
    assert plan.steps[2].status is StepStatus.rejected


async def test_03_a_step_is_found_by_its_plan(make: Make, ledger: Ledger) -> None:
    engine = make(obedient(lambda text: planned(BAKE if "Bake" in text else SELL)))
    first = await engine.submit("Bake")
    second = await engine.submit("Sell", session_id=first.session_id)
    await engine.approve(second.steps[0])
    await engine.wait(second)
    await engine.wait(first)
    assert [entry["tool"] for entry in ledger] == ["sell"]
    assert (await engine.plan(first)).steps[0].status is StepStatus.awaiting_feedback
    with pytest.raises(NotFound):
        await engine.approve(first.steps[0].model_copy(update={"plan_id": second.id, "version": 7}))


async def test_04_a_model_error_fails_the_step_and_the_plan_goes_on(make: Make, ledger: Ledger) -> None:
    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return planned({**TALK, "action": "Fail."}, TALK)
        if "Fail." in last_user(messages):
            raise RuntimeError("the model is on fire")
        return "Talked."

    engine = make(script)
    plan = await engine.submit("Talk")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert [step.status for step in plan.steps] == [StepStatus.failed, StepStatus.completed]
    assert "the model is on fire" in (plan.steps[0].error or "")
    await engine.skip(plan.steps[0])
    assert (await engine.wait(plan)).overall_status is PlanStatus.completed


async def test_05_a_missing_step_is_said_to_be_missing(make: Make) -> None:
    engine = make(planned(BAKE))
    plan = await engine.submit("Bake")
    with pytest.raises(NotFound, match="There is no step 'nope' of yours"):
        await engine.approve("nope")
    with pytest.raises(NotFound, match="There is no step"):
        await engine.reject(plan.steps[0].model_copy(update={"id": "nope"}))


async def test_06_feedback_is_saved_and_answered_or_neither(make: Make, ledger: Ledger) -> None:
    engine = make(planned(BAKE))
    plan = await engine.submit("Bake")
    query_only(engine, True)
    with pytest.raises(StoreError):
        await engine.approve(plan.steps[0], "gently")
    query_only(engine, False)
    stored = await engine.plan(plan)
    assert stored.steps[0] == plan.steps[0] and ledger == []
    said = await engine.store.find(AgentMessage, user_id="local", session_id=plan.session_id, plan_id=plan.id)
    assert not any("approved" in message.content for message in said)
    approved = await engine.approve(plan.steps[0], "gently")
    assert approved.human_feedback == "gently"
    assert (await engine.wait(plan)).overall_status is PlanStatus.completed


async def test_07_the_edited_action_and_the_comment_reach_the_agent(make: Make, ledger: Ledger) -> None:
    engine = make(planned(BAKE))
    plan = await engine.submit("Bake")
    step = await engine.edit(plan.steps[0], "Bake the good ones.", arguments={"kind": "rye"})
    await engine.approve(step, "with butter")
    await engine.wait(plan)
    prompt = last_user(client_of(engine).seen[-1])
    assert "Your step: Bake the good ones." in prompt and "Note from the person: with butter" in prompt
    assert 'Approved call: bake {"kind": "rye"}' in prompt
    assert [entry["arguments"]["kind"] for entry in ledger] == ["rye"]


async def test_08_a_failed_write_is_an_error_to_the_caller(make: Make) -> None:
    engine = make(planned(BAKE))
    await engine.start()
    fill(engine)
    with pytest.raises(StoreError, match="the disk is full"):
        await engine.submit(LONG)
    free(engine)
    assert await engine.store.find(Plan, user_id="local") == []


async def test_09_a_store_that_cannot_be_set_up_is_a_clear_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "macae.db").mkdir()
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(StoreError, match="is a directory"):
            await Engine(settings=Settings(home=tmp_path), team=TEAM).submit("Bake")
    assert time.monotonic() - began < 5


async def test_10_messages_are_the_callers_only(make: Make) -> None:
    engine = make(planned(BAKE))
    plan = await engine.submit("Bake a secret")
    kinds: dict[str, Any] = {"session_id": plan.session_id, "data_type": "agent_message"}
    assert await engine.store.find(AgentMessage, user_id="local", **kinds)
    assert await engine.store.find(AgentMessage, user_id="eve", **kinds) == []
    theirs = (await make(planned(BAKE), user_id="eve").live(plan.session_id)).memory
    assert await theirs.get_data_by_type("agent_message") == []
    assert await theirs.query_items("SELECT * FROM c WHERE c.session_id=@s", [{"name": "@s", "value": plan.session_id}]) == []  # fmt: skip


async def test_11_sessions_are_kept_by_user_and_let_go_when_idle(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SQLiteStore(tmp_path / "shared.db") as store:
        mine, theirs = make(planned(BAKE), store=store), make(planned(BAKE), store=store, user_id="eve")
        plan = await mine.submit("Bake")
        other = await theirs.submit("Bake")
        assert (plan.user_id, other.user_id) == ("local", "eve")
        assert {s.user_id for s in other.steps} == {"eve"}
        assert [s.id for s in (await theirs.sessions()).items] == [other.session_id]
        monkeypatch.setattr(livesessions, "MAX_IDLE", 2)
        monkeypatch.setattr(livesessions, "IDLE", -1.0)
        made = [await mine.submit("Bake") for _ in range(6)]
        assert len(mine.live_sessions) <= 4
        await mine.approve(made[0].steps[0])
        assert (await mine.wait(made[0])).overall_status is PlanStatus.completed
        await mine.close(0)
        await theirs.close(0)


async def test_12_what_cannot_be_recorded_is_not_run(make: Make, ledger: Ledger) -> None:
    """There is no separate safety check: the gate is it. When it cannot write that a call starts, the call is not made."""
    engine = make(planned(BAKE))
    plan = await engine.submit("Bake")
    engine.subscribe(lambda event: query_only(engine, True) if event.type is EventType.step_started else None)
    await engine.approve(plan.steps[0])
    with pytest.raises(StoreError):
        await engine.wait(plan)
    assert ledger == []
    query_only(engine, False)


async def test_14_an_agents_history_is_bounded_and_says_what_was_cut(make: Make, ledger: Ledger) -> None:
    engine = make(planned(BAKE), settings={"buffer_size": 4})
    session: str | None = None
    for _ in range(6):
        plan = await engine.submit("Bake", session_id=session)
        session = plan.session_id
        await engine.approve_all(plan)
        await engine.wait(plan)
    sizes = [len(seen) for seen in client_of(engine).seen]
    # The instructions, the summary, the four that are kept, and this turn's own: the step, its call, the result.
    assert max(sizes) == sizes[-1] == sizes[-4] == 1 + 1 + 4 + 3
    summary = [
        m.content for m in client_of(engine).seen[-1] if isinstance(m, UserMessage) and m.source == "memory"
    ]
    assert len(summary) == 1 and str(summary[0]).startswith("16 earlier messages are not shown")
    assert 'called bake(kind="oat", quantity=12) -> baked 12 oat (4 times)' in str(summary[0])


async def test_15_a_planners_prompt_stays_short_with_250_tools(make: Make) -> None:
    def named(number: int) -> Any:
        async def work(kind: str, quantity: int = 1) -> str:
            """Placeholder."""
            return kind

        work.__name__ = f"work_{number}" if number != 137 else "polish_the_brass_bell"
        subject = "the shelf of the warehouse" if number != 137 else "the brass bell"
        work.__doc__ = f"Work number {number} on {subject}, " + "with all that goes with it, " * 4
        return work

    agents = [
        AgentSpec(f"A{n}Agent", "You work.", [named(i) for i in range(n * 50, n * 50 + 50)]) for n in range(5)
    ]
    engine = make(planned(impossible="no"), team=Team(agents))
    await engine.submit("Polish the brass bell")
    (prompt,) = client_of(engine).seen
    text = "\n".join(str(message.content) for message in prompt)
    assert len(text) < 30_000
    assert text.count("- polish_the_brass_bell(kind: string, quantity: integer = 1) [change]") == 1
    assert all(text.count(f"- work_{n}(") + text.count(f"- work_{n}\n") <= 1 for n in range(250))


async def test_16_an_impossible_goal_is_answered_as_such(make: Make, tmp_path: Path) -> None:
    engine = make(planned(impossible="We bake; we do not fly."))
    plan = await engine.submit("Fly to Mars")
    assert (plan.overall_status, plan.summary, plan.steps) == (
        PlanStatus.impossible,
        "We bake; we do not fly.",
        [],
    )
    with pytest.raises(PlanError, match="there is no agent 'RocketAgent'; the agents are BakerAgent"):
        await make(planned({"agent": "RocketAgent", "action": "Fly."})).submit("Fly to Mars")
    async with Engine(settings=Settings(home=tmp_path / "offline")) as offline:
        plan = await offline.submit("Launch a rocket to Mars")
        assert plan.overall_status is PlanStatus.impossible and plan.summary


async def test_17_every_message_names_its_true_source(make: Make, ledger: Ledger) -> None:
    engine = make(planned(BAKE, SELL))
    plan = await engine.submit("Bake and sell")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    said = await engine.store.find(AgentMessage, user_id="local", session_id=plan.session_id)
    by = {message.content: message.source for message in said}
    assert by["Bake and sell"] == "local" and by["A plan."] == "PlannerAgent"
    assert (by["baked 12 oat"], by["sold oat"]) == ("BakerAgent", "ShopAgent")
    assert by["approved"] == "HumanAgent"
    finished = [e for e in await engine.trail(plan) if e.type is EventType.step_completed]
    assert [(e.agent, e.text) for e in finished] == [
        ("BakerAgent", "baked 12 oat"),
        ("ShopAgent", "sold oat"),
    ]


async def test_18_completed_means_that_something_was_done(make: Make, ledger: Ledger) -> None:
    def fails(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return planned(TALK, TALK)
        raise RuntimeError("no")

    with pytest.raises(PlanError, match="it has no steps"):
        await make(planned()).submit("Do nothing")
    engine = make(fails)
    plan = await engine.submit("Talk")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.in_progress and plan.failed == 2
    assert (await engine.finish(plan)).overall_status is PlanStatus.failed
    engine = make(planned(BAKE, SELL))
    plan = await engine.submit("Bake and sell")
    for step in plan.steps:
        await engine.skip(step)
    assert (await engine.wait(plan)).overall_status is PlanStatus.cancelled


async def test_19_a_rejection_of_all_is_told_as_what_it_is(make: Make, ledger: Ledger) -> None:
    engine = make(planned(BAKE, SELL))
    plan = await engine.submit("Bake and sell")
    answers = [await engine.reject(step, "not today") for step in plan.steps]
    assert [step.status for step in answers] == [StepStatus.rejected] * 2
    said = await engine.store.find(AgentMessage, user_id="local", session_id=plan.session_id, plan_id=plan.id)
    assert [m.content for m in said if m.source == "HumanAgent"] == ["rejected: not today"] * 2
    types = [event.type for event in await engine.trail(plan)]
    assert types.count(EventType.step_rejected) == 2 and EventType.step_approved not in types
    assert await engine.approve_all(plan) == [] and ledger == []
    with pytest.raises(NotAllowed):
        await engine.approve((await engine.plan(plan)).steps[0])


async def test_21_a_missing_argument_is_asked_for_and_not_made_up(make: Make, tmp_path: Path) -> None:
    engine = make(planned({"agent": "BakerAgent", "function": "bake", "args": {}}))
    plan = await engine.submit("Bake")
    assert plan.overall_status is PlanStatus.awaiting_clarification
    assert plan.human_clarification_request == "Please give: kind for bake."
    rules: list[str] = []

    def listening(messages: Any, tools: Any, json_output: Any) -> Any:
        rules.append(str(next(m.content for m in messages if isinstance(m, SystemMessage))))
        return planned({"agent": "HrAgent", "action": "Talk."}) if json_output is not None else "Talked."

    async with Engine(settings=Settings(home=tmp_path / "rules"), model=ScriptedClient(listening)) as full:
        made = await full.submit("Talk")
        await full.approve_all(made)
        await full.wait(made)
    assert "never make it up" in rules[0] and "Never make up a value" in rules[1]


async def test_22_events_are_told_as_they_happen(make: Make, ledger: Ledger) -> None:
    engine = make(planned(BAKE, SELL))
    plan = await engine.submit("Bake and sell")
    await engine.approve_all(plan)
    seen = [event.type async for event in engine.events(plan)]
    assert seen.count(EventType.tool_started) == seen.count(EventType.tool_finished) == 2
    assert seen[-1] is EventType.plan_changed


async def test_23_model_and_tool_text_is_escaped_on_the_board_and_in_pages(make: Make) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    made = planned({"agent": "BakerAgent", "action": f"Talk {evil}"})
    engine = make(lambda messages, tools, json_output: made if json_output is not None else f"Talked {evil}")
    plan = await engine.submit(f"Talk {evil}")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    board = PlanBoard(engine, plan)
    card = next(iter(board.surface.cards.values())) if board.surface.cards else None
    pages = [plan_html(plan), *([card.head.value, card.body.value] if card else [])]
    for page in pages:
        assert not BeautifulSoup(page, "html.parser").find_all(["img", "script"])
    assert BeautifulSoup(pages[0], "html.parser").get_text().count(evil) == 3
    board.close()


async def test_24_every_session_can_be_reached(make: Make) -> None:
    engine = make(planned(BAKE))
    made = [(await engine.submit("Bake")).session_id for _ in range(12)]
    found: list[str] = []
    before: str | None = None
    while True:
        page = await engine.sessions(5, before)
        found += [session.id for session in page.items]
        before = page.next
        if before is None:
            break
    assert found == made[::-1]
    assert {len(await engine.plans(session)) for session in found} == {1}
