"""The pictures of the memory notebook: they show what is there, follow the theme, and take nothing for HTML."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from macae.errors import InvalidInput
from macae.evals.ragreports import RagReport, RagResult
from macae.memory.retrieval import Chunk, Hit
from macae.ui.text import esc
from macae.workshop.shows import embedding_map as embedding_map_module
from macae.workshop.shows.embedding_map import embedding_map, flattened
from macae.workshop.shows.figures import TONES, themed
from macae.workshop.shows.own import own_questions
from macae.workshop.shows.places import places_picture
from macae.workshop.shows.retrieved import hits_picture, rates_picture, rates_table

HOSTILE = "<script>alert(1)</script>"


def hit(text: str, score: float, **why: float) -> Hit:
    return Hit(Chunk("c", "d", HOSTILE, "Part", text, 0), score, why)


def result(mode: str, place: int | None, right: bool | None) -> RagResult:
    reciprocal = None if place is None else 1 / place if place else 0.0
    first, five = (None, None) if place is None else (float(place == 1), float(place > 0))
    return RagResult(f"q{place}", "plain", "test", mode, first, five, reciprocal, right, 0.002, HOSTILE)


def test_hits_show_each_part_of_their_score() -> None:
    html = hits_picture("Why?", [hit(HOSTILE * 30, 0.9, words=7.0, vectors=0.25)])._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "<th>words</th><th>vectors</th><th" in html and "<th>codes" not in html
    assert re.findall(r'<rect x="0" y="3" width="([\d.]+)" height="10" rx="2" style="fill: var\(--x-(?:info|ok)\)', html) == ["64.0", "16.0"]  # fmt: skip
    empty = hits_picture("Why?", [])
    assert "Nothing was found" in empty._repr_html_() and repr(empty).startswith("Why?")


def test_what_is_looked_for_is_shown_and_markdown_is_not() -> None:
    text = f"**Form F-12** {'filler ' * 90}NOTE: <b>obey</b> and **never"
    html = hits_picture("?", [hit(text, 0.5, words=1.0)], 60)._repr_html_()
    assert "<b>Form F-12</b> filler" in html and "NOTE" not in html and "words: 1 is the best" in html
    html = hits_picture("?", [hit(text, 0.5)], 60, around="NOTE:")._repr_html_()
    assert "…<mark>NOTE:</mark> &lt;b&gt;obey&lt;/b&gt; and never<" in html and "**" not in html


def test_a_part_that_did_not_find_it_is_a_dash() -> None:
    html = hits_picture("?", [hit("a", 0.5, words=0.5), hit("b", 0.4, vectors=0.5)])._repr_html_()
    assert html.count("–</span>") == 2


def test_the_map_keeps_neighbours_and_is_the_same_each_time() -> None:
    rows = np.array([[1, 0, 0, 0], [0.9, 0.1, 0, 0], [0, 0, 1, 0], [0, 0.1, 0.9, 0]], dtype=float)
    points, stars, share = flattened(rows, [rows[0]])
    assert np.linalg.norm(points[0] - points[1]) < np.linalg.norm(points[0] - points[2]) / 3
    assert stars[0] == pytest.approx(points[0]) and 0.9 < share <= 1
    card = embedding_map(["one", "one", HOSTILE, "two"], rows, {HOSTILE: rows[1]}, [0])
    html = card._repr_html_()
    assert html == embedding_map(["one", "one", HOSTILE, "two"], rows, {HOSTILE: rows[1]}, [0])._repr_html_()
    assert "<script>" not in html and "4 points" in html
    assert not [tone for tone in TONES.values() if tone in html], "all colours are the theme's"
    assert re.search(r"<svg[^>]*aria-label", html) and "<metadata>" not in html


def test_a_group_s_name_is_shown_as_it_is() -> None:
    names = ["$\\foo$", "$x_{", "_hidden", "a$b$c"]
    figures: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            embedding_map_module,
            "themed",
            lambda figure, text: figures.append(figure) or themed(figure, text),
        )
        embedding_map(names, np.eye(4))
    assert [text.get_text() for text in figures[0].axes[0].get_legend().get_texts()] == sorted(names)


def test_equal_vectors_make_no_error() -> None:
    points, _, share = flattened([[1.0, 2.0, 3.0]] * 3)
    assert not points.any() and share == 0.0


def test_rates_and_single_questions_are_told() -> None:
    report = RagReport((result("words", 1, True), result("words", 0, False), result("words", None, True)), "lexical")  # fmt: skip
    card = rates_picture(report)
    assert repr(card) == "words: right document first 50%, among the first five 50%, answer right 67%, 2 ms"
    assert "var(--x-info)" in card._repr_html_() and "3 questions" in card._repr_html_()
    assert "looked for in the 2 that have one" in card._repr_html_()

    class Asked:
        def __init__(self, place: int | None) -> None:
            self.id, self.question = f"q{place}", HOSTILE

    html = rates_table({"lexical": report}, [Asked(1), Asked(0), Asked(None), Asked(9)])._repr_html_()
    assert "<script>" not in html
    assert "place 1 · ✓ right" in html and "not found · ✗ wrong" in html and ">✓ right<" in html
    assert f"<details><summary>place 1 · ✓ right</summary>{esc(HOSTILE)}</details>" in html, (
        "no mouse is needed"
    )
    assert "<td>–</td>" in html, "a question that was not asked in this mode"


def test_the_places_are_named() -> None:
    card = places_picture()
    assert "SQLite" in repr(card) and card._repr_html_().count("<rect") == 7


def test_a_bad_line_of_ones_own_is_told_and_the_others_count() -> None:
    known = ["hr-104-leave", "it-403-devices", "it-404-software"]
    lines = [
        ("Lost it?", "it-403", "F-32"),
        ("How long?", " hr-104-leave ", "20 days"),
        ("Where?", "it/it-403-devices.md", ""),
        ("Missing comma" "it-403-devices", "F-32"),
        ("Misspelt?", "it-403-device5", ""),
        ("The cat?", "", ""),
        "no tuple",
        ("The dog?", "", "Rex"),
        ("What?", "zzz", ""),
    ]  # fmt: skip
    questions, told = own_questions(lines, known)
    assert [(one.id, one.sources, one.kind) for one in questions] == [("2", ["hr-104-leave"], "plain"), ("6", [], "unanswerable")]  # fmt: skip
    assert told[0] == "Line 1 is left out: no document is called 'it-403'. Did you mean 'it-403-devices'?"
    assert "'it-403-devices'?" in told[1] and "'it-403-devices'" in told[3]
    assert "three texts" in told[2] and "three texts" in told[4] and "Rex" in told[5] and "ending" in told[6]
    with pytest.raises(InvalidInput, match="Line 1"):
        own_questions(["nothing"], known)
