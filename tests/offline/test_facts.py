"""What a text states: names, addresses, amounts, counts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macae.llm.offline.entities import find_entities
from macae.llm.offline.facts import read_facts
from macae.llm.offline.numbers import find_amounts, find_lengths, find_quantities


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Onboard a new employee, Jessica Smith.", ["Jessica Smith"]),
        ("onboard jessica smith", ["Jessica Smith"]),
        ("Assign Bob as a mentor to Jessica Smith", ["Bob", "Jessica Smith"]),
        ("Tom Baker's laptop", ["Tom Baker"]),
        ("Welcome Juan de la Cruz", ["Juan de la Cruz"]),
        ("Hire Xiomara Quill as Senior Engineer", ["Xiomara Quill"]),
        ("Launch a rocket to Mars", []),
        ("I'm headed to Japan", []),
        ("Order 5 laptops for the Marketing team", []),
    ],
)
def test_people(text: str, people: list[str]) -> None:
    assert [e.value for e in find_entities(text) if e.kind == "person"] == people


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("write to m.g@x.com.", "email", "m.g@x.com"),
        ('Post "We are hiring!" now', "quote", "We are hiring!"),
        ("Approve PO-1023", "reference", "PO-1023"),
        ("close ticket 17", "reference", "17"),
        ("Call +1 555-123-4567", "phone", "+1 555-123-4567"),
        ("see https://x.com/a.", "link", "https://x.com/a"),
        ("flying to South Korea", "place", "South Korea"),
        ("for human resources", "department", "HR"),
    ],
)
def test_named(text: str, kind: str, value: str) -> None:
    assert [e.value for e in find_entities(text) if e.kind == kind] == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$5,000.50", 5000.5),
        ("5k USD", 5000),
        ("EUR 3.000", 3000),
        ("five hundred dollars", 500),
        ("20 thousand euros", 20000),
    ],
)
def test_amounts(text: str, value: float) -> None:
    assert [a.value for a in find_amounts(text)] == [value]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("order 5 laptops", 5),
        ("twelve cookies", 12),
        ("two dozen eggs", 24),
        ("a couple of mice", 2),
        ("1,500 flyers", 1500),
    ],
)
def test_quantities(text: str, count: int) -> None:
    assert [q.value for q in find_quantities(text) if not q.weak] == [count]


def test_a_number_is_one_thing_only() -> None:
    facts = read_facts("Pay $500 on 2026-12-01 for 3 chairs within two weeks", date(2026, 11, 21))
    assert [q.value for q in facts.quantities if not q.weak] == [3]
    assert [a.value for a in facts.amounts] == [500]


def test_lengths() -> None:
    assert [(x.value, x.unit) for x in find_lengths("a 30-minute call in half an hour")] == [
        (30, "minute"),
        (0.5, "hour"),
    ]


@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    read_facts(text, date(2026, 11, 21))
