"""From a goal to a completed plan."""

from __future__ import annotations

import pytest

from macae.errors import Conflict, InvalidInput, NotAllowed, NotFound
from macae.models import EventType, PlanStatus, StepStatus
from tests.engine.conftest import Ledger, Make, client_of
from tests.support.scripted import obedient, planned
from tests.support.waiting import until

TWO = planned(
    {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}},
    {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}},
)


async def test_a_goal_is_planned_approved_carried_out_and_remembered(make: Make, ledger: Ledger) -> None:
    engine = make(TWO)
    plan = await engine.submit("Bake and sell")
    assert [s.status for s in plan.steps] == [StepStatus.awaiting_feedback] * 2
    assert plan.steps[1].depends_on == [plan.steps[0].id]
    assert ledger == []
    approved = await engine.approve(plan.steps[0], "with care")
    assert approved.status in (StepStatus.approved, StepStatus.action_requested)
    assert approved.approval is not None and approved.approval.by == "local"
    plan = await engine.wait(plan)
    assert [e["tool"] for e in ledger] == ["bake"]
    assert plan.steps[0].agent_reply == "baked 12 oat"
    assert plan.steps[0].human_feedback == "with care"
    assert plan.steps[1].status is StepStatus.awaiting_feedback
    await engine.approve(plan.steps[1])
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    assert [e["arguments"] for e in ledger] == [{"kind": "oat", "quantity": 12}, {"kind": "oat"}]
    await engine.close()
    # Another engine on the same store knows all of it.
    again = make(TWO)
    stored = (await again.plans(plan.session_id))[0]
    assert stored == plan
    assert stored.steps[0].calls[0].result == "baked 12 oat"
    assert stored.steps[0].tokens == 30


async def test_the_audit_trail_tells_it_in_order(make: Make, ledger: Ledger) -> None:
    engine = make(TWO)
    plan = await engine.submit("Bake and sell")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    types = [e.type for e in await engine.trail(plan) if e.step_id == plan.steps[0].id]
    assert types == [
        EventType.step_offered,
        EventType.step_approved,
        EventType.step_started,
        EventType.model_called,
        EventType.tool_started,
        EventType.tool_finished,
        EventType.model_called,
        EventType.reply_checked,
        EventType.step_completed,
    ]


async def test_events_end_when_only_a_person_can_go_on(make: Make, ledger: Ledger) -> None:
    engine = make(TWO)
    plan = await engine.submit("Bake and sell")
    first = [event.type async for event in engine.events(plan)]
    assert first[0] is EventType.plan_created
    await engine.approve(plan.steps[0])
    last = (await engine.trail(plan))[-1].seq
    seen = [event async for event in engine.events(plan)]
    assert [e.seq for e in seen] == sorted(e.seq for e in seen)
    assert seen[-1].type is EventType.step_completed and seen[-1].seq >= last


async def test_independent_steps_run_side_by_side(make: Make, ledger: Ledger) -> None:
    steps = [
        {"agent": "BakerAgent", "function": "bake", "args": {"kind": f"k{i}"}, "depends_on": []}
        for i in range(6)
    ]
    engine = make(planned(*steps))
    client_of(engine).delay = 0.05
    plan = await engine.submit("Bake six kinds")
    running = []
    engine.subscribe(
        lambda e: running.append(e.type) if e.type in ("step_started", "step_completed") else None
    )
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    assert running[:6] == ["step_started"] * 6
    assert sorted(e["arguments"]["kind"] for e in ledger) == [f"k{i}" for i in range(6)]


async def test_a_stale_step_is_a_conflict_with_the_present_one(make: Make, ledger: Ledger) -> None:
    engine = make(TWO)
    plan = await engine.submit("Bake and sell")
    await engine.reject(plan.steps[0], "no sugar left")
    with pytest.raises(Conflict) as caught:
        await engine.approve(plan.steps[0])
    assert caught.value.current.status is StepStatus.rejected
    assert caught.value.current.human_feedback == "no sugar left"
    assert ledger == []


async def test_a_rejected_step_blocks_what_needs_it_until_it_is_skipped(make: Make, ledger: Ledger) -> None:
    engine = make(TWO)
    plan = await engine.submit("Bake and sell")
    await engine.approve(plan.steps[1])
    await engine.reject(plan.steps[0])
    plan = await engine.wait(plan)
    assert [s.status for s in plan.steps] == [StepStatus.rejected, StepStatus.approved]
    assert plan.overall_status is PlanStatus.in_progress
    await engine.skip(plan.steps[0])
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    assert [e["tool"] for e in ledger] == ["sell"]


async def test_a_failed_step_can_be_retried(make: Make, ledger: Ledger) -> None:
    tries = iter(["boom", "fine"])

    def script(messages, tools, json_output):  # type: ignore[no-untyped-def]
        if json_output is not None:
            return planned({"agent": "BakerAgent", "action": "Talk."})
        if next(tries) == "boom":
            raise RuntimeError("the oven exploded")
        return "fine"

    engine = make(script)
    plan = await engine.submit("Talk")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.steps[0].status is StepStatus.failed
    assert "the oven exploded" in (plan.steps[0].error or "")
    step = await engine.retry(plan.steps[0])
    assert step.status is StepStatus.awaiting_feedback and step.approval is None
    await engine.approve(step)
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed


