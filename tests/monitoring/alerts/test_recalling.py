"""Alerts over a restart and over two processes: windows and waits go on, and nothing is said twice."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from macae import Engine
from macae.models import Event, EventType
from macae.monitoring.alerts import AlertWatch, Rule
from macae.monitoring.alerts.alert import alert_event
from macae.monitoring.alerts.recalling import GRACE, RecallingJudge
from tests.engine.conftest import Ledger, Make, ledger, make
from tests.monitoring.alerts.conftest import START, happened, rule
from tests.monitoring.alerts.test_runs import BAKE, alerts_in

__all__ = ["ledger", "make"]

STUCK = Rule(
    name="stuck", events="step_started", by=["session", "step"], quiet=0,
    absence={"seconds": 120, "until": ["step_completed", "step_interrupted"], "alive": "any"},
)  # fmt: skip
FAILING = rule(
    name="failing", measure="share", share_of=[{"ok": False}], above=0.1, needs=3, window={"last": 20},
    by=["session"], quiet=60,
)  # fmt: skip
HOUR = rule(name="hour", measure="sum", field="tokens", above=100, window={"seconds": 3600}, by=["user"])


def calls(*oks: bool) -> list[Event]:
    return [happened("model_called", number, ok=ok) for number, ok in enumerate(oks)]


def test_an_error_rate_goes_on_over_a_restart() -> None:
    alone = RecallingJudge([FAILING])
    assert alone.feed(happened("model_called", 10, ok=False)) == [], "one call is not enough to know"
    judge = RecallingJudge([FAILING])
    assert judge.recall(calls(True, True), START + 5) == []
    (raised,) = judge.feed(happened("model_called", 10, ok=False))
    assert (raised.rule, raised.open) == ("failing", True)


def test_what_is_stored_as_raised_is_not_raised_again_but_resolved() -> None:
    first = RecallingJudge([FAILING])
    past = calls(False, True, False)
    (raised,) = [alert for event in past for alert in first.feed(event)]
    past.append(alert_event(raised))
    judge = RecallingJudge([FAILING])
    assert judge.recall(past, START + 5) == [] and [a.raised for a in judge.open] == [raised.raised]
    assert judge.feed(happened("model_called", 6, ok=False)) == []
    (over,) = judge.advance(START + 2 * 3600)
    assert not over.open and over.text == "share of model_called exceeded 0.1" and over.value is None
    past.append(alert_event(over))
    assert RecallingJudge([FAILING]).recall(past, START + 2 * 3600) == []


def test_what_was_never_told_is_raised_and_what_nobody_ended_is_resolved() -> None:
    (raised,) = RecallingJudge([FAILING]).recall(calls(False, True, False), START + 5)
    assert raised.open
    told = alert_event(raised)
    (over,) = RecallingJudge([FAILING]).recall([told], START + 9)
    assert (over.rule, over.resolved, over.session_id) == ("failing", START + 9, "s1")
    assert RecallingJudge([HOUR]).recall([told], START + 9) == [], "a rule that is gone is nobody's business"


def test_of_a_rule_over_all_sessions_one_alone_ends_nothing_before_its_time() -> None:
    (raised,) = RecallingJudge([HOUR]).recall([happened("model_called", 0, tokens=200)], START + 1)
    past = [alert_event(raised), happened("model_called", 2, tokens=10)]
    judge = RecallingJudge([HOUR])
    assert judge.recall(past, START + 60) == [] and judge.advance(START + 3000) == []
    (over,) = judge.advance(START + 4000)
    assert not over.open


def test_events_of_long_ago_fall_in_their_place_among_newer_ones() -> None:
    judge = RecallingJudge([HOUR])
    assert judge.feed(happened("model_called", 3500, tokens=60, session_id="s2")) == []
    (raised,) = judge.recall([happened("model_called", 0, tokens=50)], START + 3510)
    assert raised.value == 110
    (over,) = (judge.advance(START + 3601),)
    assert [alert.open for alert in over] == [False]


def test_a_stuck_step_is_told_once_its_new_process_had_time_to_end_the_wait() -> None:
    past = [happened("step_started", 0, step_id="a"), happened("model_called", 10, step_id="a")]
    judge = RecallingJudge([STUCK])
    assert judge.recall(past, START + 60) == [] and judge.advance(START + 129) == []
    (raised,) = judge.advance(START + 131)
    assert raised.step_id == "a"
    late = RecallingJudge([STUCK])
    assert late.recall(past, START + 9000) == [] and late.advance(START + 9000) == []
    assert late.feed(happened("step_interrupted", 9001, step_id="a")) == []
    assert late.advance(START + 20_000) == []
    silent = RecallingJudge([STUCK])
    silent.recall(past, START + 9000)
    assert [alert.open for alert in silent.advance(START + 9000 + GRACE)] == [True]
    known = RecallingJudge([STUCK])
    assert known.recall([*past, alert_event(raised)], START + 9000) == []
    (over,) = known.feed(happened("step_interrupted", 9001, step_id="a"))
    assert not over.open and over.key == raised.key


async def test_a_wait_is_compared_with_what_another_process_has_stored() -> None:
    begun = time.time() - 130
    started = happened("step_started", begun - START, step_id="a")
    elsewhere: list[list[Event]] = [
        [started, happened("model_called", begun - START + 100, step_id="a")],
        [started, happened("step_completed", begun - START + 101, step_id="a")],
    ]
    for stored in elsewhere:
        told: list[Event] = []
        looked = asyncio.Event()

        async def past(
            session: str, stored: list[Event] = stored, looked: asyncio.Event = looked
        ) -> list[Event]:
            looked.set()
            return stored

        async def note(event: Event, told: list[Event] = told) -> None:
            told.append(event)

        watch = AlertWatch([STUCK], note, past=past)
        watch(started)
        watch.start()
        await asyncio.wait_for(looked.wait(), 5)
        await watch.stop()
        assert told == [] and watch.judge.open == []


@pytest.mark.parametrize("restart", [True, False])
async def test_an_engine_that_takes_a_session_up_knows_its_past(
    make: Make, ledger: Ledger, tmp_path: Path, restart: bool
) -> None:
    """With the real store: a restart, and two engines that work on one session."""
    many = Rule(name="many", events="message", above=2, window={"seconds": 600}, by=["session"])

    def engine() -> Engine:
        return make(BAKE, settings={"alerts": "off"}, alert_rules=[many])

    async def say(engine: Engine) -> None:
        await engine.note(Event(type=EventType.message, session_id="s", user_id="local", agent="A"))

    first = engine()
    plan = await first.submit("Bake", "s")
    await say(first)
    await say(first)
    if restart:
        await first.close(0)
    second = engine()
    await second.resume("s")
    await say(second)
    (raised,) = await alerts_in(second, "s")
    assert raised.data["rule"] == "many" and raised.data["value"] == 3
    if not restart:
        await say(first)  # it has seen three itself by now
        await first._alerting.stop()
    third = engine()
    await third.resume("s")
    await say(third)
    await third._alerting.stop()
    assert len(await alerts_in(third, "s")) == 1 and len(third._alerting.watch.judge.open) == 1  # type: ignore[union-attr]
    assert plan.session_id == "s"
