"""What the compliance check found is told together in the report, the monitor and the analysis."""

from __future__ import annotations

import re

from macae.models import EventType
from macae.monitoring import Recording, analysis
from macae.monitoring.report import report_html
from macae.ui.monitor.fragments import alerts, trouble_count
from tests.support.recordings import PLAN, Script

E = EventType
FOUND = (
    ("input", "EMAIL_ADDRESS", "flag", "goal", 1, "local"),
    ("model", "EMAIL_ADDRESS", "mask", "a user message", 2, "PlannerAgent"),
    ("model", "EMAIL_ADDRESS", "mask", "a user message", 1, "HrAgent"),
    ("store", "US_SSN", "mask", "step_started", 1, "HrAgent"),
    ("model", "EMAIL_ADDRESS", "mask", "a user message", 1, "HrAgent"),
)


def found_often() -> Recording:
    script = Script()
    script.add(0, E.goal_received, "local", "hire")
    script.plan = PLAN
    for at, (route, entity, action, where, count, agent) in enumerate(FOUND, 1):
        script.add(at, E.violation_found, agent, "", route=route, entity=entity, action=action, where=where, count=count)  # fmt: skip
    raised = {"severity": "warning", "rule": "personal-data-seen", "key": "US_SSN"}
    script.add(9, E.alert_raised, "HrAgent", "Alert: found", **raised)
    return Recording(script.events)


def test_findings_are_joined_by_entity_place_and_action() -> None:
    told = analysis.findings(found_often())
    assert [(one.seconds, one.entity, one.place, one.count, one.agent) for one in told] == [
        (1, "EMAIL_ADDRESS", "the goal", 1, "HumanAgent"),
        (2, "EMAIL_ADDRESS", "a user message", 4, ""),
        (4, "US_SSN", "a step's task", 1, "HrAgent"),
    ]
    assert analysis.violations(found_often()) == {"EMAIL_ADDRESS": 5, "US_SSN": 1}


def test_a_report_and_the_monitor_tell_each_kind_once() -> None:
    recording = found_often()
    words = re.sub(r"<[^>]+>", " ", report_html(recording))
    said = "EMAIL_ADDRESS found 5 times: left as it is in the goal; masked in a user message (4)"
    assert words.count("EMAIL_ADDRESS found") == words.count(said) == 1
    assert words.count("US_SSN found in a step&#x27;s task: masked") == 1, "not in the conversation again"
    assert words.count("personal-data-seen · US_SSN: Alert: found") == 2, (
        "among what went wrong, and where it was said"
    )
    table = alerts(recording, "", {})
    assert table.count("a user message") == 1 and "personal-data-seen · US_SSN" in table
    assert trouble_count(recording) == 4
