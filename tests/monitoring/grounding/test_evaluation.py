"""How well invented facts are told, measured on labelled replies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from macae.cli.evalgrounding import run_eval_grounding
from macae.errors import InvalidInput
from macae.evals.grounded import evaluate_grounding, load_replies


def test_the_set_is_balanced_and_large_enough() -> None:
    replies = load_replies()
    wrong = [reply for reply in replies if reply.wrong]
    assert len(replies) >= 100 and 0.4 <= len(wrong) / len(replies) <= 0.6
    assert {w.kind for reply in wrong for w in reply.wrong} == {"number", "date", "time", "code", "address", "name", "negation", "relation"}  # fmt: skip
    assert all(w.text in reply.reply for reply in wrong for w in reply.wrong)


def test_precision_and_recall() -> None:
    """Reached: 1.00 and 1.00 after the mistakes on each half were mended; at first sight the rules made 0.80 to 0.90 and 1.00."""
    report = evaluate_grounding(load_replies())
    for split in ("tune", "test"):
        assert report.precision(split) >= 0.95, [r for r in report.of(split) if r.false]
        assert (report.recall(split) or 0) >= 0.95, [r for r in report.of(split) if r.missed]
    assert report.recall(None, "negation") == report.recall(None, "relation") == 0, (
        "said in docs/grounding.md"
    )


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run_eval_grounding(None, json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["test"]["replies"] == 26 and told["tune"]["recall_by_kind"]["negation"] == 0
    own = tmp_path / "own.yaml"
    own.write_text("- {id: a, split: test, asked: x, sources: ['5 laptops'], reply: 'Seven laptops.', wrong: [{text: Seven, kind: number}]}\n", encoding="utf-8")  # fmt: skip
    assert run_eval_grounding(own, json=False) == 0
    assert "faults found 1.00" in capsys.readouterr().out
    own.write_text("- {id: a}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"a in .*own\.yaml"):
        run_eval_grounding(own, json=False)
