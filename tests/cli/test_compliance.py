"""What the policy keeps from the screen, the command line does not show; the call that is approved it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from macae.cli import main

CARD = "4111 1111 1111 1111"
GOAL = f'Send Marcus Bell an internal message: "Card {CARD}".'


def test_a_reply_is_masked_and_the_call_is_not(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / "p.yaml").write_text("rules: {CREDIT_CARD: {screen: mask}}\n", encoding="utf-8")
    monkeypatch.setenv("MACAE_COMPLIANCE", "p.yaml")
    assert main(["run", GOAL, "--yes", "--json", "--home", "home"]) == 0
    told, said = capsys.readouterr()
    assert f'"Card {CARD}"' in said, "the call as it was approved"
    plan = json.loads(told)
    (step,) = plan["steps"]
    assert step["arguments"]["text"] == f"Card {CARD}"
    assert "[REDACTED:CREDIT_CARD]" in step["agent_reply"] and CARD not in step["agent_reply"]
    assert main(["show", plan["id"], "--trail", "--home", "home"]) == 0
    shown = capsys.readouterr().out
    assert "[REDACTED:CREDIT_CARD]" in shown


def test_events_are_shown_as_a_sink_gets_them_to_people_and_programs_alike(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MACAE_COMPLIANCE", "gdpr")
    goal = f'Send Marcus Bell an internal message: "Card {CARD} and +41 79 555 01 23".'
    assert main(["run", goal, "--yes", "--session", "mine", "--home", "home"]) == 0
    ran = capsys.readouterr().out
    assert f"text='Card {CARD} and" in ran, "what is decided on is shown as it is"
    assert CARD not in ran.partition("What changed")[2], "and nothing else"
    for words in (["tail", "--no-follow"], ["tail", "--no-follow", "--json"], ["show", "mine", "--trail"]):
        assert main([*words, "--home", "home"]) == 0
        trail = capsys.readouterr().out.partition("Audit trail")
        told = trail[2] or trail[0]
        assert CARD not in told and "555 01 23" not in told, words
        assert "CREDIT_CARD found in the goal: left as it is" in told, words
        if "--json" not in words:
            assert "personal-data-seen · CREDIT_CARD" in told, words
    for words in (["sessions"], ["sessions", "--json"]):
        assert main([*words, "--home", "home"]) == 0
        told = capsys.readouterr().out
        assert "Card [REDACTED:CREDIT_CARD] and +41 79 555 01 23" in told, "as the route screen says"


def test_a_run_says_that_the_policy_has_changed_the_goal(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / "p.yaml").write_text("words: {PROJECT: [Heron]}\nrules: {PROJECT: mask}\n", encoding="utf-8")
    monkeypatch.setenv("MACAE_COMPLIANCE", "p.yaml")
    main(["run", "Order 3 chairs for Finance, project Heron", "--yes", "--home", "home"])
    said = capsys.readouterr().err
    assert "The policy changed what you gave (MACAE_COMPLIANCE): PROJECT found in the goal: masked." in said


def test_a_secret_in_a_goal_is_refused(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = "sk-proj-4fGh7Kd92mXq0PzLw8Rt3Vb6"
    assert main(["run", f"Note the key {key}.", "--yes", "--home", "home"]) != 0
    said = capsys.readouterr()
    assert "(API_KEY)" in said.err + said.out and key not in said.err + said.out
