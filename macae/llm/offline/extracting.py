"""Answer from sources without a model: the sentences and table rows that hold what a question tells, or none."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from macae.llm.offline.passages import Passage
from macae.llm.offline.units import Unit, units_of
from macae.llm.offline.words import related, stem, stems, words

__all__ = ["extract", "question_parts"]

ENOUGH = 0.45
"""How much of what is asked the best sentence must hold, with what stands above it (each word by how rare it is in the sources). Tuned on the
`tune` half of macae/evals/rag: below, half of the unanswerable questions get an answer; above, right answers are lost.
"""
OTHER = 0.35
"""The same where the sources answer another part of the question. Tuned as ENOUGH is."""
MOST = 3
"""Sentences in an answer."""
REST = 0.3
"""What a word counts that stands in another part of the question."""
NEAR, GAIN, FAR = 0.85, 0.12, 0.4
"""A further sentence is taken when it is nearly as good as the best, or adds this share of what is asked; none is much worse."""
ABOVE, BESIDE = 0.75, 0.35
"""What a word counts that stands in the heading above a sentence, or in the sentence before it."""
SHORT = 3
"""A sentence of so few words is told with the one that follows."""
_COUNT = re.compile(
    r"\b(?:how (?:many|much|long|often|old|far|soon|late|early|big|large|high|fast|quickly)|when|what (?:time|date|day|price|amount|limit|percentage|share|size|number|rate|fee|deadline)|price|cost|costs|limit|deadline|which day)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|once|twice|never|none|nothing|first|monday|tuesday|wednesday|thursday|friday|weekly|monthly|yearly|daily)\b",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bworking day", re.IGNORECASE)
_WHO = re.compile(r"\b(?:who|whom|whose|which (?:person|team|department))\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+|\b(?:manager|head|officer|lead|director|desk|team|department|HR|Legal|Procurement|IT)\b")  # fmt: skip
_CODE_ASKED = re.compile(r"\b(?:which|what|what's the) (?:form|code|number|policy|plan|rule|channel|address)\b", re.IGNORECASE)  # fmt: skip
_CODE = re.compile(r"\b[A-Z]{1,5}-\d+\b|@|\bhttps?:|\b\d{3,}\b")
_ASKS_OLD = re.compile(r"\b(?:old|former|previous|earlier|before|superseded|used to|was|were|did|until|19\d\d|20[01]\d|202[0-5])\b", re.IGNORECASE)  # fmt: skip
_WHICH_DAY = re.compile(r"\b(?:which|what) (?:week)?days?\b", re.IGNORECASE)
_DAYS = frozenset(stem(word) for word in ("day", "week", "weekday"))
_NAMED = re.compile(r"\b[A-Z][A-Za-z]{0,12}[- ]\d[\w-]*|\b[A-Z]{2,}[-_]?[A-Z]*\d+\b")
_ASKED = re.compile(
    r"(?:and |but |or |so )?(?:for |to |in |on |at |from |by )?(?:how|which|what|who|whom|whose|when|where|why|may|can|could|do|does|did|is|are|was|were|will|would|must|should)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"(?:[,;]\s+(?:and|but|or)\s+|[?;.]\s+(?:and\s+)?|,\s+)(?=(?:for |to |in |on |at |from |by )?(?:how|which|what|who|whom|when|where|why)\b)",
    re.IGNORECASE,
)
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


def question_parts(question: str) -> list[str]:
    """The questions in a question: "Who decides, and how much is left?" asks two things."""
    parts = [part.strip(" ,;.?") for part in _PARTS.split(question)]
    asked = [part for part in parts if stems(part) and _ASKED.match(part)]
    return asked or [question]


def extract(
    question: str, passages: Sequence[Passage], without: Sequence[str] = ()
) -> tuple[list[tuple[str, int]], list[str]]:
    """The sentences that answer a question, each with its passage's number, and the parts of it that nothing answers.

    `without`: sentences that were refused before.
    """
    refused = {_bare(text) for text in without}
    units = [unit for unit in units_of(passages) if _bare(unit.text) not in refused]
    if not units or _unknown_names(question, passages):
        return [], [question]
    parts = question_parts(question)
    most = MOST if len(parts) == 1 else MOST - 1
    chosen = [_choose(part, question, units, most) for part in parts]
    if any(chosen):  # the sources are about it: what stands there of another part is worth more
        chosen = [
            own or _choose(part, question, units, most, OTHER)
            for own, part in zip(chosen, parts, strict=True)
        ]
    found = list(dict.fromkeys((unit.text, unit.number) for own in chosen for unit in own))
    return found, [part for own, part in zip(chosen, parts, strict=True) if not own]


def _choose(
    part: str, question: str, units: Sequence[Unit], most: int, enough: float | None = None
) -> list[Unit]:
    """The units that answer one part of a question; the words of the rest of it count a little."""
    asked = list(dict.fromkeys([*_telling(part), *_telling(question)]))
    if not asked:
        return []
    told = _telling(part)
    own = set(told if len(told) > 1 else asked)  # one word alone says too little of what is meant
    weight = _weights(asked, units)
    weight = {word: w if word in own else REST * w for word, w in weight.items()}
    total = sum(weight.values()) or 1.0
    wants_old = bool(_ASKS_OLD.search(question))

    def held(unit: Unit) -> dict[str, float]:
        return {word: credit for word in asked if (credit := _credit(word, unit))}

    def points(unit: Unit) -> float:
        share = sum(weight[word] * credit for word, credit in held(unit).items()) / total
        return (share + _fits(part, unit)) * (0.6 if unit.old and not wants_old else 1.0)

    scored = {at: points(unit) for at, unit in enumerate(units)}
    ranked = sorted(scored, key=lambda at: (-scored[at], at))
    first = ranked[0]
    chosen, covered = [first], held(units[first])
    for at in ranked[1:12]:
        gains = held(units[at])
        gain = sum(weight[w] * max(0.0, c - covered.get(w, 0.0)) for w, c in gains.items()) / total
        near = scored[at] >= NEAR * scored[first]
        if len(chosen) < most and (gain >= GAIN or near) and scored[at] >= FAR * scored[first]:
            chosen.append(at)
            covered.update({w: max(c, covered.get(w, 0.0)) for w, c in gains.items()})
    whole = sum(weight[word] for word in own) or 1.0
    alone = held(units[first])
    if (
        sum(weight[word] * alone.get(word, 0.0) for word in own)
        < (ENOUGH if enough is None else enough) * whole
    ):
        return []
    after = first + 1
    if len(units[first].own) <= SHORT and after < len(units) and units[after].number == units[first].number and after not in chosen:  # fmt: skip
        chosen.insert(1, after)  # "BKP-40 failed." is a beginning: what follows is told with it
    return [units[at] for at in chosen]


def _telling(question: str) -> list[str]:
    """The stems of a question's words that say what it is about."""
    drop = _EMPTY | (_DAYS if _WHICH_DAY.search(question) else frozenset())
    found = list(dict.fromkeys(stems(question)))
    return [word for word in found if word not in drop] or found


