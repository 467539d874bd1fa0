"""The key numbers are the same in the monitor, in the picture, in the report and in the summary."""

from __future__ import annotations

import html
import re

import pytest

from macae.models import EventType
from macae.monitoring import Recording, summary
from macae.monitoring.analysis import kpis
from macae.monitoring.analysis.budgets import Budgets
from macae.monitoring.figures import strip
from macae.monitoring.report import report_html
from macae.ui.monitor.numbers import key_numbers
from tests.support.recordings import PLAN, Script


@pytest.fixture(scope="module")
def session() -> Recording:
    """A person is waited for, a long call fails, one call has no price, two e-mail addresses are found."""
    s = Script()
    s.add(0, EventType.goal_received, "local", "hire")
    s.plan = PLAN
    s.add(1, EventType.plan_created, "PlannerAgent", "one step")
    s.offer(1, "s1", 1, "HrAgent", "register")
    s.approve(9, "s1")
    s.begin(9, "s1", "register")
    s.model_call(10, 11, "HrAgent", "s1", (200_000, 0))
    s.model_call(11, 60, "HrAgent", "s1", error="no network")
    s.price = None  # type: ignore[assignment]
    s.model_call(60, 61, "HrAgent", "s1")
    s.add(62, EventType.violation_found, "HrAgent", "", "s1", entity="email", action="mask", count=2)
    return Recording(s.events)


def test_three_places_say_the_same(session: Recording) -> None:
    told = {number.label: number.value for number in kpis(summary(session), 0.4, 5.0)}
    assert told == {
        "model calls": "3",
        "tool calls": "0",
        "tokens in / out": "201.0k / 200",
        "p95 latency": "1.0 s",
        "cost of $0.40": "$0.50+",
        "waited for people": "8.0 s",
        "error": "1",
        "alerts": "0",
        "compliance findings": "2",
    }
    assert {number.label: number.value for number in key_numbers(session, [], 0.4, 5.0)} == told
    picture = {number.label: number.value for number in strip.kpis(session, 0.4, 5.0)}
    assert picture.items() <= told.items() and len(picture) == 6
    page = html.unescape(re.sub(r" <small>▲</small>", "", report_html(session, budget_usd=0.4)))
    assert {label: value for value, label in re.findall(r"<dd>(.*?)</dd><dt>(.*?)</dt>", page)} == told


@pytest.mark.parametrize(
    ("budget", "tone"), [(None, ""), (0.0, ""), (0.7, ""), (0.6, "ask"), (0.5, "bad"), (0.4, "bad")]
)
def test_the_cost_is_marked_near_and_over_its_budget(
    session: Recording, budget: float | None, tone: str
) -> None:
    (cost,) = (number for number in kpis(summary(session), budget) if number.label.startswith("cost"))
    assert (cost.tone, cost.tip) == (tone, "1 of 3 calls have no known price")
    (drawn,) = (number for number in strip.kpis(session, budget) if number.label.startswith("cost"))
    assert drawn.trouble == (tone == "bad")


def test_a_session_is_not_measured_against_one_plans_budget() -> None:
    s = Script()
    for number in (1, 2):
        s.plan, s.trace = f"p{number}", f"{number}" * 32
        s.add(number, EventType.plan_created, "PlannerAgent", "a plan")
    two = Recording(s.events)
    one = two.of_plan("p1")
    both = Budgets(plan_usd=1, session_usd=5)
    assert (both.of(two), both.of(one), both.of(one, part=True)) == (5, 1, 1)
    assert Budgets(plan_usd=1).of(two) is None and Budgets(session_usd=5).of(one, part=True) is None
    assert Budgets(session_usd=5).of(one) == 5


def test_what_is_late_is_marked(session: Recording) -> None:
    tones = [
        {number.label: number.tone for number in kpis(summary(session), None, limit)}["p95 latency"]
        for limit in (0.5, 5.0, None)
    ]
    assert tones == ["ask", "", ""]
