"""Limits of a session, a user and a day: warned first, then the person is asked, then nothing more can be allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from macae import Engine, Settings
from macae.agents.budget import limits_of
from macae.errors import InvalidInput, LimitReached, NotAllowed, StoreError
from macae.memory import SQLiteStore
from macae.memory.store import Change
from macae.models import Event, EventType, Plan, PlanStatus, PlanWithSteps, Step, StepStatus
from macae.models.spending import UsageRecord
from macae.monitoring import spending
from macae.monitoring.spending import day_of
from tests.cosmos.peer import Peer
from tests.engine.conftest import TEAM, Ledger, Make
from tests.store.cosmosdb import MakeStore, make_store
from tests.support.scripted import ScriptedClient, obedient, planned

__all__ = ["make_store"]

TWO = planned(
    {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}},
    {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}},
)
"""15 tokens for planning, then 15 a model call: 30 a step, 75 in all."""
DAY = 86_400.0


async def through(engine: Engine, goal: str = "Bake and sell", session: str | None = None) -> PlanWithSteps:
    """A goal, all its steps approved, as far as it goes."""
    plan = await engine.submit(goal, session)
    await engine.approve_all(plan)
    return await engine.wait(plan)


def test_without_a_limit_nothing_is_summed_up() -> None:
    def steps() -> Iterator[Step]:
        raise AssertionError("nobody asked")
        yield

    plan = Plan(session_id="s", user_id="ann", initial_goal="Bake")
    none, some = (Settings(_env_file=None, plan_usd=usd) for usd in (None, 1.0))  # type: ignore[call-arg]
    assert limits_of(plan, steps(), none) == []
    (limit,) = limits_of(plan, [], some)
    assert (limit.scope, limit.kind, limit.at) == ("plan", "usd", 1.0)


async def told(engine: Engine, plan: Plan, type: EventType = EventType.budget_warned) -> list[Event]:
    return [event for event in await engine.trail(plan) if event.type is type]


@pytest.mark.parametrize(
    ("setting", "scope", "whose"),
    [
        ("plan_tokens", "plan", "The plan has used 45 tokens; 40 are allowed (MACAE_PLAN_TOKENS)."),
        (
            "session_tokens",
            "session",
            "This session has used 45 tokens; 40 are allowed (MACAE_SESSION_TOKENS).",
        ),
        (
            "user_tokens",
            "user",
            "You have used 45 tokens in all your sessions; 40 are allowed (MACAE_USER_TOKENS).",
        ),
        ("day_tokens", "day", "You have used 45 tokens today (UTC); 40 are allowed (MACAE_DAY_TOKENS)."),
    ],
)
async def test_each_limit_warns_then_asks_then_goes_on_when_more_is_allowed(
    make: Make, ledger: Ledger, setting: str, scope: str, whose: str
) -> None:
    engine = make(TWO, settings={setting: 40, "budget_warn": 0.5})
    plan = await through(engine)
    assert plan.overall_status is PlanStatus.paused and [e["tool"] for e in ledger] == ["bake"]
    limit = engine.held_by(plan)
    assert limit is not None and (limit.scope, limit.raisable, limit.text) == (scope, True, whose)
    paused = (await told(engine, plan, EventType.plan_changed))[-1]
    assert paused.text == whose and paused.data["status"] == "paused"
    (warned,) = await told(engine, plan)
    assert warned.data == {"scope": scope, "kind": "tokens", "used": 45, "limit": 40}
    assert "112% of what is allowed: 40" in warned.text
    with pytest.raises(NotAllowed, match=r"engine\.allow"):
        await engine.skip(plan.steps[1])
    with pytest.raises(InvalidInput, match="Say how much more"):
        await engine.allow(plan)
    plan = await engine.wait(await engine.allow(plan, tokens=35))
    assert plan.overall_status is PlanStatus.completed
    allowed = [e.text for e in await told(engine, plan, EventType.plan_changed)]
    assert any(text.startswith("35 tokens more allowed for ") for text in allowed)
    assert plan.allowed_more.tokens == (35 if scope == "plan" else 0)
    assert len(await told(engine, plan)) == 2, "once for what was allowed first, once for what is allowed now"


async def test_a_warning_comes_before_the_limit_and_once(make: Make, ledger: Ledger) -> None:
    engine = make(TWO, settings={"session_tokens": 100, "budget_warn": 0.3})
    plan = await through(engine, session="s")
    (warned,) = await told(engine, plan)
    assert plan.overall_status is PlanStatus.completed and warned.data["used"] == 45
    assert (
        warned.text == "This session has used 45 tokens, 45% of what is allowed: 100 (MACAE_SESSION_TOKENS)."
    )
    other = await through(engine, "Bake and sell again", "s")
    assert other.overall_status is PlanStatus.paused and await told(engine, other) == []


async def test_from_twice_the_limit_on_nothing_more_can_be_allowed(make: Make, ledger: Ledger) -> None:
    engine = make(TWO, settings={"day_tokens": 36})
    plan = await through(engine)
    plan = await engine.wait(await engine.allow(plan, tokens=1_000_000))
    assert plan.overall_status is PlanStatus.completed, "72 of 36 were reached with the last answer"
    assert engine.spending.used("day", "").tokens == 75
    with pytest.raises(
        LimitReached, match=r"today \(UTC\).*72 are allowed.*2 times the limit: nothing more can be allowed"
    ):
        await engine.submit("Another one")
    assert len(ledger) == 2


async def test_a_plan_that_is_stopped_for_good_says_so(make: Make, ledger: Ledger) -> None:
    engine = make(TWO, settings={"session_tokens": 20, "budget_stop": 1.4})
    plan = await through(engine)
    assert plan.overall_status is PlanStatus.paused
    limit = engine.held_by(plan)
    assert limit is not None and limit.stopped and not limit.raisable
    with pytest.raises(
        NotAllowed, match=r"nothing more can be allowed \(MACAE_BUDGET_STOP\).*raise MACAE_SESSION_TOKENS"
    ):
        await engine.allow(plan, tokens=10)
    assert (await engine.finish(plan)).overall_status is not PlanStatus.paused


async def test_planning_counts_too_also_when_it_comes_to_nothing(make: Make, ledger: Ledger) -> None:
    engine = make(lambda *_: "no plan at all", settings={"session_tokens": 15})
    with pytest.raises(Exception, match="no usable plan"):
        await engine.submit("Bake", "s")
    assert engine.spending.used("session", "s").tokens == 30
    with pytest.raises(LimitReached, match="This session has used 30 tokens"):
        await engine.submit("Bake", "s")
    await (await engine.live("s")).memory.settled()
    rows = await engine.store.find(UsageRecord, user_id=engine.user_id, session_id="s")
    assert sum(row.tokens for row in rows) == 30 and sum(row.calls for row in rows) == 2


async def test_sessions_and_users_are_counted_apart(make: Make, ledger: Ledger) -> None:
    settings = {"session_tokens": 80}
    engine = make(TWO, settings=settings)
    for name in ("one", "two"):
        assert (await through(engine, session=name)).overall_status is PlanStatus.completed
    both = make(TWO, settings={"user_tokens": 160})
    assert (await through(both)).overall_status is PlanStatus.paused, "150 of 160 were used before"
    eve = make(TWO, settings={"user_tokens": 160}, user_id="eve")
    assert (await through(eve)).overall_status is PlanStatus.completed


@pytest.mark.parametrize("scope", ["session", "user", "day"])
async def test_what_another_process_uses_counts_too(make: Make, ledger: Ledger, scope: str) -> None:
    settings = {f"{scope}_tokens": 120}
    here = make(TWO, settings=settings, store=None)
    plan = await here.submit("Bake and sell", "s")
    there = make(TWO, settings={})
    assert (await through(there, "Meanwhile", "s")).overall_status is PlanStatus.completed
    assert here.spending.used(scope, "s").tokens == 15, "not known yet"  # type: ignore[arg-type]
    second = await through(here, "Bake and sell", "s")
    assert second.overall_status is PlanStatus.paused and here.spending.used(scope, "s").tokens >= 120  # type: ignore[arg-type]
    assert plan.id != second.id
    await here.close(0)
    late = make(TWO, settings=settings)
    await late.resume("s")
    limit = late.held_by(await late.plan(second))
    assert limit is not None and limit.scope == scope and limit.used == here.spending.used(scope, "s").tokens  # type: ignore[arg-type]
    await late.allow(second, tokens=100)
    again = make(TWO, settings=settings)
    await again.spending.refresh("s", force=True)
    assert again.spending.allowed(scope, "s").tokens == 100, "what is allowed holds in every process"  # type: ignore[arg-type]


async def test_others_use_is_looked_up_again_after_a_while(
    make: Make, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make(TWO, settings={"day_tokens": 1_000})
    await engine.submit("Bake and sell", "s")
    other = make(TWO)
    await through(other)
    await engine.spending.refresh("s")
    assert engine.spending.used("day", "s").tokens == 15
    monkeypatch.setattr(spending, "READ_AGAIN", 0.0)
    await engine.spending.refresh("s")
    assert engine.spending.used("day", "s").tokens == 90


async def test_a_day_ends_at_midnight_utc(make: Make, ledger: Ledger) -> None:
    now = [1_795_305_590.0]  # ten seconds before it
    assert (day_of(now[0]), day_of(now[0] + 10)) == ("2026-11-21", "2026-11-22")
    engine = make(TWO, settings={"day_tokens": 40})
    engine.spending.clock = lambda: now[0]
    plan = await through(engine)
    assert plan.overall_status is PlanStatus.paused
    now[0] += 10
    assert engine.spending.used("day", "").tokens == 0 and engine.held_by(plan) is None
    plan = await engine.wait(await engine.allow(plan))
    assert plan.overall_status is PlanStatus.completed and engine.spending.used("day", "").tokens == 30
    rows = await engine.store.find(UsageRecord, user_id=engine.user_id)
    assert {row.day for row in rows} == {"2026-11-21", "2026-11-22"}
    late = make(TWO, settings={"day_tokens": 40, "user_tokens": 1_000})
    late.spending.clock = engine.spending.clock
    await late.spending.refresh("s", force=True)
    assert (late.spending.used("day", "s").tokens, late.spending.used("user", "s").tokens) == (30, 75)


async def test_a_price_that_is_not_known_is_above_every_limit(make: Make, ledger: Ledger) -> None:
    engine = make(TWO, settings={"user_usd": 5.0})
    plan = await through(engine)
    limit = engine.held_by(plan)
    assert plan.overall_status is PlanStatus.paused and ledger == []
    assert limit is not None and not limit.raisable
    assert limit.text == (
        "The cost of all your sessions is not known: there is no list price for 1 call to ScriptedClient. "
        "Unset MACAE_USER_USD, or limit tokens."
    )
    with pytest.raises(NotAllowed, match="Unset MACAE_USER_USD"):
        await engine.allow(plan, usd=1.0)
    assert await told(engine, plan) == [], "no part of it can be told"


def priced(engine: Engine, price: Callable[[int, int], float | None]) -> Engine:
    """The engine, with prices for its model's calls."""
    parts = engine.session_parts
    engine.session_parts = lambda: replace(parts(), price=price)  # type: ignore[method-assign]
    return engine


