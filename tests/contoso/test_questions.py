"""The questions on Contoso's policies: well formed, balanced, and answered by the documents that they name."""

from __future__ import annotations

import functools
import re
from collections import Counter
from importlib import resources
from typing import Any

import yaml

from tests.contoso.test_policies import documents, plain

KINDS = {"plain": 25, "paraphrased": 25, "code": 15, "two-hop": 15, "unanswerable": 15}


@functools.cache
def questions() -> list[dict[str, Any]]:
    return list(
        yaml.safe_load(
            resources.files("macae.evals").joinpath("rag/questions.yaml").read_text(encoding="utf-8")
        )
    )


def test_questions_are_well_formed_and_balanced() -> None:
    rows = questions()
    assert len(rows) >= 90
    assert len({r["id"] for r in rows}) == len({plain(r["question"]) for r in rows}) == len(rows)
    assert all(list(r) == ["id", "question", "kind", "split", "sources", "needs"] for r in rows)
    count = Counter((r["kind"], r["split"]) for r in rows)
    assert {kind for kind, _ in count} == set(KINDS)
    for kind, least in KINDS.items():
        assert count[kind, "tune"] == count[kind, "test"], kind
        assert count[kind, "tune"] * 2 >= least, kind


def test_each_answer_stands_in_its_sources() -> None:
    wrong = []
    for row in questions():
        if row["kind"] == "unanswerable":
            assert row["sources"] == row["needs"] == [], row["id"]
            continue
        several = row["kind"] == "two-hop"
        assert len(row["sources"]) >= 1 + several, row["id"]
        assert not [name for name in row["sources"] if name not in documents()], row["id"]
        assert 1 <= len(row["needs"]) <= 3, row["id"]
        texts = [plain(documents()[name]) for name in row["sources"]]
        for need in row["needs"]:
            ways = need if isinstance(need, list) else [need]
            assert all(isinstance(way, str) and way for way in ways), row["id"]
            held = [any(plain(way) in text for way in ways) for text in texts]
            if not (any(held) if several else all(held)):
                wrong.append((row["id"], need))
    assert wrong == []


def test_codes_without_an_answer_stand_nowhere() -> None:
    everything = " ".join(documents().values())
    asked = [r["question"] for r in questions() if r["kind"] == "unanswerable"]
    codes = re.findall(r"\b[A-Z]{1,3}-\d+\b|Fiber 2000|Proseware|guest Wi-Fi|canteen", " ".join(asked))
    assert len(codes) == 7
    assert [code for code in codes if code in everything] == []


def test_paraphrased_questions_share_few_words_with_their_source() -> None:
    """They measure meaning: a question whose words all stand in the source would measure spelling."""
    shares = {}
    for kind in ("plain", "paraphrased"):
        own = []
        for row in (r for r in questions() if r["kind"] == kind):
            words = set(re.findall(r"[a-z]{4,}", plain(row["question"]))) - COMMON
            source = set(re.findall(r"[a-z]{4,}", plain(documents()[row["sources"][0]])))
            own.append(len(words & source) / len(words))
        shares[kind] = sum(own) / len(own)
    assert shares["paraphrased"] < 0.45 < 0.75 < shares["plain"], shares


COMMON = {
    "what",
    "which",
    "does",
    "have",
    "with",
    "that",
    "from",
    "this",
    "there",
    "they",
    "when",
    "where",
    "whom",
}
