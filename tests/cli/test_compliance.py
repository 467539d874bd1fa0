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


def test_a_secret_in_a_goal_is_refused(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = "sk-proj-4fGh7Kd92mXq0PzLw8Rt3Vb6"
    assert main(["run", f"Note the key {key}.", "--yes", "--home", "home"]) != 0
    said = capsys.readouterr()
    assert "(API_KEY)" in said.err + said.out and key not in said.err + said.out
