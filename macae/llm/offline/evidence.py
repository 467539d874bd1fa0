"""The facts of a text as words that expressions can name: @person, @money, @po, …"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from macae.llm.offline.facts import Facts
from macae.llm.offline.phrases import proper_names
from macae.llm.offline.words import fold, stem

__all__ = ["facts_said", "words_said"]

_REFERENCES = {
    "po": "@po", "inv": "@inv", "t": "@tkt", "tkt": "@tkt", "inc": "@tkt", "c": "@con", "ctr": "@con", "nda": "@con", "pr": "@rel", "e": "@evt", "ev": "@evt",
    "evt": "@evt", "ord": "@po",
}  # fmt: skip
_KINDS = {"person": "@person", "email": "@email", "quote": "@quote", "place": "@place", "department": "@dept"}


@cache
def _things() -> frozenset[str]:
    from macae.llm.offline.things import known_things

    return frozenset(stem(fold(t)) for t in known_things())


def facts_said(facts: Facts) -> frozenset[str]:
    """What kinds of facts there are."""
    found: set[str] = set()
    for span in facts.entities:
        kind = _KINDS.get(span.kind)
        if span.kind == "reference":
            letters = re.match(r"[A-Za-z]*", span.value)
            kind = _REFERENCES.get(letters[0].lower() if letters else "", "@ref")
        if kind:
            found.add(kind)
    for present, kind in (
        (facts.dates, "@date"),
        (facts.amounts, "@money"),
        (facts.lengths, "@length"),
        ([q for q in facts.quantities if not q.weak], "@num"),
    ):
        if present:
            found.add(kind)
    return frozenset(found)


@lru_cache(maxsize=2048)
def words_said(text: str) -> frozenset[str]:
    """The kinds of facts that are told from the words alone: equipment, percent, proper names, databases."""
    found = {"@thing"} if any(stem(fold(w)) in _things() for w in re.findall(r"[^\W\d_]+", text)) else set()
    if re.search(r"\d\s?(?:%|per ?cent)|\b(?:half price)\b", text):
        found.add("@percent")
    if re.search(r"\b[A-Z]\w*DB\b|\b(?:database|db)\b", text):
        found.add("@db")
    if proper_names(text):
        found.add("@name")
    return frozenset(found)
