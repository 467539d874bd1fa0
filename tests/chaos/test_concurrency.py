"""Two decisions at once, from two tasks, two engines or two processes: one wins, the other is told what is true now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from macae import Engine
from macae.errors import Conflict, NotAllowed
from macae.models import EventType, Plan, PlanStatus, PlanWithSteps, Step, StepStatus
from macae.models.plans import OPEN_STEP
from tests.engine.conftest import Ledger, Make
from tests.support.scripted import Script, obedient, planned
from tests.support.waiting import until

BAKE = {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}, "depends_on": []}
SELL = {"agent": "ShopAgent", "function": "sell", "args": {"kind": "rye"}, "depends_on": []}
ONE = planned(BAKE)
TWO = planned(BAKE, SELL)

Act = Callable[[Engine, Step], Awaitable[Any]]
ACTS: dict[str, Act] = {
    "approve": lambda engine, step: engine.approve(step, by="Ann"),
    "approve too": lambda engine, step: engine.approve(step, by="Ben"),
    "approve by id": lambda engine, step: engine.approve(step.id, by="Cem"),
    "approve all": lambda engine, step: engine.approve_all(step.plan_id),
    "reject": lambda engine, step: engine.reject(step, "No."),
    "edit": lambda engine, step: engine.edit(step, arguments={"kind": "nut", "quantity": 1}),
    "skip": lambda engine, step: engine.skip(step, "No need."),
    "retry": lambda engine, step: engine.retry(step),
    "cancel": lambda engine, step: engine.cancel(step.plan_id, "Enough."),
    "finish": lambda engine, step: engine.finish(step.plan_id),
    "revise": lambda engine, step: engine.revise(step.plan_id, "Otherwise."),
    "revise too": lambda engine, step: engine.revise(step.plan_id, "Quite otherwise."),
}
AWAITING = [
    ("approve", "approve too"),
    ("approve", "approve by id"),
    ("approve", "approve all"),
    ("approve", "cancel"),
    ("approve", "finish"),
    ("approve", "reject"),
    ("approve", "revise"),
    ("approve", "skip"),
    ("edit", "approve"),
    ("edit", "reject"),
    ("edit", "cancel"),
    ("reject", "skip"),
    ("reject", "cancel"),
    ("revise", "cancel"),
    ("revise", "revise too"),
    ("approve all", "cancel"),
    ("skip", "revise"),
]
FAILED = [("retry", "skip"), ("retry", "cancel"), ("retry", "finish"), ("skip", "revise"), ("skip", "cancel"), ("retry", "revise")]  # fmt: skip


async def outcome(deed: Awaitable[Any]) -> Any:
    """What a decision has come to: what it gave, or the refusal."""
    try:
        return await deed
    except (Conflict, NotAllowed) as refusal:
        return refusal


async def consistent(engine: Engine, plan: PlanWithSteps, ledger: Ledger) -> None:
    """What holds whoever wins: see each line."""
    if plan.overall_status is PlanStatus.cancelled:
        assert not [s for s in plan.steps if s.status in OPEN_STEP]
    if plan.overall_status is PlanStatus.completed:
        assert any(s.status is StepStatus.completed for s in plan.steps)
    keys = [entry["key"] for entry in ledger]
    assert len(keys) == len(set(keys)), "a tool ran twice"
    trail = await engine.trail(plan)
    for step in plan.steps:
        mine = [e for e in trail if e.step_id == step.id]
        runs = [e for e in ledger if e["step"] == step.id]
        assert len(runs) <= sum(e.type is EventType.step_approved for e in mine)
        assert sum(e.type is EventType.step_approved for e in mine) <= 1 + sum(
            e.type in (EventType.step_edited, EventType.step_retried) for e in mine
        ), "one yes was stored twice"
        if step.status is StepStatus.completed:
            assert len(runs) == 1
            assert (
                runs[0]["arguments"] == {"quantity": 1, **(step.arguments or {})} or step.function == "sell"
            )


async def winners_word_is_stored(
    engine: Engine, names: tuple[str, str], results: list[Any], step: Step
) -> None:
    """Exactly what the winner decided is stored, not the loser's."""
    won = [name for name, result in zip(names, results, strict=True) if not isinstance(result, Exception)]
    for result in results:
        if isinstance(result, Conflict):
            assert result.current is not None
            assert isinstance(result.current, Plan) or result.current.version >= step.version
    assert won, f"nobody won: {results}"
    now = next((s for s in (await engine.plan(step.plan_id)).steps if s.id == step.id), None)
    assert now is not None
    yes = now.approval.by if now.approval else None
    if set(won) & {"approve", "approve too", "approve by id"} and yes is not None:
        by = {"approve": "Ann", "approve too": "Ben", "approve by id": "Cem"}
        assert yes in [by.get(name, engine.user_id) for name in won]