@pytest.mark.parametrize(
    ("setting", "which"),
    [
        ("plan_usd", "some calls"),
        ("session_usd", "4 calls to ScriptedClient"),
        ("user_usd", "4 calls to ScriptedClient"),
        ("day_usd", "4 calls to ScriptedClient"),
    ],
)
async def test_where_what_is_known_of_a_cost_is_over_the_limit_that_is_said(
    make: Make, ledger: Ledger, setting: str, which: str
) -> None:
    """Planning costs $0.012, the steps' four calls have no price; another process then has a limit of $0.01."""
    prices = iter([0.012, 0.012])  # the planner asks for its price beside the one who counts
    plan = await through(priced(make(TWO), lambda *_: next(prices, None)), session="s")
    late = make(TWO, settings={setting: 0.01})
    await late.resume("s")
    await late.spending.refresh("s", force=True)
    limit = late.held_by(await late.plan(plan))
    assert limit is not None and limit.used is None and not limit.raisable
    assert limit.text.endswith(
        f" cost $0.0120{' today (UTC)' if setting == 'day_usd' else ''}, not counting {which} without a list price; "
        f"$0.0100 are allowed (MACAE_{setting.upper()}). Nothing more can be allowed while a price is not known: "
        f"unset MACAE_{setting.upper()}, or limit tokens."
    )


