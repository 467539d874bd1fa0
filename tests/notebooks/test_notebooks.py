"""Every notebook runs from top to bottom, as papermill and nbval run it, and leaves behind what it says."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from macae import Engine, Settings
from macae.models import EventType, PlanStatus

from .running import ROOT, SECRET, cells, compare, run

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]
READ_ONLY = {"glossary", *(name for name in NAMES if name.startswith("walkthrough-"))}
"""Notebooks without code: nothing of them can be run."""
RUN = [path for path in NOTEBOOKS if path.stem not in READ_ONLY]
RUN_NAMES = [path.stem for path in RUN]


def starts_an_engine(path: Path) -> bool:
    """Whether a notebook makes plans: then what it leaves in the store is looked at too."""
    return any(cell.cell_type == "code" and "Engine(" in cell.source for cell in cells(path))


def test_the_tours_of_the_engine_start_one() -> None:
    assert {"00-start-here", "01-the-engine"} <= {path.stem for path in NOTEBOOKS if starts_an_engine(path)}


@pytest.mark.notebook
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", RUN, ids=RUN_NAMES)
async def test_papermill_runs_it_and_its_plans_are_stored(path: Path, tmp_path: Path) -> None:
    home, result = tmp_path / "home", tmp_path / "result.ipynb"
    options = ["--cwd", str(path.parent), "-k", "python3", "--no-progress-bar", "-p", "home", str(home)]
    run(tmp_path / "not-this-one", "papermill", *options, str(path), str(result))
    outputs = [output for cell in cells(result) if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    if not starts_an_engine(path):
        return
    async with Engine(settings=Settings(home=home, _env_file=None)) as engine:  # type: ignore[call-arg]
        plans = [
            plan for one in (await engine.sessions()).items for plan in await engine.plans(one.session_id)
        ]
        assert PlanStatus.completed in {plan.overall_status for plan in plans}
        for plan in plans:
            approved: set[str | None] = set()
            for event in await engine.trail(plan):
                if event.type is EventType.step_approved:
                    approved.add(event.step_id)
                if event.type is EventType.tool_started:
                    assert event.step_id in approved


@pytest.mark.notebook
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", RUN, ids=RUN_NAMES)
def test_nbval_finds_the_outputs_that_are_committed(path: Path, tmp_path: Path) -> None:
    assert compare(path, tmp_path) == sum(cell.cell_type == "code" for cell in cells(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_it_is_committed_clean(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}, "saved widgets reopen as an error"
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]+", one) for one in ids), "cell ids are names, so that they stay"
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", ()))
        assert not SECRET.search(cell.source)
        if cell.cell_type != "code":
            continue
        assert (cell.execution_count is not None) == bool(cell.outputs)
        assert bool(cell.outputs) == ("keep_output" in tags) == ("nbval-check-output" in tags)
        for output in cell.outputs:
            assert output.output_type == "stream"
            assert not SECRET.search(output.text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_it_is_made_for_reading(path: Path) -> None:
    found = cells(path)
    assert ("parameters" in {tag for cell in found for tag in cell.metadata.get("tags", ())}) == (path in RUN)
    assert (path in RUN) == any(cell.cell_type == "code" for cell in found)
    for before, cell in zip([None, *found], found, strict=False):
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 14, f"cell {cell.id} is long"
        elif before is not None and before.cell_type == "markdown":
            assert cell.source.startswith("#"), f"cell {cell.id} could be one with the text before it"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_its_links_lead_somewhere(path: Path) -> None:
    for cell in cells(path):
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)#:]+)\)", cell.source):
                file = target.replace(
                    "../my/", "../challenges/"
                )  # the learner's copy, made at the first start
                assert (path.parent / file).exists(), f"{cell.id}: {target}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_its_links_within_lead_to_a_heading(path: Path) -> None:
    texts = [cell.source for cell in cells(path) if cell.cell_type == "markdown"]
    headings = re.findall(r"^#+ (.+)$", "\n".join(texts), re.MULTILINE)
    known = {heading.replace(" ", "-") for heading in headings}
    for text in texts:
        for target in re.findall(r"\]\(#([^)]+)\)", text):
            assert target in known, target
