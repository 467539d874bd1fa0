"""Is what a reply says anywhere in what its agent had before it?

Each number, date, time, code, address and name of the reply is looked up in the step's tool results, retrieved passages, and in what was
asked. What occurs nowhere is told. This sees invented facts; it does not see facts in the wrong place: a denial, a name and a number
that are both there and do not belong together, a rewording that changes the meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from macae.monitoring.grounding.claims import Claim, ClaimKind, blanked
from macae.monitoring.grounding.dates import Day, find_dates, find_times
from macae.monitoring.grounding.facts import Facts, derived
from macae.monitoring.grounding.names import find_addresses, find_codes, find_names, is_english
from macae.monitoring.grounding.numbers import Number, find_numbers

__all__ = ["Grounding", "check_reply"]

MOST_SOURCE = 100_000
"""Characters of sources that are read, the first ones first."""
MOST_REPLY = 20_000
MOST_CLAIMS = 300
"""Of each kind: a reply with more is checked in its beginning."""
NUMBERING = re.compile(
    r"^[ \t]*(?:\(?\d{1,2}[.)]|step\s+\d{1,2}\b)|\b(?:step|option|page|item|no\.|#)\s*\d{1,3}\b", re.I | re.M
)
"""Numbers that only put things in order."""
COUNTED = re.compile(r"^[^.!?\n]{0,80}:\s*(?P<list>[^.!?\n]+)")


@dataclass(frozen=True, slots=True)
class Grounding:
    """What was found."""

    claims: tuple[Claim, ...]
    """All that could be looked up, in the order of the reply."""
    note: str = ""
    """What was not looked at, and why; "" when all was."""

    @property
    def ungrounded(self) -> tuple[Claim, ...]:
        """The claims that no source bears out."""
        return tuple(claim for claim in self.claims if not claim.grounded)

    @property
    def score(self) -> float | None:
        """The share of claims that are borne out, 0 to 1; None when there was nothing to look up, which is no praise."""
        if not self.claims:
            return None
        return round(1 - len(self.ungrounded) / len(self.claims), 4)

    @property
    def text(self) -> str:
        """One line for people."""
        total, missing = len(self.claims), self.ungrounded
        if not total:
            said = "Nothing in the reply can be looked up."
        elif not missing:
            said = (
                f"All {total} claims are in the sources." if total > 1 else "The one claim is in the sources."
            )
        else:
            named = ", ".join(dict.fromkeys(claim.text for claim in missing))
            said = f"{len(missing)} of {total} claims {'is' if len(missing) == 1 else 'are'} in no source: {named}."
        return f"{said} {self.note}".strip()

    def data(self) -> dict[str, Any]:
        """As a reply_checked event holds it."""
        return {
            "score": self.score,
            "claims": len(self.claims),
            "ungrounded": [{"kind": claim.kind, "text": claim.text} for claim in self.ungrounded],
        }


def check_reply(reply: str, sources: Iterable[str], asked: str = "") -> Grounding:
    """Look up each claim of `reply` in the sources and in what was `asked` (the goal, the step, what the person said).

    Simple sums, counts and products are allowed, and told in the claim's `how`. A reply in another language than English is checked for
    numbers in digits, dates in digits, codes and addresses only, and `note` says so.
    """
    reply = reply[:MOST_REPLY]
    english = is_english(reply)
    claims = sorted(_claims(reply, english), key=lambda found: found.start)
    hows: list[str | None] = [None] * len(claims)
    facts = Facts()
    for source in _bounded([*sources, asked]):
        open_ones = [place for place, how in enumerate(hows) if how is None]
        if not open_ones:
            break  # mostly a reply says what the first source said: the others need not be read
        facts.add(source)
        for place in open_ones:
            hows[place] = claims[place].look(facts)
    known = [
        c.number for c, how in zip(claims, hows, strict=True) if c.number is not None and how is not None
    ][:40]
    for place, claim in enumerate(claims):
        if hows[place] is None and claim.number is not None:
            hows[place] = derived(claim.number, known) or _counts_itself(claim.number, reply)
    note = "" if english else "Names and number words were not looked at: the reply is not in English."
    found = (Claim(c.kind, c.text, how is not None, how or "") for c, how in zip(claims, hows, strict=True))
    return Grounding(tuple(found), note)


@dataclass(frozen=True, slots=True)
class _Found:
    """A claim of the reply, and how to look it up: gives None where no source has it."""

    start: int
    kind: ClaimKind
    text: str
    look: Callable[[Facts], str | None]
    number: Number | None = None


def _claims(reply: str, english: bool) -> Iterator[_Found]:
    """All claims of a reply; what was read as one kind is not read again as another."""
    addresses = find_addresses(reply)[:MOST_CLAIMS]
    left = blanked(reply, addresses)
    days = find_dates(left)[:MOST_CLAIMS]
    left = blanked(left, [day.span for day in days])
    times = find_times(left)[:MOST_CLAIMS]
    left = blanked(left, [span for span, _ in times])
    codes = find_codes(left)[:MOST_CLAIMS]
    left = blanked(left, codes)
    for span in addresses:
        yield _Found(span.start, "address", span.text, partial(_code_in, span.text))
    for span in codes:
        yield _Found(span.start, "code", span.text, partial(_code_in, span.text))
    for day in days:
        yield _Found(day.span.start, "date", day.span.text, partial(_day_in, day))
    for span, minutes in times:
        yield _Found(span.start, "time", span.text, partial(_time_in, minutes))
    shown = NUMBERING.sub(lambda match: " " * len(match.group()), left)
    for n in find_numbers(shown, spelled=english)[:MOST_CLAIMS]:
        yield _Found(n.span.start, "number", n.span.text, partial(_number_in, n), n)
    for span in find_names(left)[:MOST_CLAIMS] if english else ():
        yield _Found(span.start, "name", span.text, partial(_name_in, span.text))


def _code_in(text: str, facts: Facts) -> str | None:
    return "" if facts.has_code(text) else None


def _day_in(day: Day, facts: Facts) -> str | None:
    return "" if facts.has_date(day) else None


def _time_in(minutes: int, facts: Facts) -> str | None:
    return "" if minutes in facts.times else None


def _name_in(text: str, facts: Facts) -> str | None:
    return "" if facts.has_name(text) else None


def _number_in(number: Number, facts: Facts) -> str | None:
    return facts.number(number)


def _counts_itself(number: Number, reply: str) -> str | None:
    """ "Three things were done: this, that and the other": the number is that of what follows it."""
    match = COUNTED.match(reply[number.span.end :])
    if match is None:
        lines = re.match(r"[^.!?\n]{0,80}:\s*\n((?:\s*(?:[-*•]|\d+[.)])\s+.*\n?)+)", reply[number.span.end :])
        many = len(re.findall(r"^\s*(?:[-*•]|\d+[.)])\s", lines[1], re.M)) if lines else 0
    else:
        many = len(
            [part for part in re.split(r",\s*(?:and\s+)?|;\s*|\s+and\s+", match["list"]) if part.strip()]
        )
    return "count of what it lists" if many > 1 and number.values[0] == many else None


def _bounded(sources: Iterable[str]) -> Iterator[str]:
    """As much of the sources as is read: each text once."""
    room = MOST_SOURCE
    for source in dict.fromkeys(sources):
        part = source[:room]
        room -= len(part)
        if part:
            yield part
