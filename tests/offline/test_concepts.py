"""What people say for what they want: each concept finds a tool by what tools say of themselves, and wordings far from the tools' own
are understood; words that are right are left alone."""

from __future__ import annotations

from datetime import date

import pytest

from macae.llm.offline.concepts import _tools, concepts
from macae.llm.offline.drafts import Wanted
from macae.llm.offline.labels import with_quotes
from macae.llm.offline.matching import index_of
from macae.llm.offline.planning import make_plan
from macae.llm.offline.spelling import corrected
from tests.offline.test_scores import TEAM, renamed

NAMES = {t.name for a in TEAM for t in a.tools}


def test_no_concept_names_a_tool() -> None:
    said = " ".join(c.do for c in concepts()) + " ".join(
        w for c in concepts() for p in c.patterns for part in p.need for w in part
    )
    assert not any(name in said for name in NAMES if "_" in name)


def test_concepts_find_tools_without_names() -> None:
    nameless, back = renamed(TEAM, lambda tool, number: f"fn_{number}")
    found = [back.get(name, name) for name in _tools(index_of(nameless))]
    named = _tools(index_of(TEAM))
    assert sum(a == b for a, b in zip(found, named, strict=True)) >= len(named) - 2
    assert len(set(named) & NAMES) >= 75


def planned(goal: str) -> list[tuple[str, dict[str, object]]]:
    draft = make_plan(Wanted(goal, date(2026, 11, 21)), TEAM)
    assert draft.question is None, draft.question
    return [(s.tool.name if s.tool else s.agent, s.values) for s in draft.steps]


@pytest.mark.parametrize(
    ("goal", "tool", "values"),
    [
        ("Wei Zhang can't get through the doors any more, his badge is gone.", "request_id_card", {"employee_name": "Wei Zhang"}),
        ("Thumbs up for PO-1038 from my side.", "process_purchase_order", {"po_number": "PO-1038"}),
        ("Put Fiber to Every Home on ice.", "update_campaign", {"campaign_name": "Fiber to Every Home", "status": "paused"}),
        ("How do we measure up to Lucerne Telecom?", "perform_competitor_analysis", {"competitor_name": "Lucerne Telecom"}),
        ("Give notice of C-102, we move out. The reason: because the rent doubled.", "terminate_contract", {"contract": "C-102"}),
    ],
)  # fmt: skip
def test_far_wordings(goal: str, tool: str, values: dict[str, object]) -> None:
    found = planned(goal)
    assert found[0][0] == tool
    assert values.items() <= found[0][1].items()


def test_it_and_the_same_day_refer_back() -> None:
    found = dict(planned("What do people say about the Contoso Buds? After that, cut them to 99 dollars."))
    assert found["update_product_price"] == {"product_name": "Contoso Buds", "price_usd": 99}
    found = dict(
        planned(
            "Schedule a meeting with Priya Nair about the audit on 1 December. Book a training on phishing for Sales on the same day."
        )
    )
    assert found["book_training_session"]["date"] == "2026-12-01"


def test_what_is_passed_on_is_no_request() -> None:
    assert (
        with_quotes("Mail them. Subject: Hi. Text: We open.")
        == 'Mail them, subject "Hi", text "We open".'.rstrip(".") + "."
    )
    steps = planned("Tell everyone in Operations: please cancel PO-1036 yourselves.")
    assert [s for s, _ in steps] == ["send_internal_message"]
    assert planned("Don't order any laptops! How many monitors are in stock?") == [
        ("check_inventory", {"item_name": "monitor"})
    ]


@pytest.mark.parametrize(
    "text", ["a standing desk", "how did it sell", "may I wear shorts", "keep quiet in the shops"]
)
def test_right_words_stay(text: str) -> None:
    assert corrected(text, index_of(TEAM).vocabulary) == text


def test_slips_are_mended() -> None:
    assert (
        corrected("i konw thsoe agrements, pls onbord her", index_of(TEAM).vocabulary)
        == "i know those agreements, please onboard her"
    )
