"""The monitor's figure: every bar, number and limit is there, whatever the session is like."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import matplotlib
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from macae.errors import InvalidInput
from macae.monitoring import Recording
from macae.monitoring.figures import monitor_figure, png, save_png, svg
from macae.monitoring.figures.rows import in_lanes, run_together
from macae.monitoring.figures.theme import DARK, LIGHT, Theme, readable_on
from macae.monitoring.replay.views import Bar
from tests.monitoring.figures.drawn import artists, axes, bars, texts, waited_long, worked
from tests.support.recordings import PLAN, onboarding


@pytest.fixture(scope="module")
def story() -> Recording:
    return Recording(onboarding())


def test_a_session_with_all_that_happened(story: Recording) -> None:
    figure = monitor_figure(story, budget_usd=0.25)
    said = texts(figure)
    for words in (
        "onboard Jessica Smith",
        "13.0k / 2.4k",
        "$0.057",
        "Planner",
        "Procurement",
        "waited 8.0 s",
    ):
        assert words in said, words
    assert any("finished" in line and "38.2 s" in line and "S-7f3a" in line for line in said)
    assert {"limit 5 s", "Procurement 6.4 s", "budget $0.25"} <= set(said)
    assert {"3.7 s", "2.8 s", "6.4 s"} <= set(said), "durations stand in the bars"
    for kind in ("model", "tool", "memory", "waiting", "error"):
        assert len(bars(figure, kind)) == sum(bar.kind == kind for bar in story.bars) > 0
    legend = {
        "model call",
        "tool",
        "memory",
        "waiting for a person",
        "error",
        "alert",
        "prompt",
        "completion",
    }
    for width in (12.8, 8, 4):
        assert legend <= set(texts(monitor_figure(story, width=width))), "explained on a narrow page, too"
    (waiting,) = artists(figure, "bars-waiting")
    assert waiting.get_hatch(), "waiting is hatched: told without colour"
    (alerts,) = artists(figure, "alerts")
    assert len(alerts.get_xdata()) == 2
    assert len(axes(figure, "gantt").patches) == len(story.hand_overs), "an arrow for each hand-over"
    (prompt,), (completion,) = artists(figure, "prompt"), artists(figure, "completion")
    assert len(prompt.get_paths()) == len(completion.get_paths()) == 4
    assert len(artists(figure, "calls-D")[0].get_xdata()) == 1, "the slow call has its own mark"


def test_nothing_yet_invites() -> None:
    figure = monitor_figure(Recording([]), "dark")
    assert "Nothing has happened yet." in texts(figure)
    assert "No model call has ended yet." in texts(figure) and "–" in texts(figure)
    assert png(figure).startswith(b"\x89PNG")


def test_a_run_of_milliseconds_is_seen() -> None:
    even = monitor_figure(worked(("PlannerAgent", 0, 0.009), ("HrAgent", 0.009, 0.02)))
    assert {"0 ms", "10 ms", "20 ms"} <= set(texts(even))
    recording = worked(("PlannerAgent", 0, 0.0002), ("HrAgent", 0.001, 0.0011), ("HrAgent", 0.019, 0.02))
    figure = monitor_figure(recording)
    assert {"0 s", "19 ms"} <= set(texts(figure)) and "limit 5 s ↑" in texts(figure), (
        "a far limit does not flatten the calls"
    )
    tiny = monitor_figure(worked(("PlannerAgent", 0, 10), ("HrAgent", 10.0, 10.00001), ("HrAgent", 10.1, 20)))
    inches = axes(figure, "gantt").get_position().width * figure.get_figwidth()
    widths = [(right - left) * inches for left, right, _, _ in bars(figure, "model")]
    widths += [(right - left) * inches for left, right, _, _ in bars(tiny, "model")]
    assert len(widths) == 6 and min(widths) >= 0.03
    assert all(0 <= left < right <= 1 for left, right, _, _ in bars(figure, "model"))


def test_work_does_not_vanish_beside_long_waits() -> None:
    recording = waited_long()
    figure = monitor_figure(recording)
    share = sum(right - left for left, right, _, _ in bars(figure, "model"))
    assert share > 0.4 and "time shortened" in texts(figure)
    assert sum("60 min" in text for text in texts(figure)) == 3, "the waits still tell their length"
    assert any(text.count(":") == 2 for text in texts(figure)), "the axis tells the clock"
    plain = monitor_figure(recording, shorten=False)
    assert "time shortened" not in texts(plain) and "1 h" in " ".join(texts(plain))
    assert len(bars(plain, "model")) == 6


def test_a_crowd_fits() -> None:
    calls = [(f"A{n % 12}Agent", n * 0.4, n * 0.4 + 0.3 + n % 5) for n in range(300)]
    figure = monitor_figure(worked(*calls))
    assert len(bars(figure, "model")) == 300
    heights = axes(figure, "gantt").get_position().height * figure.get_figheight()
    assert all(-0.01 <= top < bottom <= heights + 0.01 for _, _, top, bottom in bars(figure, "model"))
    assert figure.get_figheight() < 24
    many = monitor_figure(worked(*[(f"Agent number {n}", n, n + 1) for n in range(40)]))
    assert "24 of 40 agents shown" in texts(many) and "33 others" in texts(many)


def test_what_an_agent_does_at_once_is_in_lanes() -> None:
    figure = monitor_figure(
        worked(("HrAgent", 0, 5), ("HrAgent", 1, 4), ("HrAgent", 2, 6), ("HrAgent", 5.5, 7))
    )
    drawn = bars(figure, "model")
    for one in drawn:
        for other in drawn:
            apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
            assert one == other or apart
    assert len({top for _, _, top, _ in drawn}) == 3
    assert "4 calls · 7.0 s" in texts(figure), "how long it was busy: what it did at once counts once"


def bar(start: float, end: float, step: str, kind: str = "model") -> Bar:
    return Bar(kind, "HrAgent", start, end, "", step, PLAN, 1)  # type: ignore[arg-type]


def test_there_are_no_more_lanes_than_things_at_once() -> None:
    waits = [bar(0, 2, "s1", "waiting"), bar(3, 5, "s2", "waiting"), bar(6, 8, "s1", "waiting")]
    assert [lane for _, lane in in_lanes(waits)[0]] == [0, 0, 0]
    tries_of_two_steps = [bar(0, 2, "s1"), bar(3, 5, "s2"), bar(6, 8, "s1")]
    assert in_lanes(tries_of_two_steps)[1] == 1
    at_once = [bar(0, 2, "s1"), bar(1, 3, "s2"), bar(3.5, 5, "s2"), bar(4, 6, "s1"), bar(7, 8, "s1")]
    assert [lane for _, lane in in_lanes(at_once)[0]] == [0, 1, 1, 0, 0], "each step keeps its lane"


def test_bars_too_thin_to_tell_apart_are_drawn_as_one() -> None:
    assert run_together([(0, 1), (3, 4), (1.25, 2.25), (9, 12), (12.1, 13)], 1, 0.5) == [
        (0, 2.25),
        (3, 4),
        (9, 12),
        (12.1, 13),
    ]
    many = worked(*[("HrAgent", n * 2.0, n * 2.0 + 1) for n in range(3000)])
    assert 1 <= len(bars(monitor_figure(many), "model")) < 300


def test_what_has_no_price_is_called_unpriced() -> None:
    said = texts(monitor_figure(worked(("HrAgent", 0, 2), price=None)))
    assert "unpriced" in said and not any(text.startswith("$") for text in said)
    assert "No price is known for the model." in said


HOSTILE = "$\\frac{1}{0}$ \n\x1b[31m\u202egnp.exe\u2066 🚀 \ud800 漢字 %s {x} " + "very long " * 60


def test_hostile_text_is_only_text() -> None:
    agents = [f"$a_{{{n}}}$\n\u202e🦜{'x' * 300}Agent" for n in range(3)]
    calls = [(agent, n, n + 6.0) for n, agent in enumerate(agents)]
    figure = monitor_figure(
        worked(*calls, goal=HOSTILE), metrics=[(HOSTILE, [(0.0, 1.0), (1.0, float("nan"))])]
    )
    png(figure)
    assert "<script" not in svg(figure)
    written = figure.findobj(lambda artist: hasattr(artist, "get_parse_math"))
    written = [text for text in written if text.get_text()]
    assert written and not any(text.get_parse_math() or text.get_usetex() for text in written)
    assert any("\\frac" in text for text in texts(figure)), "shown as it is written"
    assert not any(character in text for text in texts(figure) for character in "\n\x1b\u202e\u2066\ud800")
    title = next(text for text in texts(figure) if "frac" in text)
    assert len(title) < 80 and title.endswith("…")


def test_what_runs_is_open_and_a_replay_stands_still(story: Recording) -> None:
    live = Recording(onboarding(live=True, finished=False)).until(39.0)
    figure = monitor_figure(live)
    assert artists(figure, "open-ends") and any(text.endswith(" …") for text in texts(figure))
    part = story.until(28.0)
    replayed, final = monitor_figure(part, now=28.0, whole=story), monitor_figure(story)
    (moment,) = artists(replayed, "moment")
    assert moment.get_segments()[0][0][0] == pytest.approx(28.0 / story.seconds)
    assert "28.0 s" in texts(replayed)
    assert set(bars(replayed, "tool")) <= set(bars(final, "tool")), "bars stay where they are"
    assert replayed.get_size_inches().tolist() == final.get_size_inches().tolist()
    crowd = worked(
        ("HrAgent", 0, 3), ("HrAgent", 4, 8), ("HrAgent", 5, 9), ("HrAgent", 6, 9.5), ("ItAgent", 9, 10)
    )
    early = bars(monitor_figure(crowd.until(3.5), now=3.5, whole=crowd), "model")
    assert early and set(early) <= set(bars(monitor_figure(crowd), "model")), "also where lanes come later"
    assert monitor_figure(story.until(0), now=0.0, whole=story).get_figheight() == final.get_figheight()


def test_agents_can_be_chosen_and_metrics_added(story: Recording) -> None:
    metrics = [("orders", [(5.0, 1.0), (24.3, 2.0)]), ("none", [])]
    figure = monitor_figure(story, agents=["HrAgent", "nobody"], metrics=metrics)
    said = texts(figure)
    assert "1 of 5 agents shown" in said and "TechSupport" not in said
    assert len(bars(figure, "model")) == 2 and not bars(figure, "waiting")
    assert {"orders", "none", "No value yet."} <= set(said)
    assert axes(figure, "metric:orders").get_position().y0 < axes(figure, "latency").get_position().y0
    assert "These agents have done nothing yet." in texts(monitor_figure(story, agents=[]))


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_both_themes_are_readable_and_orange_is_trouble(theme: Theme, story: Recording) -> None:
    for ground in (theme.ground, theme.band):
        assert contrast(theme.text, ground) >= 7 and contrast(theme.soft, ground) >= 4.5
        assert contrast(theme.trouble, ground) >= 3
    for kind in ("model", "tool", "memory", "error"):
        assert contrast(readable_on(theme.of(kind)), theme.of(kind)) >= 4
    assert len(set(asdict(theme).values())) >= 13
    good = monitor_figure(worked(("HrAgent", 0, 2), ("ItAgent", 2, 3)), theme.name, limit_seconds=None)
    assert theme.trouble not in colours(good) and theme.trouble in colours(monitor_figure(story, theme.name))
    assert to_hex(good.get_facecolor()) == theme.ground


def colours(figure: Figure) -> set[str]:
    """All colours that a figure is drawn in."""
    found = set()
    for artist in figure.findobj():
        for name in ("get_color", "get_facecolor", "get_markerfacecolor"):
            value = getattr(artist, name, lambda: "none")()
            values = value if not isinstance(value, str | tuple) else [value]
            found |= {to_hex(one) for one in values if isinstance(one, str) or len(one) >= 3}
    return found


def test_the_readers_style_changes_nothing_and_nothing_changes_it(story: Recording) -> None:
    before = dict(matplotlib.rcParams)
    first, drawing = png(monitor_figure(story)), svg(monitor_figure(story))
    with matplotlib.rc_context({"font.size": 30, "text.usetex": True, "axes.facecolor": "red", "lines.linewidth": 9, "savefig.dpi": 30, "savefig.facecolor": "red", "hatch.linewidth": 9, "text.parse_math": True}):  # fmt: skip
        assert png(monitor_figure(story)) == first
        assert svg(monitor_figure(story)) == drawing
    assert dict(matplotlib.rcParams) == before


def test_drawing_needs_no_pyplot_and_importing_no_matplotlib() -> None:
    code = (
        "import sys, macae.monitoring.figures as f, macae.monitoring.report as r\n"
        "assert 'matplotlib' not in sys.modules\n"
        "from macae.monitoring import Recording\n"
        "f.png(f.monitor_figure(Recording([])))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_pictures(story: Recording, tmp_path: Path) -> None:
    folder = tmp_path
    figure = monitor_figure(story, width=4)
    small, large = png(figure), png(figure, 2, transparent=True)
    assert int.from_bytes(large[16:20]) == 2 * int.from_bytes(small[16:20]) == 800
    assert len(png(monitor_figure(story))) < 200_000, "small enough for one frame a second"
    assert save_png(figure, folder / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InvalidInput, match=r"nowhere.*cannot be written"):
        save_png(figure, folder / "nowhere" / "a.png")
    (folder / "taken").mkdir()
    with pytest.raises(InvalidInput, match="cannot be written"):
        save_png(figure, folder / "taken")
    assert {path.name for path in folder.iterdir()} == {"a.png", "taken"}, "no half file is left"
    for wrong in (0, 100):
        with pytest.raises(InvalidInput, match="scale"):
            png(figure, wrong)
    with pytest.raises(InvalidInput, match="no theme 'pink'"):
        monitor_figure(story, "pink")