async def test_finish_ends_a_plan_that_failed(make: Make, ledger: Ledger) -> None:
    engine = make(planned({"agent": "BakerAgent", "function": "burn", "args": {"kind": "oat"}}))
    plan = await engine.submit("Burn")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    step = plan.steps[0]
    assert step.calls[0].is_error and step.status is StepStatus.failed
    assert "BakerAgent did not do it: we do not burn cookies" in (step.error or "")
    assert plan.overall_status is PlanStatus.in_progress, "a person has still to say what becomes of it"
    assert (await engine.finish(plan)).overall_status is PlanStatus.failed


async def test_cancel_stops_a_running_tool(make: Make, ledger: Ledger) -> None:
    engine = make(planned({"agent": "BakerAgent", "function": "wait_long", "args": {"kind": "oat"}}, {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}}))  # fmt: skip
    plan = await engine.submit("Wait")
    await engine.approve_all(plan)
    async for event in engine.events(plan):
        if event.type is EventType.tool_started:
            break
    await until(lambda: bool(ledger))
    cancelled = await engine.cancel(plan, "enough")
    assert cancelled.overall_status is PlanStatus.cancelled
    plan = await engine.wait(plan, timeout=1.5)
    assert [s.status for s in plan.steps] == [StepStatus.cancelled] * 2
    assert plan.steps[0].interrupted_calls == ["wait_long: it may have run"]


async def test_an_edit_binds_a_new_call(make: Make, ledger: Ledger) -> None:
    engine = make(TWO)
    plan = await engine.submit("Bake and sell")
    step = await engine.edit(plan.steps[0], "Bake 3 rye.", arguments={"kind": "rye", "quantity": 3})
    assert (step.status, step.arguments) == (StepStatus.awaiting_feedback, {"kind": "rye", "quantity": 3})
    await engine.approve(step)
    await engine.wait(plan)
    assert ledger[0]["arguments"] == {"kind": "rye", "quantity": 3}
    with pytest.raises(InvalidInput, match="quantity"):
        await engine.edit(plan.steps[1], arguments={"quantity": "many"})


async def test_a_question_is_asked_and_its_answer_used(make: Make, ledger: Ledger) -> None:
    def plan_for(text: str) -> str:
        if "Answer: oat" in text:
            return planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}})
        return planned(human_clarification_request="Which kind?")

    engine = make(obedient(plan_for))
    plan = await engine.submit("Bake")
    assert plan.overall_status is PlanStatus.awaiting_clarification
    assert plan.human_clarification_request == "Which kind?"
    plan = await engine.clarify(plan, "oat")
    assert plan.overall_status is PlanStatus.in_progress
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.overall_status is PlanStatus.completed
    assert ledger[0]["arguments"]["kind"] == "oat"
    with pytest.raises(NotAllowed):
        await engine.clarify(plan, "rye")


async def test_an_impossible_goal_is_answered_as_such(make: Make, ledger: Ledger) -> None:
    engine = make(planned(impossible="We bake; we do not fly."))
    plan = await engine.submit("Launch a rocket to Mars")
    assert plan.overall_status is PlanStatus.impossible
    assert plan.summary == "We bake; we do not fly."
    assert (await engine.wait(plan)).steps == []


@pytest.mark.parametrize("goal", ["", "  \n ", "!!!", "\x00\x01", "x" * 20_001, 7])
async def test_a_goal_that_is_none_is_refused(make: Make, goal: object) -> None:
    with pytest.raises(InvalidInput):
        await make(TWO).submit(goal)  # type: ignore[arg-type]


async def test_what_is_another_users_does_not_exist(make: Make, ledger: Ledger) -> None:
    mine = make(TWO)
    plan = await mine.submit("Bake and sell")
    theirs = make(TWO, user_id="eve")
    await theirs.start()
    for attempt in (
        theirs.plan(plan), theirs.plan(plan.id), theirs.approve(plan.steps[0]), theirs.approve(plan.steps[0].id),
        theirs.plans(plan.session_id), theirs.resume(plan.session_id), theirs.cancel(plan), theirs.wait(plan),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await attempt
    assert (await theirs.sessions()).items == []


async def test_what_is_written_behind_a_lost_race_is_not_made_either(make: Make, ledger: Ledger) -> None:
    """The claim is submitted right behind the approval. Somebody else's reject makes the version that the claim expects."""
    first, second = make(TWO), make(TWO)
    plan = await first.submit("Bake and sell")
    seen = await second.plan(plan)
    await second.reject(seen.steps[0], "no")
    with pytest.raises(Conflict):
        await first.approve(plan.steps[0])
    after = await first.wait(plan)
    assert after.steps[0].status is StepStatus.rejected
    assert ledger == []
    await first.approve_all(plan)
    assert (await first.wait(plan)).steps[1].status is StepStatus.approved
