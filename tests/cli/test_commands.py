"""The commands that look and tell, and how errors are told."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

import macae
from macae.cli import codes
from macae.cli.output import Screen
from macae.evals import builtin_sets
from macae.models import Plan, PlanStatus
from tests.cli.conftest import Command, Inside, object_in


@pytest.mark.parametrize(
    ("words", "env", "named", "kind"),
    [
        (["run", "Bake"], {"MACAE_PROVIDER": "openai"}, "MACAE_API_KEY", "ConfigError"),
        (["eval", "--set", "none"], {}, "no set 'none'", "InvalidInput"),
        (["eval", "--goals", "none.yaml"], {}, "none.yaml", "InvalidInput"),
        (["tools", "--team", "none.yaml"], {}, "none.yaml", "TeamError"),
        (["run", "Bake"], {"MACAE_PROVIDER": "nobody"}, "MACAE_PROVIDER", "ConfigError"),
        (["run", "  "], {}, "The goal is empty", "InvalidInput"),
        (["run", "Bake", "--session", "a b"], {}, "session id 'a b'", "InvalidInput"),
        (["run", "Bake", "--team", "none.yaml"], {}, "none.yaml", "TeamError"),
        (["resume", "nobody"], {}, "no session or plan 'nobody'", "NotFound"),
        (["show", "nobody"], {}, "Nothing is stored", "NotFound"),
        (["run"], {}, "goal", "UsageError"),
        (["sessions", "--limit", "x"], {}, "--limit", "UsageError"),
        (["nonsense"], {}, "No such command", "UsageError"),
    ],
)
def test_an_error_is_one_sentence_and_an_object(
    inside: Inside, words: list[str], env: dict[str, str], named: str, kind: str
) -> None:
    run = inside(*words, "--json", **env)
    assert run.returncode == 1
    told = object_in(run)
    assert named in told["error"] and told["type"] == kind
    assert named in run.stderr.splitlines()[-1] and "Traceback" not in run.stderr


def test_version_and_help(inside: Inside) -> None:
    assert inside("--version").stdout == f"macae {macae.__version__}\n"
    told = inside("--help")
    assert told.returncode == 0
    for name in ("run", "demo", "sessions", "show", "search", "tail", "resume", "eval", "doctor", "tools"):
        assert name in told.stdout
        own = inside(name, "--help")
        assert own.returncode == 0 and "--home" in own.stdout
    assert "4 waits for your approval" in inside("run", "--help").stdout.replace("\n  ", " ")
    assert inside().returncode != 0


def test_each_plan_status_has_its_code() -> None:
    plan = Plan(session_id="s", user_id="u", initial_goal="g")
    found = {s.value: codes.code_of(plan.model_copy(update={"overall_status": s})) for s in PlanStatus}
    assert found == {
        "completed": 0, "failed": 1, "cancelled": 1, "awaiting_clarification": 2, "impossible": 3,
        "in_progress": 4, "paused": 4,
    }  # fmt: skip


def test_an_unexpected_error_is_one_sentence_too(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*words: Any, **options: Any) -> None:
        raise RuntimeError("the roof\x1b[2J fell")

    monkeypatch.setattr("macae.cli.app.app", broken)
    run = inside("tools", "--json")
    assert run.returncode == 1
    assert object_in(run)["type"] == "RuntimeError"
    assert "RuntimeError: the roof\\x1b[2J fell. MACAE_TRACEBACK=1 shows where." in run.stderr
    assert "Traceback" not in run.stderr
    monkeypatch.setenv("MACAE_TRACEBACK", "1")
    assert "Traceback" in inside("tools").stderr


def test_a_missing_package_names_itself(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "macae.cli.app", raising=False)
    monkeypatch.setitem(sys.modules, "typer", None)
    run = inside("run", "x")
    assert run.returncode == 1 and "workshop.py --install-only" in run.stderr


def test_ctrl_c_outside_of_a_run_is_130(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(*words: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("macae.cli.app.app", pressed)
    run = inside("tools")
    assert (run.returncode, run.stderr) == (130, "Stopped.\n")


def test_sessions_come_in_pages(inside: Inside) -> None:
    assert object_in(inside("sessions", "--json")) == {"sessions": [], "next": None}
    assert "No sessions yet" in inside("sessions").stdout
    assert not Path("home").exists()
    for number in range(3):
        assert inside("run", f"Launch rocket {number} to Mars", "--session", f"s{number}").returncode == 3
    first = object_in(inside("sessions", "--limit", "2", "--json"))
    assert [row["session_id"] for row in first["sessions"]] == ["s2", "s1"]
    assert first["sessions"][0]["status"] == "impossible"
    rest = object_in(inside("sessions", "--before", first["next"], "--json"))
    assert [row["session_id"] for row in rest["sessions"]] == ["s0"] and rest["next"] is None
    told = inside("sessions", "--limit", "2").stdout
    assert "Launch rocket 2 to Mars" in told and f"sessions --before {first['next']}" in told
    assert object_in(inside("sessions", "--user", "eve", "--json"))["sessions"] == []


def test_show_finds_by_session_plan_and_beginning(inside: Inside) -> None:
    assert inside("run", "Launch a rocket to Mars", "--session", "rockets").returncode == 3
    plan = object_in(inside("show", "rockets", "--json"))["plans"][0]
    assert object_in(inside("show", plan["id"], "--json")) == plan
    assert object_in(inside("show", "rock", "--json"))["plans"] == [plan]
    trail = object_in(inside("show", plan["id"], "--json", "--trail"))["trail"]
    assert [event["type"] for event in trail][-1] == "plan_created"
    assert "Launch a rocket to Mars" in inside("show", "rockets").stdout
    other = inside("show", "rockets", "--user", "eve")
    assert other.returncode == 1 and "no session or plan" in other.stderr
    assert inside("run", "Launch a rocket to Mars", "--session", "rocket2").returncode == 3
    assert "2 sessions begin with" in inside("show", "rock").stderr
    for words in (["show"], ["tail"], ["report"], ["alerts", "replay"]):
        short = inside(*words, "roc").stderr
        assert (
            "no session or plan 'roc' of yours. Of a longer id give at least its first 4 characters" in short
        )
    judged = inside("alerts", "replay", plan["id"])
    assert judged.returncode == 0 and "events judged by" in judged.stdout, "a plan's id will do"
    assert "Session rockets" in inside("tail", plan["id"], "--no-follow").stdout


def test_the_trail_tells_of_all_that_happened_in_the_session(inside: Inside) -> None:
    for _ in range(2):
        assert inside("run", "Launch a rocket to Mars", "--session", "rockets").returncode == 3
    whole = object_in(inside("show", "rockets", "--json", "--trail"))
    types = [event["type"] for event in whole["trail"]]
    assert types[:2] == ["goal_received", "model_called"], "what belongs to no plan"
    assert [event["seq"] for event in whole["trail"]] == list(range(1, len(types) + 1))
    assert types.count("plan_created") == 2 and "plan_created" in [
        e["type"] for e in whole["plans"][1]["trail"]
    ]
    lines = inside("show", "rockets", "--trail").stdout.splitlines()
    first, second = (plan["id"] for plan in whole["plans"])
    assert f"Session rockets, plan 2 {second}" in lines
    trail = lines[lines.index(f"Audit trail: {len(types)} events") + 1 :]
    assert [("plan 1" in line, "plan 2" in line) for line in trail if " plan_created " in line] == [
        (True, False),
        (False, True),
    ]
    assert sum(" goal_received " in line for line in trail) == 2
    part = inside("show", first, "--trail").stdout
    assert part.count(" goal_received ") == part.count(" model_called ") == part.count(" plan_created ") == 1
    assert "events more in this session" in part and "show rockets --trail" in part


def test_hints_name_a_command_that_is_there(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macae.cli.hints.shutil.which", lambda name: None if name == "macae" else name)
    root = Path(__file__).parents[2]
    told = [inside("run"), inside("sessions"), inside("show", "nobody")]
    assert inside("run", "Order 5 laptops for the marketing team.", "--session", "laptops").returncode == 4
    told += [inside("show", "nobody"), inside("resume", "laptops")]
    for run in told:
        text = run.stdout + run.stderr
        assert "workshop.py" in text and str(root) in text and "macae " not in text.replace(str(root), ""), (
            text
        )
    monkeypatch.setenv("MACAE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(root)
    assert re.search(r"(python3?|py) workshop\.py resume laptops", inside("resume", "laptops").stdout)
    monkeypatch.setattr("macae.cli.hints.shutil.which", lambda name: name)
    assert "`macae run --help` tells more" in inside("run").stderr


def test_resume_without_an_id_takes_the_newest_open_session(inside: Inside) -> None:
    assert "No session of yours is open" in inside("resume").stderr
    for name in ("older", "newer"):
        goal = "Order 5 laptops for the marketing team."
        assert inside("run", goal, "--session", name).returncode == 4
    assert inside("run", "Launch a rocket to Mars", "--session", "over").returncode == 3
    resumed = inside("resume", "--yes", "--json")
    assert resumed.returncode == 0 and object_in(resumed)["session_id"] == "newer"
    assert object_in(inside("resume", "--json"))["session_id"] == "older"


def test_eval_help_names_every_set(inside: Inside) -> None:
    told = inside("eval", "--help").stdout
    assert all(name in told for name in builtin_sets())


def test_home_and_user_may_stand_in_front_too(inside: Inside, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert inside("--home", str(other), "--user", "ann", "run", "Launch a rocket to Mars").returncode == 3
    assert (other / "macae.db").is_file() and not (tmp_path / "home").exists()
    assert (
        len(object_in(inside("sessions", "--json", "--home", str(other), "--user", "ann"))["sessions"]) == 1
    )


def test_a_user_comes_back_as_that_user(inside: Inside) -> None:
    run = inside("run", "Order 5 laptops for the marketing team.", "--user", "ann lee")
    assert run.returncode == 4
    assert "--user 'ann lee'" in run.stdout or '--user "ann lee"' in run.stdout


def test_tools_are_listed(inside: Inside, macae: Command) -> None:
    told = object_in(inside("tools", "--json"))
    names = {tool["name"]: tool["effect"] for agent in told["agents"] for tool in agent["tools"]}
    assert names["order_hardware"] == "change" and len(names) > 60
    assert "order_hardware(" in inside("tools").stdout
    bakery = inside("tools", "--team", str(macae.team))
    assert "bake(kind: string, quantity: integer = 1) [change]: Bake cookies." in bakery.stdout


GOALS = """
- {id: fine, goal: Launch a rocket to Mars, expect: {impossible: true}}
- {id: wrong, goal: Launch a rocket to Mars, tags: [odd], expect: {steps: [{agent: HrAgent, tool: assign_mentor}]}}
"""


def test_eval_scores_goals_without_running_or_storing_anything(inside: Inside, tmp_path: Path) -> None:
    file = tmp_path / "goals.yaml"
    file.write_text(GOALS, encoding="utf-8")
    told = object_in(inside("eval", "--goals", str(file), "--json"))
    assert (told["passed"], told["total"], told["score"]) == (1, 2, 0.5)
    assert "offline" in told["model"] and told["by_tag"] == {"odd": {"passed": 0, "total": 1}}
    shown = inside("eval", "--goals", str(file)).stdout
    assert "passed  fine" in shown and "failed  wrong" in shown and "1 of 2 goals passed (50%)" in shown
    assert not (tmp_path / "home").exists()


def test_eval_that_reaches_no_model_is_a_failure(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "goals.yaml"
    file.write_text(GOALS, encoding="utf-8")
    monkeypatch.setenv("MACAE_PROVIDER", "openai")
    monkeypatch.setenv("MACAE_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("MACAE_MODEL_RETRIES", "0")
    run = inside("eval", "--goals", str(file), "--json")
    assert run.returncode == 1 and object_in(run)["passed"] == 0
    assert "ModelUnavailable" in run.stderr


def test_the_console_makes_our_typography_plain_where_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(type(screen.console), "encoding", "cp437")
    assert screen.fitting("a → b … · für") == "a -> b ... - für"
