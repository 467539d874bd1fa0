"""Recordings of sessions that went wrong, and of events that are not as they should be."""

from __future__ import annotations

from typing import Any

import pytest

from macae.models import Event, EventType
from macae.monitoring import Recording
from macae.monitoring.tables import to_csv
from macae.monitoring.words import took
from tests.support.recordings import PLAN, SESSION, START, Script, onboarding

E = EventType


@pytest.fixture
def script() -> Script:
    """A plan with one step, begun at 3 s by HrAgent after a yes at 2 s."""
    s = Script()
    s.add(0, E.goal_received, "local", "hire")
    s.plan = PLAN
    s.add(1, E.plan_created, "PlannerAgent", "one step")
    s.offer(1, "s1", 1, "HrAgent", "register")
    s.approve(2, "s1")
    s.begin(3, "s1", "register")
    return s


def over(s: Script, at: float, status: str) -> None:
    s.add(at, E.plan_changed, "local", status, status=status)


def test_a_tool_that_nobody_saw_the_end_of(script: Script) -> None:
    script.tool_call(4, None, "HrAgent", "s1", "register", {})
    running = Recording(script.events)
    assert running.tool_calls[0].state == "started" and running.status == "working"
    assert [b.open for b in running.bars if b.kind == "tool"] == [True]
    script.add(9, E.step_failed, "HrAgent", "stopped", "s1")
    r = Recording(script.events)
    (call,) = r.tool_calls
    assert (call.state, call.start, call.end) == ("unknown", 4.0, 9.0)
    assert [(p.kind, p.seconds) for p in r.errors] == [("tool", 9.0)], "one trouble is told once"
    assert r.status == "waiting" and r.bars[-1].kind == "waiting" and r.bars[-1].open


@pytest.mark.parametrize(
    ("later", "why", "told"),
    [
        ("nothing", "The directory does not answer.", ["tool"]),
        ("nothing", "ToolError: no such person: it is in nobody's list", ["tool"]),
        ("answered", "The step took longer than 30 s.", ["tool", "step"]),
        ("stopped", "The step took longer than 30 s.", ["tool", "step"]),
        ("answered", "HrAgent gave up: The directory does not answer.", ["tool"]),
    ],
)
def test_a_steps_own_failure_is_told_beside_a_calls(
    script: Script, later: str, why: str, told: list[str]
) -> None:
    script.tool_call(4, 5, "HrAgent", "s1", "look", {}, "The directory does not answer.", state="failed")
    if later != "nothing":
        stopped = {"ok": False, "error_type": "CancelledError"} if later == "stopped" else {}
        script.model_call(5, 33, "HrAgent", "s1", **stopped)
    script.add(33, E.step_failed, "HrAgent", why, "s1")
    assert [p.kind for p in Recording(script.events).errors] == told


def test_an_end_without_a_beginning(script: Script) -> None:
    script.tool_call(4, 6, "HrAgent", "s1", "register", {})
    events = [e for e in script.events if e.type != E.tool_started]
    r = Recording(events)
    assert [(c.start, c.end, c.state, c.tool) for c in r.tool_calls] == [(4.0, 6.0, "completed", "register")]
    assert [b.kind for b in r.until(5).bars if b.open] == ["tool"]
    assert r.until(5).tool_calls == []


def test_rejected_then_retried_then_done(script: Script) -> None:
    script.add(5, E.step_failed, "HrAgent", "no such person", "s1")
    script.add(9, E.step_retried, "local", "", "s1")
    script.add(10, E.step_rejected, "local", "not today", "s1")
    script.add(12, E.step_retried, "local", "", "s1")
    script.approve(13, "s1")
    script.begin(13, "s1", "register")
    script.add(15, E.step_completed, "HrAgent", "registered", "s1")
    over(script, 15, "completed")
    r = Recording(script.events)
    (step,) = r.steps
    assert (step.status, step.attempts, step.seconds, step.waited) == ("completed", 2, 4.0, 9.0)
    assert [(b.start, b.end) for b in r.bars if b.kind == "waiting"] == [(1.0, 2.0), (5.0, 13.0)]
    assert [p.kind for p in r.errors] == ["step"] and r.status == "finished"
    assert r.until(11).steps[0].status == "rejected" and r.until(11).status == "waiting"
    assert ("HrAgent", "HumanAgent") in [(h.source, h.target) for h in r.hand_overs]


