"""Who talks to whom, two sessions compared, and the time axis by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path as Drawn

from macae.models import EventType
from macae.monitoring import Recording
from macae.monitoring.figures import compare_figure, conversation_figure, fonts, monitor_figure, png
from macae.monitoring.figures.differences import differences
from macae.monitoring.figures.scale import time_scale
from macae.monitoring.figures.talking import talk_counts
from macae.monitoring.words import duration, short_names, tokens, usd
from tests.monitoring.figures.drawn import artists, bars, texts, worked
from tests.support.recordings import Script, onboarding


def test_who_talks_to_whom() -> None:
    recording = Recording(onboarding())
    counts = talk_counts(recording)
    figure = conversation_figure(recording)
    edges = [edge for edge in figure.findobj(FancyArrowPatch) if edge.get_gid() == "edge"]
    assert len(edges) == len(counts) and f"{sum(counts.values())} messages" in texts(figure)
    assert len(artists(figure, "node")) == len({name for pair in counts for name in pair})
    thickest = max(edge.get_linewidth() for edge in edges)
    assert sum(edge.get_linewidth() == thickest for edge in edges) == sum(n == max(counts.values()) for n in counts.values())  # fmt: skip
    assert "Nobody has said anything yet." in texts(conversation_figure(Recording([]), "dark"))


def test_a_crowd_that_talks_shows_those_who_talk_most() -> None:
    script = Script()
    for n in range(30):
        for _ in range(n + 1):
            script.add(float(n), EventType.message, f"$A{n}$\u202e", "hello", to=f"$A{(n + 1) % 30}$\u202e")
    figure = conversation_figure(Recording(script.in_order()))
    png(figure)
    assert len(artists(figure, "node")) == 14
    assert any("16 quieter agents left out" in text for text in texts(figure))


@pytest.mark.parametrize("agents", [3, 4, 6, 9, 14])
def test_no_arrow_runs_through_a_name(agents: int) -> None:
    script, names = Script(), [*(f"TechSupport{n}Agent" for n in range(agents - 1)), "HumanAgent"]
    for source in names:
        for target in names:
            script.add(0.0, EventType.message, source, "hello", to=target)
    for width in (4.0, 7.2):
        figure = conversation_figure(Recording(script.events), width=width)
        figure.draw_without_rendering()
        paths = [
            edge.get_transform().transform_path(edge.get_path()) for edge in figure.findobj(FancyArrowPatch)
        ]
        arrows = [Drawn(points) for path in paths for points in path.to_polygons(closed_only=False)]
        for name in artists(figure, "name"):
            box = name.get_window_extent()
            assert box.x0 >= 0 and box.x1 <= figure.bbox.width, "a name is cut off"
            assert not any(line.intersects_bbox(box, filled=False) for line in arrows), name.get_text()
        assert len(artists(figure, "name")) == agents and len(arrows) >= agents
        assert any(text.startswith("On an arrow") for text in texts(figure)), "what the numbers are is told"


def test_what_only_one_of_two_sessions_has_is_in_the_legend_and_no_title_loses_its_end() -> None:
    plain = worked(("HrAgent", 0, 1.0), goal="a very long goal that goes on " * 10)
    figure = compare_figure(plain, Recording(onboarding()), table=False)
    said = texts(figure)
    assert {"model call", "tool", "memory", "waiting for a person", "error", "alert"} <= set(said)
    (title,) = [text for text in said if text.startswith("A · a very long goal")]
    assert title.endswith(f"… · {plain.status} · 1.0 s")


def test_two_sessions_stand_on_one_axis_and_are_judged() -> None:
    a = Recording(onboarding())
    b = worked(("PlannerAgent", 0, 1.0), ("HrAgent", 1, 19.1), goal="again")
    figure = compare_figure(a, b)
    said = texts(figure)
    assert {"✔", "better", "−50 %", "−100 %"} <= set(said), "better is said by word and sign"
    assert any(text.startswith("A · onboard") for text in said) and any(
        text.startswith("B · again") for text in said
    )
    ends = [right for _, right, _, _ in bars(figure, "model")]
    assert max(ends) > 0.99 and any(abs(right - 0.5) < 0.01 for right in ends), "both on one scale"
    verdicts = {row.name: row.verdict for row in differences(a, b)}
    assert verdicts["p95 latency"] == "worse" and verdicts["errors"] == "better"
    assert verdicts["waiting for a person"] == "" == verdicts["tool calls"], "less of these is not better"
    assert {row.verdict for row in differences(a, a)} == {"same"}
    unpriced = {row.name: row for row in differences(a, worked(("HrAgent", 0, 1), price=None))}["cost"]
    assert (unpriced.second, unpriced.verdict) == ("unpriced", "")
    assert "Nothing has happened in this session yet." in texts(compare_figure(a, Recording([]), table=False))


def test_the_time_axis_never_goes_back() -> None:
    work = [(0.0, 2.0), (100.0, 101.0), (5_000.0, 5_003.0), (5_003.5, 5_004.0)]
    for shorten in (None, True, False):
        scale = time_scale(6_000, work, shorten)
        places = [scale.at(n * 10) for n in range(601)]
        assert places == sorted(places) and places[0] == 0 and places[-1] == 1
        shown = [scale.at(at) * 10 for at, _ in scale.ticks(10)]
        assert all(b - a >= 0.749 for a, b in pairwise(shown))
        assert bool(scale.breaks) is (shorten is not False)
    assert not time_scale(10, [(0, 4), (5, 10)]).breaks, "a short wait is drawn as long as it is"
    assert time_scale(0, []).at(5) <= 1
    for total in (1e-5, 0.02, 0.7, 9, 100, 3_000, 20_000, 1e6):
        ticks = time_scale(total, []).ticks(8)
        assert 3 <= len(ticks) <= 12 and len({word for _, word in ticks}) == len(ticks)
    assert [word for _, word in time_scale(200, []).ticks(8)][:3] == ["0:00 min", "0:30 min", "1:00 min"]


def test_words_for_amounts() -> None:
    assert [duration(s) for s in (0, 0.0004, 0.012, 2.84, 59.96, 200, 7_500)] == ["0 s", "0.4 ms", "12 ms", "2.8 s", "1 min", "3 min 20 s", "2 h 5 min"]  # fmt: skip
    assert [tokens(n) for n in (870, 13_000, 999_999, 2_400_000)] == ["870", "13.0k", "1.0M", "2.4M"]
    assert [usd(n) for n in (0, 0.00031, 0.066, 0.25, 12.4, 1_200)] == ["$0.00", "$0.00031", "$0.066", "$0.25", "$12.40", "$1,200.00"]  # fmt: skip
    assert short_names(["HrAgent", "GroupChatManager"]) == {"HrAgent": "HR", "GroupChatManager": "Manager"}
    assert short_names(["HrAgent", "Hr", "HumanAgent"]) == {
        "HrAgent": "HrAgent",
        "Hr": "Hr",
        "HumanAgent": "Human",
    }


def test_scripts_that_the_font_lacks_come_from_an_installed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    goal, caches = "買う Ⓐ 🚀", (fonts._installed, fonts._other_for, fonts.text_width)
    boxed = fonts.drawable("Ⓐ", True)
    monkeypatch.setattr(fonts, "OTHERS", ("STIXGeneral",))  # comes with matplotlib, and knows this letter
    for cache in caches:
        cache.cache_clear()
    try:
        figure = monitor_figure(worked(("HrAgent", 0, 1), goal=goal))
        png(figure)  # a letter that is nowhere would be a warning
        assert "□□ Ⓐ □" in texts(figure) and fonts.drawable("plain", True) == "plain"
    finally:
        monkeypatch.undo()
        for cache in caches:
            cache.cache_clear()
    assert fonts.drawable("Ⓐ", True) == boxed
