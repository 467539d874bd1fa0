"""A short code that carries a learner's progress by hand, where no network joins the laptops.

24 letters and digits in groups of four, without 0, O, 1 and I. 21 of them carry 105 bits; the last three are the check digits of a
Reed-Solomon code over GF(32): whatever one, two or three of the characters are changed to, or two neighbours exchanged, is noticed
with certainty.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence

from macae.errors import InvalidInput
from macae.workshop.coach.summary import ChallengeSummary, Summary

__all__ = ["ALPHABET", "decode", "encode", "short_id"]

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
DATA, CHECKS, GROUP = 21, 3, 4
VERSION = 1
CHALLENGES = 11
"""Challenges 0 to 10."""
MOST = 7
"""Exercises that a challenge can have in a code."""
PAIRS = [(passed, total) for total in range(MOST + 1) for passed in range(total + 1)]
STEP = 5
"""Stuck is told in steps of so many minutes, 31 of them at most."""
FIELDS = [
    ("version", 4),
    ("learner", 2**20),
    ("current", CHALLENGES + 1),
    ("stuck", 32),
    ("hints", 64),
    ("failed", 64),
    ("solutions", 32),
]
NOT_STUCK = 31


def powers() -> list[int]:
    """The powers of the generator of GF(32), of x^5 + x^2 + 1."""
    found, value = [], 1
    for _ in range(31):
        found.append(value)
        value <<= 1
        value ^= 0b100101 if value & 32 else 0
    return found


EXP = powers()
LOG = {value: power for power, value in enumerate(EXP)}


def times(a: int, b: int) -> int:
    """The product in GF(32)."""
    return EXP[(LOG[a] + LOG[b]) % 31] if a and b else 0


def remainder(symbols: Iterable[int]) -> list[int]:
    """The three check digits: what is left of the division by (x - g)(x - g^2)(x - g^3)."""
    divisor = [1]
    for root in EXP[1 : CHECKS + 1]:
        divisor = [a ^ times(b, root) for a, b in zip([*divisor, 0], [0, *divisor], strict=True)]
    left = [0] * CHECKS
    for symbol in symbols:
        factor, left = symbol ^ left[0], [*left[1:], 0]
        left = [old ^ times(factor, part) for old, part in zip(left, divisor[1:], strict=True)]
    return left


def short_id(learner: str) -> str:
    """The part of a learner's id that a code carries: four characters."""
    number = int.from_bytes(hashlib.sha256(learner.encode()).digest()[:3], "big") >> 4
    return "".join(ALPHABET[number >> shift & 31] for shift in (15, 10, 5, 0))


def encode(summary: Summary) -> str:
    """The code for how a learner stands: 29 characters, dashes included."""
    current = next((c for c in summary.challenges if c.number == summary.challenge), None)
    stuck = (
        NOT_STUCK
        if current is None or current.stuck is None
        else min(int(current.stuck / STEP), NOT_STUCK - 1)
    )
    learner = 0
    for letter in short_id(summary.learner):
        learner = learner << 5 | ALPHABET.index(letter)
    values = {
        "version": VERSION,
        "learner": learner,
        "current": CHALLENGES if summary.challenge is None else min(summary.challenge, CHALLENGES),
        "stuck": stuck,
        "hints": min(sum(c.hints for c in summary.challenges), 63),
        "failed": min(sum(c.failed for c in summary.challenges), 63),
        "solutions": min(sum(c.solutions for c in summary.challenges), 31),
    }
    number = 0
    for name, size in FIELDS:
        number = number * size + values[name]
    by_number = {c.number: c for c in summary.challenges}
    for each in range(CHALLENGES):
        number = number * len(PAIRS) + PAIRS.index(pair(by_number.get(each)))
    symbols = [number >> 5 * place & 31 for place in reversed(range(DATA))]
    symbols += remainder(symbols)
    letters = "".join(ALPHABET[symbol] for symbol in symbols)
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))


def pair(challenge: ChallengeSummary | None) -> tuple[int, int]:
    """(passed, total), made to fit: what is not all passed stays so."""
    if challenge is None:
        return 0, 0
    total = min(challenge.total, MOST)
    return (total, total) if challenge.done else (min(challenge.passed, max(total - 1, 0)), total)


def decode(code: str) -> Summary:
    """How the learner stands who gave the code. Raises InvalidInput with a sentence when it has a typo.

    What comes back has less than what went in: no names, a learner id that only this code's learner has, exercises passed of total for
    challenges 0 to 10, and for the challenge at hand the minutes stuck (in fives) and the hints, failed checks and solutions of all
    challenges together.
    """
    number = unpack(symbols_of(code))
    passed = []
    for _ in range(CHALLENGES):
        number, index = divmod(number, len(PAIRS))
        passed.append(PAIRS[index])
    values = {}
    for name, size in reversed(FIELDS):
        number, values[name] = divmod(number, size)
    if number or values["version"] != VERSION:
        raise InvalidInput(
            "This code was made by another version of the workshop. Both sides need the same one."
        )
    learner = "".join(ALPHABET[values["learner"] >> shift & 31] for shift in (15, 10, 5, 0))
    current = values["current"] if values["current"] < CHALLENGES else None
    return Summary(
        learner=f"code-{learner.lower()}",
        challenge=current,
        challenges=tuple(
            challenge(each, done, total, values if each == current else None)
            for each, (done, total) in enumerate(reversed(passed))
            if total or each == current
        ),
    )


def challenge(number: int, passed: int, total: int, counts: dict[str, int] | None) -> ChallengeSummary:
    """One challenge; the counts go to the one at hand."""
    if counts is None:
        return ChallengeSummary(number=number, passed=passed, total=total)
    stuck = None if counts["stuck"] == NOT_STUCK else float(counts["stuck"] * STEP)
    told = {name: counts[name] for name in ("hints", "failed", "solutions")}
    return ChallengeSummary(number=number, passed=passed, total=total, stuck=stuck, **told)


def symbols_of(code: str) -> list[int]:
    """The values of the characters. Raises InvalidInput."""
    plain = unicodedata.normalize("NFKC", code).upper()
    letters = [letter for letter in plain if letter.isalnum()]
    for letter in letters:
        if letter not in ALPHABET:
            seen = "0, O, 1 or I" if letter in "0O1I" else repr(letter)
            raise InvalidInput(f"No code has the character {seen}: please compare it with the learner's.")
    if len(letters) != DATA + CHECKS:
        raise InvalidInput(f"A code has {DATA + CHECKS} letters and digits; this one has {len(letters)}.")
    return [ALPHABET.index(letter) for letter in letters]


def unpack(symbols: Sequence[int]) -> int:
    """The number that a code carries. Raises InvalidInput where the check digits do not agree."""
    if remainder(symbols[:DATA]) != list(symbols[DATA:]):
        raise InvalidInput("This code has a typo: please compare it with the learner's, group by group.")
    number = 0
    for symbol in symbols[:DATA]:
        number = number << 5 | symbol
    return number
