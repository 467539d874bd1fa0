"""Answer from sources without a model: the sentences and table rows that hold what a question tells, or none."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from macae.llm.offline.passages import Passage
from macae.llm.offline.words import related, stem, stems, words
from macae.llm.offline.writing import sentences

__all__ = ["extract", "units_of"]

ENOUGH = 0.5
"""How much of what a question tells the chosen sentences must hold (each word by how rare it is in the sources)."""
MOST = 3
"""Sentences in an answer."""
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULE = re.compile(r"^\s*\|?[\s:|-]*-{2,}[\s:|-]*$")
_PAIRS = re.compile(r"^[^:;]{1,60}: [^;]+(?:; [^:;]{1,60}: [^;]+)+$")
_COUNT = re.compile(
    r"\b(?:how (?:many|much|long|often|old|far|soon|late|early|big|large|high|fast|quickly)|when|what (?:time|date|day|price|amount|limit|percentage|share|size|number|rate|fee|deadline)|price|cost|costs|limit|deadline|which day)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|once|twice|never|none|nothing|first|monday|tuesday|wednesday|thursday|friday|weekly|monthly|yearly|daily)\b",
    re.IGNORECASE,
)
_WHO = re.compile(r"\b(?:who|whom|whose|which (?:person|team|department))\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+|\b(?:manager|head|officer|lead|director|desk|team|department|HR|Legal|Procurement|IT)\b")  # fmt: skip
_CODE_ASKED = re.compile(r"\b(?:which|what|what's the) (?:form|code|number|policy|plan|rule|channel|address)\b", re.IGNORECASE)  # fmt: skip
_CODE = re.compile(r"\b[A-Z]{1,5}-\d+\b|@|\bhttps?:|\b\d{3,}\b")
_OLD = re.compile(r"\b(?:old edition|superseded|no longer in force|out of date|archived|obsolete)\b", re.IGNORECASE)  # fmt: skip
_ASKS_OLD = re.compile(r"\b(?:old|former|previous|earlier|before|superseded|used to|was|were|did|until|19\d\d|20[01]\d|202[0-5])\b", re.IGNORECASE)  # fmt: skip
_EMPTY = frozenset(
    stem(word)
    for word in [
        "many",
        "much",
        "long",
        "often",
        "time",
        "kind",
        "tell",
        "know",
        "allowed",
        "policy",
        "rule",
        "company",
        "contoso",
        "employee",
        "employees",
        "question",
        "answer",
        "say",
        "need",
        "get",
        "happen",
        "work",
        "mean",
    ]
)
"""Words of a question that are no part of what it is about."""


@dataclass(frozen=True)
class Unit:
    """A sentence or a table's row, with the stems of its words and of what stands above it."""

    text: str
    number: int
    own: frozenset[str]
    above: frozenset[str] = field(default=frozenset())
    beside: frozenset[str] = field(default=frozenset())
    old: bool = False


def units_of(passages: Sequence[Passage]) -> list[Unit]:
    """All sentences and rows of the passages."""
    found: list[Unit] = []
    for passage in passages:
        old = bool(_OLD.search(f"{passage.title}\n{passage.text[:300]}"))
        title = _stems(passage.title)
        before: frozenset[str] = frozenset()
        for text, above in _pieces(passage.text):
            own = _stems(text)
            found.append(Unit(text, passage.number, own, title | _stems(above), before, old))
            before = own
    return found


