"""A workshop of its own for each test: a home, two small exercises, and eyes for what is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from macae.workshop import registry
from macae.workshop.exercise import Challenge
from macae.workshop.here import Here
from macae.workshop.trial import Trial

from .cells import Cells

EXTRA = Challenge(90, "A test's own", minutes=5, notebook="90-a-tests-own")


@EXTRA.exercise(
    "adder",
    title="Adding",
    hints=("Two numbers.", "Use `+`.", "```\nreturn a + b\n```"),
    when={"wrong-sum": "Is that the sum?"},
    seconds=1.0,
)
async def adder(attempt: Any, trial: Trial) -> None:
    """Add two numbers."""
    value = await trial.call(attempt, 1, 2)
    trial.proven("It was called.")
    trial.expect(value == 3, expected="3", seen=value, kind="wrong-sum", look="Look at `+`.")


@EXTRA.exercise("Counter", title="Counting", kind="class", hints=("1", "2", "3"), seconds=1.0)
async def counter(attempt: Any, trial: Trial) -> None:
    """Count up."""
    one = attempt()
    trial.expect(await trial.call(one.up) == 1, expected="1", kind="no-count")
    trial.proven("It counts.")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home that everything is kept in."""
    monkeypatch.setenv("MACAE_HOME", str(tmp_path / "home"))
    for name in ("MACAE_COACH_URL", "MACAE_COACH_CODE", "MACAE_COACH_FOLDER", "MACAE_WORKSHOP_STRICT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("macae.workshop.here._here", Here())
    return tmp_path / "home"


@pytest.fixture
def extra(monkeypatch: pytest.MonkeyPatch) -> Challenge:
    """The test's own challenge, among the real ones."""
    real = registry.challenges()
    both: Callable[[], tuple[Challenge, ...]] = lambda: (*real, EXTRA)  # noqa: E731
    for module in ("registry", "standing", "growing", "copies"):
        monkeypatch.setattr(f"macae.workshop.{module}.challenges", both)
    return EXTRA


@pytest.fixture
def cells() -> Cells:
    return Cells()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is displayed."""
    seen: list[Any] = []
    monkeypatch.setattr("IPython.display.display", lambda *things, **more: seen.extend(things))
    return seen