def test_waits_of_several_steps_are_one_wait() -> None:
    s = Script()
    s.add(0, E.goal_received, "local", "hire")
    s.plan = PLAN
    s.add(1, E.plan_created, "PlannerAgent", "three steps")
    for number, (asked, answered) in enumerate([(1, 4), (2, 6), (6, 8), (9, 11)]):
        s.offer(asked, f"s{number}", number + 1, "HrAgent", f"do {number}")
        s.approve(answered, f"s{number}")
    s.in_order()
    r = Recording(s.events)
    waits = [b for b in r.bars if b.kind == "waiting"]
    assert [(b.start, b.end) for b in waits] == [(1.0, 8.0), (9.0, 11.0)]
    assert waits[0].label == "approve: do 0 (and 2 more)" and waits[1].label == "approve: do 3"
    assert (waits[0].step_id, waits[1].step_id) == (None, "s3")


def test_nobody_is_waited_for_when_a_setting_approves(script: Script) -> None:
    events = script.events
    yes = next(e for e in events if e.type == E.step_approved)
    yes.agent = "auto:env"
    r = Recording(events)
    assert not [b for b in r.bars if b.kind == "waiting"] and r.steps[0].waited == 0
    assert r.steps[0].approved_by == "auto:env"
    assert "HumanAgent" not in r.agents and ("PlannerAgent", "HrAgent") in [
        (h.source, h.target) for h in r.hand_overs
    ]
    assert "no person was asked" in next(line.text for line in r.conversation if line.kind == "decision")


def test_the_persons_own_step() -> None:
    s = Script()
    s.add(0, E.goal_received, "local", "hire")
    s.plan = PLAN
    s.add(1, E.plan_created, "PlannerAgent", "one step")
    s.offer(1, "s1", 1, "HumanAgent", "sign the contract")
    s.add(6, E.step_completed, "local", "signed", "s1")
    over(s, 6, "completed")
    r = Recording(s.events)
    assert (r.steps[0].agent, r.steps[0].waited, r.steps[0].seconds, r.steps[0].attempts) == (
        "HumanAgent",
        5.0,
        0.0,
        0,
    )
    line = next(line for line in r.conversation if line.text == "signed")
    assert (line.source, line.kind) == ("HumanAgent", "decision")


def test_a_call_that_the_yes_did_not_cover_asks_again(script: Script) -> None:
    script.add(
        4,
        E.tool_refused,
        "HrAgent",
        "pay: the approval does not cover this call",
        "s1",
        tool="pay",
        arguments={},
    )
    script.add(5, E.step_paused, "HrAgent", "pay {}", "s1")
    script.approve(8, "s1")
    script.begin(8, "s1", "register")
    r = Recording(script.events)
    assert [(b.start, b.end) for b in r.bars if b.kind == "waiting"] == [(1.0, 2.0), (5.0, 8.0)]
    assert r.steps[0].seconds == 2.0 and r.errors == [], "asking is no error"
    assert [(h.seconds, h.source, h.target) for h in r.hand_overs][-2:] == [
        (5.0, "HrAgent", "HumanAgent"),
        (8.0, "HumanAgent", "HrAgent"),
    ]


