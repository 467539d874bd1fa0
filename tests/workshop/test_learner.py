"""What a learner calls, and what they see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from macae.errors import CheckFailed, InvalidInput
from macae.workshop import begin, check, hint, progress, solution
from macae.workshop.exercise import Challenge
from macae.workshop.record import Record, record
from macae.workshop.standing import PAUSE, standing, summarise
from tests.notebooks.running import environment

from .cells import Cells

pytestmark = pytest.mark.usefixtures("extra", "home")

WRONG, RIGHT = "def adder(a, b):\n    return 4", "def adder(a, b):\n    return a + b"
STUB = "def adder(a, b):\n    raise NotImplementedError('To do: add them')"


def what() -> list[tuple[str, str]]:
    return [(entry.what, entry.detail) for entry in record().entries()]


def test_from_not_attempted_to_passed(cells: Cells, shown: list[Any], home: Path) -> None:
    check(cells.run(STUB)["adder"])
    assert "Not attempted yet" in shown[-1]._repr_html_() and "add them" in shown[-1]._repr_html_()
    check(cells.run(WRONG)["adder"])
    page = shown[-1]._repr_html_()
    assert "Not yet" in page and "Expected" in page and "Look at <code>+</code>" in page
    assert not (home / "workshop" / "parts" / "adder.py").exists()
    check(cells.run(RIGHT)["adder"])
    assert "Passed" in shown[-1]._repr_html_() and "It was called." in shown[-1]._repr_html_()
    assert (home / "workshop" / "parts" / "adder.py").exists()
    assert what() == [("not attempted", ""), ("not yet", "wrong-sum"), ("passed", "")]


def test_hints_climb_and_begin_at_the_failure(cells: Cells, shown: list[Any]) -> None:
    adder = cells.run(WRONG)["adder"]
    hint(adder)
    assert "Hint 1 of 3: Two numbers." in repr(shown[-1])
    check(adder)
    for expected in ("Hint 1 of 4: Is that the sum?", "Hint 2 of 4", "Hint 3 of 4", "Hint 4 of 4", "Hint 4 of 4"):  # fmt: skip
        hint()
        assert expected in repr(shown[-1])
    assert "<pre>return a + b</pre>" in shown[-1]._repr_html_()
    check(cells.run("def adder(a):\n    return 3")["adder"])
    hint()
    assert "Hint 1 of 3" in repr(shown[-1]), "another failure: from the first hint on"


def test_a_hint_that_is_shown_again_is_not_counted_again(cells: Cells, shown: list[Any]) -> None:
    def taken() -> int:
        return next(one for one in standing(record().entries()) if one.number == 90).exercises["adder"].hints

    adder = cells.run(WRONG)["adder"]
    for expected in (1, 2, 3, 3, 3):
        hint(adder)
        assert taken() == expected
    check(adder)
    hint()
    assert "Is that the sum?" in repr(shown[-1]) and taken() == 4, "the failure's own is new"
    for _ in range(5):
        hint()
    assert taken() == 4, "and behind it come the ones of before"
    row = next(one for one in summarise(record().entries()).challenges if one.number == 90)
    assert row.hints == 4


def test_hint_without_anything_asks_which() -> None:
    with pytest.raises(InvalidInput, match="Which exercise"):
        hint()


def test_the_solution_comes_after_a_confirm(
    cells: Cells, shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macae.workshop.parts.solution_source", lambda exercise: "return a + b  # <ours>")
    adder = cells.run(WRONG)["adder"]
    check(adder)
    solution()
    assert "solution" not in dict(what())
    box = shown[-1]
    button = box.children[0]
    assert button.description == "Show it"
    button.click()
    assert "solution" in dict(what())
    assert button.disabled
    solution(adder, yes=True)
    assert "return a + b  # &lt;ours&gt;" in shown[-1]._repr_html_()


def test_strict_raises(cells: Cells, shown: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACAE_WORKSHOP_STRICT", "1")
    for source in (STUB, WRONG):
        with pytest.raises(CheckFailed):
            check(cells.run(source)["adder"])
    check(cells.run(RIGHT)["adder"])
    assert len(shown) == 3, "the card is shown before it raises"


def test_what_learners_write_is_escaped(cells: Cells, shown: list[Any]) -> None:
    check(cells.run("def adder(a, b):\n    return '<script>alert(1)</script>\\u202e'")["adder"])
    page = shown[-1]._repr_html_().split("</style>")[1]
    assert "<script>" not in page and "&lt;script&gt;" in page and "\u202e" not in page
    check(cells.run("def adder(a, b):\n    return 1 / 0  # <img src=x onerror=alert(1)>")["adder"])
    assert "<img" not in shown[-1]._repr_html_()


def test_begin_shows_where_one_is_and_gives_settings(
    extra: Challenge, shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = begin(90, provider="offline", seed=7)
    assert settings.provider == "offline"
    assert "0 of 2 passed" in repr(shown[-1]) and "offline" in shown[-1]._repr_html_()
    with pytest.raises(InvalidInput, match="no challenge 91"):
        begin(91)


def test_progress_shows_each_exercise(cells: Cells, shown: list[Any]) -> None:
    check(cells.run(RIGHT)["adder"])
    progress()
    page = shown[-1]._repr_html_()
    assert "A test&#x27;s own" in page and "1 of 2" in page and "adder: passed" in page
    assert "<svg" in page
    progress(code=True)
    assert "<code>" in shown[-1]._repr_html_()


def test_a_disk_that_cannot_be_written_does_not_take_the_verdict_away(
    cells: Cells, shown: list[Any], home: Path
) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file, where the folder would be", encoding="utf-8")
    check(cells.run(RIGHT)["adder"])
    page = shown[-1]._repr_html_()
    assert "Passed" in page and "could not be noted" in page and "could not be kept" in page


def test_two_kernels_write_at_once_and_a_killed_line_costs_only_itself(home: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom macae.workshop.record import Record\n"
        "r = Record(Path(sys.argv[1]))\n"
        "for i in range(40):\n    r.add('opened', 90, 'x' * 500)\n"
    )
    folder = home / "workshop"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    both = [subprocess.Popen([sys.executable, "-c", code, str(folder)], env=environment) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    held = Record(folder)
    assert len(held.entries()) == 80
    with held.path.open("ab") as file:
        file.write(b'{"what": "passed", "chal')
    held.add("passed", 90, "adder")
    assert len(held.entries()) == 81
    assert held.entries()[-1].what == "passed"


@pytest.mark.parametrize(
    "line",
    [
        '{"what": "passed", "challenge": 90, "exercise": "adder", "at": "noon"}',
        '{"what": "passed", "challenge": [90]}',
        '{"what": "not yet", "challenge": 90, "exercise": ["adder"], "at": 2}',
        '{"what": "opened", "challenge": 90, "at": 1e400}',
        "[1]",
        "null",
    ],
)
def test_a_line_that_was_edited_by_hand_costs_only_itself(line: str, home: Path) -> None:
    held = record()
    held.add("opened", 90)
    with held.path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    held.add("passed", 90, "adder")
    assert [entry.what for entry in held.entries()] == ["opened", "passed"]
    assert next(one for one in standing(held.entries()) if one.number == 90).passed == 1


def test_minutes_do_not_count_the_night(home: Path) -> None:
    held = record()
    held.folder.mkdir(parents=True)
    times = [0, 60, 120, 120 + 8 * 3600, 180 + 8 * 3600]
    lines = [{"what": "opened", "challenge": 90, "exercise": "", "detail": "", "at": 1e9 + t} for t in times]
    held.path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    one = next(c for c in standing(held.entries()) if c.number == 90)
    assert one.spent == 60 + 60 + PAUSE + 60


def test_what_the_coach_gets_holds_numbers_and_names_only(cells: Cells, shown: list[Any]) -> None:
    check(cells.run("def adder(a, b):\n    return 'my secret text'")["adder"])
    hint()
    found = summarise(record().entries())
    row = next(one for one in found.challenges if one.number == 90)
    assert (row.passed, row.total, row.failed, row.hints, row.solutions) == (0, 2, 1, 1, 0)
    assert found.exercise == "adder"
    assert "secret" not in found.model_dump_json()


def test_a_cell_that_did_not_run_is_told_and_nothing_older_is_judged(home: Path, tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    sources = [
        "from macae.workshop import begin, check, hint\nbegin(3)",
        "def tool_catalogue(team):\n    raise NotImplementedError('To do: write it')",
        "hint()",
        "def tool_catalogue(team:\n    return ''",
        "check(tool_catalogue)",
        "hint()",
        "1 / 0\ndef tool_catalogue(team):\n    return ''",
        "check(tool_catalogue)",
        "def tool_catalogue(team):\n    return ''\n1 / 0",
        "check(tool_catalogue)",
        "check('tool_catalogue')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True)
    client.execute(cwd=str(tmp_path), env=environment(tmp_path / "home"))

    def text(cell: int) -> str:
        outputs = notebook.cells[cell].outputs
        return "".join(str(o.get("data", {}).get("text/plain", o.get("evalue", ""))) for o in outputs)

    assert "check_stock" in text(2) or "Hint 1" in text(2), "the first open exercise of this challenge"
    assert "your newest cell did not run: SyntaxError" in text(4)
    assert "Hint 1" in text(5)
    assert "ZeroDivisionError" in text(7) and "from before" in text(7)
    assert "did not run" not in text(9), "it was defined before the cell failed"
    assert "without quotes: check(tool_catalogue)" in text(10)
