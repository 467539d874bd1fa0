"""What a learner built is kept as source that stands by itself, and runs in the real engine; ours stands in where it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from macae import Engine
from macae.agents import PlannerAgent
from macae.errors import InvalidInput
from macae.workshop import growing, mine, my_engine, my_parts, parts
from macae.workshop.exercise import Challenge
from macae.workshop.sources import closure, definitions

from .cells import Cells

PLANNER = '''
class PlannerAgent(RoutedAgent):
    """Plans as ours does, but breaks at a word."""

    def __init__(self, context):
        super().__init__("A learner's planner.")
        self.inner = Ours(context)

    @message_handler
    async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
        if WORD in message.description:
            raise ValueError(f"I cannot plan {WORD}")
        plan = await self.inner.on_message_impl(message, ctx)
        plan.summary = shout(plan.summary)
        return plan
'''
USED = '''
from autogen_core import MessageContext, RoutedAgent, message_handler
from macae.agents.planner import PlannerAgent as Ours
from macae.models import InputTask, PlanWithSteps
import math
WORD = "rockets"
def shout(text):
    """Louder."""
    return (text or "").upper()
'''


def test_it_stands_by_itself(home: Path, cells: Cells) -> None:
    cells.run("import math\nfrom datetime import date as Day\nLIMITS = {'low': 1}\nlevel = LIMITS['low']")
    cells.run("def double(x):\n    return 2 * x")
    cells.run(
        "def again(f):\n    def inner(x):\n        return f(x)\n    return inner\nsame = lambda x: x\n@again\ndef whole(x):\n    return int(x)"
    )
    cells.run("double_again = double\n\n@staticmethod\ndef unused(): ...")
    cells.run(
        "def answer(x: int) -> Day:\n    return Day(2026, 1, double_again(x) + same(level) + whole(math.pi))"
    )
    text = closure(cells.names["answer"])
    assert "import math\n" in text and "from datetime import date as Day" in text
    assert "unused" not in text
    fresh: dict[str, Any] = {}
    exec(compile(text, "kept", "exec"), fresh)
    assert fresh["answer"](2).day == 8
    assert fresh["level"] == 1


def test_what_lives_cannot_be_kept_and_is_named(cells: Cells) -> None:
    cells.run("engine = open(__import__('os').devnull)\ndef answer():\n    return engine")
    with pytest.raises(InvalidInput, match="`engine`"):
        closure(cells.names["answer"])
    cells.names["engine"].close()


def test_what_ipython_gives_every_notebook_is_not_the_learners(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    import IPython
    from IPython.core.interactiveshell import _modified_open  # type: ignore[attr-defined]

    asks = SimpleNamespace(user_ns={}, transform_cell=str)
    asks.user_ns_hidden = {"open": _modified_open, "get_ipython": lambda: asks}
    monkeypatch.setattr(IPython, "get_ipython", lambda: asks)
    cells.names.update(asks.user_ns_hidden)
    cells.run(
        "def answer(path):\n    with open(path) as file:\n        return file.read(), display, get_ipython"
    )
    text = closure(cells.names["answer"])
    assert "open =" not in text and "from IPython.display import display" in text
    fresh: dict[str, Any] = {}
    exec(compile(text, "kept", "exec"), fresh)
    assert fresh["answer"](__file__)[0].startswith('"""What a learner')
    cells.run("def display(x):\n    return 'my own'\ndef answer():\n    return display(1)")
    assert "my own" in closure(cells.names["answer"])


def test_a_class_without_methods_and_a_recursive_helper(cells: Cells) -> None:
    cells.run(
        "from pydantic import BaseModel\nclass Note(BaseModel):\n    text: str = 'x'\n"
        "def down(n):\n    return 0 if n == 0 else up(n - 1)\ndef up(n):\n    return 1 + down(n)\n"
        "def answer(n):\n    return Note(text=str(down(n))).text"
    )
    fresh: dict[str, Any] = {"__name__": "kept_by_a_test"}
    exec(compile(closure(cells.names["answer"]), "kept", "exec"), fresh)
    assert fresh["answer"](4) == "4"


def test_what_two_of_its_helpers_use_is_written_once(cells: Cells) -> None:
    cells.run("class Thing:\n    x = 1")
    cells.run(
        "class Thing:\n    x = 1\nclass Box:\n    kind = Thing\ndef answer():\n    return Box.kind is Thing"
    )
    text = closure(cells.names["answer"])
    assert text.count("class Thing") == 1
    fresh: dict[str, Any] = {"__name__": "kept_by_a_test"}
    exec(compile(text, "kept", "exec"), fresh)
    assert fresh["answer"](), "a message of the second class would not reach a handler of the first"