async def clash(
    engines: tuple[Engine, Engine], names: tuple[str, str], step: Step, ledger: Ledger, first: int
) -> None:
    """Both decide at once; then the plan is waited for in both engines."""
    deeds = [outcome(ACTS[name](engine, step)) for name, engine in zip(names, engines, strict=True)]
    results: list[Any] = [None, None]
    order = [0, 1] if first == 0 else [1, 0]
    for number, result in zip(order, await asyncio.gather(*(deeds[i] for i in order)), strict=True):
        results[number] = result
    await winners_word_is_stored(engines[0], names, results, step)
    for engine in engines:
        plan = await engine.wait(step.plan_id, timeout=10)
        await consistent(engine, plan, ledger)
    refused = sum(isinstance(result, Exception) for result in results)
    both_may = {"cancel", "finish", "revise", "approve all"} & set(names) or {
        "approve",
        "approve by id",
    } == set(names)
    assert refused == 1 or both_may, results


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("engines", ["one engine", "two engines"])
@pytest.mark.parametrize("names", AWAITING, ids=" against ".join)
async def test_one_of_two_decisions_on_an_offered_step_wins(
    make: Make,
    ledger: Ledger,
    names: tuple[str, str],
    engines: str,
    first: int,
) -> None:
    one = make(TWO)
    plan = await one.submit("Go", session_id="s1")
    two = make(TWO) if engines == "two engines" else one
    if two is not one:
        await two.resume("s1")
    await clash((one, two), names, plan.steps[0], ledger, first)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("engines", ["one engine", "two engines"])
@pytest.mark.parametrize("names", FAILED, ids=" against ".join)
async def test_one_of_two_decisions_on_a_failed_step_wins(
    make: Make,
    ledger: Ledger,
    names: tuple[str, str],
    engines: str,
    first: int,
) -> None:
    broken = [True]
    obey = obedient(ONE)

    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is None and broken[0]:
            raise RuntimeError("the model broke")
        return obey(messages, tools, json_output)

    one = make(script)
    plan = await one.submit("Go", session_id="s1")
    await one.approve_all(plan)
    plan = await one.wait(plan)
    assert plan.steps[0].status is StepStatus.failed
    two = make(script) if engines == "two engines" else one
    if two is not one:
        await two.resume("s1")
    broken[0] = False
    await clash((one, two), names, plan.steps[0], ledger, first)


async def test_many_yeses_from_many_tasks_make_one_run(make: Make, ledger: Ledger) -> None:
    one, two = make(ONE), make(ONE)
    plan = await one.submit("Go", session_id="s1")
    await two.resume("s1")
    step = plan.steps[0]
    results = await asyncio.gather(
        *(outcome(engine.approve(step, by=f"{n}")) for n in range(10) for engine in (one, two))
    )
    won = [result for result in results if not isinstance(result, Exception)]
    plan = await two.wait(plan, timeout=10)
    assert plan.overall_status is PlanStatus.completed
    assert len(ledger) == 1
    assert plan.steps[0].approval is not None
    assert {s.approval.by for s in won} == {plan.steps[0].approval.by}


