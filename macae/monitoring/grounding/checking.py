"""Is what a reply says anywhere in what its agent had before it?

Each number, date, time, code, address and name of the reply is looked up in the step's tool results, retrieved passages, and in what was
asked. What occurs nowhere is told. This sees invented facts; it does not see facts in the wrong place: a denial, a name and a number
that are both there and do not belong together, a rewording that changes the meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from macae.monitoring.grounding.claims import Claim, blanked
from macae.monitoring.grounding.dates import find_dates, find_times
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
    facts = Facts(_bounded([asked, *sources]))
    found: list[tuple[int, Claim]] = []

    addresses = find_addresses(reply)[:MOST_CLAIMS]
    found += [(s.start, Claim("address", s.text, facts.has_code(s.text))) for s in addresses]
    left = blanked(reply, addresses)
    days = find_dates(left)[:MOST_CLAIMS]
    found += [(d.span.start, Claim("date", d.span.text, facts.has_date(d))) for d in days]
    left = blanked(left, [day.span for day in days])
    times = find_times(left)[:MOST_CLAIMS]
    found += [(s.start, Claim("time", s.text, minutes in facts.times)) for s, minutes in times]
    left = blanked(left, [span for span, _ in times])
    codes = find_codes(left)[:MOST_CLAIMS]
    found += [(s.start, Claim("code", s.text, facts.has_code(s.text))) for s in codes]
    found += _numbers(blanked(left, codes), reply, facts, english)
    if english:
        found += [
            (s.start, Claim("name", s.text, facts.has_name(s.text)))
            for s in find_names(blanked(left, codes))[:MOST_CLAIMS]
        ]
    note = "" if english else "Names and number words were not looked at: the reply is not in English."
    return Grounding(tuple(claim for _, claim in sorted(found, key=lambda one: one[0])), note)


def _numbers(left: str, reply: str, facts: Facts, english: bool) -> list[tuple[int, Claim]]:
    shown = NUMBERING.sub(lambda match: " " * len(match.group()), left)
    numbers = find_numbers(shown, spelled=english)[:MOST_CLAIMS]
    hows = [facts.number(number) for number in numbers]
    known = [number for number, how in zip(numbers, hows, strict=True) if how is not None][:40]
    found = []
    for number, how in zip(numbers, hows, strict=True):
        if how is None:
            how = derived(number, known) or _counts_itself(number, reply)
        found.append((number.span.start, Claim("number", number.span.text, how is not None, how or "")))
    return found


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


def _bounded(sources: Sequence[str]) -> list[str]:
    """As many of the sources as are read."""
    room, kept = MOST_SOURCE, []
    for source in sources:
        if room <= 0:
            break
        kept.append(source[:room])
        room -= len(source)
    return kept
