"""What is given to the functions of monitoring: events for a recording will do, anything else is refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from macae.engine import Engine
from macae.errors import InvalidInput, NotFound
from macae.monitoring import analysis, explain, to_csv
from macae.monitoring.alerts import Rule
from macae.monitoring.figures import compare_figure, conversation_figure, monitor_figure
from macae.monitoring.recording import Recording
from macae.monitoring.report import report_html, save_report
from macae.monitoring.sinks import read_events
from macae.ui import Monitor
from tests.support.recordings import onboarding

OF_ONE = [
    getattr(analysis, name)
    for name in analysis.__all__
    if name[0].islower() and name not in ("kpis", "percentile", "aggregate")
]


@pytest.mark.parametrize(
    "function", [*OF_ONE, to_csv, explain, report_html, monitor_figure, conversation_figure]
)
def test_what_is_no_recording_is_refused(function: Callable[..., Any]) -> None:
    more = ("",) if function in (explain, analysis.compare) else ()
    for wrong in (None, "abc", 5, [1], Recording):
        with pytest.raises(InvalidInput, match=r"A Recording is needed, not .*: Recording\(events\)"):
            function(wrong, *more)


def test_events_will_do(tmp_path: Path) -> None:
    events = list(onboarding())
    recording = Recording(events)
    assert analysis.summary(events) == analysis.summary(recording)  # type: ignore[arg-type]
    assert to_csv(tuple(events)) == to_csv(recording)  # type: ignore[arg-type]
    assert analysis.aggregate([events, recording]).sessions == 2  # type: ignore[list-item]


WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: Recording("abc"), "Events are needed, not a str"),  # type: ignore[arg-type]
    (lambda: Recording([1]), "an int is among them"),  # type: ignore[list-item]
    (lambda: Recording(None), "not None"),  # type: ignore[arg-type]
    (lambda: Recording([]).append(5), "events, not an int"),  # type: ignore[arg-type]
    (lambda: Recording([]).until("x"), "'x'"),  # type: ignore[arg-type]
    (lambda: Recording([]).until(float("nan")), "nan"),
    (lambda: analysis.aggregate(Recording([])), "A list of recordings is needed, not a Recording"),  # type: ignore[arg-type]
    (lambda: analysis.aggregate([5]), "not an int"),  # type: ignore[list-item]
    (lambda: compare_figure(Recording([]), 5), "not an int"),  # type: ignore[arg-type]
    (lambda: explain(Recording([]), 5), "A step or its id is needed, such as recording.steps"),  # type: ignore[arg-type]
    (lambda: read_events(None), "not None"),  # type: ignore[arg-type]
    (lambda: read_events("none/there.ndjson"), "no file or folder 'none/there.ndjson'"),
    (lambda: Monitor(None), "needs an engine, not None"),
    (lambda: save_report(Recording([]), "x.html"), "no events: there is nothing to report"),
    (lambda: Engine(alert_rules=[5]), "takes Rule objects, not an int"),  # type: ignore[list-item]
    (lambda: Engine(alert_rules=Rule), "takes a list, not the class"),  # type: ignore[arg-type]
    (lambda: Engine(alert_receivers=[5]), "name and send.*, not an int"),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("call", "told"), WRONG)
def test_a_refusal_says_what_came_and_what_is_wanted(
    call: Callable[[], Any], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match=told):
        call()
    assert not list(tmp_path.glob("*.html"))


def test_a_step_is_explained_by_itself_or_its_id() -> None:
    recording = Recording(onboarding())
    step = recording.steps[0]
    assert explain(recording, step).text == explain(recording, step.id).text
    with pytest.raises(NotFound, match="no step 'nobody'"):
        explain(recording, "nobody")


def test_an_agent_mistyped_is_no_agent_that_cost_nothing() -> None:
    recording = Recording(onboarding())
    for ask in (analysis.cost, analysis.tokens):
        with pytest.raises(NotFound, match=r"No agent 'Nobody' took part.*There are: .*PlannerAgent"):
            ask(recording, "Nobody")
        assert ask(recording, "PlannerAgent") != ask(recording)
