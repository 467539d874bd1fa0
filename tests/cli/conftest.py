"""Runs of the command, in a home of their own and with no setting from outside."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from macae.cli import main
from tests.cli.scripted_main import scripted

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


def is_setting(name: str) -> bool:
    """Whether an environment variable says something to the command."""
    starts = ("MACAE_", "OPENAI_", "AZURE_", "COLUMNS", "NO_COLOR", "FORCE_COLOR")
    return name.upper().startswith(starts)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The outside world without its own settings."""
    kept = {name: value for name, value in os.environ.items() if not is_setting(name)}
    return {**kept, "MACAE_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


class Bakery:
    """A folder in which `macae` is run, empty but for a team that bakes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.team = folder / "team.yaml"
        self.team.write_text(BAKERY, encoding="utf-8")

    def baking(self, words: Sequence[str]) -> list[str]:
        """The words, with the team that bakes where they ask for one."""
        more = ["--team", str(self.team)] if words[0] in ("run", "resume") else []
        return [words[0], *more, *words[1:]]


class Command(Bakery):
    """Runs `macae` in a process of its own: for signals, terminals, pipes, and what one process leaves to the next."""

    def words(self, *words: str, plan: Any = None) -> list[str]:
        """The command line; with `plan` the model is a scripted one and the team bakes."""
        if plan is None:
            return [sys.executable, "-m", "macae.cli", *words]
        return [sys.executable, "-m", "tests.cli.scripted_main", json.dumps(plan), *self.baking(words)]

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


class Inside(Bakery):
    """Runs `macae` in this process, which takes a tenth of the time: for all that needs no process of its own.

    It is called as `Command` is. In a folder that both share, each finds what the other has stored.
    """

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder)
        self.capture = capture

    def __call__(self, *words: str, plan: Any = None, **env: str) -> subprocess.CompletedProcess[str]:
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            for name, value in env.items():
                patch.setenv(name, value)
            if plan is not None:
                patch.setattr("macae.engine.parts.create_client", scripted(plan))
            code = main(list(words) if plan is None else self.baking(words))
        out, err = self.capture.readouterr()
        return subprocess.CompletedProcess(words, code, out, err)


@pytest.fixture
def inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Inside]:
    """The command in this process, in an empty folder, its settings its own."""
    for name in filter(is_setting, list(os.environ)):
        monkeypatch.delenv(name)
    monkeypatch.setenv("MACAE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    handlers = list(logging.getLogger().handlers)
    yield Inside(tmp_path, capsys)
    logging.getLogger().handlers[:] = handlers


def object_in(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object on stdout, which holds nothing else."""
    found = json.loads(run.stdout)
    assert isinstance(found, dict)
    return found
