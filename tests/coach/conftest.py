"""A real board in a process of its own, and learners who report to it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from macae.workshop.coach import report
from macae.workshop.coach.summary import ChallengeSummary, Summary

ROOT = Path(__file__).parents[2]
JOIN = "OTTER-2026"


def environment(home: Path) -> dict[str, str]:
    """The outside world without its own settings, in a land where it is noon: just after midnight no plan has a milestone behind it."""
    noon = f"NOON{datetime.now(UTC).hour - 12:+d}"
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(("MACAE_", "OPENAI_", "AZURE_"))}
    return {**kept, "MACAE_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TZ": noon}


class Coach:
    """`macae coach`, running. `url` is where it answers, `key` the coach's key."""

    def __init__(self, folder: Path, port: int = 0, *words: str, code: str = JOIN) -> None:
        command = [
            sys.executable,
            "-u",
            "-m",
            "macae.cli",
            "coach",
            "--port",
            str(port),
            "--code",
            code,
            *words,
        ]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(folder / "board"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()
        try:
            self.page = self.wait_for("#key=").strip()
        except BaseException:
            self.end()
            raise
        self.url, self.key = self.page.split("/#key=")
        self.port = int(self.url.rpartition(":")[2])
        self.http = httpx.Client(base_url=self.url, timeout=10, trust_env=False)

    def listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def wait_for(self, part: str) -> str:
        """The first line with this in it."""
        said = ""
        while line := self.lines.get(timeout=60):
            said += line
            if part in line:
                return line
        raise AssertionError(f"The board ended: {said}")

    def rest(self) -> str:
        """What it said until its end."""
        said = ""
        while line := self.lines.get(timeout=20):
            said += line
        return said

    def post(self, path: str, data: Any, **headers: str) -> httpx.Response:
        return self.http.post(path, json=data, headers=headers)

    def report(self, summary: Summary, code: str = JOIN) -> httpx.Response:
        """As a notebook does it."""
        head = {"X-Join-Code": code, "X-Learner": summary.learner, "Content-Type": "application/json"}
        return self.http.post("/api/report", content=summary.model_dump_json(), headers=head)

    def look(self) -> dict[str, Any]:
        """What the coach sees."""
        reply = self.http.get("/api/board", headers={"X-Coach-Key": self.key})
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    def do(self, path: str, **body: str) -> httpx.Response:
        """Something that only the coach may do."""
        return self.http.post(path, json=body, headers={"X-Coach-Key": self.key})

    def close(self) -> None:
        self.http.close()
        self.end()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.listener.join(10)
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Coach]]:
    """Start a board; all of a test's boards keep what they know in the same home."""
    made: list[Coach] = []

    def begin(port: int = 0, *words: str, code: str = JOIN) -> Coach:
        made.append(Coach(tmp_path, port, *words, code=code))
        return made[-1]

    yield begin
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def coach(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coach]:
    """One board for the tests that only ask."""
    one = Coach(tmp_path_factory.mktemp("coach"))
    yield one
    one.close()


def at(
    number: int, passed: int = 2, total: int = 4, stuck: float | None = 3.0, **more: Any
) -> ChallengeSummary:
    """A challenge that is being worked at."""
    return ChallengeSummary(number=number, passed=passed, total=total, stuck=stuck, **more)


def learner(number: int, name: str = "", team: str = "Otters", **more: Any) -> Summary:
    """Learner n, in challenge 3."""
    done = tuple(ChallengeSummary(number=i, passed=4, total=4, minutes=20) for i in range(3))
    given = {"challenge": 3, "exercise": "bakery", "challenges": (*done, at(3)), "sent": 1.0} | more
    return Summary(learner=f"{number:016x}", name=name, team=team, **given)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A learner's home, with a sender of its own; no board is set."""
    monkeypatch.setenv("MACAE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    fresh = report.Sender()
    monkeypatch.setattr(report, "sender", fresh)
    monkeypatch.setattr(report, "FIRST", 0.05)
    monkeypatch.setattr(report, "LONGEST", 0.2)
    yield tmp_path / "home"
    fresh.put(None)
