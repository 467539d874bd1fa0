"""Two kernels, each a process of its own, on one store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.kernel import Kernel
from tests.chaos.till import opened
from tests.support.scripted import planned

pytestmark = pytest.mark.xdist_group("kernels")  # they share two processes
STAY = {"agent": "TillAgent", "function": "stay", "args": {"hours": 1}, "depends_on": []}
PAY = {"agent": "TillAgent", "function": "pay", "args": {"kind": "oat", "coins": 2}, "depends_on": []}
RING = {"agent": "TillAgent", "function": "ring", "args": {"times": 1}, "depends_on": []}

Start = Callable[[str], tuple[Kernel, Kernel]]


@pytest.fixture(scope="module")
def kernels() -> Iterator[list[Kernel]]:
    """Two kernels, that all tests use while they live."""
    both = [Kernel(), Kernel()]
    yield both
    for kernel in both:
        kernel.close()


@pytest.fixture
def start(kernels: list[Kernel], tmp_path: Path) -> Start:
    """Opens the engines of both kernels on one store."""

    def begin(plan: str) -> tuple[Kernel, Kernel]:
        for number, kernel in enumerate(kernels):
            if kernel.process.poll() is not None:
                kernels[number] = Kernel()
        for kernel in kernels:
            kernel.ask("open", home=str(tmp_path), script=plan)
        return kernels[0], kernels[1]

    return begin


def runs(home: Path) -> list[str]:
    """The tools that ran, in order, in whichever process."""
    with opened(home / "book.db") as db:
        return [tool for (tool,) in db.execute("SELECT tool FROM runs ORDER BY at")]


def test_the_second_leaves_a_living_ones_step_and_takes_over_a_dead_ones(
    start: Start, tmp_path: Path
) -> None:
    plan = planned(STAY, PAY)
    one, two = start(plan)
    made = one.ask("submit")
    one.ask("approve", step=made["steps"][0])
    one.ask("run")
    seen = two.ask("resume")
    assert seen["steps"][0]["status"] == "action_requested"
    assert seen["steps"][0]["owner"] != seen["steps"][1]["owner"]
    # It may decide; what it has decided, it carries out itself.
    two.ask("approve", step=seen["steps"][1])
    two.ask("run")
    two.tell("wait", plan=made["id"])  # until the first kernel's step is over too
    one.kill()
    after = two.hear()["answer"]
    assert after["steps"][0]["status"] == "awaiting_feedback"
    assert after["steps"][0]["interrupted_calls"] == ["stay: it may have run"]
    assert after["steps"][1]["status"] == "completed"
    assert runs(tmp_path) == ["stay", "pay"]
    done = two.ask("done", step=after["steps"][0], more={"result": "I looked: it is done."})
    assert done["status"] == "completed"
    assert two.ask("wait", plan=made["id"])["overall_status"] == "completed"
    assert runs(tmp_path) == ["stay", "pay"]


def test_a_session_that_is_open_already_is_taken_over_by_resuming_it(start: Start) -> None:
    plan = planned(STAY)
    one, two = start(plan)
    made = one.ask("submit")
    two.ask("resume")
    one.ask("approve", step=made["steps"][0])
    one.ask("run")
    assert two.ask("resume")["steps"][0]["status"] == "action_requested"
    one.kill()
    step = two.ask("resume")["steps"][0]
    assert step["status"] == "awaiting_feedback"
    assert step["interrupted_calls"] == ["stay: it may have run"]


def test_a_cancel_from_the_second_stops_nothing_twice_and_says_what_may_have_run(
    start: Start, tmp_path: Path
) -> None:
    plan = planned(STAY, PAY)
    one, two = start(plan)
    made = one.ask("submit")
    one.ask("approve", step=made["steps"][0])
    one.ask("run")
    two.ask("resume")
    after = two.ask("cancel", plan=made["id"])
    assert after["overall_status"] == "cancelled"
    assert [s["status"] for s in after["steps"]] == ["cancelled", "cancelled"]
    assert after["steps"][0]["interrupted_calls"] == ["stay: it may have run"]
    one.tell("approve", step=made["steps"][1])
    assert one.hear()["refused"] in ("Conflict", "NotAllowed")
    assert runs(tmp_path) == ["stay"]


@pytest.mark.parametrize(
    "deeds", [("approve", "approve"), ("approve", "reject"), ("approve", "cancel"), ("skip", "approve")]
)
def test_of_two_kernels_decisions_at_once_one_wins(
    start: Start, tmp_path: Path, deeds: tuple[str, str]
) -> None:
    plan = planned(RING)
    one, two = start(plan)
    made = one.ask("submit")
    two.ask("resume")
    answers: list[dict[str, Any]] = []
    for kernel, deed in zip((one, two), deeds, strict=True):
        given: Any = {"plan": made["id"]} if deed == "cancel" else {"step": made["steps"][0]}
        kernel.tell(deed, **given)
    answers = [one.hear(), two.hear()]
    won = [deed for deed, answer in zip(deeds, answers, strict=True) if "answer" in answer]
    assert len(won) == 1 or "cancel" in deeds, answers
    for answer in answers:
        assert answer.get("refused", "Conflict") in ("Conflict", "NotAllowed")
    now = [kernel.ask("wait", plan=made["id"]) for kernel in (one, two)]
    assert now[0]["overall_status"] == now[1]["overall_status"]
    assert len(runs(tmp_path)) <= 1
    if won == ["approve"]:
        assert runs(tmp_path) == ["ring"]
        assert now[0]["overall_status"] == "completed"
    elif won[0] in ("skip", "reject"):
        assert runs(tmp_path) == []


def test_both_carry_out_a_plan_together(start: Start, tmp_path: Path) -> None:
    """Each approves some of the steps at the same time; all of it is done once, and both see its end."""
    plan = planned(*({"agent": "TillAgent", "function": "ring", "args": {"times": n}, "depends_on": []} for n in range(6)))  # fmt: skip
    one, two = start(plan)
    made = one.ask("submit")
    two.ask("resume")
    for number, step in enumerate(made["steps"]):
        (one, two)[number % 2].tell("approve", step=step)
    for number in range(len(made["steps"])):
        assert "answer" in (one, two)[number % 2].hear()
    one.tell("wait", plan=made["id"])
    two.tell("wait", plan=made["id"])
    for kernel in (one, two):
        assert kernel.hear()["answer"]["overall_status"] == "completed"
    assert runs(tmp_path) == ["ring"] * 6