def _unknown_names(question: str, passages: Sequence[Passage]) -> bool:
    """Whether a question names something by a code or a number that no passage has: "Fiber 2000" is not Fiber 1000."""
    told = "\n".join(f"{passage.title}\n{passage.text}" for passage in passages).lower()
    names = [name.lower() for name in _NAMED.findall(question)]
    return any(
        not re.search(rf"(?<![\w]){re.escape(name).replace(' ', '[ -]')}(?!\w)", told) for name in names
    )


def _credit(word: str, unit: Unit) -> float:
    """How far a unit holds a word of the question: itself, by a synonym, in the heading above, in the sentence before."""
    near = related(word)
    own = max((closeness for other, closeness in near.items() if other in unit.own), default=0.0)
    if word not in unit.own and own < 1.0:
        own = max(own, 0.8 if any(_akin(word, other) for other in unit.own) else 0.0)
    above = max((closeness for other, closeness in near.items() if other in unit.above), default=0.0)
    return max(own, ABOVE * above, BESIDE if word in unit.beside else 0.0)


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
    if _WHICH_DAY.search(question):
        return 0.15 if _WEEKDAY.search(unit.text) else -0.15
    if _COUNT.search(question) and not _NUMBER.search(unit.text):
        return -0.15
    if _WHO.search(question):
        return 0.1 if _NAME.search(unit.text) else -0.1
    if _CODE_ASKED.search(question):
        return 0.1 if _CODE.search(unit.text) else 0.0
    return 0.05 if _COUNT.search(question) else 0.0


def _bare(text: str) -> str:
    return " ".join(words(re.sub(r"\[\d+\]", "", text)))
