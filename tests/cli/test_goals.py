"""The goals that the workshop is about, run to their end with the offline model, and a run that is killed half-way."""

from __future__ import annotations

import asyncio
import csv
import io
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from macae.config import load_settings
from macae.memory.atwork import at_work
from macae.memory.cosmos import CosmosStore
from macae.models import Step
from macae.workshop.unattended import check_sessions
from tests.cli.conftest import BAKE, SLOW, Command, Inside, environment, object_in
from tests.cosmos.peer import Peer

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
def test_the_goals_run_to_their_end_offline(inside: Inside, goal: str) -> None:
    run = inside("run", goal, "--yes", "--json")
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
        "demo --home FOLDER` keeps it",
    ):
        assert text in run.stdout, text
    assert run.stderr == ""
    assert took < 15
    assert sorted(path.name for path in macae.folder.iterdir()) == ["team.yaml"]


def test_the_demo_can_be_kept(inside: Inside) -> None:
    kept = inside("demo", "--home", str(inside.home))
    assert kept.returncode == 0 and "Nothing of this demo is kept" not in kept.stdout
    listed = object_in(inside("sessions", "--json"))["sessions"]
    assert [row["status"] for row in listed] == ["completed"]
    plan = object_in(inside("show", listed[0]["session_id"], "--json"))["plans"][0]
    assert {step["approval"]["by"] for step in plan["steps"]} == {"auto:yes"}


def killed(
    macae: Command, *words: str, when: Callable[[IO[str]], object], plan: Any = None, **env: str
) -> None:
    """Run the command, and kill it as soon as `when` returns, which may read what it prints."""
    process = subprocess.Popen(
        macae.words(*words, plan=plan),
        cwd=macae.folder, env=environment(macae.home, PYTHONUNBUFFERED="1", **env),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    assert process.stdout is not None
    with process:
        try:
            when(process.stdout)
            assert process.poll() is None
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_a_killed_run_is_taken_up_again_without_running_anything_twice(
    macae: Command, inside: Inside, tmp_path: Path
) -> None:
    killed(
        *(macae, "run", "Bake, then wait", "--yes"), plan=[BAKE, SLOW],
        when=lambda lines: next(line for line in lines if "calls wait_long" in line),
    )  # fmt: skip
    session = object_in(inside("sessions", "--json"))["sessions"][0]["session_id"]
    killed_plan = object_in(inside("show", session, "--json"))["plans"][0]
    assert [step["status"] for step in killed_plan["steps"]] == ["completed", "action_requested"]
    told_of_a_dead_process(inside, session, tmp_path)
    resumed = macae("resume", session, "--yes", "--json", plan=[])
    assert resumed.returncode == 4, resumed.stderr
    plan = object_in(resumed)
    assert [step["status"] for step in plan["steps"]] == ["completed", "awaiting_feedback"]
    assert [len(step["tool_calls"]) for step in plan["steps"]] == [1, 1]
    assert plan["steps"][1]["interrupted_calls"] == ["wait_long: it may have run"]
    assert "only you can say whether it was done" in resumed.stderr
    assert [row["seconds"] != "" for row in tools_of(inside, session, tmp_path)] == [True, False]
    assert object_in(inside("show", session, "--json"))["left"] == []
    waits = inside("tail", session, "--no-follow")
    assert waits.returncode == 0 and "It waits for a person" in waits.stdout


def told_of_a_dead_process(inside: Inside, session: str, folder: Path) -> None:
    """Everything that shows the session says that nobody works on it, and how it goes on."""
    for words, code in (
        (("show", session), 0),
        (("tail", session), 1),
        (("tail", session, "--no-follow"), 0),
    ):
        shown = inside(*words)
        assert shown.returncode == code, "following it ends, for nothing more comes"
        assert "No process works on this session since" in shown.stdout
        assert "step 2 (wait_long)" in shown.stdout and f"resume {session}" in shown.stdout
    assert "Interrupted: no process works on it" in inside("show", session).stdout
    (row,) = object_in(inside("sessions", "--json"))["sessions"]
    assert row["left"] == ["step 2 (wait_long)"] and row["status_label"].startswith("Interrupted")
    assert inside("report", session, "--csv", "report.csv", "--force").stdout.count("interrupted") == 1
    assert [row["state"] for row in tools_of(inside, session, folder)] == ["completed", "unknown"]
    rules = folder / "rules.yaml"
    rules.write_text(
        "rules: [{name: stuck, events: step_started, by: step, absence: {seconds: 0.01, until: step_completed}}]",
        encoding="utf-8",
    )
    raised = object_in(inside("alerts", "replay", session, "--rules", str(rules), "--json"))["alerts"]
    assert [alert["resolved"] is None for alert in raised][-1], "its wait is still open"
    [finding] = asyncio.run(check_sessions(load_settings(home=inside.home)))
    assert finding.status == "warning" and f"macae resume {session}" in finding.fix


def tools_of(inside: Inside, session: str, folder: Path) -> list[dict[str, str]]:
    """The table of the session's tool calls."""
    inside("report", session, "--csv", "tools.csv", "--table", "tools", "--force")
    return list(csv.DictReader(io.StringIO((folder / "tools.csv").read_text(encoding="utf-8"))))


async def steps_in(store: CosmosStore) -> list[Step]:
    async with store:
        steps = await store.find(Step, user_id="ann")
        assert (await at_work(store, "ann", steps[0].session_id)).left == (
            "step 4 (schedule_orientation_session)",
        )
        return steps


def test_a_killed_demo_on_cosmos_db_is_finished_by_another_process(
    macae: Command, cosmos_peer: Peer, cosmos_database: str
) -> None:
    """It dies when the tool of the fourth step has booked a session, and the store has not heard of it yet."""
    cosmos = {"ENDPOINT": cosmos_peer.endpoint, "KEY": cosmos_peer.key, "DATABASE": cosmos_database}
    env = {f"MACAE_COSMOS_{name}": value for name, value in cosmos.items()}
    env |= {"MACAE_STORE": "cosmos", "MACAE_LEASE": "60", "MACAE_USER": "ann"}

    def booked(_: IO[str]) -> None:
        ends = time.monotonic() + 40
        while not any("fault" in request for request in cosmos_peer.requests("batch")):
            assert time.monotonic() < ends
            time.sleep(0.02)

    cosmos_peer.fail("hang", kind="batch", skip=2 + 3 * 4 + 2)  # two to plan, four a step
    killed(macae, "demo", "--home", str(macae.home), when=booked, **env)
    cosmos_peer.heal()
    cosmos_peer.sleep(100)  # it has not been heard of for so long
    stored = asyncio.run(
        steps_in(CosmosStore(endpoint=cosmos_peer.endpoint, key=cosmos_peer.key, database=cosmos_database))
    )
    assert [step.status.value for step in stored[:4]] == ["completed"] * 3 + ["action_requested"]
    assert [len(step.calls) for step in stored[:4]] == [1, 1, 1, 1]
    resumed = macae("resume", stored[0].session_id, "--home", str(macae.home), "--yes", "--json", **env)
    assert resumed.returncode == 0, resumed.stderr
    plan = object_in(resumed)
    assert [(step["status"], len(step["tool_calls"])) for step in plan["steps"]] == [("completed", 1)] * 6
    assert resumed.stderr.count("+ number: E-") == 1, "the orientation is booked once"
    assert not list(macae.folder.rglob("macae.db*")), "nothing of it went into a file"