def test_a_process_that_died_did_not_work_until_it_was_reopened(script: Script) -> None:
    script.tool_call(4, None, "HrAgent", "s1", "register", {})
    script.add(
        5000,
        E.step_interrupted,
        "HrAgent",
        "register: it may have run",
        "s1",
        calls=["register: it may have run"],
    )
    r = Recording(script.events)
    assert r.steps[0].seconds == 1.0 and r.tool_calls[0].end == 4.0 and r.tool_calls[0].state == "unknown"
    assert r.status == "waiting"
    script.add(5001, E.step_completed, "local", "it did", "s1")
    r = Recording(script.events)
    assert r.steps[0].status == "completed" and [(b.start, b.end) for b in r.bars if b.kind == "waiting"][
        -1
    ] == (5000.0, 5001.0)


def test_what_goes_on_counts_up_to_now(script: Script) -> None:
    waits = Recording(script.events[:3], now=START + 62)
    assert (waits.status, waits.seconds, waits.steps[0].waited, waits.moments[-1]) == ("waiting", 62, 61, 62)
    assert [(bar.start, bar.end, bar.open) for bar in waits.bars] == [(1, 62, True)]
    script.tool_call(4, None, "HrAgent", "s1", "register", {})
    works = Recording(script.events, now=START + 24)
    assert (works.status, works.tool_calls[0].seconds, works.steps[0].seconds) == ("working", 20, 21)
    assert works.of_plan(PLAN).seconds == works.seconds - works.of_plan(PLAN).timeline[0].seconds == 24
    assert works.until(10).tool_calls[0].seconds == 6, "a look back"
    script.add(9, E.step_completed, "HrAgent", "done", "s1")
    over(script, 9, "completed")
    assert Recording(script.events, now=START + 999).seconds == 9, "what has ended changes no more"


def test_what_no_process_works_on_counts_up_to_its_last_sign_of_life(script: Script) -> None:
    script.tool_call(4, None, "HrAgent", "s1", "register", {})
    r = Recording(script.events, now=START + 999, left=True)
    assert (r.status, r.seconds, r.left) == ("interrupted", 4, START + 4)
    assert [view.status for view in r.plan_views] == ["interrupted"] and not any(b.open for b in r.bars)
    (call,) = r.tool_calls
    assert (call.state, call.end, call.lost, r.steps[0].lost) == ("unknown", 4, True, True)
    assert [problem.text for problem in r.errors] == ["register: it may have run"]
    assert to_csv(r, kind="tools").splitlines()[1].split(",")[2:5] == ["4.0", "", ""]
    assert "4 s" not in took(call.seconds, call.lost) and took(2, True) == "at least 2.0 s"
    assert r.until(3.5).status == "working", "nobody knew then"
    waits = Recording(script.events[:3], now=START + 62, left=True)
    assert (waits.status, waits.left) == ("waiting", None), "a person needs no process to be waited for"


@pytest.mark.parametrize(("lost", "ends"), [(True, 4), (False, 9), (None, 9)])
def test_an_event_says_whether_its_process_was_gone(script: Script, lost: bool | None, ends: float) -> None:
    script.tool_call(4, None, "HrAgent", "s1", "register", {})
    told = {} if lost is None else {"lost": lost}
    script.add(9, E.step_interrupted, "HrAgent", "it may have run", "s1", calls=["register"], **told)
    r = Recording(script.events)
    assert (r.tool_calls[0].end, r.tool_calls[0].lost) == (ends, bool(lost))
    assert (r.steps[0].seconds, r.steps[0].lost) == (ends - 3, bool(lost))


def test_what_a_dead_processs_tool_did_may_be_known_later(script: Script) -> None:
    script.tool_call(4, None, "HrAgent", "s1", "register", {})
    call = {"key": "s1:1", "tool": "register", "state": "completed", "result": "E-77"}
    script.add(9, E.step_interrupted, "HrAgent", "it did run", "s1", {"s1": {"data_type": "step", "version": 5, "status": "awaiting_feedback", "calls": {"0": call}}}, calls=["register: it did run"])  # fmt: skip
    (tool,) = Recording(script.events).tool_calls
    assert (tool.state, tool.result, tool.end) == ("completed", "E-77", 9.0)


