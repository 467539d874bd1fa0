"""A process killed at every point of a plan's life: nothing acknowledged is lost, nothing runs twice unasked."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.conftest import ROOT, Case, LiveAll
from tests.chaos.judge import said

pytestmark = pytest.mark.xdist_group("kill")  # they share a fork server, and the machine
SEEDS = range(20)
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")


def sound(answers: list[Case]) -> None:
    """Every case came to its end without a problem."""
    bad = [a for a in answers if a["problems"]]
    report = "\n".join(
        f"{a['name']} died {a['deaths']}: " + "\n  ".join(sorted(set(a["problems"]))[:3]) for a in bad[:6]
    )
    assert not bad, f"{len(bad)} of {len(answers)} cases\n{report}"


@pytest.fixture(scope="module")
def whole(live_all: LiveAll) -> list[str]:
    """The points of a life that nothing cuts off."""
    answers = live_all([{"name": "nobody dies", "kills": []}])
    sound(answers)
    return list(answers[0]["points"])


@forks
def test_a_whole_life_has_all_kinds_of_points(whole: list[str]) -> None:
    kinds = Counter(name.partition(":")[0] for name in whole)
    assert set(kinds) == {"store", "model", "look", "pay", "ring", "assign_mentor", "order_hardware"}
    assert {name for name in whole if name.startswith("store")} == {
        f"store: {at}" for at in ("before BEGIN", "before COMMIT", "after COMMIT", "answered")
    }
    assert len(whole) > 150


@forks
@pytest.mark.timeout(300)
def test_killed_at_each_point_once(live_all: LiveAll, whole: list[str]) -> None:
    passed: Counter[str] = Counter()
    cases = []
    for name in whole:
        passed[name] += 1
        cases.append({"name": f"{name}, {passed[name]}", "kills": [[name, passed[name]]]})
    answers = live_all(cases)
    sound(answers)
    # Which writes share a commit is decided anew each time, so the last of them may not be reached.
    assert sum(bool(a["deaths"]) for a in answers) > 0.8 * len(whole)
    assert {name for a in answers for name in a["deaths"]} == set(whole)


@forks
def test_killed_at_each_point_around_a_cancel(live_all: LiveAll) -> None:
    """Also between the plan's end and that of a step that was running: nothing stays open in a cancelled plan."""
    dry = live_all([{"name": "cancelled", "kills": [], "cancels": True}])
    sound(dry)
    first = dry[0]["points"].index("pay: before") - 5
    numbers = range(first, len(dry[0]["points"]) + 1)
    answers = live_all([{"name": f"cancelled, point {n}", "kills": [n], "cancels": True} for n in numbers])
    sound(answers)
    assert sum(bool(a["deaths"]) for a in answers) > 10


@forks
def test_killed_at_random_and_again_while_recovering(live_all: LiveAll, whole: list[str]) -> None:
    cases = []
    for seed in SEEDS:
        dice = random.Random(seed)
        kills = [dice.randint(1, len(whole)), dice.randint(1, 40)]
        cases.append({"name": f"seed {seed}", "kills": kills + [dice.randint(1, 80)] * (seed % 2)})
    answers = live_all(cases)
    sound(answers)
    assert sum(len(a["deaths"]) > 1 for a in answers) > len(cases) / 2


@pytest.mark.parametrize("point", [30, 75, 110])
def test_killed_in_a_process_of_its_own(tmp_path: Path, point: int) -> None:
    for fatal in (point, None):
        argument = json.dumps({"home": str(tmp_path), "fatal": fatal})
        child = subprocess.run(
            [sys.executable, "-m", "tests.chaos.stage", argument], cwd=ROOT, timeout=60, check=False
        )
        words = said(tmp_path / "said.jsonl")
        assert [word["text"] for word in words if word["kind"] == "problem"] == []
        assert (child.returncode == 0) == (fatal is None)
    assert {word["kind"] for word in words} >= {"died", "end"}
