"""A step that a limit has stopped is nobody's error: it is counted apart wherever errors are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from macae import AgentSpec, Team
from macae.agents import BaseAgent
from macae.cli.eventlines import style_of
from macae.models import Event, EventType, StepStatus
from macae.monitoring import Recording, summary
from macae.monitoring.alerts.judge import evaluate
from macae.monitoring.alerts.reading import default_rules
from macae.monitoring.analysis import error_rate, errors, kpis, stopped
from macae.monitoring.explaining import explain
from macae.monitoring.report import report_html
from macae.ui.trail import trail_html
from tests.engine.conftest import Ledger, Make
from tests.support.scripted import planned

BAKE = {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}}


def its_end(events: Sequence[Event]) -> Event:
    """The last event that tells of a failure."""
    return [event for event in events if event.type is EventType.step_failed][-1]


def tones(recording: Recording) -> dict[str, str]:
    """The key numbers' tones."""
    return {kpi.label: kpi.tone for kpi in kpis(summary(recording))}


async def test_a_step_that_a_limit_stopped_is_counted_apart(make: Make, ledger: Ledger) -> None:
    engine = make(planned(BAKE), settings={"plan_tokens": 30})
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    assert plan.steps[0].status is StepStatus.failed and ledger == []
    events = await engine.session_events(plan.session_id)
    assert its_end(events).at_limit and style_of(its_end(events)) == "yellow"
    recording = Recording(events)
    assert recording.status == "paused" and errors(recording) == [] and error_rate(recording) == 0
    (stop,) = stopped(recording)
    assert stop.step_id == plan.steps[0].id and "MACAE_PLAN_TOKENS" in stop.text
    told = summary(recording)
    assert (told.errors, told.steps_failed, told.stopped) == (0, 0, 1)
    assert tones(recording)["errors"] == "" and tones(recording)["stopped by a limit"] == "ask"
    page = report_html(recording)
    assert "error, step" not in page and '<section id="limits">' in page and "pill bad" not in page
    assert "error" not in {line.kind for line in recording.conversation}
    said = explain(recording, plan.steps[0].id)
    assert "Status: stopped by a limit" in said.text and not any(
        part.trouble for part in said.parts if "limit stopped" in part.title
    )
    assert 'class="macae-tone-bad"' not in trail_html(events)
    assert {alert.rule for alert in evaluate(default_rules(), events)} <= {"budget"}

    plan = await engine.wait(await engine.allow(plan, tokens=30))
    await engine.approve_all(plan)
    plan = await engine.wait(plan)
    done = Recording(await engine.session_events(plan.session_id))
    assert done.status == "finished" and not done.steps[0].at_limit
    assert (summary(done).steps_completed, summary(done).stopped, summary(done).errors) == (1, 1, 0)


async def test_a_session_of_an_earlier_version_tells_of_it_as_an_error(make: Make, ledger: Ledger) -> None:
    engine = make(planned(BAKE), settings={"plan_tokens": 30})
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    await engine.wait(plan)
    events = await engine.session_events(plan.session_id)
    its_end(events).data.clear()
    old = Recording(events)
    assert [problem.kind for problem in old.errors] == ["step"] and stopped(old) == []
    assert (summary(old).steps_failed, tones(old)["error"]) == (1, "bad")


@pytest.mark.parametrize("limit", [None, 1_000])
async def test_an_agent_that_only_speaks_of_a_limit_has_failed(
    make: Make, ledger: Ledger, limit: int | None
) -> None:
    class Pretending(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            raise RuntimeError("The plan has used too much (MACAE_PLAN_TOKENS).")

    team = Team([AgentSpec("BakerAgent", "You bake.", [], agent_class=Pretending)])
    step = {"agent": "BakerAgent", "function": None}
    engine = make(planned(step), team=team, settings={"plan_tokens": limit})
    plan = await engine.submit("Bake")
    await engine.approve_all(plan)
    await engine.wait(plan)
    recording = Recording(await engine.session_events(plan.session_id))
    assert [problem.kind for problem in recording.errors] == ["step"] and stopped(recording) == []
