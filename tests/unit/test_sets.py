"""What is wrong with a file of goals or questions is said, with the file and the case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from macae.errors import InvalidInput
from macae.evals import load_goals
from macae.evals.rag import load_questions

GOAL = "- {id: a, goal: Order a laptop., expect: {impossible: true}}\n"
QUESTION = '- {id: a, question: "Who?", kind: unanswerable, split: tune}\n'


@pytest.mark.parametrize(
    ("load", "case", "what"),
    [(load_goals, GOAL, "goals"), (load_questions, QUESTION, "questions")],
    ids=["goals", "questions"],
)
def test_what_is_wrong_with_a_set_is_said(
    load: Callable[[Path], list[object]], case: str, what: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    with pytest.raises(InvalidInput, match=f"The {what} file .*mine.yaml cannot be read: "):
        load(file)
    for content, says in (
        (b"\xff\xfe\x00", "it is no UTF-8 text"),
        (b"- [", "is no valid YAML"),
        (b"one: two", f"must hold a list of {what}"),
        (b"- {id: a, colour: red}", f"{what[:-1].capitalize()} a in .*mine.yaml cannot be used"),
        (case.encode() * 2, f"has {what} of the same id: a"),
    ):
        file.write_bytes(content)
        with pytest.raises(InvalidInput, match=says):
            load(file)
    file.write_text(case, encoding="utf-8")
    assert len(load(file)) == 1
