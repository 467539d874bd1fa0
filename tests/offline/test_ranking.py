"""Lexical relevance: endings, synonyms, kinds of things, slips of the pen."""

from __future__ import annotations

import pytest

from macae.llm.ranking import nearest, rank

TOOLS = [
    "order_hardware: Order laptops, monitors or phones for a department.",
    "assign_mentor: Assign a mentor to a new employee.",
    "list_invoices: List the invoices of suppliers.",
    "enable_roaming: Enable roaming on a mobile plan.",
]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("purchase a notebook", 0),
        ("buying 5 laptopps", 0),
        ("a buddy for our newcomer", 1),
        ("unpaid bills", 2),
        ("activate my phone abroad", 3),
    ],
)
def test_best(query: str, best: int) -> None:
    scores = rank(query, TOOLS)
    assert scores.index(max(scores)) == best
    assert min(scores) >= 0


def test_nothing_shared_scores_nothing() -> None:
    assert rank("zebra", TOOLS) == [0.0] * 4
    assert rank("", TOOLS) == [0.0] * 4
    assert rank("order", []) == []


def test_order_of_texts_does_not_matter() -> None:
    scores = rank("order a monitor", TOOLS)
    assert rank("order a monitor", TOOLS[::-1]) == pytest.approx(scores[::-1])


def test_slips() -> None:
    words = {"laptop", "please", "order", "contract", "contact"}
    assert nearest("lapttop", words) == "laptop"
    assert nearest("rocket", words) is None
    assert nearest("lap", words) is None
