"""The rehearsal: what is well passes, what is not is found and named, and nothing is left behind."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import nbformat
import pytest

from macae.cli import main
from macae.config import Settings
from macae.workshop.coach.folder import check_writable
from macae.workshop.coach.rehearsal import rehearse, run_notebook
from tests.support.ports import free_port

GOOD = """
import os
from macae.config import load_settings
from macae.workshop import coach_report
settings = load_settings()
assert settings.provider == "offline" and os.environ["MACAE_WORKSHOP_STRICT"] == "1" and os.environ["MACAE_AUTO_CLICK"] == "1"
assert not coach_report().active
await __import__("asyncio").sleep(0)
"""


def write(folder: Path, name: str, *cells: str) -> Path:
    """A notebook of these cells."""
    folder.mkdir(exist_ok=True)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell, id=f"cell-{i}") for i, cell in enumerate(cells)]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MACAE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.notebook
def test_all_is_well(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The board's address in the environment is not reported to, and a real provider is not paid for notebooks."""
    (alone / "share").mkdir()
    write(alone / "solved", "00-one", GOOD)
    write(alone / "solved", "01-two", "1 + 1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MACAE_COACH_URL", "http://127.0.0.1:9")
        patch.setenv("MACAE_COACH_CODE", "OTTER-2026")
        words = [
            "coach",
            "rehearse",
            "--notebooks",
            "solved",
            "--folder",
            "share",
            "--port",
            str(free_port()),
            "--json",
        ]
        code = main(words)
    told = json.loads(capsys.readouterr().out)
    assert (code, told["ok"]) == (0, True), told
    found = {result["name"]: result for result in told["results"]}
    assert {
        "Python",
        "Store",
        "Provider",
        "Port",
        "Shared folder",
        "Notebook 00-one",
        "Notebook 01-two",
    } <= set(found)
    assert found["Notebook 00-one"]["seconds"] > 0
    assert not list((alone / "share").iterdir())
    assert {path.name for path in (alone / "solved").iterdir()} == {"00-one.ipynb", "01-two.ipynb"}


@pytest.mark.notebook
def test_what_is_wrong_is_found(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(alone / "solved", "00-bad", "1 + 1", "raise ValueError('the oven\\nis cold')")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code = main(["coach", "rehearse", "--notebooks", "solved", "--folder", "none", "--port", str(port)])
    said = capsys.readouterr().out
    assert code == 1
    assert "cell 'cell-1': ValueError: the oven is cold" in said
    assert f"port {port}" in said and "none is no folder" in said and "3 problems" in said


def test_no_notebooks_is_a_problem(alone: Path) -> None:
    results = list(
        rehearse(
            Settings(home=alone / "home", _env_file=None), alone / "none", "127.0.0.1", free_port(), None
        )
    )  # type: ignore[call-arg]
    assert results[-1].finding.status == "problem" and "--notebooks" in results[-1].finding.fix


@pytest.mark.notebook
def test_a_notebook_that_never_ends_is_stopped(tmp_path: Path) -> None:
    endless = write(tmp_path, "endless", "import time\nwhile True: time.sleep(0.01)")
    result = run_notebook(endless, 6)
    assert result.finding.status == "problem" and "not done after 6 s" in result.finding.text


def test_what_is_no_notebook_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_text("no notebook", encoding="utf-8")
    assert run_notebook(tmp_path / "x.ipynb").finding.status == "problem"


def test_a_folder_is_tried_by_writing(tmp_path: Path) -> None:
    assert check_writable(tmp_path) == "" and not list(tmp_path.iterdir())
    assert "is no folder" in check_writable(tmp_path / "none")
