"""The linters, run as anyone would."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.gates.files import REPOSITORY


def run(*command: str) -> tuple[int, str]:
    """Run a tool in the repository."""
    env = {**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, encoding="utf-8", env=env, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("words", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_finds_nothing_in_code_and_notebooks(words: list[str]) -> None:
    code, output = run(sys.executable, "-m", "ruff", *words, ".")
    assert code == 0, output


def test_ruff_looks_at_notebooks_prints_and_docstrings(tmp_path: Path) -> None:
    """The gate itself: each kind of mistake is found, so a setting that hides it does not pass unseen."""
    notebook = (
        '{"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {}, "outputs": [], '
    )
    notebook += '"source": ["import os"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    (tmp_path / "a.ipynb").write_text(notebook, encoding="utf-8")
    (tmp_path / "b.py").write_text(
        "def public(a: int) -> int:\n    print(a)\n    return a\n", encoding="utf-8"
    )
    config = str(REPOSITORY / "pyproject.toml")
    code, output = run(
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--output-format=concise",
        "--config",
        config,
        str(tmp_path),
    )
    assert code == 1
    for place, rule in (("a.ipynb", "F401"), ("b.py", "T201"), ("b.py", "D103")):
        names = {"F401": "unused-import", "T201": "print", "D103": "undocumented-public-function"}
        assert any(place in line and (rule in line or names[rule] in line) for line in output.splitlines()), (
            rule,
            output,
        )


@pytest.mark.timeout(400)
@pytest.mark.xdist_group("mypy")
def test_mypy_strict_finds_nothing() -> None:
    code, output = run(sys.executable, "-m", "mypy")
    assert code == 0, output


def test_imports_only_go_down() -> None:
    code, output = run(str(Path(sysconfig.get_path("scripts")) / "lint-imports"))
    assert code == 0, output
