"""The harness: it always comes to an end, and says what it saw in words that help."""

from __future__ import annotations

import gc
import threading
import time

import pytest

from macae.errors import InvalidInput
from macae.workshop.exercise import Challenge
from macae.workshop.judge import judge
from macae.workshop.verdict import Status, Verdict

from .cells import Cells

pytestmark = pytest.mark.usefixtures("extra", "home")

FAILURES = [
    ("wrong-sum", "def adder(a, b):\n    return 4", "4"),
    ("wrong-sum", "def adder(a, b):\n    pass", "nothing (`None`)"),
    ("signature", "def adder(a):\n    return 3", "positional argument"),
    ("missing", "def adder(a, b):\n    return summe(a, b)", "summe"),
    ("exception", "def adder(a, b):\n    return [][a]", "IndexError"),
    ("no-await", "async def one(a):\n    return a\nasync def adder(a, b):\n    return one(a) + one(b)", "coroutine"),
    ("no-await", "async def one(a):\n    return a\nasync def adder(a, b):\n    return one(3)", "coroutine of `one`"),
    ("no-await", "L = []\nasync def put(a):\n    L.append(a)\nasync def adder(a, b):\n    put(a); put(b)\n    return sum(L)", "`put` was never awaited"),
    ("asyncio-run", "import asyncio\nasync def one():\n    return 3\nasync def adder(a, b):\n    return asyncio.run(one())", "asyncio.run"),
    ("asyncio-run", "import asyncio\nasync def one():\n    return 3\nasync def adder(a, b):\n    return asyncio.get_running_loop().run_until_complete(one())", "running"),
    ("blocking-sleep", "import time\nasync def adder(a, b):\n    time.sleep(0.4)\n    return 3", "time.sleep"),
    ("blocking-sleep", "from time import sleep\ndef adder(a, b):\n    sleep(0.4)\n    return 3", "time.sleep"),
    ("endless", "def adder(a, b):\n    while True:\n        a += b", "never ended"),
    ("endless", "def adder(a, b):\n    while True:\n        try:\n            a += b\n        except BaseException:\n            pass", "never ended"),
    ("too-slow", "import asyncio\nasync def adder(a, b):\n    await asyncio.sleep(60)", "1 seconds"),
    ("too-slow", "import asyncio\nasync def adder(a, b):\n    while True:\n        await asyncio.sleep(0)", "1 seconds"),
    ("instance", "adder = 3", "int"),
    ("instance", "class adder:\n    pass", "a class"),
    ("instance", "async def adder(a, b):\n    return 3\nadder = adder(1, 2)", "coroutine"),
    ("exception", "class Odd(Exception):\n    def __str__(self):\n        return '<b>odd</b>'\ndef adder(a, b):\n    raise Odd", "<b>odd</b>"),
    ("exception", "class Odd(Exception):\n    def __str__(self):\n        return self.nothing\ndef adder(a, b):\n    raise Odd", "its __str__ raised"),
    ("exception", "import asyncio\nasync def one():\n    return [][3]\nasync def adder(a, b):\n    async with asyncio.TaskGroup() as group:\n        group.create_task(one())", "IndexError"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "source", "seen"), FAILURES, ids=[f"{k}-{i}" for i, (k, _, _) in enumerate(FAILURES)])  # fmt: skip
def test_each_failure_is_told_for_what_it_is(kind: str, source: str, seen: str, cells: Cells) -> None:
    before = time.monotonic()
    verdict = judge("adder", cells.run(source)["adder"])
    assert verdict.status is Status.not_yet
    assert verdict.kind == kind, str(verdict)
    assert seen in verdict.seen, str(verdict)
    assert verdict.expected
    assert time.monotonic() - before < 60


def test_the_learners_line_is_named(cells: Cells) -> None:
    source = "def helper(a):\n    return a.nothing\n\ndef adder(a, b):\n    return helper(a)"
    verdict = judge("adder", cells.run(source)["adder"])
    assert verdict.line == "line 2: return a.nothing"
    slow = "import asyncio\nasync def inner():\n    await asyncio.sleep(9)\nasync def adder(a, b):\n    await inner()"
    assert judge("adder", cells.run(slow)["adder"]).line == "line 3: await asyncio.sleep(9)"


def test_what_was_proven_before_a_failure_is_kept(cells: Cells) -> None:
    verdict = judge("adder", cells.run("def adder(a, b):\n    return 4")["adder"])
    assert verdict.proven == ("It was called.",)


@pytest.mark.parametrize("source", ["def adder(a, b):\n    return a + b", "async def adder(a, b):\n    return a + b"])  # fmt: skip
def test_async_or_not_passes(source: str, cells: Cells) -> None:
    assert judge("adder", cells.run(source)["adder"]).status is Status.passed


def test_a_stub_is_not_wrong_but_not_attempted(cells: Cells) -> None:
    stub = cells.run('def adder(a, b):\n    raise NotImplementedError("To do: add")')["adder"]
    verdict = judge("adder", stub)
    assert verdict.status is Status.not_attempted
    assert verdict.look == "To do: add"
    inside = cells.run("class Counter:\n    def up(self):\n        raise NotImplementedError('To do: count')")
    assert judge("Counter", inside["Counter"]).status is Status.not_attempted


