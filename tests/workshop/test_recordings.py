"""The recorded sessions of challenge 8: the engine makes them still, and each has in it what the challenge says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from macae.errors import InvalidInput
from macae.models import Event
from macae.monitoring import Recording
from macae.workshop.props.fault_checks import planted
from macae.workshop.props.recordings import SESSIONS, recorded
from macae.workshop.shows.talking import talk_picture
from tests.notebooks.recordings import RECORDED, run, timed


def told(events: list[Event]) -> list[tuple[str, str]]:
    """What was replied and what tools gave, whoever was first."""
    return sorted((e.type, e.text) for e in events if e.type in ("tool_finished", "step_completed"))


def test_there_is_a_file_for_each_session_and_no_other() -> None:
    assert {path.stem for path in SESSIONS.glob("*")} == set(RECORDED)
    with pytest.raises(InvalidInput, match=r"'sunday'.*friday, thursday, tuesday"):
        recorded("sunday")


def test_the_engine_makes_such_a_session(tmp_path: Path) -> None:
    what = RECORDED["thursday"]
    made = timed(asyncio.run(run(what, tmp_path)), what, "thursday")
    assert told(made) == told(recorded("thursday")), "python -m tests.notebooks.recordings"


@pytest.mark.parametrize(
    ("name", "faults", "asked"), [("tuesday", 1, 15), ("thursday", 1, 12), ("friday", 0, 0)]
)
def test_what_is_in_it(name: str, faults: int, asked: int) -> None:
    events = recorded(name)
    assert [event.seq for event in events] == sorted({event.seq for event in events})
    assert {event.session_id for event in events} == {name} and {event.user_id for event in events} == {"ann"}
    recording = Recording(events)
    assert recording.status == "finished" and all(step.status == "completed" for step in recording.steps)
    assert len(planted(name)) == faults
    for step in planted(name):
        calls = [call for call in recording.tool_calls if call.step_id == step]
        assert [call.arguments["quantity"] for call in calls] == [asked]
        assert any(event.type == "step_approved" for event in events if event.step_id == step)
    assert any(call.state == "failed" for call in recording.tool_calls), "the noise of a normal day"
    assert any(call.seconds > 9 for call in recording.model_calls) and recording.unpriced


def test_who_talks_to_whom_follows_the_theme() -> None:
    html = talk_picture(Recording(recorded("friday")))._repr_html_()
    assert "var(--x-fg)" in html and "#0101" not in html and "#0808" not in html
    assert "PlannerAgent" in repr(talk_picture(Recording(recorded("friday"))))
