"""The goals that the workshop is about, run to their end with the offline model, and a run that is killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import BAKE, SLOW, Command, environment, object_in

GOALS = {
    "Onboard a new employee, Jessica Smith.": {"register_new_employee", "assign_mentor"},
    "Please enable roaming on my mobile plan, starting next week.": {"enable_roaming"},
    "I'm looking for information about a roaming plan as I'm headed overseas.": {"get_roaming_plans"},
    "Get info about our products. Write a press release about our current products.": {
        "get_product_info",
        "write_press_release",
    },
    "Order 5 laptops for the marketing team and book a training session for them next Tuesday.": {
        "order_hardware",
        "book_training_session",
    },
}


@pytest.mark.parametrize("goal", GOALS)
def test_the_goals_run_to_their_end_offline(macae: Command, goal: str) -> None:
    run = macae("run", goal, "--yes", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    plan = object_in(run)
    assert plan["overall_status"] == "completed"
    calls = [call for step in plan["steps"] for call in step["tool_calls"]]
    assert GOALS[goal] <= {call["name"] for call in calls}
    assert not any(call["is_error"] for call in calls)


def test_mars_is_impossible(macae: Command) -> None:
    run = macae("run", "Launch a rocket to Mars", "--yes", "--json")
    assert run.returncode == 3
    plan = object_in(run)
    assert plan["overall_status"] == "impossible" and plan["steps"] == [] and plan["summary"]


def test_the_demo_shows_everything_and_leaves_nothing(macae: Command) -> None:
    began = time.monotonic()
    run = macae("demo")
    took = time.monotonic() - began
    assert run.returncode == 0, run.stdout + run.stderr
    for text in (
        "rule-based, deterministic, no AI model",
        "Onboard a new employee, Jessica Smith.",
        "the demo presses y for you",
        "calls register_new_employee(employee_name='Jessica Smith')",
        "is now the mentor of Jessica Smith",
        "What changed in Contoso",
        "mentorships",
    ):
        assert text in run.stdout, text
    assert run.stderr == ""
    assert took < 15
    assert sorted(path.name for path in macae.folder.iterdir()) == ["team.yaml"]


def test_the_demo_can_be_kept(macae: Command) -> None:
    assert macae("demo", "--home", str(macae.home)).returncode == 0
    listed = object_in(macae("sessions", "--json"))["sessions"]
    assert [row["status"] for row in listed] == ["completed"]
    plan = object_in(macae("show", listed[0]["session_id"], "--json"))["plans"][0]
    assert {step["approval"]["by"] for step in plan["steps"]} == {"auto:yes"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_a_killed_run_is_taken_up_again_without_running_anything_twice(macae: Command) -> None:
    process = subprocess.Popen(
        macae.words("run", "Bake, then wait", "--yes", plan=[BAKE, SLOW]),
        cwd=macae.folder, env=environment(macae.home, PYTHONUNBUFFERED="1"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            if "calls wait_long" in line:
                break
        os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    session = object_in(macae("sessions", "--json"))["sessions"][0]["session_id"]
    killed = object_in(macae("show", session, "--json"))["plans"][0]
    assert [step["status"] for step in killed["steps"]] == ["completed", "action_requested"]
    resumed = macae("resume", session, "--yes", "--json", plan=[])
    assert resumed.returncode == 4, resumed.stderr
    plan = object_in(resumed)
    assert [step["status"] for step in plan["steps"]] == ["completed", "awaiting_feedback"]
    assert [len(step["tool_calls"]) for step in plan["steps"]] == [1, 1]
    assert plan["steps"][1]["interrupted_calls"] == ["wait_long: it may have run"]
    assert "only you can say whether it was done" in resumed.stderr