def test_an_object_instead_of_its_class(cells: Cells) -> None:
    made = cells.run("class Counter:\n    def up(self):\n        return 1")
    verdict = judge("Counter", made["Counter"]())
    assert verdict.kind == "instance"
    assert "Leave out the brackets" in verdict.look
    assert judge("Counter", made["Counter"]).status is Status.passed


def test_a_message_class_that_was_defined_again_is_noticed(extra: Challenge, cells: Cells) -> None:
    message = "from pydantic import BaseModel\nclass Ping(BaseModel):\n    text: str"
    agent = (
        "from autogen_core import RoutedAgent, message_handler, MessageContext\n"
        "class Counter(RoutedAgent):\n"
        "    @message_handler\n"
        "    async def handle(self, message: Ping, ctx: MessageContext) -> None: ...\n"
    )
    cells.run(message)
    cells.run(agent)
    cells.run(message)
    verdict = judge("Counter", cells.names["Counter"])
    assert verdict.kind == "redefined-message"
    assert "Run the cell of Counter once more" in verdict.look


def test_nothing_is_left_running(cells: Cells) -> None:
    source = "import asyncio\nasync def forever():\n    await asyncio.sleep(99)\nasync def adder(a, b):\n    global task\n    task = asyncio.create_task(forever())\n    return a + b"
    assert judge("adder", cells.run(source)["adder"]).status is Status.passed
    assert cells.names["task"].cancelled()
    assert not [t for t in threading.enumerate() if t.name == "exercise check" and t.is_alive()]


def test_what_refuses_to_end_does_not_come_back_in_the_learners_cell(cells: Cells) -> None:
    source = "import asyncio\nasync def adder(a, b):\n    while True:\n        try:\n            await asyncio.sleep(0.01)\n        except BaseException:\n            if STOP:\n                return"
    cells.names["STOP"] = False
    escape = threading.Timer(30, lambda: cells.names.update(STOP=True))
    escape.daemon = True
    escape.start()
    assert judge("adder", cells.run(source)["adder"]).kind == "too-slow"
    gc.collect()
    assert not cells.names["STOP"], "letting go of it ran it on here"
    escape.cancel()


def test_a_stub_inside_a_task_group_is_not_attempted(cells: Cells) -> None:
    source = "import asyncio\nasync def one():\n    raise NotImplementedError('To do: one')\nasync def adder(a, b):\n    async with asyncio.TaskGroup() as group:\n        group.create_task(one())"
    assert judge("adder", cells.run(source)["adder"]).status is Status.not_attempted


def test_an_unknown_exercise_is_named_with_those_that_there_are(cells: Cells) -> None:
    with pytest.raises(InvalidInput, match="adder"):
        judge("subtractor", print)


def test_whatever_the_environment_says_checks_run_offline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    from pathlib import Path

    from macae.workshop.trial import Trial

    monkeypatch.setenv("MACAE_PROVIDER", "openai")
    monkeypatch.setenv("MACAE_AUTO_APPROVE", "1")
    monkeypatch.setenv("MACAE_MAX_STEPS", "1")
    settings = Trial(Path(str(tmp_path))).settings
    assert (settings.provider, settings.auto_approve, settings.max_steps) == ("offline", False, 6)


def test_a_frame_that_is_gone_holds_no_check_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of a running thread are looked at from another one: what was a frame may be something else by then."""
    import sys
    import threading
    from contextlib import ExitStack

    from macae.workshop import harness
    from macae.workshop.diagnose import theirs

    monkeypatch.setattr(sys, "_current_frames", lambda: dict.fromkeys((t.ident for t in threading.enumerate()), ExitStack()))  # fmt: skip

    async def work() -> None:
        time.sleep(0.3)  # noqa: ASYNC251  (it holds the loop up: that is what is looked at)

    with harness.only_what_is_new():
        outcome = harness.run(work, 5.0, theirs({}))
    assert outcome.ended and outcome.error is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def adder(a, b):\n    return {}['Planner']", "`d.get(name, default)`"),
        ("def adder(a, b):\n    return a.type", "of the type `int`"),
        (
            "from macae.models import Event\ndef adder(a, b):\n    return Event.model_construct().colour",
            "has no `.colour`",
        ),
        ("def adder(a, b):\n    return None.type", "None has no `.type`"),
        ("def adder(a, b):\n    return [][a]", "shorter"),
    ],
)
def test_an_error_of_their_line_is_told_by_what_it_means(extra: Challenge, cells: Cells, source: str, said: str) -> None:  # fmt: skip
    verdict = judge("adder", cells.run(source)["adder"])
    assert verdict.kind == "exception" and said in verdict.look


def test_a_question_ends_with_its_own_sign() -> None:
    told = str(Verdict("adder", Status.not_yet, expected="3", seen="4", look="Is it a sum?"))
    assert told.endswith("Seen: 4. Is it a sum?")
