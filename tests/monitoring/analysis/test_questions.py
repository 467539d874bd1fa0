"""Each question about a session has the answer that its known seconds give."""

from __future__ import annotations

import pytest

from macae.errors import InvalidInput
from macae.models import EventType
from macae.monitoring import Recording, aggregate, compare, summary
from macae.monitoring import analysis as ask
from tests.support.recordings import PLAN, Script, onboarding

E = EventType


@pytest.fixture
def session() -> Recording:
    return Recording(onboarding())


def test_where_the_time_went(session: Recording) -> None:
    assert ask.duration(session) == 38.2
    assert ask.waiting_time(session) == pytest.approx(3.7 + 4.3)
    assert ask.tool_time(session) == pytest.approx(0.95 + 0.25 + 0.55 + 0.55 + 0.7)
    assert ask.model_time(session) == pytest.approx(sum(c.seconds for c in session.model_calls))
    assert ask.work_time(session) == pytest.approx(1.4 + 6.67 + 7.62 + 11.32 + 3.05)
    assert ask.parallelism(session) == 1.0


def test_how_much_and_what_it_cost(session: Recording) -> None:
    assert ask.calls(session) == ask.Calls(model=10, tool=5, memory=2)
    assert ask.tokens(session) == ask.Tokens(13_000, 2_430) and ask.tokens(session).total == 15_430
    assert ask.tokens(session, "HrAgent").total == 2500
    assert ask.cost(session).usd == pytest.approx(0.0568) and str(ask.cost(session)) == "$0.057"
    assert sum(ask.cost(session, agent).usd or 0 for agent in session.agents) == pytest.approx(0.0568)
    pace = ask.throughput(session)
    assert pace.steps_a_minute == pytest.approx(3 * 60 / 30.06) and pace.tokens_a_second == pytest.approx(
        2430 / 25.05
    )


def test_an_unknown_price_is_never_nothing() -> None:
    s = Script()
    s.price = None
    s.model_call(0, 1, "HrAgent")
    assert (
        ask.cost(Recording(s.events)) == ask.Cost(None, 1)
        and str(ask.cost(Recording(s.events))) == "unpriced"
    )
    s.price = (1e-6, 1e-6)
    s.model_call(1, 2, "HrAgent")
    assert str(ask.cost(Recording(s.events))) == "$0.0012 and 1 call unpriced"
    assert str(ask.cost(Recording())) == "$0.00", "no call costs nothing: that is known"


def test_latency(session: Recording) -> None:
    assert ask.percentiles(session) == {
        50: pytest.approx(2.325),
        95: pytest.approx(4.87),
        99: pytest.approx(6.094),
    }
    assert ask.percentiles(session, (50,), "tool") == {50: pytest.approx(0.625)}
    assert ask.percentiles(Recording()) == {50: None, 95: None, 99: None}
    assert ask.time_to_first_token(session) == pytest.approx(2.325 / 4)
    assert ask.percentile([3, 1, 2], 50) == 2 and ask.percentile([5], 99) == 5
    with pytest.raises(InvalidInput):
        ask.percentile([1], 101)
    with pytest.raises(InvalidInput, match="'x'"):
        ask.percentiles(session, of="x")  # type: ignore[arg-type]


def test_who_and_what_was_slow(session: Recording) -> None:
    assert [(s.name, s.seconds) for s in ask.slowest(session, most=2)] == [
        ("ProcurementAgent: gpt-4o", 6.4),
        ("PlannerAgent: gpt-4o", 3.0),
    ]
    assert ask.slowest(session, "tools", 1)[0].name == "HrAgent: register_employee"
    assert ask.slowest(session, "steps", 1)[0].step_id == "s3"
    assert ask.slowest_agent(session) == ask.busiest_agent(session) == "ProcurementAgent"
    assert ask.busy_time(session)["PlannerAgent"] == pytest.approx(4.4)
    assert ask.slowest_agent(Recording()) is None and ask.busiest_agent(Recording()) is None
    with pytest.raises(InvalidInput, match="'planets'"):
        ask.slowest(session, "planets")  # type: ignore[arg-type]


def test_trouble(session: Recording) -> None:
    assert len(ask.errors(session)) == 1 and ask.violations(session) == {"email": 2}
    assert ask.error_rate(session) == pytest.approx(1 / 15)
    assert ask.error_rate(session, "tool") == pytest.approx(1 / 5) and ask.error_rate(session, "model") == 0
    assert ask.error_rate(Recording()) is None
    assert ask.grounding(session) == pytest.approx((1 + 0.5 + 1) / 3)


def test_agents_that_work_at_the_same_time() -> None:
    s = Script()
    s.add(0, E.goal_received, "local", "hurry")
    for agent, start in (("A", 0), ("B", 0), ("C", 5)):
        s.model_call(start, start + 10, agent, f"step-{agent}")
    s.model_call(2, 8, "A", "step-A")
    r = Recording(s.events)
    assert ask.parallelism(r) == pytest.approx(30 / 15), "what one agent does at once counts once"
    assert ask.model_time(r) == 15 and ask.parallelism(Recording()) is None


