"""What a reply says is looked up; what is nowhere is told, and nothing else."""

from __future__ import annotations

import time

import pytest

from macae.monitoring.grounding import check_reply

SOURCES = (
    "Registered Jessica Smith, employee E-1042, from 2026-12-01, mailbox jessica.smith@contoso.com.",
    "Ordered 3 x ThinkPad X1, order PO-7731, $4,350.00 ($1,450 each); 12 left in stock. Delivery: 9:30.",
    "HR-104: 20 working days of vacation a year, 25 after five years, 7.5% bonus.",
)


def missing(reply: str, *more: str, asked: str = "Onboard Jessica Smith") -> list[str]:
    return [claim.text for claim in check_reply(reply, [*SOURCES, *more], asked).ungrounded]


@pytest.mark.parametrize(
    "reply",
    [
        "It costs $4,350, 4350 dollars, USD 4,350.00 or 4.350,00 US$.",
        "She starts on 1 December 2026, December 1st, 2026, Dec 1, 01.12.2026, 12/1/2026, Tuesday, 1 December.",
        "There are twenty working days, twenty-five after 5 years; the bonus is 7.5 per cent (7.5 %).",
        "A dozen is left in stock. It comes at 9:30 am.",
        "Smith, Jessica has the e-mail address JESSICA.SMITH@contoso.com; Jessica's number is E1042.",
        "See HR 104 and order PO 7731.",
        "About 4.4k dollars were spent, roughly $4,400.",
        "1. Done.\n2. Ordered.\n3. Told her.\n\nStep 4 is next.",
        "Hello, all is done. Please let me know if there is anything else.",
        "The ThinkPads are ordered.",
    ],
)
def test_other_words_for_the_same_are_grounded(reply: str) -> None:
    assert missing(reply) == []


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("It costs $4,530.", "$4,530"),
        ("It costs €4,350.", "€4,350"),
        ("It costs 4,350%.", "4,350%"),
        ("She starts on 2 December 2026.", "2 December 2026"),
        ("She starts on 1 December 2027.", "1 December 2027"),
        ("She starts on Monday, 1 December 2026.", "Monday, 1 December 2026"),
        ("She has twenty weeks of vacation.", "twenty"),
        ("She gets twenty-six days.", "twenty-six"),
        ("Order PO-7732 is under way.", "PO-7732"),
        ("It was given to Jessica Smythe.", "Jessica Smythe"),
        ("We also told Robert.", "Robert"),
        ("Write to j.smith@contoso.com.", "j.smith@contoso.com"),
        ("It comes at 9:30 pm.", "9:30 pm"),
        ("Look at https://contoso.example/x, please.", "https://contoso.example/x"),
        ("The bonus is 5.7%.", "5.7%"),
    ],
)
def test_what_is_nowhere_is_told(reply: str, wrong: str) -> None:
    assert missing(reply) == [wrong]


def test_what_follows_simply_is_allowed_and_said() -> None:
    listed = "- desk\n- chair\n- lamp\n- screen\n"
    for reply, how in [
        ("2 of them at $1,450 each are $2,900. 2 were asked for.", "product of 2 and $1,450"),
        ("There are four items on the list.", "count of listed items"),
        ("Six things were done: mailbox, laptop, badge, desk, key and chair.", "count of what it lists"),
    ]:
        claims = check_reply(reply, [*SOURCES, listed], "2 laptops").claims
        assert any(claim.how == how for claim in claims), (reply, claims)
        assert all(claim.grounded for claim in claims)
    sums = check_reply("Together $30.50.", ['{"items": [{"price": 10.5}, {"price": 20}]}'])
    assert sums.claims[0].how == "sum of 2 numbers in a source"


def test_what_was_asked_is_no_invention_but_the_reply_is_no_source_of_itself() -> None:
    assert missing("I ordered 40 desks for Berlin.", asked="Order 40 desks for Berlin") == []
    assert missing("I ordered 40 desks. The 40 desks are for Berlin.") == ["40", "40", "Berlin"]


def test_score_and_words() -> None:
    found = check_reply("PO-7731 costs $4,350 and PO-7732 costs $99.", SOURCES)
    assert found.score == 0.5
    assert found.text == "2 of 4 claims are in no source: PO-7732, $99."
    assert found.data() == {"score": 0.5, "claims": 4, "ungrounded": [{"kind": "code", "text": "PO-7732"}, {"kind": "number", "text": "$99"}]}  # fmt: skip
    nothing = check_reply("All is done.", SOURCES)
    assert nothing.score is None and nothing.text == "Nothing in the reply can be looked up."
    assert check_reply("", []).score is None


def test_another_language_is_checked_for_what_can_be_read_and_says_so() -> None:
    found = check_reply(
        "Die Bestellung PO-7731 kostet 4.350,00 $ und ist für Frau Schmidt; die Nummer ist PO-9999.", SOURCES
    )
    assert [claim.text for claim in found.ungrounded] == ["PO-9999"]
    assert "not in English" in found.note and "not in English" in found.text
    other = check_reply("订单 PO-7732 已完成 共计三台电脑", SOURCES)
    assert [claim.text for claim in other.ungrounded] == ["PO-7732"] and other.note


def test_what_it_cannot_see() -> None:
    """Held fast, so that the page that says so stays true: a denial, and a number in the wrong place."""
    assert missing("The laptops were not ordered, and 25 are left in stock.") == []


@pytest.mark.parametrize("evil", ["1 2 3 ", "a-", "9", "Ab ", "twenty ", "(1", "[", "1.1", "a@", "a_", "1,000", "\n- ", "A:", "\x00", "\ud800", "١٢٣ ", "½², "])  # fmt: skip
def test_no_text_hangs_or_breaks_it(evil: str) -> None:
    began = time.process_time()
    found = check_reply(evil * 4_000, [evil * 10_000], evil)
    assert time.process_time() - began < 10  # 0.1 to 1 s each
    assert found.score is None or 0 <= found.score <= 1
