"""The fork server, its template folder, and how many random people the stateful test plays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import ledger, make

__all__ = ["ledger", "make"]

ROOT = Path(__file__).resolve().parents[2]
Case = dict[str, Any]
LiveAll = Callable[[list[Case]], list[Case]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chaos-examples",
        type=int,
        default=int(os.environ.get("CHAOS_EXAMPLES", "200")),
        help="how many random people tests/chaos/test_people.py plays (or the variable CHAOS_EXAMPLES)",
    )


@pytest.fixture(scope="session")
def quick_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is one: a killed process needs no disk to leave its files behind."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path_factory.mktemp("chaos")
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="macae-chaos-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def template(quick_disk: Path) -> Path:
    """A home whose store and company exist, so that not every life begins with making them."""
    import asyncio

    from tests.chaos import till
    from tests.chaos.life import SESSION, shop

    home = quick_disk / "template"

    async def make() -> None:
        till_book = home / "book.db"
        home.mkdir()
        till.keep(till_book)
        async with shop(home) as engine:
            live = await engine.live(SESSION)
            assert live.resources.company.path.exists()

    asyncio.run(make())
    return home


@pytest.fixture(scope="session")
def live_all(quick_disk: Path, template: Path) -> Iterator[LiveAll]:
    """Lives cases (see `tests.chaos.server`) in forks of a warm process, and gives what came of them."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.server"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert server.stdin is not None and server.stdout is not None
    numbers = iter(range(1_000_000))

    def ask(cases: list[Case]) -> list[Case]:
        assert server.stdin is not None and server.stdout is not None
        for case in cases:
            case |= {"home": str(quick_disk / f"{next(numbers)}"), "template": str(template)}
        server.stdin.write(json.dumps(cases) + "\n")
        server.stdin.flush()
        answers = []
        for line in server.stdout:
            told = json.loads(line)
            if "done" in told:
                return answers
            answers.append(told)
        raise AssertionError("The fork server has died.")

    yield ask
    server.stdin.close()
    server.wait(30)
    server.stdout.close()