def extract(question: str, passages: Sequence[Passage], without: Sequence[str] = ()) -> list[tuple[str, int]]:
    """The sentences that answer a question, best first, each with its passage's number; empty where the passages do not answer it.

    `without`: sentences that were refused before.
    """
    refused = {_bare(text) for text in without}
    units = [unit for unit in units_of(passages) if _bare(unit.text) not in refused]
    asked = [word for word in dict.fromkeys(stems(question)) if word not in _EMPTY] or list(
        dict.fromkeys(stems(question))
    )
    if not asked or not units:
        return []
    weight = _weights(asked, units)
    total = sum(weight.values())
    wants_old = bool(_ASKS_OLD.search(question))

    def held(unit: Unit) -> dict[str, float]:
        return {word: credit for word in asked if (credit := _credit(word, unit))}

    def points(unit: Unit) -> float:
        share = sum(weight[word] * credit for word, credit in held(unit).items()) / total
        return (share + _fits(question, unit)) * (0.6 if unit.old and not wants_old else 1.0)

    ranked = sorted(range(len(units)), key=lambda at: (-points(units[at]), at))
    chosen = [units[ranked[0]]]
    covered = held(chosen[0])
    for at in ranked[1:12]:
        unit = units[at]
        gain = sum(weight[w] * max(0.0, c - covered.get(w, 0.0)) for w, c in held(unit).items()) / total
        near = points(unit) >= 0.85 * points(chosen[0])
        if len(chosen) < MOST and (gain >= 0.12 or near) and points(unit) >= 0.4 * points(chosen[0]):
            chosen.append(unit)
            for word, credit in held(unit).items():
                covered[word] = max(credit, covered.get(word, 0.0))
    if sum(weight[word] * credit for word, credit in covered.items()) < ENOUGH * total:
        return []
    return [(unit.text, unit.number) for unit in chosen]


def _credit(word: str, unit: Unit) -> float:
    """How far a unit holds a word of the question: itself, by a synonym, in the heading above, in the sentence before."""
    near = related(word)
    own = max((closeness for other, closeness in near.items() if other in unit.own), default=0.0)
    if word not in unit.own and own < 1.0:
        own = max(own, 0.8 if any(_akin(word, other) for other in unit.own) else 0.0)
    above = max((closeness for other, closeness in near.items() if other in unit.above), default=0.0)
    return max(own, 0.75 * above, 0.35 if word in unit.beside else 0.0)


def _akin(one: str, other: str) -> bool:
    """Whether two stems are of one family: `reimburs` and `reimbursabl`."""
    short, long = sorted((one, other), key=len)
    return len(short) >= 5 and long.startswith(short) and long.isalpha()


def _weights(asked: Sequence[str], units: Sequence[Unit]) -> dict[str, float]:
    """How much each word tells: a word that few sentences hold tells more, and one that none holds most."""
    weights = {}
    for word in asked:
        holding = sum(_credit(word, unit) >= 0.6 for unit in units)
        weights[word] = math.log(1 + (len(units) - holding + 0.5) / (holding + 0.5))
    return weights


def _fits(question: str, unit: Unit) -> float:
    """Whether a unit holds the kind of thing that is asked for: a number, a person, a code."""
    if _COUNT.search(question) and not _NUMBER.search(unit.text):
        return -0.15
    if _WHO.search(question):
        return 0.1 if _NAME.search(unit.text) else -0.1
    if _CODE_ASKED.search(question):
        return 0.1 if _CODE.search(unit.text) else 0.0
    return 0.05 if _COUNT.search(question) else 0.0


def _pieces(text: str) -> list[tuple[str, str]]:
    """The sentences, list items and rows of a text, each with the heading above it."""
    found: list[tuple[str, str]] = []
    header: list[str] = []
    above = ""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if _ROW.match(line):
            cells = [cell.strip(" *`") for cell in line.strip().strip("|").split("|")]
            if _RULE.match(line):
                continue
            if at + 1 < len(lines) and _RULE.match(lines[at + 1]):
                header = cells
                continue
            found.append((_row(header, cells), f"{above} {' '.join(header)}"))
            continue
        header = []
        heading = re.match(r"^\s*#{1,6}\s+(.*)", line)
        if heading:
            above = heading[1]
        elif _PAIRS.match(line.strip()):
            found.append((line.strip(), above))
        elif line.strip():
            found += [(re.sub(r"^(?:[-*•]|\d+[.)])\s+", "", s), above) for s in sentences(line)]
    return found


def _row(header: Sequence[str], cells: Sequence[str]) -> str:
    """A table's row in words: `Hotel: limit $220 a night`."""
    if not header or len(cells) < 2:
        return ", ".join(cell for cell in cells if cell)
    rest = (f"{name} {cell}".strip() for name, cell in zip(header[1:], cells[1:], strict=False) if cell)
    return f"{cells[0]}: {', '.join(rest)}"


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text.replace("_", " ")))


def _bare(text: str) -> str:
    return " ".join(words(re.sub(r"\[\d+\]", "", text)))
