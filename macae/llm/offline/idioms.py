"""Ways of asking that name the wanted thing only indirectly ("I forgot my password"), put into plain words for matching."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from macae.llm.offline.clause import Clause, Term
from macae.llm.offline.words import data, lexicon, stem, words

__all__ = ["plainly"]


@dataclass(frozen=True)
class _Idiom:
    pattern: re.Pattern[str]
    means: tuple[str, ...]
    drop: bool


@cache
def _idioms() -> tuple[_Idiom, ...]:
    from macae.llm.offline.things import known_things

    things = (
        "(?:"
        + "|".join(sorted((re.escape(t) for t in known_things() if len(t) > 1), key=len, reverse=True))
        + ")s?"
    )
    return tuple(
        _Idiom(
            re.compile(str(row["say"]).replace("THINGS", things), re.IGNORECASE),
            tuple(w for w in words(str(row["means"])) if w not in lexicon().stop),
            bool(row.get("drop")),
        )
        for row in data("idioms.yaml")["idioms"]
    )


def plainly(clause: Clause) -> Clause:
    """The clause with the plain words of the first idiom in it added: its verb leads, what else was said weighs less."""
    for idiom in _idioms():
        match = idiom.pattern.search(clause.text)
        if match is None:
            continue
        first, *rest = idiom.means
        said = {t.stem for t in clause.terms}
        added = [Term(stem(first), "verb", first, clause.start)]
        added += [Term(stem(w), "head", w, clause.start) for w in rest if stem(w) not in said]
        kept = []
        for term in clause.terms:
            inside = clause.start + match.start() <= term.start < clause.start + match.end()
            if idiom.drop and inside and term.stem not in {stem(w) for w in rest}:
                continue
            kept.append(
                replace(term, where="tail")
                if term.stem not in {stem(w) for w in rest}
                else replace(term, where="head")
            )
        kept = [t for t in kept if t.stem != stem(first)]
        mood = clause.mood if clause.mood == "statement" else "request"
        return replace(
            clause, verb=first, terms=(*added, *kept), mood=mood, implied=mood == "statement", idiom=True
        )
    return clause
