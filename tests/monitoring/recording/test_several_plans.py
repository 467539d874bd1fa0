"""Sessions with several goals: each planning and each plan is told for itself."""

from __future__ import annotations

import pytest

from macae.models import EventType
from macae.monitoring import Recording, summary
from tests.support.recordings import Script

E = EventType
A, B = "a" * 32, "b" * 32


def goal(s: Script, at: float, trace: str, text: str) -> None:
    s.trace, s.plan = trace, ""
    s.add(at, E.goal_received, "local", text)


def plan(s: Script, at: float, trace: str, name: str, *steps: str) -> None:
    s.trace, s.plan = trace, name
    s.add(at, E.plan_created, "PlannerAgent", "a plan")
    for index, step in enumerate(steps, 1):
        s.offer(at, step, index, "HrAgent", "look")


def end(s: Script, at: float, status: str) -> None:
    s.add(at, E.plan_changed, "local", status, status=status)


def carry_out(s: Script, at: float, step: str) -> None:
    s.approve(at, step)
    s.begin(at, step, "look")
    s.add(at + 1, E.step_completed, "HrAgent", "seen", step)


def test_planning_that_failed_is_no_work_and_not_the_sessions_status() -> None:
    s = Script()
    goal(s, 0, A, "first")
    plan(s, 1, A, "p", "s1")
    goal(s, 2, B, "second")
    s.model_call(2, 3, "PlannerAgent", error="no network")
    assert Recording(s.events).status == "planning", "it may ask again"
    s.add(3, E.planning_failed, "PlannerAgent", "no network", error_type="ModelUnavailable")
    s.trace, s.plan = A, "p"
    assert Recording(s.events).status == "waiting"
    carry_out(s, 3603, "s1")
    end(s, 3604, "completed")
    r = Recording(s.events)
    assert summary(r).work_seconds == pytest.approx(1 + 1 + 1)
    assert (r.status, r.status_text, r.title) == ("finished", "finished", "first")
    assert [p.kind for p in r.errors] == ["model"]


def test_a_planner_that_asks_again_still_plans() -> None:
    s = Script()
    goal(s, 0, A, "first")
    s.model_call(0, 1, "PlannerAgent", error="no network")
    s.model_call(2, 4, "PlannerAgent", live=True)
    assert Recording(s.in_order()[:-1]).status == "planning"
    plan(s, 5, A, "p")
    assert summary(Recording(s.events)).work_seconds == 5


def test_a_process_that_died_planned_until_it_was_last_heard() -> None:
    s = Script()
    goal(s, 0, A, "first")
    plan(s, 1, A, "p", "s1")
    goal(s, 2, B, "second")
    s.model_call(2, 4, "PlannerAgent")
    s.trace, s.plan = A, "p"
    s.add(3000, E.step_rejected, "local", "no", "s1")
    assert Recording(s.events).status == "planning"
    s.trace, s.plan = B, ""
    s.add(3600, E.planning_failed, "PlannerAgent", "gone", lost=True)
    r = Recording(s.events)
    assert r.status == "waiting" and summary(r).work_seconds == 1 + 2
    assert [p.text for p in r.errors] == ["gone"] and r.conversation[-1].text == "gone"


def test_two_goals_planned_at_once_have_each_their_own_time() -> None:
    s = Script()
    goal(s, 0, A, "slow")
    goal(s, 8, B, "quick")
    s.model_call(8, 9, "PlannerAgent")
    plan(s, 9, B, "pb")
    s.trace, s.plan = A, ""
    assert Recording(s.events).status == "working"
    s.model_call(0, 10, "PlannerAgent")
    plan(s, 10, A, "pa")
    lives = Recording(s.events).lives
    assert {
        plan.goal: [(a.start, a.end) for a in plan.planning] for plan in lives.plans.values()
    } == {"slow": [(0.0, 10.0)], "quick": [(8.0, 9.0)]}  # fmt: skip


def test_several_plans_are_counted_and_told_one_by_one() -> None:
    s = Script()
    for number, status in enumerate(("completed", "cancelled", "completed")):
        at = 10.0 * number
        goal(s, at, f"{number}" * 32, f"goal {number}")
        plan(s, at + 1, f"{number}" * 32, f"p{number}", f"{number}a", f"{number}b")
        end(s, at + 2, status)
    s.trace, s.plan = "", ""
    s.add(40, E.goal_refused, "local", "a secret in the goal", by="compliance", where="goal")
    r = Recording(s.events)
    assert r.title == "3 plans: goal 0 (and 2 more)"
    assert (r.status, r.status_text) == ("finished", "2 finished, 1 cancelled")
    assert [(p.id, p.goal, p.status, p.step_ids) for p in r.plan_views] == [
        ("p0", "goal 0", "finished", ("0a", "0b")),
        ("p1", "goal 1", "cancelled", ("1a", "1b")),
        ("p2", "goal 2", "finished", ("2a", "2b")),
    ]
    assert [p.kind for p in r.errors] == ["goal"], "a goal that was refused is a problem, not the status"
    one = r.of_plan("p1")
    assert (one.title, one.status_text) == ("goal 1", "cancelled")


@pytest.mark.parametrize("ends", [("failed", "completed"), ("completed", "failed")])
def test_a_plan_that_failed_is_not_hidden_by_another(ends: tuple[str, str]) -> None:
    s = Script()
    for number, status in enumerate(ends):
        plan(s, number, f"{number}" * 32, f"p{number}")
        end(s, number + 0.5, status)
    r = Recording(s.events)
    assert (r.status, r.status_text) == ("failed", "1 failed, 1 finished")