def test_cancelled_while_a_call_runs(script: Script) -> None:
    script.tool_call(4, None, "HrAgent", "s1", "register", {})
    over(script, 6, "cancelled")
    script.add(6.1, E.tool_finished, "HrAgent", "stopped while it ran", "s1", tool="register", key="s1:1", state="unknown", seconds=2.1)  # fmt: skip
    script.model_call(6.0, 6.1, "HrAgent", "s1", error="stopped", error_type="CancelledError")
    script.add(6.2, E.step_cancelled, "HrAgent", "stopped", "s1")
    r = Recording(script.events)
    assert (r.status, r.steps[0].status) == ("cancelled", "cancelled")
    assert (r.tool_calls[0].end, r.tool_calls[0].state) == (6.1, "unknown")
    assert [p.kind for p in r.errors] == ["tool"], "a model call that was called off is nobody's error"
    assert [b.kind for b in r.bars] == ["waiting", "error", "model"] and not any(b.open for b in r.bars)


@pytest.mark.parametrize(
    ("status", "reads"),
    [
        ("completed", "finished"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
        ("paused", "paused"),
        ("impossible", "impossible"),
    ],
)
def test_statuses(script: Script, status: str, reads: str) -> None:
    script.add(4, E.step_completed, "HrAgent", "done", "s1")
    over(script, 4, status)
    r = Recording(script.events)
    assert r.status == reads
    paused = [b for b in r.bars if b.kind == "waiting" and b.open]
    assert bool(paused) == (status == "paused"), "a plan at its limit waits for a person"


def test_a_goal_without_a_plan() -> None:
    s = Script()
    s.add(0, E.goal_received, "local", "x")
    assert Recording(s.events).status == "planning"
    s.model_call(0, 2, "PlannerAgent", error="no network")
    s.model_call(3, 5, "PlannerAgent")
    assert Recording(s.events).status == "planning"
    s.add(6, E.planning_failed, "PlannerAgent", "no usable plan in two tries", error_type="PlanError")
    r = Recording(s.events)
    assert r.status == "failed" and r.until(5.5).status == "planning"
    assert [(p.kind, p.text) for p in r.errors] == [
        ("model", "gpt-4o: no network"), ("goal", "no usable plan in two tries"),
    ]  # fmt: skip
    assert (r.conversation[-1].kind, r.conversation[-1].text) == ("error", "no usable plan in two tries")


def test_a_goal_that_was_refused() -> None:
    s = Script()
    s.add(0, E.goal_refused, "", "secrets in the goal", by="compliance")
    r = Recording(s.events)
    assert r.status == "failed" and [p.kind for p in r.errors] == ["goal"]


def test_an_empty_recording_says_so() -> None:
    r = Recording()
    assert (r.bars, r.agents, r.steps, r.moments, r.seconds, r.costs) == ([], [], [], [0.0], 0.0, [])
    assert r.status == "planning" and r.title == "Session" and "0 events" in repr(r)
    assert r.until(3).bars == [] and r.copy().events == ()


def test_unknown_prices_are_not_nothing(script: Script) -> None:
    script.price = None
    script.model_call(3, 4, "HrAgent", "s1")
    script.model_call(4, 5, "HrAgent", "s1", error="no network")
    r = Recording(script.events)
    assert r.costs == [] and r.unpriced == 1 and r.steps[0].usd is None, "a failed call used nothing"


def test_a_clock_that_is_set_back(script: Script) -> None:
    script.tool_call(4, 5, "HrAgent", "s1", "register", {})
    for event in script.events[-1:]:
        event.time -= 3600
    script.start -= 3600
    script.model_call(5.5, 7, "HrAgent", "s1")
    script.add(8, E.step_completed, "HrAgent", "done", "s1")
    script.offer(8.1, "s2", 2, "HrAgent", "more")
    script.approve(10, "s2")
    r = Recording(script.events)
    assert all(b.start >= 0 and b.end >= b.start for b in r.bars)
    assert r.steps[0].end == pytest.approx(7.0) and r.seconds == pytest.approx(9.0), (
        "only the jump itself is lost"
    )
    assert [line.seconds for line in r.conversation] == sorted(line.seconds for line in r.conversation)


def test_two_processes_whose_clocks_differ() -> None:
    """The approvals come from a computer that is 30 s behind. Time goes on by the other one's clock, and is not stretched."""
    s = Script()
    s.add(0, E.goal_received, "local", "hire")
    s.plan = PLAN
    s.add(1, E.plan_created, "PlannerAgent", "steps")
    for number in range(10):
        at, step = 2.0 + 5 * number, f"s{number}"
        s.offer(at, step, number + 1, "HrAgent", "work")
        s.approve(at + 1, step)
        s.events[-1].time -= 30
        s.begin(at + 2, step, "work")
        s.model_call(at + 2, at + 4, "HrAgent", step)
        s.add(at + 4, E.step_completed, "HrAgent", "done", step)
    r = Recording(s.events)
    assert r.seconds == pytest.approx(51.0, abs=1.5)
    assert [round(step.start or 0) for step in r.steps] == [4 + 5 * n for n in range(10)]


def test_events_of_steps_that_run_at_once_keep_their_own_times() -> None:
    """A model call is noted when it ends and stored with the step's next write: others may come before it in the store."""
    s = Script()
    s.add(0, E.goal_received, "local", "hire")
    s.plan = PLAN
    s.add(1, E.plan_created, "PlannerAgent", "two steps")
    for step, agent in (("a", "HrAgent"), ("b", "LegalAgent")):
        s.offer(1, step, 1, agent, "work")
        s.approve(2, step)
        s.begin(2, step, "work")
    s.tool_call(6, 6.5, "LegalAgent", "b", "look", {})
    s.model_call(2, 5, "HrAgent", "a")
    s.tool_call(8, 9, "HrAgent", "a", "look", {})
    r = Recording(s.events)
    assert (r.model_calls[0].start, r.model_calls[0].end) == (2.0, 5.0)
    assert len(r.until(5.5).model_calls) == 1


@pytest.mark.parametrize("data", [{}, {"seconds": "3"}, {"seconds": float("nan"), "prompt_tokens": -4, "usd": float("inf")}, {"call": 3, "model": None, "ok": "yes"}, {"arguments": [1], "key": {}, "state": 7, "sources": "x", "score": "high"}])  # fmt: skip
def test_data_of_the_wrong_kind_breaks_nothing(data: dict[str, Any]) -> None:
    s = Script()
    s.plan = PLAN
    for number, type in enumerate(E):
        s.add(float(number), type, "HrAgent", "text", "s1" if number % 2 else None, {"s1": {"data_type": "step", "calls": 3, "arguments": "?", "index": "one"}, "x": {}}, **data)  # fmt: skip
    r = Recording(s.events)
    assert all(b.end >= b.start >= 0 for b in r.bars)
    assert all(c.tokens >= 0 and c.seconds >= 0 for c in r.model_calls)
    r.conversation, r.errors, r.alerts, r.violations, r.hand_overs, r.costs  # noqa: B018
    for at in r.moments:
        r.until(at).bars  # noqa: B018


def test_times_that_are_no_numbers() -> None:
    events = onboarding()
    events[3].time, events[9].time = float("nan"), float("inf")
    r = Recording(events)
    assert r.seconds == 38.2 and r.status == "finished"


def test_types_of_a_later_version_are_passed_over() -> None:
    strange = Event.model_construct(
        seq=500, time=START + 38.3, type="teleported", session_id=SESSION, user_id="local", trace_id="", plan_id="",
        step_id="s1", agent="HrAgent", text="", data={}, changes={},
    )  # fmt: skip
    r = Recording([*onboarding(), strange])
    assert r.steps == Recording(onboarding()).steps and r.status == "finished"