class Named(ScriptedClient):
    """A client that says its model's name as AutoGen's own do."""

    _create_args: ClassVar = {"model": "contoso-x"}


async def test_the_calls_without_a_price_are_named_by_their_models_in_every_process(
    make: Make, ledger: Ledger, tmp_path: Path
) -> None:
    await make(TWO).submit("Bake and sell", "s")
    async with Engine(settings=Settings(home=tmp_path), model=Named(obedient(TWO)), team=TEAM) as other:
        for _ in range(2):
            await other.submit("Bake and sell")
        today = other.spending.today
        old = UsageRecord(session_id="s", user_id=other.user_id, day=today, usd=1.0, unpriced=4, calls=5)
        await other.store.submit(other.user_id, "s", [Change(old, 0)])
    late = make(TWO, settings={"day_usd": 5.0})
    with pytest.raises(LimitReached) as caught:
        await late.submit("Bake and sell")
    assert str(caught.value) == (
        "Nothing more is planned: The cost of today is not known: there is no list price for 2 calls to contoso-x, "
        "1 call to ScriptedClient and 4 other calls. Unset MACAE_DAY_USD, or limit tokens."
    )


async def test_more_of_another_kind_is_refused_and_more_than_can_be_used_is_cut(
    make: Make, ledger: Ledger
) -> None:
    engine = make(TWO, settings={"plan_tokens": 40, "budget_stop": 1.9})
    plan = await through(engine)
    for wrong in ({"usd": 5.0}, {"seconds": 5.0}, {"usd": 1.0, "seconds": 2.0}):
        with pytest.raises(InvalidInput, match=r"40 are allowed.*more do not help there: give tokens="):
            await engine.allow(plan, **wrong)  # type: ignore[arg-type]
    assert (await engine.plan(plan)).overall_status is PlanStatus.paused
    plan = await engine.wait(await engine.allow(plan, tokens=10**9, usd=5))
    assert (plan.allowed_more.tokens, plan.allowed_more.usd) == (36, 5), (
        "there is no limit on dollars to hold it to"
    )
    (said,) = [e.text for e in await told(engine, plan, EventType.plan_changed) if "allowed for" in e.text]
    assert said == (
        "36 tokens, $5 more allowed for this plan, not 1,000,000,000 tokens, $5: "
        "nothing beyond 1.9 times the limit can be used (MACAE_BUDGET_STOP)"
    )


