"""`macae run` as a program sees it: what it prints, and with which code it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.cli.conftest import BAKE, BURN, MINE, ROOT, SELL, SLOW, Command, Inside, environment, object_in

EVIL = "[red]boo[/red] \x1b[31m\x1b]0;owned\x07 \u202egnp.exe\u2066 \x9b31m [link=http://e]x[/link] :boom: {0} %s"


def test_yes_and_json_give_one_object_with_the_calls(inside: Inside) -> None:
    run = inside("run", "Bake and sell", "--yes", "--json", plan=[BAKE, SELL])
    assert run.returncode == 0, run.stderr
    plan = object_in(run)
    assert plan["overall_status"] == "completed"
    assert [step["tool_calls"] for step in plan["steps"]] == [
        [{"name": "bake", "arguments": {"kind": "oat", "quantity": 12}, "result": "Baked 12 oat cookies.", "is_error": False}],
        [{"name": "sell", "arguments": {"kind": "oat"}, "result": "Sold the oat cookies.", "is_error": False}],
    ]  # fmt: skip
    assert {step["approval"]["by"] for step in plan["steps"]} == {"auto:yes"}
    assert "approved automatically (--yes)" in run.stderr


def test_messages_tell_what_was_done(macae: Command) -> None:
    run = macae("run", "Bake and sell", "--yes", plan=[BAKE, SELL])
    assert run.returncode == 0
    assert run.stderr == ""
    assert "Call: bake(kind='oat', quantity=12)" in run.stdout
    assert re.search(r"\[1\] gave \([\d.]+ m?s\): Baked 12 oat cookies\.", run.stdout)
    assert "Completed: 2 of 2 steps completed" in run.stdout
    assert "Nothing changed in Contoso." in run.stdout


def test_without_a_terminal_nothing_is_approved(macae: Command) -> None:
    run = macae("run", "Bake", plan=[BAKE])
    assert run.returncode == 4
    assert "the input is no terminal" in run.stdout
    line = next(line for line in run.stdout.splitlines() if " resume" in line)
    session = line.split(" resume ")[1].split()[0]
    shown = object_in(macae("show", session, "--json"))["plans"][0]
    assert shown["steps"][0]["status"] == "awaiting_feedback" and shown["steps"][0]["tool_calls"] == []
    resumed = macae("resume", session, "--yes", "--json", plan=[])
    assert resumed.returncode == 0
    assert object_in(resumed)["steps"][0]["tool_calls"][0]["result"] == "Baked 12 oat cookies."


def test_json_without_a_terminal_gives_the_waiting_plan(inside: Inside) -> None:
    run = inside("run", "Bake", "--json", plan=[BAKE])
    assert run.returncode == 4
    assert object_in(run)["awaiting_feedback"] == 1
    assert " resume" in run.stderr


def test_a_question_is_exit_code_2_until_it_is_answered(inside: Inside) -> None:
    script = {"ask": "Which kind?", "steps": [BAKE]}
    run = inside("run", "Bake", "--yes", "--json", plan=script)
    assert run.returncode == 2
    asked = object_in(run)
    assert asked["human_clarification_request"] == "Which kind?" and asked["steps"] == []
    assert "Question: Which kind?" in run.stderr
    answered = inside("run", "Bake", "--yes", "--json", "--answer", "oat", plan=script)
    assert answered.returncode == 0
    assert object_in(answered)["human_clarification_response"] == "oat"
    resumed = inside("resume", asked["session_id"], "--yes", "--answer", "oat", plan=script)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr


def test_an_answer_without_yes_approves_nothing(inside: Inside) -> None:
    run = inside("run", "Bake", "--json", "--answer", "oat", plan={"ask": "Which kind?", "steps": [BAKE]})
    assert run.returncode == 4
    assert object_in(run)["steps"][0]["status"] == "awaiting_feedback"


def test_an_impossible_goal_is_exit_code_3(inside: Inside) -> None:
    run = inside("run", "Fly", "--yes", "--json", plan={"impossible": "We bake."})
    assert run.returncode == 3
    assert object_in(run)["summary"] == "We bake."
    assert inside("run", "Fly", plan={"impossible": "We bake."}).stdout.count("We bake.") == 1


def test_a_failed_step_finishes_the_plan(inside: Inside) -> None:
    run = inside("run", "Wait", "--yes", "--json", plan=[SLOW, SELL], MACAE_STEP_TIMEOUT="1")
    assert run.returncode == 1, run.stderr
    plan = object_in(run)
    assert plan["overall_status"] == "failed"
    assert [step["status"] for step in plan["steps"]] == ["failed", "skipped"]


def test_a_refused_call_is_told_as_an_error(inside: Inside) -> None:
    run = inside("run", "Burn", "--yes", "--json", plan=[BURN])
    call = object_in(run)["steps"][0]["tool_calls"][0]
    assert call["is_error"] and "We do not burn cookies." in call["result"]


def test_a_persons_own_step_is_left_to_the_person(inside: Inside) -> None:
    run = inside("run", "Pack", "--yes", "--json", plan=[MINE, SELL])
    assert run.returncode == 4
    assert object_in(run)["steps"][0]["status"] == "awaiting_feedback"
    assert " resume" in run.stderr


def test_auto_approve_says_so_and_is_recorded_as_such(inside: Inside) -> None:
    run = inside("run", "Bake", "--json", plan=[BAKE], MACAE_AUTO_APPROVE="1")
    assert run.returncode == 0
    assert object_in(run)["steps"][0]["approval"]["by"] == "auto:env"
    assert "MACAE_AUTO_APPROVE" in run.stderr


def test_a_store_that_cannot_be_written_is_an_error(inside: Inside) -> None:
    inside.home.write_text("a file, not a folder", encoding="utf-8")
    run = inside("run", "Bake", "--json", plan=[BAKE])
    assert run.returncode == 1
    assert object_in(run)["type"] == "StoreError"


def test_hostile_text_can_neither_style_nor_steer_the_terminal(inside: Inside) -> None:
    step = {"agent": "BakerAgent", "action": EVIL, "function": "bake", "args": {"kind": EVIL, "quantity": 1}}
    run = inside("run", EVIL, "--yes", plan=[step])
    assert run.returncode == 0, run.stdout
    for raw in ("\x1b", "\x07", "\x9b", "\u202e", "\u2066"):
        assert raw not in run.stdout + run.stderr
    assert "[red]boo[/red] \\x1b[31m\\x1b]0;owned\\x07 \\u202egnp.exe\\u2066" in run.stdout
    assert "[link=http://e]x[/link] :boom:" in run.stdout
    as_json = inside("run", EVIL, "--yes", "--json", plan=[step])
    assert object_in(as_json)["steps"][0]["arguments"]["kind"] == EVIL
    assert as_json.stdout.isascii() and as_json.stdout.replace("\n", "").isprintable()


def test_a_code_page_that_lacks_letters_is_no_error(macae: Command) -> None:
    step = {**BAKE, "action": "Bake 12 Lebkuchen für 東京 → now."}
    words = macae.words("run", "Bake", "--yes", plan=[step])
    env = environment(macae.home, PYTHONUTF8="0", PYTHONIOENCODING="cp437")
    run = subprocess.run(
        words, cwd=macae.folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert "Bake 12 Lebkuchen für" in run.stdout.decode("cp437")


@pytest.mark.parametrize("columns", ["20", "40", "200"])
def test_narrow_output_loses_nothing(inside: Inside, columns: str) -> None:
    run = inside("run", "Bake", "--yes", plan=[BAKE], COLUMNS=columns)
    assert run.returncode == 0
    assert "Baked 12 oat cookies." in run.stdout


def test_a_reader_that_goes_away_stops_no_approved_work(macae: Command) -> None:
    words = macae.words("run", "Bake and sell", "--yes", plan=[BAKE, SELL])
    process = subprocess.Popen(
        words, cwd=macae.folder, env=environment(macae.home), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0 and errors == b""
    assert object_in(macae("sessions", "--json"))["sessions"][0]["status"] == "completed"


def test_help_loads_nothing_heavy() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, json; from macae.cli import main; main(['--help']); sys.stderr.write(json.dumps(sorted(sys.modules)))"],
        cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    heavy = {"pydantic", "autogen_core", "openai", "sqlite3", "macae.engine", "macae.config"}
    assert not heavy & set(json.loads(loaded.stderr))