@pytest.mark.parametrize("seen_first", ["old", "new"])
async def test_a_cancel_elsewhere_is_not_undone_by_what_was_held_from_before(
    make: Make, ledger: Ledger, seen_first: str
) -> None:
    """The second engine still holds the plan in progress and the failed step at its old version."""

    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is None:
            raise RuntimeError("the model broke")
        return ONE

    one, two = make(script), make(script)
    plan = await one.submit("Go", session_id="s1")
    await one.approve_all(plan)
    plan = await one.wait(plan)
    await two.resume("s1")
    old = (await two.wait(plan)).steps[0]
    await one.cancel(plan)
    # As it was seen before the end, and as it is read now: neither goes on.
    for seen in [old, (await two.plan(plan)).steps[0]][:: 1 if seen_first == "old" else -1]:
        with pytest.raises((Conflict, NotAllowed)):
            await two.retry(seen)
    now = await two.plan(plan)
    assert now.overall_status is PlanStatus.cancelled
    assert now.steps[0].status is StepStatus.failed


async def test_an_approved_step_whose_need_is_done_elsewhere_goes_on(make: Make, ledger: Ledger) -> None:
    """The one engine does the first step, the other has approved the second: whoever waits carries it out."""
    gates = [asyncio.Event()]
    plan_text = planned(BAKE, SELL | {"depends_on": [1]})
    obey = obedient(plan_text)

    async def answer(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is None and "bake" in str(messages):
            await gates[0].wait()
        return obey(messages, tools, json_output)

    script: Script = answer
    one, two = make(script), make(plan_text)
    plan = await one.submit("Go", session_id="s1")
    seen = (await two.resume("s1"))[0]
    await one.approve(plan.steps[0])
    await two.approve(seen.steps[1])
    gates[0].set()
    plan = await two.wait(plan, timeout=10)
    assert plan.overall_status is PlanStatus.completed
    assert [entry["tool"] for entry in ledger] == ["bake", "sell"]


async def test_a_yes_to_all_does_not_reach_a_step_that_is_offered_meanwhile(
    make: Make, ledger: Ledger
) -> None:
    """A step that became due between the look and the writing was not seen, so nobody said yes to it."""
    one = make(planned(BAKE, SELL | {"args": {"kind": "$1"}, "depends_on": [1]}, BAKE))
    plan = await one.submit("Go", session_id="s1")
    await one.approve(plan.steps[0])
    answers = await asyncio.gather(*(outcome(one.approve_all(plan)) for _ in range(3)), one.wait(plan, 10))
    assert answers
    now = await one.wait(plan, timeout=10)
    for step in now.steps:
        assert (step.status is StepStatus.awaiting_feedback) == (step.approval is None)
    await until(lambda: True)


@pytest.mark.parametrize("engines", ["one engine", "two engines"])
@pytest.mark.parametrize("deed", ["cancel", "finish", "revise"])
async def test_a_revision_that_took_its_time_undoes_nothing(
    make: Make, ledger: Ledger, deed: str, engines: str
) -> None:
    """While the planner thinks, the plan is ended or revised: that stands, and the late revision is refused."""
    slow, asked, go_on = [False], asyncio.Event(), asyncio.Event()
    obey = obedient(TWO)

    async def answer(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None and slow[0]:
            slow[0] = False
            asked.set()
            await go_on.wait()
        return obey(messages, tools, json_output)

    one = make(answer)
    plan = await one.submit("Go", session_id="s1")
    two = make(answer) if engines == "two engines" else one
    await two.resume("s1")
    slow[0] = True
    late = asyncio.ensure_future(one.revise(plan, "Otherwise."))
    await asked.wait()
    await getattr(two, deed)(plan)
    before = await two.plan(plan)
    go_on.set()
    with pytest.raises(Conflict) as told:
        await late
    assert told.value.current.version == before.version
    after = await one.wait(plan, timeout=10)
    assert after.overall_status is before.overall_status
    assert [(s.id, s.version) for s in after.steps] == [(s.id, s.version) for s in before.steps]


async def test_of_two_answers_to_one_question_the_first_counts(make: Make, ledger: Ledger) -> None:
    def plan_for(prompt: str) -> str:
        return TWO if "Answer:" in prompt else planned(human_clarification_request="Which kind?")

    one = make(obedient(plan_for))
    plan = await one.submit("Go", session_id="s1")
    results = await asyncio.gather(*(outcome(one.clarify(plan, kind)) for kind in ("oat", "rye")))
    won = [n for n, result in enumerate(results) if not isinstance(result, Exception)]
    assert len(won) == 1, results
    now = await one.plan(plan)
    assert now.human_clarification_response == ("oat", "rye")[won[0]]
    assert len(now.steps) == 2