async def test_money_is_counted_where_the_price_is_known(make: Make, ledger: Ledger) -> None:
    engine = priced(make(TWO, settings={"day_usd": 0.01, "budget_warn": 0.5}), lambda *_: 0.004)
    plan = await through(engine)
    limit = engine.held_by(plan)
    assert (
        limit is not None
        and limit.text == "Your sessions have cost $0.0120 today (UTC); $0.0100 are allowed (MACAE_DAY_USD)."
    )
    plan = await engine.wait(await engine.allow(plan, usd=0.01))
    assert plan.overall_status is PlanStatus.completed
    assert engine.spending.used("day", "").usd == pytest.approx(0.02)


async def test_more_may_be_allowed_for_something_else_than_where_it_stands(
    make: Make, ledger: Ledger
) -> None:
    engine = make(TWO, settings={"plan_tokens": 40, "session_tokens": 40})
    plan = await through(engine)
    for wrong, says in (
        ({"scope": "year"}, "none of plan, session"),
        ({"scope": "day", "seconds": 5}, "for a plan alone"),
    ):
        with pytest.raises(InvalidInput, match=says):
            await engine.allow(plan, **{"tokens": 1, **wrong})  # type: ignore[arg-type]
    plan = await engine.wait(await engine.allow(plan, tokens=40, scope="session"))
    limit = engine.held_by(plan)
    assert plan.overall_status is PlanStatus.paused and limit is not None and limit.scope == "plan"
    plan = await engine.wait(await engine.allow(plan, tokens=40))
    assert plan.overall_status is PlanStatus.completed


