"""Challenges are built from solutions, and learners work on copies that no update takes from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from macae.errors import ConfigError, InvalidInput, StoreError
from macae.workshop import copies
from macae.workshop.build import build, challenge_of, differences, stubbed
from macae.workshop.exercise import Challenge
from macae.workshop.record import record

SOLVED = '''class Adder:
    """Adds."""

    limit = 3

    def add(self, a, b):
        ### BEGIN SOLUTION
        # STUB: add the two
        # STUB: and return the sum
        return a + b
        ### END SOLUTION

    def sub(self, a, b):
        ### BEGIN SOLUTION
        # STUB: code: result = None
        # STUB: code:     # indented
        return a - b
        ### END SOLUTION'''


def notebook(*cells: tuple[str, str, list[str]]) -> dict[str, Any]:
    return {
        "cells": [
            {"cell_type": "code", "id": i, "metadata": {"tags": tags} if tags else {}, "source": source.splitlines(keepends=True), "outputs": [{"x": 1}], "execution_count": 3}
            for i, source, tags in cells
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip


@pytest.fixture
def top(tmp_path: Path, home: Path, extra: Challenge, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workshop's folder with one solution, its challenge built."""
    monkeypatch.setattr("macae.workshop.copies.challenges", lambda: (extra,))
    monkeypatch.setattr("macae.workshop.copies.the_challenge", lambda number: extra)
    folder = tmp_path / "kit"
    (folder / "solutions").mkdir(parents=True)
    write(folder, SOLVED)
    return folder


def write(top: Path, source: str) -> None:
    text = json.dumps(notebook(("adder", source, ["exercise"]), ("only", "1", ["solution-only"])))
    (top / "solutions" / "90-a-tests-own.ipynb").write_text(text, encoding="utf-8")
    build(top)


def test_a_solution_becomes_a_stub_that_says_what_to_do() -> None:
    assert stubbed(SOLVED, "here").splitlines() == [
        "class Adder:",
        '    """Adds."""',
        "",
        "    limit = 3",
        "",
        "    def add(self, a, b):",
        '        raise NotImplementedError("To do: add the two and return the sum")',
        "",
        "    def sub(self, a, b):",
        "        result = None",
        "            # indented",
    ]


def test_outputs_go_ids_stay_and_cells_cannot_be_deleted(top: Path) -> None:
    built = json.loads((top / "challenges" / "90-a-tests-own.ipynb").read_text(encoding="utf-8"))
    (cell,) = built["cells"]
    assert cell["id"] == "adder"
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert cell["metadata"] == {"tags": ["exercise"], "deletable": False}


@pytest.mark.parametrize(
    "source",
    [
        "### BEGIN SOLUTION\n1",
        "### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
    ],
)
def test_markers_that_do_not_pair_are_named(source: str) -> None:
    with pytest.raises(InvalidInput, match="cell broken"):
        challenge_of(notebook(("broken", source, [])), "x.ipynb")


def test_an_exercise_without_markers_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cell bare"):
        challenge_of(notebook(("bare", "x = 1", ["exercise"])), "x.ipynb")


def test_check_tells_when_the_two_drift_apart(top: Path) -> None:
    assert differences(top) == ""
    assert build(top) == [], "nothing to do"
    path = top / "challenges" / "90-a-tests-own.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("Adds", "Sums"), encoding="utf-8")
    diff = differences(top)
    assert "-" in diff and "Sums" in diff and "Adds" in diff
    stale = top / "challenges" / "91-old.ipynb"
    stale.write_text("{}", encoding="utf-8")
    assert "91-old" in differences(top)
    build(top)
    assert differences(top) == "" and not stale.exists()


def test_a_learners_copy_outlives_an_update(top: Path) -> None:
    (mine,) = copies.start(top)
    assert copies.start(top) == []
    write(top, SOLVED.replace("add the two", "add both"))
    assert copies.start(top) == [mine], "nothing was written in it: it is renewed"
    assert "add both" in mine.read_text(encoding="utf-8")
    mine.write_text("my work", encoding="utf-8")
    write(top, SOLVED)
    assert copies.start(top) == []
    assert copies.jump(90, top) == mine
    assert mine.read_text(encoding="utf-8") == "my work"
    assert record().entries()[-1].what == "jumped"


def test_reset_keeps_a_backup_of_each_time(top: Path) -> None:
    mine = copies.jump(90, top)
    fresh = mine.read_text(encoding="utf-8")
    backups = []
    for text in ("one", "two"):
        mine.write_text(text, encoding="utf-8")
        path, backup = copies.reset(90, top)
        assert path.read_text(encoding="utf-8") == fresh
        backups.append(backup)
    assert [b.read_text(encoding="utf-8") for b in backups if b] == ["one", "two"]


def test_without_a_backup_nothing_is_reset(top: Path) -> None:
    mine = copies.jump(90, top)
    mine.write_text("my work", encoding="utf-8")
    (mine.parent / "backup").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="nothing was changed"):
        copies.reset(90, top)
    assert mine.read_text(encoding="utf-8") == "my work"


def test_outside_the_workshop_it_says_where_to_go(tmp_path: Path, home: Path) -> None:
    with pytest.raises(ConfigError, match="inside the workshop's folder"):
        build(tmp_path)
    with pytest.raises(ConfigError, match="inside the workshop's folder"):
        copies.start(tmp_path)
