"""Split a goal into clauses: one thing that is asked each, with its verb, its object and the rest."""

from __future__ import annotations

import re

from macae.llm.offline.clause import Clause
from macae.llm.offline.cutting import cuts
from macae.llm.offline.facts import Facts
from macae.llm.offline.polite import POLITE, mood_of
from macae.llm.offline.terms import caused, terms_of
from macae.llm.offline.words import lexicon

__all__ = ["split_clauses"]


def split_clauses(text: str, facts: Facts) -> list[Clause]:
    """The clauses of a goal, in order."""
    from macae.llm.offline.idioms import plainly

    pieces: list[tuple[int, int]] = []
    at = 0
    for end, following, _ in cuts(text, facts):
        pieces.append((at, end))
        at = following
    pieces.append((at, len(text)))
    found: list[Clause] = []
    for start, end in pieces:
        raw = text[start:end]
        lead = len(raw) - len(raw.lstrip(" \t\n,;:•*-–—"))
        start, raw = start + lead, raw.strip(" \t\n,;:•*-–—")
        raw = raw.rstrip(".!")
        if not re.search(r"\w", raw):
            continue
        listed = re.match(r"\d{1,2}[.)]\s+", raw)
        if listed:
            start, raw = start + listed.end(), raw[listed.end() :]
        prefix = POLITE.match(raw)
        skip = prefix.end() if prefix and prefix.end() < len(raw) else 0
        rest = raw[skip:]
        mood = mood_of(raw, rest)
        verb, terms = terms_of(rest, start + skip, facts, mood)
        verb, terms = caused(rest, verb if verb in lexicon().verbs else "", terms)
        found.append(plainly(Clause(raw, start, start + len(raw), mood, verb, terms)))
    return found
