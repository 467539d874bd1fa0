"""Rules are judged by the time of the events, each group by itself; one alert while it lasts, and an end."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from macae.models import Event
from macae.monitoring.alerts import Alert, Judge, Rule, default_rules, evaluate
from macae.monitoring.alerts.alert import alert_event
from macae.monitoring.percentile import percentile
from tests.monitoring.alerts.conftest import START, happened, rule


def called(at: float, seconds: float = 1.0, **more: object) -> Event:
    return happened("model_called", at, **{"seconds": seconds, "ok": True, "agent": "HrAgent"} | more)


def times(alerts: Sequence[Alert]) -> list[tuple[str, float, float | None]]:
    """Rule, raised, resolved, in seconds from the start."""
    return [
        (a.rule, round(a.raised - START, 3), None if a.resolved is None else round(a.resolved - START, 3))
        for a in alerts
    ]


def test_the_mean_of_the_last_five_is_the_guides_alert() -> None:
    events = [called(n, 2.0) for n in range(4)] + [called(4 + n, 8.0) for n in range(4)]
    warned, critical = evaluate(default_rules(), events)
    assert (warned.rule, warned.severity, warned.raised - START) == ("model-slow", "warning", 4)
    assert warned.text.startswith(
        "Alert: mean time of the last model calls exceeded 3 s (Current: 3.2 s). The server"
    )
    assert (critical.rule, critical.severity, critical.raised - START) == ("model-very-slow", "critical", 6)
    assert critical.value == pytest.approx((2 + 2 + 8 + 8 + 8) / 5) and critical.threshold == 5
    assert critical.open and critical.session_id == "s1" and critical.user_id == "ann"
    assert evaluate(default_rules(), events[:6]) == [warned], "the same events give the same alerts"
    assert evaluate(default_rules(), [called(0, 60), called(1, 60)]) == [], "two calls are not enough"


def test_one_alert_while_it_lasts_and_one_end_after_the_quiet_time() -> None:
    slow = rule(measure="last", field="seconds", above=3, window={"last": 1}, quiet=60)
    seconds = {0: 5, 10: 5, 20: 1, 50: 5, 60: 1, 119: 1, 121: 1, 130: 5}
    found = evaluate([slow], [called(at, s) for at, s in seconds.items()])
    assert times(found) == [("mine", 0, 120), ("mine", 130, None)], (
        "up again within the minute is the same alert"
    )
    judge = Judge([slow])
    for at, s in seconds.items():
        judge.feed(called(at, s))
    assert len(judge.open) == 1


def test_a_window_of_seconds_empties_by_itself() -> None:
    many = rule(above=2, window={"seconds": 60})
    events = [called(at) for at in (0, 10, 20)]
    assert times(evaluate([many], events)) == [("mine", 20, None)]
    assert times(evaluate([many], events, until=START + 59)) == [("mine", 20, None)]
    assert times(evaluate([many], events, until=START + 1000)) == [("mine", 20, 60)], (
        "the first is out after 60 s"
    )
    rate = rule(measure="rate", at_least=6, window={"seconds": 30})
    assert times(evaluate([rate], [called(at) for at in (0, 10, 20)])) == [("mine", 20, None)]
    few = rule(below=2, window={"seconds": 60})
    assert times(evaluate([few], [called(0), called(1)], until=START + 100)) == [("mine", 60, None)]


def test_what_is_measured() -> None:
    numbers = [1.0, 2.0, 3.0, 4.0, 10.0]
    for measure, value in {
        "sum": 20, "mean": 4, "min": 1, "max": 10, "last": 10, "p50": 3, "p90": 7.6, "p95": 8.8, "p99": 9.76,
    }.items():  # fmt: skip
        one = rule(measure=measure, field="seconds", at_least=-1, needs=5)
        (found,) = evaluate([one], [called(n, s) for n, s in enumerate(numbers)])
        assert found.value == pytest.approx(value), measure
    assert percentile([7.0], 95) == 7
    tokens = rule(measure="sum", field=["prompt_tokens", "completion_tokens"], above=100, unit="tokens")
    events = [called(n, prompt_tokens=30, completion_tokens=10) for n in range(3)]
    (found,) = evaluate([tokens], events)
    assert found.value == 120 and found.text.endswith("exceeded 100 tokens (Current: 120 tokens)")
    dear = rule(measure="sum", field="usd", above=0.01)
    events = [called(0, usd=None), called(1, usd="a lot"), called(2, usd=float("nan")), called(3, usd=True)]
    assert evaluate([dear], events) == [], "what is no number is not counted"


def test_errors_of_models_and_tools_are_one_rate() -> None:
    fine = [called(n) for n in range(9)]
    failed = happened("tool_finished", 9, state="failed", tool="order")
    assert evaluate(default_rules(), [*fine, failed]) == [], "one of ten is not more than 10 %"
    again = called(10, ok=False, error_type="ModelUnavailable")
    (found,) = evaluate(default_rules(), [*fine, failed, again])
    assert found.rule == "error-rate" and "exceeded 10 % (Current: 18" in found.text


def test_conditions_choose_the_events() -> None:
    def hits(where: dict[str, object], **data: object) -> bool:
        return bool(evaluate([rule(where=where, above=0)], [happened("model_called", **data)]))

    assert hits({"ok": False}, ok=False) and not hits({"ok": False}, ok=0) and not hits({"ok": False})
    assert hits({"model": ["a", "b"]}, model="b") and not hits({"model": ["a", "b"]}, model="c")
    assert hits({"finish": {"not": ["stop", None]}}, finish="length") and not hits(
        {"finish": {"not": "stop"}}, finish="stop"
    )
    assert hits({"seconds": {"above": 3, "below": 9}}, seconds=5) and not hits(
        {"seconds": {"above": 3}}, seconds="5"
    )
    assert hits({"agent": "HrAgent"}, agent="HrAgent") and not hits({"agent": "HrAgent"}, agent="TechAgent")


def test_groups_are_judged_apart_and_say_who_it_is() -> None:
    each = rule(measure="max", field="seconds", above=3, by=["session", "agent", "model"])
    found = evaluate([each], [
        called(0, 5, model="gpt"), called(1, 5, model="gpt", agent="TechAgent"), called(2, 1, model="o"),
        called(3, 5, model="gpt", session_id="s2"), called(4, 5, model="gpt", session_id="s2", user_id="bob"),
    ])  # fmt: skip
    assert [(a.session_id, a.user_id, a.key) for a in found] == [
        ("s1", "ann", "HrAgent · gpt"), ("s1", "ann", "TechAgent · gpt"), ("s2", "ann", "HrAgent · gpt"), ("s2", "bob", "HrAgent · gpt"),
    ]  # fmt: skip
    together = rule(above=2, by=[])
    assert evaluate([together], [called(n, session_id=f"s{n}", user_id=f"u{n}") for n in range(9)]) == [], (
        "what belongs to different users is never put together"
    )


def test_fifty_sessions_at_once_stay_apart() -> None:
    events = []
    for number in range(50):
        slow = number % 5 == 0
        events += [
            called(n, 9.0 if slow else 1.0, session_id=f"s{number}", plan_id=f"p{number}") for n in range(6)
        ]
    random.Random(1).shuffle(events)
    found = evaluate(default_rules(), events)
    assert {a.session_id for a in found if a.rule == "model-very-slow"} == {f"s{n}" for n in range(0, 50, 5)}
    assert len(found) == 20, "a warning and an alert each"


def test_a_step_without_a_sign_of_life_is_stuck_until_it_ends() -> None:
    begin = happened("step_started", 0, step_id="st1", agent="HrAgent")
    alive = happened("tool_started", 100, step_id="st1")
    other = happened("tool_started", 150, step_id="st2")
    end = happened("step_completed", 400, step_id="st1")
    (found,) = evaluate(default_rules(), [begin, alive, other, end])
    assert times([found]) == [("stuck-step", 220, 400)] and found.severity == "critical"
    assert (found.step_id, found.plan_id, found.key, found.value) == ("st1", "p1", "st1", 120)
    assert "exceeded 120 s (Current: 120 s)" in found.text
    quick = happened("step_failed", 119, step_id="st1")
    assert evaluate(default_rules(), [begin, quick], until=START + 9_999) == []
    left = happened("session_closed", 50, plan_id="")
    assert evaluate(default_rules(), [begin, left], until=START + 9_999) == [], (
        "whoever left it is not stuck in it"
    )
    elsewhere = happened("session_closed", 50, plan_id="", session_id="s2")
    assert len(evaluate(default_rules(), [begin, elsewhere], until=START + 9_999)) == 1


def test_a_resolved_alert_tells_the_value_that_resolved_it_or_none() -> None:
    slow = rule(
        measure="last", field="seconds", above=3, window={"last": 1}, unit="s", advice="Wait.", quiet=0
    )
    judge = Judge([slow])
    _, over = [alert for event in (called(0, 5), called(10, 1.5)) for alert in judge.feed(event)]
    assert (over.value, over.text) == (
        1.5,
        "last of seconds of model_called exceeded 3 s (in the end: 1.5 s)",
    )
    assert alert_event(over).text.startswith("Resolved: last of seconds")
    judge.feed(called(20, 5))
    (gone,) = judge.advance(START + 2 * 3600)
    assert (gone.value, gone.text) == (None, "last of seconds of model_called exceeded 3 s")
    stuck = rule(events="step_started", absence={"seconds": 3, "until": "step_completed"}, by=["step"])
    judge = Judge([stuck])
    events = [happened(kind, at, step_id="st1") for kind, at in (("step_started", 0), ("step_completed", 25))]
    raised, over = [alert for event in events for alert in judge.feed(event)]
    assert raised.text == "Alert: time since step_started exceeded 3 s (Current: 3 s)"
    assert (over.value, over.text) == (25, "time since step_started exceeded 3 s (in the end: 25 s)")


def test_a_sign_of_life_resolves_after_the_quiet_time() -> None:
    stuck = rule(
        events="step_started",
        absence={"seconds": 10, "until": "step_completed", "alive": "any"},
        by=["step"],
        quiet=5,
    )
    events = [
        happened("step_started", 0, step_id="x"),
        *(happened("tool_started", at, step_id="x") for at in (15, 18, 21)),
    ]
    assert times(evaluate([stuck], events)) == [("mine", 10, 20)]


def test_raised_and_resolved_by_one_late_event_are_both_told() -> None:
    stuck = rule(events="step_started", absence={"seconds": 10, "until": "step_completed"}, by=["step"])
    judge = Judge([stuck])
    judge.feed(happened("step_started", 0, step_id="x"))
    told = judge.feed(happened("step_completed", 60, step_id="x"))
    assert [a.open for a in told] == [True, False] and times(told[1:]) == [("mine", 10, 60)]


def test_a_person_who_is_slow_is_told_of_only_when_asked_for() -> None:
    events = [happened("step_offered", 0, step_id="x"), happened("step_approved", 5_000, step_id="x")]
    assert evaluate(default_rules(), events) == []
    taken = [r.model_copy(update={"active": True}) for r in default_rules() if r.name == "slow-person"]
    assert times(evaluate(taken, events)) == [("slow-person", 3_600, 5_000)]


def test_any_finding_of_personal_data_and_any_ungrounded_reply() -> None:
    (found,) = evaluate(
        default_rules(), [happened("violation_found", entity="CREDIT_CARD", count=1, route="model")]
    )
    assert (found.rule, found.severity, found.key) == ("personal-data", "critical", "CREDIT_CARD")
    checks = [
        happened("reply_checked", n, step_id="x", score=score) for n, score in enumerate([None, 0.9, 0.19])
    ]
    (found,) = evaluate(default_rules(), checks)
    assert (
        found.rule == "ungrounded"
        and "fell below 20 % (Current: 19 %)" in found.text
        and found.step_id == "x"
    )
    warned = happened(
        "budget_warned", text="The day has used 81 % of its tokens.", scope="day", kind="tokens"
    )
    (found,) = evaluate(default_rules(), [warned])
    assert found.rule == "budget" and found.text.endswith("The day has used 81 % of its tokens.")
    many = [called(60 * n, prompt_tokens=20_000, completion_tokens=1) for n in range(6)]
    assert [a.rule for a in evaluate(default_rules(), many)] == ["tokens-an-hour"]


def test_a_function_of_ones_own_sees_the_events_of_the_window() -> None:
    def doubled(events: Sequence[Event]) -> float | None:
        agents = [event.agent for event in events]
        return float(len(agents) - len(set(agents))) if len(agents) > 1 else None

    mine = rule(measure=doubled, above=1, window={"last": 3}, metric="the same agent again")
    found = evaluate([mine], [called(0), called(1, agent="B"), called(2), called(3), called(4)])
    assert [(a.value, a.text) for a in found] == [
        (2.0, "Alert: the same agent again exceeded 1 (Current: 2)")
    ]

    def broken(events: Sequence[Event]) -> float:
        raise RuntimeError("no")

    judge = Judge([rule(measure=broken, above=1), rule(name="good", above=0)])
    assert [a.rule for n in range(3) for a in judge.feed(called(n))] == ["good"] and judge.failed["mine"] == 3


def test_alerts_do_not_raise_alerts() -> None:
    every = Rule(name="every", events=["model_called", "step_started"], above=0)
    judge = Judge([every])
    (first,) = judge.feed(called(0))
    for _ in range(3):
        assert judge.feed(alert_event(first)) == []


def test_time_never_goes_back_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from macae.monitoring.alerts import judge as module

    monkeypatch.setattr(module, "MOST_GROUPS", 20)
    judge = Judge([rule(above=99)])
    for number in range(200):
        judge.feed(called(-number, session_id=f"s{number}"))
    assert len(judge._groups) == 20 and judge.now == START
    one = Judge([rule(measure="max", field="seconds", above=99)])
    for number in range(5_000):
        one.feed(called(number * 0.01))
    (group,) = one._groups.values()
    assert group.samples is not None and len(group.samples) == 1_000 and len(one._heap) < 10


def test_an_alerts_event_says_what_the_contract_says() -> None:
    (found,) = evaluate(
        [rule(above=0, by=["session", "step"], severity="info")], [called(0, step_id="st", trace_id="t" * 32)]
    )
    told = alert_event(found)
    assert (told.type, told.session_id, told.plan_id, told.step_id) == ("alert_raised", "s1", "p1", "st")
    assert told.trace_id == "t" * 32 and told.time == found.raised
    assert told.data == {"rule": "mine", "key": "st", "severity": "info", "value": 1.0, "threshold": 0.0}
