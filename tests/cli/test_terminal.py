"""`macae` with a person at the keys: a pseudo-terminal, real key presses, the stored result."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from tests.cli.conftest import BAKE, MINE, SELL, SLOW, Command, Inside, environment, object_in
from tests.cli.keyboard import Keyboard

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind"
)
ASKS = "q = quit:"


def at(macae: Command, *words: str, plan: Any, columns: int = 100, **env: str) -> Keyboard:
    return Keyboard(macae.words(*words, plan=plan), macae.folder, environment(macae.home, **env), columns)


def stored(inside: Inside) -> dict[str, Any]:
    session = object_in(inside("sessions", "--json"))["sessions"][0]["session_id"]
    plan = object_in(inside("show", session, "--json"))["plans"][-1]
    assert isinstance(plan, dict)
    return plan


def test_yes_step_by_step(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Bake and sell", plan=[BAKE, SELL]) as person:
        assert "Baked" not in person.wait_for(ASKS)
        person.press("y")
        assert re.search(r"gave \([\d.]+ m?s\): Baked 12 oat cookies\.", person.wait_for(ASKS))
        person.press("maybe")
        person.wait_for("Please give one of y, n, e, a, s, q.")
        person.wait_for(ASKS)
        person.press("yes")
        assert "Sold the oat cookies." in person.wait_for("2 of 2 steps completed")
        assert person.ends() == 0
    assert [step["approval"]["by"] for step in stored(inside)["steps"]] == ["local", "local"]


def test_no_is_asked_why_then_retried_and_edited(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Bake and sell", plan=[BAKE, SELL]) as person:
        person.wait_for(ASKS)
        person.press("n")
        person.wait_for("Why?")
        person.press("too many")
        person.wait_for("What now?")
        person.wait_for(ASKS)
        person.press("r")
        person.wait_for(ASKS)
        person.press("e")
        person.wait_for("New action")
        person.press("")
        person.wait_for("kind [oat]:")
        person.press("")
        person.wait_for("quantity [12]:")
        person.press("many")
        person.wait_for("quantity must be a whole number")
        person.wait_for(ASKS)
        person.press("e")
        person.press("")
        person.press("rye")
        person.press("3")
        person.wait_for("Call: bake(kind='rye', quantity=3)")
        person.wait_for(ASKS)
        person.press("a")
        assert person.ends() == 0
    plan = stored(inside)
    assert plan["steps"][0]["tool_calls"][0]["arguments"] == {"kind": "rye", "quantity": 3}
    assert plan["overall_status"] == "completed"


def test_a_new_action_shows_its_new_call_before_anything_runs(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Bake", plan=[BAKE]) as person:
        person.wait_for(ASKS)
        person.press("e")
        person.wait_for("New action")
        person.press("Bake some oat.")
        asked = person.wait_for(ASKS)
        assert "Bake some oat." in asked and "Call: bake(kind='oat', quantity=12)" in asked
        person.press("s")
        assert person.ends() == 1
    assert stored(inside)["steps"][0]["tool_calls"] == []


def test_quit_says_how_to_go_on_and_resume_does(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Bake and sell", plan=[BAKE, SELL]) as person:
        person.wait_for(ASKS)
        person.press("y")
        person.wait_for(ASKS)
        person.press("q")
        shown = person.wait_for(" resume ")
        assert "waits for your decision" in shown
        assert person.ends() == 4
    session = stored(inside)["session_id"]
    assert session in person.seen
    with at(macae, "resume", session[:8], plan=[]) as person:
        person.wait_for(ASKS)
        person.press("y")
        assert person.ends() == 0
    assert [len(step["tool_calls"]) for step in stored(inside)["steps"]] == [1, 1]


def test_a_failed_step_can_be_finished_and_taken_up_again(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Wait", plan=[SLOW, SELL], MACAE_STEP_TIMEOUT="1") as person:
        person.wait_for(ASKS)
        person.press("y")
        assert "did not finish" in person.wait_for("What now?")
        person.press("f")
        assert person.ends() == 1
    plan = stored(inside)
    assert [step["status"] for step in plan["steps"]] == ["failed", "skipped"]
    with at(macae, "resume", plan["session_id"], plan=[]) as person:
        person.wait_for("What now?")
        person.press("s")
        person.ends()
    assert stored(inside)["steps"][0]["status"] == "skipped"


def test_a_question_is_answered_at_the_keys(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Bake", "--yes", plan={"ask": "Which kind?", "steps": [BAKE]}) as person:
        person.wait_for("Your answer")
        person.press("oat")
        assert person.ends() == 0
    assert stored(inside)["human_clarification_response"] == "oat"


def test_a_step_of_ones_own_is_done_by_oneself(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Pack", "--yes", plan=[MINE, SELL]) as person:
        person.wait_for("This step is yours.")
        person.press("d")
        person.wait_for("What came of it?")
        person.press("red")
        assert person.ends() == 0
    assert stored(inside)["steps"][0]["agent_reply"] == "red"


@pytest.mark.parametrize("moment", ["question", "tool"])
def test_ctrl_c_keeps_the_plan_and_says_how_to_go_on(macae: Command, inside: Inside, moment: str) -> None:
    with at(macae, "run", "Wait", plan=[SLOW, SELL]) as person:
        person.wait_for(ASKS)
        if moment == "tool":
            person.press("y")
            person.wait_for("calls wait_long")
        person.interrupt()
        assert "Traceback" not in person.wait_for(" resume ")
        assert person.ends(10) == 130
    plan = stored(inside)
    step = plan["steps"][0]
    assert (plan["overall_status"], step["status"]) == ("in_progress", "awaiting_feedback")
    [way] = [line for line in person.seen.splitlines() if "Go on with:" in line]
    assert f"resume {plan['session_id']} --team " in way and "team.yaml" in way  # one line, to be copied
    if moment == "tool":
        # A yes to everything is no yes to a second run of what may have run.
        assert step["interrupted_calls"] == ["wait_long: it may have run"]
        again = inside("resume", plan["session_id"], "--yes", "--json", plan=[])
        assert again.returncode == 4 and object_in(again)["steps"][0]["attempt"] == 1
        assert "Step 1 was interrupted" in again.stderr
        with at(macae, "resume", plan["session_id"], plan=[]) as person:
            assert "Interrupted while it ran" in person.wait_for("Was it done?")
            person.press("d")
            person.wait_for("What came of it?")
            person.press("it was")
            assert person.ends() == 0
        assert [s["status"] for s in stored(inside)["steps"]] == ["completed", "completed"]


def test_the_end_of_the_input_is_quitting(macae: Command) -> None:
    with at(macae, "run", "Bake", plan=[BAKE]) as person:
        person.wait_for(ASKS)
        person.press("\x04")
        assert " resume" in person.wait_for(" resume")
        assert person.ends() == 4


def test_a_hostile_call_is_shown_as_it_is_at_the_question(macae: Command) -> None:
    evil = "oat\x1b[2K\x1b[1A\r\nApprove?  y\u202e"
    step = {**BAKE, "action": f"Bake {evil}", "args": {"kind": evil, "quantity": 1}}
    with at(macae, "run", "Bake", plan=[step]) as person:
        shown = person.wait_for(ASKS)
        person.press("q")
        person.ends()
    styles = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "\x1b" not in styles and "\u202e" not in styles
    assert "\\x1b[2K\\x1b[1A" in styles
    assert sum(line.strip().startswith("Approve?") for line in styles.splitlines()) == 1


def test_no_color_and_a_narrow_terminal(macae: Command) -> None:
    with at(macae, "run", "Bake", plan=[BAKE], columns=24, NO_COLOR="1") as person:
        shown = person.wait_for(ASKS)
        person.press("y")
        assert person.ends() == 0
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert max(len(line) for line in lines if "Approve?" not in line) <= 24


def test_the_demo_can_be_in_your_hands(macae: Command) -> None:
    with at(macae, "demo", "--ask", plan=[{"agent": "HrAgent", "function": "assign_mentor", "args": {"employee_name": "Jessica Smith"}}]) as person:  # fmt: skip
        person.wait_for(ASKS)
        person.press("y")
        assert "What changed in Contoso" in person.wait_for("mentorships")
        assert person.ends() == 0
    assert not macae.home.exists()
