"""Real runs of the command, in a home of their own and with no setting from outside."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from macae.cli import main

ROOT = Path(__file__).parents[2]
BAKERY = """\
name: Bakery
agents:
  - name: BakerAgent
    system_message: You bake.
    tools: ["tests.support.bakery:bake", "tests.support.bakery:taste", "tests.support.bakery:burn", "tests.support.bakery:wait_long"]
  - name: ShopAgent
    system_message: You sell.
    tools: ["tests.support.bakery:sell"]
"""
BAKE = {
    "agent": "BakerAgent",
    "action": "Bake oat.",
    "function": "bake",
    "args": {"kind": "oat", "quantity": 12},
}
SELL = {"agent": "ShopAgent", "action": "Sell oat.", "function": "sell", "args": {"kind": "oat"}}
BURN = {"agent": "BakerAgent", "action": "Burn oat.", "function": "burn", "args": {"kind": "oat"}}
SLOW = {"agent": "BakerAgent", "action": "Wait.", "function": "wait_long", "args": {"kind": "oat"}}
MINE = {"agent": "HumanAgent", "action": "Say which colour the box is to have."}


def environment(home: Path, **more: str) -> dict[str, str]:
    """The outside world without its own settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("MACAE_", "OPENAI_", "AZURE_", "COLUMNS", "NO_COLOR", "FORCE_COLOR"))
    }
    return {**kept, "MACAE_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


class Command:
    """Runs `macae` in a subprocess, in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.team = folder / "team.yaml"
        self.team.write_text(BAKERY, encoding="utf-8")

    def words(self, *words: str, plan: Any = None) -> list[str]:
        """The command line; with `plan` the model is a scripted one and the team bakes."""
        if plan is None:
            return [sys.executable, "-m", "macae.cli", *words]
        more = ["--team", str(self.team)] if words[0] in ("run", "resume") else []
        return [
            sys.executable,
            "-m",
            "tests.cli.scripted_main",
            json.dumps(plan),
            words[0],
            *more,
            *words[1:],
        ]

    def __call__(self, *words: str, plan: Any = None, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words(*words, plan=plan),
            cwd=self.folder,
            env=environment(self.home, **env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )


@pytest.fixture
def macae(tmp_path: Path) -> Command:
    """The command in an empty folder."""
    return Command(tmp_path)


class Inside:
    """Runs `macae` in this process: quicker, for what needs no process of its own."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self.capture = capture

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        with warnings.catch_warnings():
            code = main(list(words))
        out, err = self.capture.readouterr()
        return subprocess.CompletedProcess(words, code, out, err)


@pytest.fixture
def inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Inside]:
    """The command in this process, in an empty folder, its settings its own."""
    for name in [name for name in os.environ if name.upper().startswith(("MACAE_", "OPENAI_", "AZURE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MACAE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    handlers = list(logging.getLogger().handlers)
    yield Inside(capsys)
    logging.getLogger().handlers[:] = handlers


def object_in(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object on stdout, which holds nothing else."""
    found = json.loads(run.stdout)
    assert isinstance(found, dict)
    return found
