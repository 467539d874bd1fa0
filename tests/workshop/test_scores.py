"""The picture of scores: nothing is lost, nothing is taken for HTML."""

from __future__ import annotations

from macae.workshop.shows.scores import score_picture


def test_it_shows_each_planner_with_its_mean() -> None:
    card = score_picture({"first": {"a": 0.0, "b": 1.0}, "second": {"a": 0.5, "b": 1.0}})
    assert repr(card) == "first: 50%\nsecond: 75%"
    html = card._repr_html_()
    assert html.count("<title>") == 4 and "second: a 50%" in html
    assert "1 · a" in html and "2 · b" in html


def test_names_and_goals_are_escaped_and_marks_bounded() -> None:
    html = score_picture({"<b>me</b>" * 9: {"<script>alert(1)</script>": 7.0, "x": -1.0}})._repr_html_()
    assert "<script>" not in html and "<b>me" not in html
    assert 'height="26.0"' in html and 'height="0.0"' in html


def test_nothing_to_show_is_no_error() -> None:
    assert "<svg" not in score_picture({})._repr_html_()
    assert repr(score_picture({"mine": {}})) == "mine: 0%"
