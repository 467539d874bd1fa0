"""Real runs trip the rules: their alerts are on the trail, are sent, and change nothing in the run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from macae import Engine, Settings
from macae.errors import ConfigError, ModelUnavailable
from macae.models import Event, EventType, PlanStatus, StepStatus
from macae.monitoring.alerts import Alert, AlertWatch, Courier, Rule, evaluate
from macae.monitoring.alerts.couriers import Outcome
from tests.engine.conftest import Ledger, Make, ledger, make
from tests.monitoring.alerts.conftest import START, Hook, happened, rule
from tests.support.scripted import planned
from tests.support.smtp_server import SMTPServer
from tests.support.waiting import until

__all__ = ["ledger", "make"]

BAKE = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}})
WAIT = planned({"agent": "BakerAgent", "function": "wait_long", "args": {"kind": "oat"}})
SLOW = Rule(
    name="slow", events="model_called", measure="mean", field="seconds", at_least=0.02, window={"last": 2}, needs=2,
    by=["session", "agent"], metric="model latency", unit="s",
)  # fmt: skip


async def alerts_in(engine: Engine, session: str, wanted: int = 1) -> list[Event]:
    """The alert events that are stored, once there are so many."""
    async with asyncio.timeout(5):
        while True:
            events = await engine.session_events(session)
            found = [e for e in events if e.type in (EventType.alert_raised, EventType.alert_resolved)]
            if len(found) >= wanted:
                return found
            await asyncio.sleep(0.005)


async def test_a_slow_model_raises_one_alert_that_is_stored_and_posted(
    make: Make, ledger: Ledger, hook: Hook
) -> None:
    engine = make(
        BAKE,
        settings={"alerts": "off", "alert_webhook": hook.url, "alert_format": "slack"},
        alert_rules=[SLOW],
    )
    from tests.engine.conftest import client_of

    client_of(engine).delay = 0.03
    shown: list[Event] = []
    async with engine:
        engine.subscribe(shown.append)
        plan = await engine.submit("Bake")
        await engine.approve_all(plan)
        plan = await engine.wait(plan)
        (told,) = await alerts_in(engine, plan.session_id)
    assert plan.overall_status is PlanStatus.completed
    assert told.type is EventType.alert_raised and told.seq > 0 and told.agent == "BakerAgent"
    assert told.data["rule"] == "slow" and told.data["key"] == "BakerAgent" and told.data["value"] >= 0.02
    assert told.text.startswith("Alert: model latency reached 0.02 s (Current: 0.0")
    assert [e.seq for e in shown if e.type is EventType.alert_raised] == [told.seq], (
        "the board is shown it too"
    )
    assert [post["blocks"][0]["text"]["text"] for post in hook.posts] == ["[WARNING] slow (BakerAgent)"]


async def test_failing_model_calls_are_an_error_rate(make: Make, ledger: Ledger) -> None:
    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is None:
            raise ModelUnavailable("The server is gone.")
        return BAKE

    failing = Rule(
        name="errors", events=["model_called", "tool_finished"], measure="share", share_of=[{"ok": False}, {"state": "failed"}],
        above=0.1, window={"last": 20}, needs=2, severity="critical", unit="%",
    )  # fmt: skip
    engine = make(script, alert_rules=[failing])
    async with engine:
        plan = await engine.submit("Bake")
        await engine.approve_all(plan)
        plan = await engine.wait(plan)
        assert plan.steps[0].status is StepStatus.failed
        (told,) = await alerts_in(engine, plan.session_id)
        events = await engine.session_events(plan.session_id)
    assert (told.data["rule"], told.data["severity"], told.data["value"]) == ("errors", "critical", 0.5)
    (replayed,) = evaluate([failing], events)
    assert (replayed.value, replayed.text) == (0.5, told.text), "a replay of the stored session says the same"


async def test_a_stuck_step_is_told_of_while_it_hangs_and_when_it_has_ended(
    make: Make, ledger: Ledger
) -> None:
    stuck = Rule(
        name="stuck", events="step_started", by=["session", "step"],
        absence={"seconds": 0.2, "until": ["step_completed", "step_cancelled"], "alive": "any"},
    )  # fmt: skip
    engine = make(WAIT, alert_rules=[stuck])
    async with engine:
        plan = await engine.submit("Wait")
        await engine.approve_all(plan)
        (told,) = await alerts_in(engine, plan.session_id)
        assert (told.plan_id, told.step_id) == (plan.id, plan.steps[0].id)
        await engine.cancel(plan)
        raised, resolved = await alerts_in(engine, plan.session_id, 2)
    assert raised.seq == told.seq and resolved.type is EventType.alert_resolved
    assert (
        resolved.text.startswith("Resolved: time since step_started exceeded 0.2 s")
        and resolved.data["key"] == plan.steps[0].id
    )


async def test_fifty_sessions_at_once_each_get_their_own(make: Make, ledger: Ledger) -> None:
    every = Rule(name="every", events="plan_created", above=0, by=["session"])
    engine = make(BAKE, settings={"alerts": "off"}, alert_rules=[every])
    async with engine:
        plans = await asyncio.gather(*(engine.submit(f"Bake {n}") for n in range(50)))
        for plan in plans:
            (told,) = await alerts_in(engine, plan.session_id)
            assert told.session_id == plan.session_id
        assert engine._alerting.watch is not None and engine._alerting.watch.missed == 0


async def test_what_breaks_in_alerts_breaks_nothing_else(make: Make, ledger: Ledger) -> None:
    """A rule's function, the store of the alert's event, the receivers: all fail, and the run does not notice."""

    def broken(events: Sequence[Event]) -> float:
        raise RuntimeError("broken rule")

    class Broken:
        name = "broken"

        def send(self, alert: Alert) -> Outcome:
            raise RuntimeError("broken receiver")

    rules = [
        Rule(name="broken", events="model_called", measure=broken, above=0),
        Rule(name="any", events="model_called", above=0),
    ]
    engine = make(BAKE, alert_rules=rules, alert_receivers=[Broken()])
    noted: list[Event] = []

    async def failing(event: Event) -> None:
        noted.append(event)
        raise RuntimeError("broken store")

    async with engine:
        assert engine._alerting.watch is not None
        engine._alerting.watch._note = failing
        plan = await engine.submit("Bake")
        await engine.approve_all(plan)
        plan = await engine.wait(plan)
        await until(lambda: noted)
        watch = engine._alerting.watch
    assert plan.overall_status is PlanStatus.completed
    assert watch.failed == len(noted) == 1 and watch.judge.failed["broken"] >= 1
    assert watch.couriers[-1].health.failed == 1


async def test_closing_the_engine_takes_no_more_than_three_seconds(make: Make, ledger: Ledger) -> None:
    with SMTPServer("hang") as server:
        mail = {
            "alert_email": "ann@example.org",
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_tls": False,
        }
        engine = make(BAKE, settings=mail, alert_rules=[Rule(name="any", events="plan_created", above=0)])
        async with engine:
            await engine.submit("Bake")
            await until(lambda: server.connections)
            began = time.monotonic()
        assert time.monotonic() - began < 4


async def test_a_slow_watch_takes_what_it_can_and_counts_the_rest() -> None:
    noted: list[Event] = []

    async def note(event: Event) -> None:
        noted.append(event)

    watch = AlertWatch([rule(above=0)], note, size=10)
    for number in range(25):
        watch(happened("model_called", session_id=f"s{number}"))
    assert watch.missed == 15
    watch.start()
    await until(lambda: len(noted) >= 10)
    await watch.close()
    await watch.close()
    assert {event.session_id for event in noted} == {f"s{n}" for n in range(15, 25)}


async def test_a_wrong_time_makes_the_watch_neither_blind_nor_nervous() -> None:
    noted: list[Event] = []
    clock = [START]

    async def note(event: Event) -> None:
        noted.append(event)

    stuck = rule(events="step_started", absence={"seconds": 100, "until": "step_completed"}, by=["step"])
    watch = AlertWatch(
        [stuck, rule(name="calls", above=2, window={"seconds": 60})], note, clock=lambda: clock[0]
    )
    watch.start()

    async def judged(*events: Event) -> list[str]:
        for event in events:
            watch(event)
        watch._news.set()
        await until(lambda: not watch._events and not watch._news.is_set())
        await asyncio.sleep(0)
        return [event.data["rule"] for event in noted]

    ten_years = 3.2e8
    begin = happened("step_started", 0, step_id="x")
    assert await judged(begin, happened("model_called", ten_years)) == []
    assert watch.judge.now <= START + 1
    clock[0] = START + 101  # the step is stuck, also when somebody's clock is wrong
    assert await judged() == ["mine"]
    clock[0] = START + ten_years
    await judged(happened("step_started", ten_years, step_id="y"), happened("model_called", ten_years))
    noted.clear()
    clock[0] = START + 200  # it was set right: waits and windows go on from here
    assert await judged(happened("model_called", 200), happened("model_called", 200)) == ["calls"]
    clock[0] = START + 301
    assert "mine" in await judged()
    await watch.close()


async def test_events_that_no_rule_reads_do_not_wait_to_be_judged() -> None:
    watch = AlertWatch([rule(above=0)], size=1)
    watch(happened("model_called"))
    watch(happened("tool_started"))
    assert watch.missed == 0 and [event.type for event in watch._events] == ["model_called"]


async def test_what_came_last_is_still_judged_when_it_closes() -> None:
    got: list[Alert] = []

    class Own:
        name = "own"

        def send(self, alert: Alert) -> Outcome:
            got.append(alert)
            return Outcome(True)

    watch = AlertWatch([rule(above=0)], None, [Courier(Own())])
    watch.start()
    watch(happened("model_called", time.time() - START))
    await watch.close()
    assert [alert.rule for alert in got] == ["mine"]


async def test_a_wrong_rules_file_or_receiver_is_said_when_the_engine_starts(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "wrong.yaml").write_text("rules: [{name: x}]", encoding="utf-8")
    for settings, says in (
        ({"alerts": tmp_path / "wrong.yaml"}, "rule 'x'"),
        ({"alert_email": "ann@example.org"}, "MACAE_SMTP_HOST"),
    ):
        with pytest.raises(ConfigError, match=says):
            await make(BAKE, settings=settings).start()
    engine = make(BAKE, settings={"alerts": "off"})
    async with engine:
        assert engine._alerting.watch is None


async def test_the_rules_that_come_along_are_quiet_in_a_good_run(tmp_path: Path) -> None:
    async with Engine(settings=Settings(home=tmp_path, _env_file=None)) as engine:
        plan = await engine.submit("Onboard a new employee, Jessica Smith.")
        await engine.approve_all(plan)
        plan = await engine.wait(plan)
        events = await engine.session_events(plan.session_id)
    assert not [e for e in events if e.type is EventType.alert_raised and e.data["rule"] != "personal-data"]


async def test_events_that_come_together_wake_the_watch_once() -> None:
    looks = 0

    def clock() -> float:
        nonlocal looks
        looks += 1
        return time.time()

    watch = AlertWatch([rule(above=9, measure="count", window={"seconds": 60})], clock=clock)
    watch.start()
    await asyncio.sleep(0)
    before = looks
    for _ in range(10):
        watch(happened("model_called", time.time() - START))
        await asyncio.sleep(0)  # a step's events come one after the other, and others work between them
    await until(lambda: len(watch.judge.open) == 1)
    assert looks - before < 10 + 10, "one look at the clock for each event, and a few for waking up"
    await watch.close()
