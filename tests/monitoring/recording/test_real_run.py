"""A recording of a real session says what the store says; and any part of its events gives a sound one."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macae.models import EventType, StepStatus
from macae.monitoring import Recording, explain, summary
from macae.monitoring.grounding.stepping import check_session
from tests.monitoring.recording.conftest import GOALS, Run


def test_the_numbers_are_those_of_the_store(run: Run) -> None:
    r = Recording(run.stored)
    stored = {step.id: step for plan in run.plans for step in plan.steps}
    assert r.title == f"3 plans: {GOALS[0]} (and 2 more)" and r.plans == [plan.id for plan in run.plans]
    assert {step.id for step in r.steps} == set(stored)
    for step in r.steps:
        truth = stored[step.id]
        assert (step.index, step.agent, step.task) == (truth.index, truth.agent, truth.task)
        assert (step.status, step.tokens) == (truth.status.value, truth.tokens)
        assert step.function == (truth.function or "")
        assert (step.usd is None) == (truth.usd is None) and (
            not step.usd or math.isclose(step.usd, truth.usd or 0)
        )
        if truth.status is StepStatus.completed:
            assert step.reply == truth.agent_reply and step.attempts == truth.attempt
            assert step.approved_by == "local" and abs(step.seconds - truth.seconds) < 0.5
    calls = [call for step in stored.values() for call in step.calls]
    assert sorted(c.key for c in r.tool_calls) == sorted(c.key for c in calls)
    assert {c.key: c.result for c in r.tool_calls} == {c.key: c.result for c in calls}
    assert {c.key: c.arguments for c in r.tool_calls} == {c.key: c.arguments for c in calls}
    assert sum(c.tokens for c in r.model_calls) == sum(s.tokens for s in stored.values()) + sum(
        p.usage.tokens for p in run.plans
    )


def test_each_plan_has_its_own_part(run: Run) -> None:
    r = Recording(run.stored)
    parts = [r.of_plan(plan.id) for plan in run.plans]
    assert [p.title for p in parts] == list(GOALS)
    assert [p.status for p in parts] == ["finished", "finished", "cancelled"]
    assert all(b.plan_id == p.plans[0] for p in parts for b in p.bars)
    assert sum(len(p.model_calls) for p in parts) == len(r.model_calls)
    assert sum(len(p.steps) for p in parts) == len(r.steps)


def test_seen_live_it_is_the_same(run: Run) -> None:
    live, stored = Recording(), Recording(run.stored)
    for event in run.live:
        live.append(event)
    assert live.steps == stored.steps and live.model_calls == stored.model_calls
    assert live.conversation == stored.conversation and live.costs == stored.costs
    assert [b for b in live.bars if not b.open] == [b for b in stored.bars if not b.open]


def test_a_step_is_explained_with_what_was_sent_and_answered(run: Run) -> None:
    step = run.plans[0].steps[0]
    told = explain(Recording(run.stored), step.id)
    titles = [part.title for part in told.parts]
    assert any(title.startswith("Sent to") for title in titles) and any(
        "answered" in title for title in titles
    )
    assert any(f"called {step.calls[0].tool}" in title for title in titles)
    assert GOALS[0] in told.text and step.agent_reply in told.text and "Approved by local" in told.text
    assert "was not recorded" not in told.text
    assert titles[-1] == "Grounding of the reply" and "in the sources" in told.parts[-1].text


def test_every_reply_was_checked_and_a_later_check_finds_the_same(run: Run) -> None:
    then = {e.step_id: e.data["score"] for e in run.stored if e.type is EventType.reply_checked}
    done = [s for p in run.plans for s in p.steps if s.status is StepStatus.completed]
    assert set(then) == {step.id for step in done} and len(done) >= 6
    now = check_session(run.stored)
    assert {id: found.score for id, found in now.items()} == then
    assert set(then.values()) == {1.0}, "the offline model says what its tools said"
    assert summary(Recording(run.stored)).grounding == 1.0


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_part_of_the_events_gives_a_sound_recording(run: Run, data: st.DataObject) -> None:
    """A prefix, with some events lost and some moved: nothing fails, and what must hold holds."""
    events = run.stored[: data.draw(st.integers(0, len(run.stored)))]
    lost = data.draw(st.sets(st.integers(0, max(0, len(events) - 1)), max_size=8))
    kept = [event for place, event in enumerate(events) if place not in lost]
    r = Recording(data.draw(st.permutations(kept)) if len(kept) < 40 else kept)
    whole = Recording(run.stored)
    assert 0 <= r.seconds <= whole.seconds + 1e-6
    assert all(0 <= bar.start <= bar.end <= r.seconds + 1e-6 for bar in r.bars)
    waits = [b for b in r.bars if b.kind == "waiting"]
    assert all(a.end < b.start for a, b in pairwise(waits)), "joined where they overlap"
    assert {bar.agent for bar in r.bars} <= set(r.agents)
    assert sum(c.tokens for c in r.model_calls) <= sum(c.tokens for c in whole.model_calls)
    assert r.moments == sorted(set(r.moments)) and (not r.events or r.moments[-1] <= r.seconds + 1e-6)
    assert [line.seconds for line in r.conversation] == sorted(line.seconds for line in r.conversation)
    assert [usd for _, usd in r.costs] == sorted(usd for _, usd in r.costs)
    told = summary(r)
    assert (
        told.steps == len(r.steps)
        and 0 <= (told.error_rate or 0) <= 1
        and told.work_seconds <= r.seconds + 1e-6
    )
    at = data.draw(st.floats(0, max(0.0, r.seconds)))
    then = r.until(at)
    assert then.seconds == at and len(then.model_calls) <= len(r.model_calls)
    assert all(bar.end <= at + 1e-6 for bar in then.bars)
    if not lost:
        prefix = whole.until(r.seconds)
        assert len(prefix.model_calls) >= len(r.model_calls) and prefix.start == whole.start
