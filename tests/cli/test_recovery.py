"""A person has a plan made anew after a failure or a no, and sees what changed before anything of it runs."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.cli.conftest import BAKE, SELL, SLOW, Command, Inside, object_in
from tests.cli.test_terminal import ASKS, at, stored

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind"
)
RYE = {**BAKE, "action": "Bake rye.", "args": {"kind": "rye", "quantity": 6}}
STRUCK = "\x1b[2;9m"


def revision(inside: Inside) -> dict[str, Any]:
    """What the audit trail says of the last revision."""
    trail = object_in(inside("show", stored(inside)["id"], "--json", "--trail"))["trail"]
    return next(event["data"] for event in reversed(trail) if "gone" in event["data"])


def test_a_plan_is_revised_after_a_no(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Bake and sell", plan={"steps": [BAKE, SELL], "again": [RYE, SELL]}) as person:
        person.wait_for(ASKS)
        person.press("n")
        person.wait_for("Why?")
        person.press("no oats left")
        assert "v = revise the plan" in person.wait_for(ASKS)
        person.press("v")
        person.wait_for("What is to be different?")
        person.press("use rye")
        shown = person.wait_for(ASKS)
        assert "The plan was revised: 1 replaced, 1 new, 1 kept." in shown
        assert f"{STRUCK}1. BakerAgent: Bake oat." in shown
        assert "Replaced: you said no: no oats left" in shown
        assert "3. BakerAgent: Bake rye." in shown and "Call: bake(kind='rye', quantity=6)" in shown
        assert f"{STRUCK}2." not in shown and f"{STRUCK}3." not in shown
        assert not any(step["tool_calls"] for step in stored(inside)["steps"])
        person.press("a")
        assert "2 of 2 steps completed" in person.wait_for("steps completed")
        assert person.ends() == 0
    plan = stored(inside)
    assert [step["status"] for step in plan["steps"]] == ["superseded", "completed", "completed"]
    assert plan["revisions"] == 1 and revision(inside)["words"] == "use rye"
    shown = inside("show", plan["id"]).stdout
    assert "1. BakerAgent: Bake oat." in shown and "Replaced" in shown


def test_a_failed_plan_is_revised_when_it_is_resumed(macae: Command, inside: Inside) -> None:
    script = {"steps": [SLOW], "again": [RYE]}
    run = inside("run", "Wait", "--yes", "--json", plan=script, MACAE_STEP_TIMEOUT="1")
    assert run.returncode == 1
    with at(macae, "resume", object_in(run)["session_id"], plan=script) as person:
        person.wait_for(ASKS)
        person.press("v")
        person.wait_for("What is to be different?")
        person.press("")
        shown = person.wait_for(ASKS)
        assert "1 replaced, 1 new, 0 kept" in shown
        assert "Replaced: it failed: BakerAgent did not finish" in " ".join(shown.split())
        person.press("y")
        assert person.ends() == 0
    assert [step["status"] for step in stored(inside)["steps"]] == ["superseded", "completed"]
    assert revision(inside)["words"] == ""


def test_where_there_is_no_other_way_the_step_is_asked_about_again(macae: Command, inside: Inside) -> None:
    with at(macae, "run", "Bake", plan={"steps": [BAKE], "again": []}) as person:
        person.wait_for(ASKS)
        person.press("n")
        person.press("")
        person.wait_for("What now?")
        person.press("v")
        person.press("")
        person.wait_for("No flour is left.")
        person.wait_for("What now?")
        person.press("r")
        person.wait_for("Approve?")
        person.wait_for(ASKS)
        person.press("y")
        assert person.ends() == 0
    assert [step["status"] for step in stored(inside)["steps"]] == ["completed"]
