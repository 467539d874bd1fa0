"""What a clause is about: its object as a phrase, without dates, without the tool's own words."""

from __future__ import annotations

import re

from macae.llm.offline.cards import ToolCard
from macae.llm.offline.facts import Placed
from macae.llm.offline.phrases import noun_phrase, strip_articles
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import fold, lexicon, split_identifier, stem, words

__all__ = [
    "inside_value",
    "is_covered",
    "key_stems",
    "near_reference",
    "object_phrase",
    "undated",
    "without_nouns",
]


def key_stems(tool: ToolCard) -> set[str]:
    """The stems of a tool's own words: they name no value."""
    lex = lexicon()
    found = {stem(w) for w in split_identifier(tool.name)} | {stem(w) for w in words(tool.description)[:4]}
    return {w for w in found if w not in lex.stop}


_ASKED = frozenset(["how", "what", "which", "who", "where", "when"])


def opening_verb(text: str) -> int:
    """Where the object starts: behind what is polite and behind the verb."""
    from macae.llm.offline.polite import NEED, POLITE

    prefix = POLITE.match(text)
    at = prefix.end() if prefix and prefix.end() < len(text) else 0
    need = NEED.match(text)
    if need and need.end() > at:
        return need.end()
    while True:
        word = re.match(
            r"\s*([A-Za-z]+(?:-[a-z]+)?)(?: (?:up|out|off|on|over|down)\b(?! [A-Z]))?\s*", text[at:]
        )
        if (
            word is None
            or fold(word[1]) in _ASKED
            or fold(word[1]) not in lexicon().verbs
            or not text[at + word.end() :].strip()
        ):
            return at
        following = text[at + word.end() :]
        at += word.end()
        if not re.match(r"and ", following):
            return at
        at += 4


def object_phrase(scope: Scope) -> str:
    """The clause's object: after the quantity if there is one, else after the verb."""
    text = scope.clause
    at = opening_verb(text)
    counts = [q for q in scope.near.quantities if not q.weak and q.start - scope.start >= 0]
    if counts and not re.match(
        r"\S*\s*(?:days?|weeks?|months?|hours?|minutes?|years?|people)\b",
        text[counts[0].end - scope.start :].lstrip(),
    ):
        rest = text[counts[0].end - scope.start :]
        rest = re.sub(
            r"^\s*(?:pieces?|units?|seats?|licen[cs]es?|copies|boxes|packs?|sets?|pairs?|bottles?|bags?) (?:of|for) ",
            "",
            rest,
            flags=re.I,
        )
        return noun_phrase(rest)
    rest = re.sub(
        r"^\s*(?:how (?:many|much)(?: of)?|which|what(?:'s)?|who|where|when|do we have|have we got|are there|is there)"
        r"(?: (?:is|are|of|the|any|our|a|an|does|do|kind of))*\s+",
        "",
        text[at:],
        flags=re.I,
    )
    if rest != text[at:]:
        rest = re.sub(
            r"\s+(?:do|does|did|are|is|have|has|can|could|will|would|we|you|they|i|there)\b.*$",
            "",
            rest,
            flags=re.I,
        )
    rest = re.sub(
        r"^\s*(?:(?:a|an|the|some) )?(?:pieces?|units?|seats?|licen[cs]es?|copies|copy|boxes|packs?|sets?|pairs?|couple|information|info|details|status) (?:of|for|about|on) ",
        "",
        rest,
        flags=re.I,
    )
    people = [p for p in scope.near.entities if p.kind in ("person", "department")]
    phrase = strip_articles(rest)
    for person in people:  # "order Liam a laptop", "Jessica's laptop"
        if phrase.startswith(scope.facts.text[person.start : person.end]):
            phrase = re.sub(r"^'s?\s*", "", phrase[person.end - person.start :]).strip()
    return noun_phrase(phrase)


def near_reference(scope: Scope) -> str | None:
    """The first reference in the clause that no parameter has."""
    spans = [s for s in scope.near.of("reference") if scope.free(s.start, s.end)]
    return spans[0].value if spans else None


def without_nouns(phrase: str, nouns: set[str]) -> str:
    """A phrase without the parameter's own noun at its ends ("Adobe license" → "Adobe"), if something is left."""
    parts = phrase.split()
    while len(parts) > 1 and stem(fold(parts[-1])) in nouns:
        parts.pop()
    while len(parts) > 1 and stem(fold(parts[0])) in nouns:
        parts.pop(0)
    return " ".join(parts)


def inside_value(scope: Scope, text: str) -> bool:
    """Whether a text stands inside a value (a date, a name)."""
    at = scope.facts.text.find(text, scope.start)
    return any(s <= at < e for s, e in scope.facts.covered()) if text else False


def is_covered(scope: Scope, word: str) -> bool:
    """Whether a word stands inside a value."""
    at = scope.facts.text.find(word, scope.start)
    return any(s <= at < e for s, e in scope.facts.covered())


def undated(scope: Scope) -> str:
    """The clause without its dates and times."""
    text = scope.clause
    spans: list[Placed] = [*scope.near.dates, *scope.near.times, *scope.near.lengths]
    for found in sorted(spans, key=lambda f: -f.start):
        text = text[: found.start - scope.start].rstrip() + " " + text[found.end - scope.start :].lstrip()
    return " ".join(text.split())