async def test_a_limit_within_an_attempt_stops_it_and_is_offered_again(make: Make, ledger: Ledger) -> None:
    engine = make(obedient(TWO), settings={"session_tokens": 30})
    plan = await through(engine)
    step = plan.steps[0]
    assert plan.overall_status is PlanStatus.paused and step.status is StepStatus.failed and ledger == []
    assert "MACAE_SESSION_TOKENS" in (step.error or "")


async def test_without_such_limits_nothing_is_read(make: Make, ledger: Ledger, tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "macae.db")
    asked: list[str] = []

    def watched(name: str) -> Callable[..., Any]:
        inner = getattr(store, name)

        async def call(*given: Any, **more: Any) -> Any:
            if UsageRecord in given or any("usage" in str(value) for value in given):
                asked.append(name)
            return await inner(*given, **more)

        return call

    for name in ("find", "query", "get"):
        setattr(store, name, watched(name))
    async with store:
        engine = make(TWO, store=store, settings={"plan_tokens": 1_000})
        assert (await through(engine)).overall_status is PlanStatus.completed
        assert asked == []
        day = make(TWO, store=store, settings={"day_tokens": 1_000})
        assert (await through(day)).overall_status is PlanStatus.completed
        assert asked == ["query"], "one look at the goal's begin; the steps within half a minute need none"


async def test_a_store_that_cannot_be_read_keeps_no_work_from_being_stored(
    make: Make, ledger: Ledger
) -> None:
    engine = make(TWO, settings={"day_tokens": 1_000})
    plan = await engine.submit("Bake and sell")

    async def broken(*_: Any, **__: Any) -> Any:
        raise StoreError("The disk is gone.")

    engine.spending._read.clear()
    engine.spending.store = type("Broken", (), {"query": broken, "find": broken})()  # type: ignore[assignment]
    await engine.approve_all(plan)
    assert (await engine.wait(plan)).overall_status is PlanStatus.completed
    with pytest.raises(StoreError):
        await engine.submit("Another")


@pytest.mark.parametrize("scope", ["session", "user", "day"])
async def test_on_cosmos_a_limit_costs_a_look_a_goal_and_no_request_a_step(
    cosmos_peer: Peer, make_store: MakeStore, make: Make, ledger: Ledger, scope: str
) -> None:
    plans = []
    for number, setting in enumerate(({}, {f"{scope}_tokens": 115})):
        engine = make(TWO, store=make_store(), settings=setting)
        plan = await engine.submit("Bake and sell", "s")
        cosmos_peer.forget()
        await engine.approve_all(plan)
        plans.append(await engine.wait(plan))
        # Where time goes by, the head is looked at again: the clock decides on that, no limit does.
        asked = [request["kind"] for request in cosmos_peer.requests() if request["kind"] != "read"]
        assert len(asked) <= 12, f"{asked} in run {number}: two steps, as without a limit"
        await engine.close(0)
    assert [plan.overall_status for plan in plans] == [PlanStatus.completed, PlanStatus.paused]
    late = make(TWO, store=make_store(), settings={f"{scope}_tokens": 115})
    await late.resume("s")
    limit = late.held_by(plans[1])
    assert limit is not None and (limit.scope, limit.used) == (scope, 120)
    plan = await late.wait(await late.allow(plans[1], tokens=130))
    assert plan.overall_status is PlanStatus.completed


def test_what_a_file_says_was_used_is_never_less_than_nothing() -> None:
    forged = UsageRecord(day="2026-11-21", tokens=-(10**9), usd=-5.0)
    assert (forged.used.tokens, forged.used.usd) == (0, 0.0)