def test_mine_is_theirs_once_it_passed_else_ours(home: Path, cells: Cells) -> None:
    assert mine("PlannerAgent") is PlannerAgent
    cells.run(USED)
    cells.run(PLANNER)
    parts.keep(cells.names["PlannerAgent"], "PlannerAgent")
    theirs = mine("PlannerAgent")
    assert theirs is not PlannerAgent and theirs.__doc__ == cells.names["PlannerAgent"].__doc__
    assert mine("PlannerAgent") is theirs, "loaded once"


def test_a_kept_file_that_was_broken_by_hand_holds_nobody_up(home: Path) -> None:
    path = parts.folder() / "PlannerAgent.py"
    path.parent.mkdir(parents=True)
    path.write_text("this is no Python", encoding="utf-8")
    assert mine("PlannerAgent") is PlannerAgent
    growth, found, _ = growing.grow()
    assert "SyntaxError" in growth.broke["PlannerAgent"]
    assert "planner" not in found


def test_what_does_not_run_by_itself_does_not_replace_what_did(home: Path, cells: Cells) -> None:
    cells.run("def adder(a, b):\n    return a + b")
    path = parts.keep(cells.names["adder"], "adder")
    good = path.read_text(encoding="utf-8")
    cells.run(
        "SEEN = []\nSEEN.append(1)\n"
        "def once(f):\n    if not SEEN:\n        raise RuntimeError('nothing was seen')\n    return f\n"
        "@once\ndef adder(a, b):\n    return b + a"
    )
    with pytest.raises(RuntimeError, match="nothing was seen"):
        parts.keep(cells.names["adder"], "adder")
    assert path.read_text(encoding="utf-8") == good
    assert mine("PlannerAgent") is PlannerAgent


async def test_the_engine_runs_theirs_and_falls_back_where_it_breaks(
    home: Path, cells: Cells, shown: list[Any]
) -> None:
    cells.run(USED)
    cells.run(PLANNER)
    parts.keep(cells.names["PlannerAgent"], "PlannerAgent")
    async with my_engine() as engine:
        assert isinstance(engine, Engine)
        plan = await engine.submit("Order 5 laptops for the marketing team")
        assert plan.summary and plan.summary.isupper(), "their planner planned"
        assert growing.grown().broke == {}
        my_parts()
        plan = await engine.submit("Order 5 rockets for the marketing team")
        assert not (plan.summary or "").isupper(), "ours planned"
        assert "I cannot plan rockets" in growing.grown().broke["PlannerAgent"]
        my_parts()
    assert "✓ yours" in shown[0]._repr_html_() and "yours broke" not in shown[0]._repr_html_()
    assert "I cannot plan rockets" in shown[1]._repr_html_()


async def test_a_part_that_cannot_be_built_is_ours_and_says_why(home: Path, cells: Cells) -> None:
    cells.run(USED)
    cells.run("class PlannerAgent(RoutedAgent):\n    def __init__(self, context):\n        super().__init__('x')")  # fmt: skip
    parts.keep(cells.names["PlannerAgent"], "PlannerAgent")
    async with my_engine() as engine:
        plan = await engine.submit("Order 5 laptops for the marketing team")
        assert plan.steps
    assert "no handler for InputTask" in growing.grown().broke["PlannerAgent"]


async def test_an_answer_of_another_kind_is_not_taken(home: Path, cells: Cells) -> None:
    cells.run(USED)
    cells.run(PLANNER.replace("plan = await", "return None\n        plan = await").replace("-> PlanWithSteps", "-> None"))  # fmt: skip
    parts.keep(cells.names["PlannerAgent"], "PlannerAgent")
    async with my_engine() as engine:
        assert (await engine.submit("Order 5 laptops for the marketing team")).steps
    assert "NoneType" in growing.grown().broke["PlannerAgent"]


async def test_what_theirs_did_to_a_message_before_it_broke_is_gone(home: Path, cells: Cells) -> None:
    cells.run(USED)
    cells.run(
        PLANNER.replace("if WORD in message.description:", "message.description = WORD\n        if WORD:")
    )
    parts.keep(cells.names["PlannerAgent"], "PlannerAgent")
    async with my_engine() as engine:
        plan = await engine.submit("Order 5 laptops for the marketing team")
    assert plan.steps and "cannot plan" in growing.grown().broke["PlannerAgent"]


