"""The picture of messages: what corresponds is found, what travelled is seen, and no text becomes markup."""

from __future__ import annotations

import re
from pathlib import Path

from autogen_core import AgentId
from pydantic import BaseModel

from macae.workshop.shows.sequence import Sent, beside, rows, watch
from macae.workshop.trial import Trial


class InputTask(BaseModel):
    description: str


class Plan(BaseModel):
    goal: str


class PlanWithSteps(Plan):
    summary: str = ""
    count: int = 0


class Note(BaseModel):
    """Something else. And more of it."""


MANAGER, PLANNER = AgentId("LittleManager", "s"), AgentId("LittlePlanner", "s")


def test_what_corresponds_stands_on_one_row() -> None:
    yours = [
        Sent(None, MANAGER, InputTask(description="a")),
        Sent(MANAGER, None, Plan(goal="a"), answer=True),
    ]
    real = [
        Sent(None, MANAGER, InputTask(description="a")),
        Sent(MANAGER, PLANNER, Note()),
        Sent(MANAGER, None, PlanWithSteps(goal="a"), answer=True),
    ]
    assert rows(yours, real) == [(yours[0], real[0]), (None, real[1]), (yours[1], real[2])]
    page = beside(yours, real)
    assert "summary, count" in page, "what the engine's plan has beyond the learner's"
    assert "Something else." in page and "And more" not in page, (
        "a message that only the engine has says what it is"
    )


def test_a_side_may_be_empty_and_a_question_is_not_an_answer() -> None:
    one = Sent(None, MANAGER, Plan(goal="a"))
    assert rows([one], [one._replace(answer=True)]) == [(one, None), (None, one._replace(answer=True))]
    assert "yours alone" in beside([one], [])
    assert "<svg" in beside([], [])


def test_no_text_becomes_markup() -> None:
    hostile = "<script>alert('$x$')</script>"
    page = beside(
        [Sent(None, MANAGER, InputTask(description=hostile))], [Sent(MANAGER, None, None, answer=True)]
    )
    assert "<script" not in page
    assert "&lt;script&gt;" in page


async def test_the_engines_messages_are_seen_with_their_answers(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    async with trial.engine() as engine:
        sent = await watch(engine, "a-session")
        plan = await engine.submit("Order 3 monitors for Marketing.", session_id="a-session")
        await engine.approve_all(plan)
        assert (await engine.wait(plan)).overall_status == "completed"
        await watch(engine, "another-session")
    await trial.close()
    asked = [(one.recipient.type, one.name) for one in sent if one.recipient and not one.answer]
    assert asked == [
        ("GroupChatManager", "InputTask"),
        ("PlannerAgent", "InputTask"),
        ("HumanAgent", "HumanFeedback"),
        ("GroupChatManager", "ApprovalRequest"),
        ("ProcurementAgent", "ActionRequest"),
    ]
    answers = [one.name for one in sent if one.answer]
    assert sorted(answers) == ["ActionResponse", "None", "None", "PlanWithSteps", "PlanWithSteps"]
    assert "ProcurementAgent" in beside([], sent)


def test_the_picture_fits_beside_an_open_file_browser() -> None:
    departments = [AgentId(name, "s") for name in ("HrAgent", "ProcurementAgent")]
    person, planner, manager = (
        AgentId(name, "s") for name in ("HumanAgent", "PlannerAgent", "GroupChatManager")
    )
    yours = [
        Sent(None, MANAGER, Note()),
        Sent(MANAGER, PLANNER, Note()),
        Sent(MANAGER, departments[0], Note()),
    ]
    action = type("ActionRequest", (BaseModel,), {})
    real = [Sent(None, manager, Note()), Sent(manager, planner, Note()), Sent(manager, person, Note())]
    real += [Sent(manager, one, action()) for one in departments]
    page = beside(yours, real)
    smallest = re.search(r"min-width:(\d+)px", page)
    assert smallest and int(smallest[1]) <= 640, "of the smallest laptop window with a file browser"
    for words in ("GroupChat", "Manager", "departments"):
        assert f">{words}</text>" in page