def test_the_summary_agrees_with_the_questions(session: Recording) -> None:
    s = summary(session)
    assert (s.session_id, s.status, s.seconds, s.tokens) == ("S-7f3a", "finished", 38.2, 15_430)
    assert (s.steps, s.steps_completed, s.model_calls, s.tool_calls) == (3, 3, 10, 5)
    assert (s.errors, s.alerts, s.violations, s.loops, s.unpriced) == (1, 2, 2, 0, 0)
    assert s.latency_p95 == pytest.approx(4.87) and s.usd == pytest.approx(0.0568)
    empty = summary(Recording())
    assert (empty.seconds, empty.latency_p50, empty.error_rate, empty.usd, empty.grounding) == (
        0.0,
        None,
        None,
        0,
        None,
    )


def test_two_sessions_side_by_side(session: Recording) -> None:
    quicker = onboarding()
    for event in quicker:
        if event.type == E.model_called and event.data["seconds"] == 6.4:
            event.data["seconds"] = 2.4
    found = {d.name: d for d in compare(session, Recording(quicker))}
    assert found["latency_p95"].better is True and (found["latency_p95"].change or 0) < 0
    assert found["steps"].change == 0 and found["steps"].better is None
    assert found["parallelism"].better is None
    assert found["seconds"].ratio == 1.0 and "title" not in found
    s = Script()
    s.price = None
    s.model_call(0, 1, "HrAgent")
    cheap = {d.name: d for d in compare(session, Recording(s.events))}
    assert (cheap["usd"].after, cheap["usd"].change, cheap["usd"].better) == (None, None, None)
    assert cheap["unpriced"].better is False


def test_many_sessions_together(session: Recording) -> None:
    s = Script()
    s.price = None
    s.model_call(0, 20, "HrAgent")
    s.model_call(20, 21, "HrAgent", error="no network")
    many = aggregate([session, session, Recording(s.events)])
    assert (many.sessions, many.by_status) == (3, {"finished": 2, "planning": 1})
    assert many.finished_share == pytest.approx(2 / 3)
    assert (
        many.usd == pytest.approx(2 * 0.0568)
        and many.unpriced == 1
        and many.usd_a_session == pytest.approx(0.0568)
    )
    assert many.model_calls == 22 and many.latency_p99 == pytest.approx(20 - 0.2 * 13.6)
    assert many.error_rate == pytest.approx(3 / 32)
    hr = many.agents["HrAgent"]
    assert (hr.sessions, hr.model_calls, hr.tool_calls) == (3, 6, 2) and hr.error_rate == pytest.approx(1 / 8)
    with pytest.raises(InvalidInput, match="at least one"):
        aggregate([])


# Loops ----------------------------------------------------------------------------------------------------------------


def tools(
    *made: tuple[str, str], step: str = "s1", s: Script | None = None, results: list[str] | None = None
) -> Script:
    s = s or Script()
    s.plan = PLAN
    at = float(len(s.events))
    for number, (tool, item) in enumerate(made):
        result = results[number] if results else f"{item}: 3"
        s.tool_call(
            at + number,
            at + number + 0.5,
            "HrAgent",
            step,
            tool,
            {"item": item},
            result,
            "read",
            number=len(s.events),
        )
    return s


def test_the_same_three_times_is_a_loop_twice_is_not() -> None:
    assert ask.loops(Recording(tools(("look", "a"), ("look", "a")).events)) == []
    (loop,) = ask.loops(Recording(tools(*[("look", "a")] * 4).events))
    assert (loop.kind, loop.times, loop.what, loop.agent, loop.step_id) == (
        "repeated call",
        4,
        'look(item="a")',
        "HrAgent",
        "s1",
    )
    assert (loop.start, loop.end) == (0.0, 3.5)


def test_other_arguments_other_steps_and_other_results_are_no_loop() -> None:
    assert ask.loops(Recording(tools(*[("look", x) for x in "abcdef"]).events)) == []
    s = tools(("look", "a"), ("look", "a"))
    assert ask.loops(Recording(tools(("look", "a"), step="s2", s=s).events)) == []
    poll = tools(*[("look", "a")] * 5, results=["1", "2", "3", "4", "5"])
    assert ask.loops(Recording(poll.events)) == [], "what changes is worth another look"
    assert len(ask.loops(Recording(tools(*[("look", "a")] * 6, results=list("123456")).events))) == 1


def test_a_new_attempt_begins_anew() -> None:
    s = Script()
    s.plan = PLAN
    for attempt in range(3):
        s.begin(10.0 * attempt, "s1", "work")
        s.tool_call(10.0 * attempt + 1, 10.0 * attempt + 2, "HrAgent", "s1", "look", {}, "3", number=attempt)
        s.add(10.0 * attempt + 3, E.step_failed, "HrAgent", "no", "s1")
    assert ask.loops(Recording(s.events)) == []


def test_two_calls_in_turn_are_one_loop() -> None:
    (loop,) = ask.loops(Recording(tools(*[("look", "a"), ("ask", "b")] * 3).events))
    assert (loop.kind, loop.times, loop.what) == ("alternating calls", 3, 'look(item="a") ↔ ask(item="b")')
    assert ask.loops(Recording(tools(*[("look", "a"), ("ask", "b")] * 2).events)) == []


def test_agents_that_say_the_same_again_and_again() -> None:
    s = Script()
    for number in range(3):
        s.add(number, E.message, "WriterAgent", "Please  review this.", "s1", to="CriticAgent")
        s.add(number + 0.5, E.message, "CriticAgent", f"Remark {number}", "s1", to="WriterAgent")
    (loop,) = ask.loops(Recording(s.events))
    assert (loop.kind, loop.agent, loop.times) == ("repeated message", "WriterAgent", 3)


def test_the_offline_models_ordinary_session_has_none(session: Recording) -> None:
    assert ask.loops(session) == []
