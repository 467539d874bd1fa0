"""`macae eval rag`: scores for each half and mode, as text, as JSON, and as the docs' table."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from macae.cli import main
from macae.config import load_settings
from macae.memory.retrieval import KnowledgeBase

QUESTIONS = """
- {id: one, question: "How long does rye bread bake?", kind: plain, split: tune, sources: [bread], needs: [55 minutes]}
- {id: two, question: "When does the shop open?", kind: plain, split: test, sources: [shop], needs: [[at 8, 08:00]]}
- {id: three, question: "What does a wedding cake cost?", kind: unanswerable, split: test}
"""


@pytest.fixture
def asked(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("MACAE_EMBEDDING", "lexical")
    docs = elsewhere / "docs"
    docs.mkdir()
    (docs / "bread.md").write_text("# Bread\n\nRye bread bakes for 55 minutes.", encoding="utf-8")
    (docs / "shop.md").write_text("# Shop\n\nThe shop opens at 8 in the morning.", encoding="utf-8")
    (elsewhere / "q.yaml").write_text(QUESTIONS, encoding="utf-8")
    return ["eval", "rag", "--home", str(elsewhere / "home"), "--questions", "q.yaml", "--documents", "docs"]


def test_scores_as_json_and_as_a_table(
    asked: list[str], elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = elsewhere / "page.md"
    page.write_text(
        "a\n<!-- eval rag, lexical -->\nold\n<!-- end of eval rag, lexical -->\nb\n", encoding="utf-8"
    )
    assert main([*asked, "--json", "--write", str(page)]) == 0
    output = capsys.readouterr()
    told = json.loads(output.out)
    assert "lexical" in told["embedding"] and len(told["modes"]) == 6 and len(told["results"]) == 18
    best = told["modes"]["hybrid"]
    assert (best["tune"]["recall_1"], best["tune"]["right"]) == (1.0, 1.0)
    assert (best["test"]["questions"], best["test"]["recall_5"], best["test"]["right"]) == (2, 1.0, 1.0)
    assert "18 of 18 asked" in output.err and "Embedding: lexical" in output.err
    text = page.read_text(encoding="utf-8")
    assert text.startswith("a\n") and text.endswith("b\n") and "old" not in text
    assert "| hybrid | 1.00 | 1.00 | 1.00 | 1.00 |" in text


def test_the_vectors_that_the_user_works_with_are_not_touched(asked: list[str], elsewhere: Path) -> None:
    async def opened() -> tuple[int, int]:
        async with KnowledgeBase(load_settings(home=elsewhere / "home"), elsewhere / "docs") as kb:
            return kb.embedded, kb.dropped

    assert asyncio.run(opened()) == (2, 0)
    (elsewhere / "docs" / "shop.md").write_text("# Shop\n\nThe shop opens at 9.", encoding="utf-8")
    assert main([*asked, "--mode", "words", "--search-only"]) == 0
    assert asyncio.run(opened()) == (1, 1), "the evaluation embedded it elsewhere"


def test_one_mode_of_one_half_without_a_model(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*asked, "--mode", "words", "--split", "tune", "--search-only"]) == 0
    output = capsys.readouterr().out
    assert "words: recall@1 1.00" in output and "hybrid" not in output and "answer right" not in output


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--mode", "magic"], "no mode 'magic'"),
        (["--split", "all"], "no questions of the half"),
        (["--questions", "missing.yaml"], "missing.yaml"),
        (["--write", "nowhere.md", "--mode", "words", "--search-only"], "nowhere.md"),
    ],
)
def test_what_is_wrong_is_said(
    asked: list[str], more: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*asked, *more]) != 0
    assert word in capsys.readouterr().err


def test_a_question_about_a_document_that_is_not_there(
    asked: list[str], elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / "q.yaml").write_text(
        "- {id: x, question: a, kind: plain, split: tune, sources: [gone]}", encoding="utf-8"
    )
    assert main(asked) != 0
    assert "Question x names gone" in capsys.readouterr().err
    (elsewhere / "q.yaml").write_text("- {id: x, question: a, kind: plain, split: tune}", encoding="utf-8")
    assert main(asked) != 0
    assert "Question x in q.yaml" in capsys.readouterr().err


def test_the_plans_are_still_evaluated(capsys: pytest.CaptureFixture[str], elsewhere: Path) -> None:
    assert main(["eval", "--set", "nothing"]) != 0
    assert "no set 'nothing'" in capsys.readouterr().err


def test_the_help_names_all_modes() -> None:
    import inspect

    from macae.cli.evalcommands import eval_rag
    from macae.evals.rag import MODES

    (option,) = inspect.signature(eval_rag, eval_str=True).parameters["mode"].annotation.__metadata__
    assert all(f"'{mode.name}'" in option.help for mode in MODES)
