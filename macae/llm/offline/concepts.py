"""What people say when they want something, as data: everyday expressions that stand for a capability. A capability is matched with
whatever tools there are, so that no tool is named here; a clause that uses its expressions then speaks for that tool."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from macae.llm.offline.clause import Clause
from macae.llm.offline.evidence import facts_said, words_said
from macae.llm.offline.facts import Facts
from macae.llm.offline.words import data, fold, stem

if TYPE_CHECKING:
    from macae.llm.offline.matching import Index

__all__ = ["Concept", "concepts", "evidence", "said_words"]

SURE = {1: 0.5, 2: 0.66, 3: 0.74, 4: 0.8}
"""How sure an expression of so many words is, unless the data say it."""
FITS, MORE, FAR = 0.5, 0.05, 0.12
"""How well a tool must fit a capability; what a second expression adds; what a fact from another clause costs."""


@dataclass(frozen=True)
class Pattern:
    """An expression: words (or their alternatives) that must all be said, words that must not be, and how sure it is."""

    need: tuple[frozenset[str], ...]
    never: frozenset[str]
    sure: float


@dataclass(frozen=True)
class Concept:
    """A capability in plain words, and the expressions that ask for it."""

    do: str
    patterns: tuple[Pattern, ...]


def _pattern(text: str) -> Pattern:
    need: list[frozenset[str]] = []
    never: set[str] = set()
    sure = 0.0
    for token in text.split():
        if token.startswith("="):
            sure = float(token[1:])
        elif token.startswith("-"):
            never.update(_stem(w) for w in token[1:].split("/"))
        else:
            need.append(frozenset(_stem(w) for w in token.split("/")))
    return Pattern(tuple(need), frozenset(never), sure or SURE.get(len(need), 0.84))


def _stem(word: str) -> str:
    return word if word.startswith("@") or word in _WHOLE else stem(fold(word))


_WHOLE = frozenset(["news", "newsletter", "reviews", "hers"])
"""Words whose stem is another word's: they count as they are."""


@cache
def concepts() -> tuple[Concept, ...]:
    """The concepts of the data file, read once."""
    return tuple(
        Concept(str(row["do"]), tuple(_pattern(p) for p in str(row["say"]).split(";") if p.split()))
        for row in data("concepts.yaml")["concepts"]
    )


@cache
def _by_word() -> Mapping[str, tuple[tuple[int, Pattern], ...]]:
    """Where to look: each pattern stands under the words of its part that has fewest alternatives."""
    found: dict[str, list[tuple[int, Pattern]]] = {}
    for i, concept in enumerate(concepts()):
        for pattern in concept.patterns:
            plain = [part for part in pattern.need if not any(w.startswith("@") for w in part)]
            for word in min(plain or pattern.need, key=len):
                found.setdefault(word, []).append((i, pattern))
    return {word: tuple(rows) for word, rows in found.items()}


@lru_cache(maxsize=2048)
def said_words(text: str) -> frozenset[str]:
    """The stems of a text as concepts know them: all of its words, small ones too; hyphenated ones whole and in parts."""
    found: set[str] = set()
    for word in re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text):
        whole = fold(word)
        bare = whole.removesuffix("'s")
        if bare in _WHOLE:
            found.add(bare)
            continue
        found.update((stem(whole), stem(bare)))
        if "-" in bare:
            found.update(stem(part) for part in bare.split("-"))
        if whole.endswith("'s"):
            found.add("'s")
    return frozenset(found)


def _weights(said: frozenset[str], near: frozenset[str], far: frozenset[str]) -> dict[int, float]:
    best: dict[int, float] = {}
    hits: dict[int, int] = {}
    seen: set[tuple[int, int]] = set()
    words = said | near | far
    index = _by_word()
    for word in words & index.keys():
        for i, pattern in index[word]:
            key = (i, id(pattern))
            if key in seen or pattern.never & (said | near):
                continue
            seen.add(key)
            if not all(part & words for part in pattern.need):
                continue
            distant = any(not part & (said | near) for part in pattern.need)
            sure = pattern.sure - (FAR if distant else 0.0)
            hits[i] = hits.get(i, 0) + 1
            best[i] = max(best.get(i, 0.0), sure)
    return {i: min(1.0, sure + MORE * min(hits[i] - 1, 3)) for i, sure in best.items()}


def evidence(index: Index, clause: Clause, whole: Facts, more: Sequence[str] = ()) -> dict[str, float]:
    """How strongly a clause speaks for each tool by what people say, 0 to 1. `whole`: the goal's facts, which may complete an
    expression; `more`: other clauses whose words count too."""
    near = whole.within(clause.start, clause.end)
    text = whole.text[clause.start : clause.end]
    for span in near.of(
        "person", "quote", "email", "department"
    ):  # names and what is quoted are no words to go by
        start = max(0, span.start - clause.start)
        text = text[:start] + " " * (min(span.end, clause.end) - span.start) + text[span.end - clause.start :]
    said = said_words(text)
    for other in more:
        said = said | said_words(other)
    here = facts_said(near) | words_said(text)
    found: dict[str, float] = {}
    tools = _tools(index)
    for i, sure in _weights(said, here, (facts_said(whole) | words_said(whole.text)) - here).items():
        name = tools[i]
        if name:
            found[name] = max(sure, found.get(name, 0.0))
    return found


_MAPPED: dict[int, tuple[Index, tuple[str, ...]]] = {}


def _tools(index: Index) -> tuple[str, ...]:
    """For each concept the tool that does it, or nothing."""
    known = _MAPPED.get(id(index))
    if known is None or known[0] is not index:
        if len(_MAPPED) > 64:
            _MAPPED.clear()
        known = _MAPPED[id(index)] = (index, tuple(_tool_for(index, c.do) for c in concepts()))
    return known[1]


def _tool_for(index: Index, do: str) -> str:
    from macae.llm.offline.clauses import split_clauses

    clause = split_clauses(do.replace(",", ""), Facts(do))[0]
    for match in index.match(clause)[:1]:
        if match.score >= FITS and match.precision >= 0.4:
            return match.tool.name
    return ""
