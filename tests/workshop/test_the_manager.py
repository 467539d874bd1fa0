"""Challenge 5 beyond its answers: a half-written manager, and the picture of who ran when."""

from __future__ import annotations

import pytest

from macae.models import Event, EventType, Plan, PlanWithSteps
from macae.workshop.judge import judge
from macae.workshop.props.bench import a_step
from macae.workshop.shows.timeline import bars, most_at_once, timeline
from macae.workshop.verdict import Status
from tests.workshop.answers.c5 import MANAGER, but

from .cells import Cells

TODO = 'raise NotImplementedError("To do: this piece")'


@pytest.mark.parametrize(
    "cut",
    [
        ("        follow = mine", f"        {TODO}\n        follow = mine"),
        (
            "        try:\n            run, response",
            f"        {TODO}\n        try:\n            run, response",
        ),
    ],
    ids=["process_next_step", "execute_step"],
)
def test_a_manager_of_which_a_piece_is_missing_is_not_wrong_but_unfinished(cut: tuple[str, str]) -> None:
    cells = Cells.of_solution("05-the-manager")
    verdict = judge("GroupChatManager", cells.run(but(MANAGER, cut))["GroupChatManager"])
    assert (verdict.status, verdict.look) == (Status.not_attempted, "To do: this piece")


def happened(*told: tuple[float, int, EventType]) -> list[Event]:
    return [
        Event(type=type, session_id="s", user_id="local", step_id=f"s{number}", time=time)
        for time, number, type in told
    ]


def a_plan(*actions: str) -> PlanWithSteps:
    steps = [a_step(n, "completed", action=text, function=None) for n, text in enumerate(actions, 1)]
    return PlanWithSteps.of(Plan(session_id="s", user_id="local", initial_goal="Bake."), steps)


BEGAN, DONE, FAILED = EventType.step_started, EventType.step_completed, EventType.step_failed


def test_each_attempt_is_a_bar_and_one_that_still_runs_reaches_to_the_end() -> None:
    trail = happened((10, 1, BEGAN), (11, 1, FAILED), (12, 1, BEGAN), (13, 2, BEGAN), (14, 1, DONE))
    found = [(bar.step.index, bar.start, bar.end, bar.tone) for bar in bars(a_plan("Bake.", "Sell."), trail)]
    assert found == [(1, 0, 1, "ask"), (1, 2, 4, "ok"), (2, 3, 4, "info")]


def test_what_begins_when_another_ends_is_not_at_the_same_time() -> None:
    plan = a_plan("Bake.", "Sell.", "Eat.")
    one_by_one = happened((1, 1, BEGAN), (2, 1, DONE), (2, 2, BEGAN), (3, 2, DONE))
    beside = happened(
        (1, 1, BEGAN), (1.5, 2, BEGAN), (1.6, 3, BEGAN), (2, 1, DONE), (3, 2, DONE), (3, 3, DONE)
    )
    assert most_at_once(bars(plan, one_by_one)) == 1
    assert most_at_once(bars(plan, beside)) == 3


def test_the_picture_shows_hostile_words_as_text_and_an_empty_trail_as_nothing() -> None:
    card = timeline(a_plan("<script>alert(1)</script>"), happened((1, 1, BEGAN), (2, 1, DONE)))
    assert "<script>" not in card.body and "&lt;script&gt;" in card.body
    assert "Nothing has run yet" in timeline(a_plan("Bake."), []).text