MANAGER = """
from macae.agents.manager import GroupChatManager as Ours
from macae.models import ApprovalRequest
class GroupChatManager(Ours):
    async def on_message_impl(self, message, ctx):
        plan = await Ours.on_message_impl(self, message, ctx)
        if isinstance(message, ApprovalRequest):
            return plan
        BREAK
"""


@pytest.mark.parametrize("how", ["raise ValueError('after it was stored')", "raise SystemExit", "return None"])  # fmt: skip
async def test_a_plan_that_theirs_stored_before_it_broke_is_not_made_twice(
    how: str, home: Path, cells: Cells
) -> None:
    cells.run(MANAGER.replace("BREAK", how))
    parts.keep(cells.names["GroupChatManager"], "GroupChatManager")
    async with my_engine() as engine:
        plan = await engine.submit("Order 5 laptops for the marketing team")
        assert plan.steps and "GroupChatManager" in growing.grown().broke
        await engine.approve_all(plan)
        assert (await engine.wait(plan, 20)).overall_status == "completed"
        assert len(await engine.plans(plan.session_id)) == 1


async def test_steps_that_are_none_are_not_taken(home: Path, cells: Cells) -> None:
    cells.run(USED)
    cells.run(PLANNER.replace("plan.summary = ", "plan.steps = ['Buy']\n        plan.summary = "))
    parts.keep(cells.names["PlannerAgent"], "PlannerAgent")
    async with my_engine() as engine:
        assert (await engine.submit("Order 5 laptops for the marketing team")).steps
    assert "not all a Step" in growing.grown().broke["PlannerAgent"]


async def test_agents_of_theirs_join_the_team(home: Path, cells: Cells) -> None:
    cells.run(
        "from macae import AgentSpec, tool\n"
        '@tool(effect=\'change\')\nasync def bake_cookies(cookie_type: str, quantity: int) -> str:\n    """Bake cookies."""\n    return \'baked\'\n'
        "def bakery():\n    return AgentSpec('BakerAgent', 'You bake.', tools=[bake_cookies])"
    )
    parts.keep(cells.names["bakery"], "bakery")
    engine = my_engine()
    assert "BakerAgent" in engine.team
    assert "bakery" in growing.grown().theirs


async def test_agents_that_break_are_left_to_ours(home: Path, cells: Cells) -> None:
    cells.run("def bakery():\n    raise KeyError('flour')")
    parts.keep(cells.names["bakery"], "bakery")
    my_engine()
    assert "flour" in growing.grown().broke["bakery"]


def test_what_mine_gave_is_asked_for_again_in_another_process(home: Path, cells: Cells) -> None:
    cells.run(USED)
    cells.run(PLANNER)
    parts.keep(cells.names["PlannerAgent"], "PlannerAgent")
    cells.run(
        "from macae.workshop import mine\nTheirs = mine('PlannerAgent')\ndef answer():\n    return Theirs"
    )
    text = closure(cells.names["answer"])
    assert "Theirs = mine('PlannerAgent')" in text and "macae_mine_" not in text


def test_a_solution_gives_only_what_it_defines() -> None:
    text = definitions(["import os\nprint(1)\nengine = 3\nLIMIT = 4", "await x\ndef f():\n    pass", "%magic", "class A:\n    pass\nA()"])  # fmt: skip
    assert text.split("\n\n") == ["import os", "LIMIT = 4", "def f():\n    pass", "class A:\n    pass\n"]


def test_every_part_of_the_engine_has_one_exercise_at_most(extra: Challenge) -> None:
    named = [exercise.part for exercise in growing.engine_parts() if exercise.part != "agents"]
    assert len(set(named)) == len(named)


