"""The challenges: solved, every check passes; unsolved, nothing breaks; and they are what the solutions give."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

from macae.workshop.build import challenge_of, differences, folders
from macae.workshop.parts import defines
from macae.workshop.registry import challenges

from .running import ROOT, SECRET, cells, compare, run

SOLUTIONS = [ROOT / "solutions" / challenge.file for challenge in challenges()]
CHALLENGES = [ROOT / "challenges" / challenge.file for challenge in challenges()]
NAMES = [path.stem for path in SOLUTIONS]
KINDS = {"passed", "not yet", "not attempted"}


def noted(home: Path) -> list[tuple[str, str]]:
    """What the checks said, in order."""
    lines = (home / "workshop" / "progress.ndjson").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [(one["exercise"], one["what"]) for one in found if one["what"] in KINDS]


@pytest.mark.notebook
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_solved_every_check_passes_and_the_outputs_are_those_committed(path: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    ran = compare(path, tmp_path, MACAE_WORKSHOP_STRICT="1")
    assert ran == sum(cell.cell_type == "code" for cell in cells(path))
    challenge = next(c for c in challenges() if c.notebook == path.stem)
    assert noted(home) == [(name, "passed") for name in challenge.exercises]
    kept = {file.stem for file in (home / "workshop" / "parts").glob("*.py")}
    assert kept == set(challenge.exercises), "what passed is kept, and runs by itself"


@pytest.mark.notebook
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", CHALLENGES, ids=NAMES)
def test_unsolved_nothing_breaks(path: Path, tmp_path: Path) -> None:
    home, result = tmp_path / "home", tmp_path / "result.ipynb"
    options = ["--cwd", str(path.parent), "-k", "python3", "--no-progress-bar", "-p", "seed", "7"]
    run(home, "papermill", *options, str(path), str(result))
    outputs = [output for cell in cells(result) if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    challenge = next(c for c in challenges() if c.notebook == path.stem)
    assert noted(home) == [(name, "not attempted") for name in challenge.exercises]


def test_the_challenges_are_what_the_solutions_give() -> None:
    assert differences() == "", "python workshop.py workshop build"


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_a_solution_is_made_for_learning(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    challenge = next(c for c in challenges() if c.notebook == path.stem)
    found = list(notebook.cells)
    ids = [cell.id for cell in found]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", one) for one in ids), ids
    tags = {cell.id: set(cell.metadata.get("tags", ())) for cell in found}
    assert found[ids.index("parameters")].source.count("=") >= 2
    assert tags["parameters"] == {"parameters"}
    text = "\n".join(cell.source for cell in found if cell.cell_type == "markdown")
    assert f"# Challenge {challenge.number}" in text
    for part in ("Success criteria", "Resources", "## In real projects", "## Go further", f"{challenge.minutes} minutes"):  # fmt: skip
        assert part in text, part
    assert "real model" in text
    told = [int(minutes) for minutes in re.findall(r"^## \d · .*\((\d+) min", text, re.MULTILINE)]
    assert told == [exercise.minutes for exercise in challenge.exercises.values()]
    stated = [int(minutes) for minutes in re.findall(r"^## .*\((\d+) min\)", text, re.MULTILINE)]
    assert sum(stated) <= challenge.minutes, "what is not left to who has time"
    code = [cell for cell in found if cell.cell_type == "code"]
    for exercise in challenge.exercises.values():
        given = [cell for cell in code if defines(cell.source, exercise)]
        assert len(given) == 1 and "exercise" in tags[given[0].id], exercise.name
        checks = [cell for cell in code if f"check({exercise.name})" in cell.source.splitlines()]
        assert len(checks) == 1, exercise.name
        assert code.index(checks[0]) > code.index(given[0])
    assert any("my_parts()" in cell.source for cell in code) or challenge.number < 3
    assert any("progress()" in cell.source for cell in code)
    for cell in code:
        assert not SECRET.search(cell.source)
        assert "asyncio.run(" not in cell.source
        assert len(cell.source.splitlines()) <= 48, f"cell {cell.id} is long"
        assert bool(cell.outputs) == ("nbval-check-output" in tags[cell.id]), cell.id


@pytest.mark.parametrize("path", CHALLENGES, ids=NAMES)
def test_a_challenge_is_safe_to_hand_out(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert cell.metadata.deletable is False
        assert "BEGIN SOLUTION" not in cell.source
        assert not cell.get("outputs") and cell.get("execution_count") is None
        if cell.cell_type == "code":
            compile(cell.source, cell.id, "exec", 0x2000)  # top-level await allowed
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)#:]+)\)", cell.source):
                assert (path.parent / target).exists(), f"{cell.id}: {target}"


def test_the_order_of_cells_is_kept_and_their_ids_too() -> None:
    solutions, _ = folders()
    path = solutions / SOLUTIONS[0].name
    solution = json.loads(path.read_text(encoding="utf-8"))
    built = challenge_of(solution, path.name)
    ids = [c["id"] for c in solution["cells"] if "solution-only" not in c["metadata"].get("tags", ())]
    assert [c["id"] for c in built["cells"]] == ids
