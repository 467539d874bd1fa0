"""`macae eval pii`: precision and recall by kind, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from macae.cli import main


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "pii", "--split", "tune"]) == 0
    shown = capsys.readouterr().out
    assert "180 texts, 88 of them with nothing to find" in shown
    assert "CREDIT_CARD" in shown and "precision" in shown


def test_a_file_of_ones_own_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "- {id: a, split: test, text: 'Write to <<EMAIL_ADDRESS|lee@x.org>> or call <<PHONE_NUMBER|nobody>>.'}\n"
        "- {id: b, split: test, text: 'Card 4111 1111 1111 1111'}\n",
        encoding="utf-8",
    )
    assert main(["eval", "pii", "--texts", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["mistakes"] == [
        "a: PHONE_NUMBER was not found",
        "b: CREDIT_CARD was found where there is none",
    ]
    assert told["scores"][-1] == {
        "entity": "all", "right": 1, "missed": 1, "wrong": 1, "precision": 0.5, "recall": 0.5
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(["--split", "half"], "There is no half 'half'"), (["--detector", "mine"], "There is no detector 'mine'"), (["--texts", "none.yaml"], "cannot be read")],
)  # fmt: skip
def test_what_cannot_be_asked(arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "pii", *arguments]) != 0
    assert why in capsys.readouterr().err