HUMAN = """
from autogen_core import AgentId, MessageContext, RoutedAgent, message_handler
from macae.agents.human import HumanAgent as Ours
from macae.models import HumanFeedback

class HumanAgent(RoutedAgent):
    def __init__(self, context):
        super().__init__("A learner's.")
        self.inner = Ours(context)

    @message_handler
    async def handle(self, message: HumanFeedback, ctx: MessageContext) -> None:
        {body}
"""
LAZY = """
from autogen_core import MessageContext, RoutedAgent, message_handler
from macae.agents.manager import GroupChatManager as Ours
from macae.models import ApprovalRequest, HumanClarification, InputTask, PlanWithSteps

class GroupChatManager(RoutedAgent):
    def __init__(self, context):
        super().__init__("A learner's.")
        self.context, self.inner = context, Ours(context)

    @message_handler
    async def plan(self, message: InputTask | HumanClarification, ctx: MessageContext) -> PlanWithSteps:
        return await self.inner.on_message_impl(message, ctx)

    @message_handler
    async def go_on(self, message: ApprovalRequest, ctx: MessageContext) -> None:
        {body}
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("pass", "stored nothing"),
        ("raise KeyError('note')", "KeyError: 'note' (at: raise KeyError('note'))"),
        ("await self.inner.on_message_impl(message, ctx); raise KeyError('late')", "KeyError: 'late'"),
    ],
)
async def test_a_decision_is_stored_once_whatever_their_human_does(
    body: str, reason: str, home: Path, cells: Cells, shown: list[Any]
) -> None:
    cells.run(HUMAN.format(body=body))
    parts.keep(cells.names["HumanAgent"], "HumanAgent")
    async with my_engine() as engine:
        plan = await engine.submit("Order 5 laptops for the marketing team")
        await engine.approve(plan.steps[0])
        plan = await engine.wait(plan, timeout=20)
        assert plan.overall_status == "completed"
        approvals = [e for e in await engine.trail(plan) if e.type == "step_approved"]
        assert len(approvals) == 1
    assert reason in growing.grown().broke["HumanAgent"]
    assert "Your HumanAgent broke; ours goes on." in repr(shown[-1]), "told at the moment it happens"


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "self.context.spawn(self.nothing(), message.plan_id)\n\n    async def nothing(self):\n        pass",
        "raise ValueError('no')",
    ],
)
async def test_a_step_that_is_ready_is_not_left_lying(
    body: str, home: Path, cells: Cells, shown: list[Any]
) -> None:
    cells.run(LAZY.format(body=body))
    parts.keep(cells.names["GroupChatManager"], "GroupChatManager")
    async with my_engine() as engine:
        plan = await engine.submit("Order 5 laptops for the marketing team")
        await engine.approve(plan.steps[0])
        plan = await engine.wait(plan, timeout=20)
        assert plan.overall_status == "completed"
        assert len([e for e in await engine.trail(plan) if e.type == "step_started"]) == 1
    assert "GroupChatManager" in growing.grown().broke


async def test_a_plan_that_says_nothing_is_not_taken(home: Path, cells: Cells, shown: list[Any]) -> None:
    cells.run(USED)
    cells.run(PLANNER.replace("return plan", "plan.steps.clear()\n        return plan"))
    parts.keep(cells.names["PlannerAgent"], "PlannerAgent")
    async with my_engine() as engine:
        assert (await engine.submit("Order 5 laptops for the marketing team")).steps
    assert "no step" in growing.grown().broke["PlannerAgent"]


def test_keys_are_not_kept(home: Path, cells: Cells) -> None:
    cells.run("API_KEY = 'abc'\ndef adder(a, b):\n    return a + b if API_KEY else 0")
    with pytest.raises(InvalidInput, match="`API_KEY`"):
        parts.keep(cells.names["adder"], "adder")
    cells.run(f"def adder(a, b):\n    return a + b if 'sk-{'a1' * 12}' else 0")
    with pytest.raises(InvalidInput, match="looks like a key"):
        parts.keep(cells.names["adder"], "adder")
    assert not list(home.rglob("adder.py"))


def test_helpers_inside_an_if_and_annotations_as_text(home: Path, cells: Cells) -> None:
    cells.run("if True:\n    def half(x: 'Nope') -> int:\n        return x // 2")
    cells.run("from __future__ import annotations\ndef adder(a: Nope, b: Nope) -> int:\n    return half(2 * a) + b")  # fmt: skip
    parts.keep(cells.names["adder"], "adder")
    assert parts.kept("adder")(1, 2) == 3


def test_what_does_not_pass_by_itself_is_not_kept_and_the_card_says_so(
    extra: Challenge, home: Path, cells: Cells, shown: list[Any]
) -> None:
    from macae.workshop import check

    cells.run("TABLE = {}\nTABLE['plus'] = 1\ndef adder(a, b):\n    return a + b if TABLE else None")
    check(cells.names["adder"])
    page = shown[-1]._repr_html_()
    assert "Passed" in page and "could not be kept" in page and "By itself it does not pass" in page
    cells.run("import time\ndef wait():\n    time.sleep(60)\nSLOW = wait if 'x' in globals() else 1\ndef adder(a, b):\n    return a + b + SLOW - 1")  # fmt: skip
    check(cells.names["adder"])
    assert "could not be kept" not in shown[-1]._repr_html_()
