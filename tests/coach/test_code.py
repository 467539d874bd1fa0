"""Codes that carry progress by hand: what comes back, and that typos are noticed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macae.errors import InvalidInput
from macae.workshop.coach.board import Board
from macae.workshop.coach.code import ALPHABET, decode, encode, short_id
from macae.workshop.coach.summary import ChallengeSummary, Summary
from tests.coach.conftest import at, learner


@st.composite
def summaries(draw: st.DrawFn) -> Summary:
    """Learners as they may stand."""
    rows = []
    for number in sorted(draw(st.sets(st.integers(0, 10), max_size=11))):
        total = draw(st.integers(1, 7))
        passed = draw(st.integers(0, total))
        stuck = None if passed == total else draw(st.floats(0, 5_000))
        counts = {name: draw(st.integers(0, 200)) for name in ("failed", "hints", "solutions")}
        rows.append(ChallengeSummary(number=number, passed=passed, total=total, stuck=stuck, **counts))
    current = draw(st.sampled_from([row.number for row in rows])) if rows else None
    name = draw(st.text("0123456789abcdef", min_size=16, max_size=16))
    return Summary(learner=name, challenge=current, challenges=tuple(rows))


@given(summaries())
@settings(max_examples=150, deadline=None)
def test_what_goes_in_comes_back(summary: Summary) -> None:
    code = encode(summary)
    assert len(code) == 29 and [len(group) for group in code.split("-")] == [4] * 6
    assert set(code) <= set(ALPHABET) | {"-"} and not set(code) & set("0O1I")
    back = decode(code)
    assert back.learner == f"code-{short_id(summary.learner).lower()}"
    assert back.challenge == summary.challenge
    assert [(c.number, c.passed, c.total) for c in back.challenges] == [
        (c.number, c.passed, c.total) for c in summary.challenges
    ]
    for row in back.challenges:
        if row.number == back.challenge:
            before = next(c for c in summary.challenges if c.number == row.number)
            assert row.hints == min(sum(c.hints for c in summary.challenges), 63)
            assert row.failed == min(sum(c.failed for c in summary.challenges), 63)
            assert row.solutions == min(sum(c.solutions for c in summary.challenges), 31)
            assert (row.stuck is None) == (before.stuck is None)
            if row.stuck is not None and before.stuck is not None:
                assert row.stuck <= before.stuck < max(row.stuck + 5, 5_001 if row.stuck >= 145 else 0)


CODE = encode(learner(5))
PLACES = [i for i, letter in enumerate(CODE) if letter != "-"]


def refused(code: str) -> bool:
    try:
        decode(code)
    except InvalidInput as error:
        assert str(error).endswith(".")
        return True
    return False


def test_every_wrong_character_is_noticed() -> None:
    wrong = [
        CODE[:i] + letter + CODE[i + 1 :]
        for i in PLACES
        for letter in "0O1I?ÄABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    ]
    tried = [code for code in wrong if code != CODE]
    assert len(tried) > 800 and all(map(refused, tried))


def test_every_exchange_of_neighbours_and_every_lost_or_doubled_character_is_noticed() -> None:
    plain = CODE.replace("-", "")
    for i in range(len(plain) - 1):
        swapped = plain[:i] + plain[i + 1] + plain[i] + plain[i + 2 :]
        assert swapped == plain or refused(swapped)
    assert all(refused(plain[:i] + plain[i + 1 :]) for i in range(len(plain)))
    assert all(refused(plain[:i] + plain[i] + plain[i:]) for i in range(len(plain)))


def test_two_and_three_wrong_characters_are_noticed_always_more_nearly_always() -> None:
    chance = random.Random(7)
    for wrong in (2, 3):
        for _ in range(3_000):
            letters = list(CODE)
            for place in chance.sample(PLACES, wrong):
                letters[place] = chance.choice(ALPHABET.replace(letters[place], ""))
            assert refused("".join(letters))
    invented = ("".join(chance.choices(ALPHABET, k=24)) for _ in range(3_000))
    assert sum(not refused(code) for code in invented) <= 3, "one in 32,768 would be taken"


@pytest.mark.parametrize(
    "text",
    [CODE.lower(), CODE.replace("-", ""), CODE.replace("-", " "), f"  {CODE}\n", CODE.replace("-", "–")],
)
def test_it_may_be_written_as_people_write(text: str) -> None:
    assert decode(text) == decode(CODE)


@pytest.mark.parametrize("text", ["", "hello", CODE + CODE, "💥" * 24, "ß" * 24, "²" * 24])
def test_what_is_no_code_is_refused(text: str) -> None:
    assert refused(text)


def test_a_code_from_another_version_says_so() -> None:
    from macae.workshop.coach import code

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code, "VERSION", 2)
        other = encode(learner(5))
    with pytest.raises(InvalidInput, match="another version"):
        decode(other)


def test_a_pasted_code_is_one_learner_whatever_comes_first(tmp_path: object) -> None:
    from pathlib import Path

    board = Board(Path(str(tmp_path)) / "b.db")
    board.take_code(encode(learner(1)), "Foxes")
    board.take_code(encode(learner(1, challenge=4, challenges=(at(4, passed=1),))))
    (row,) = board.rows()
    assert (row.summary.team, row.summary.challenge, row.source) == ("Foxes", 4, "code")
    board.take(learner(1, "Amira", team="Otters"), "http")
    (row,) = board.rows()
    assert (row.summary.name, row.source) == ("Amira", "http")
    board.take_code(encode(learner(1, challenge=5, challenges=(at(5),))))
    (row,) = board.rows()
    assert (row.summary.name, row.summary.team, row.summary.challenge) == ("Amira", "Otters", 5)
    board.take_code(encode(learner(2)))
    assert len(board.rows()) == 2
    board.close()
