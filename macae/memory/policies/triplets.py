"""Triplets: subject, relation, object. Read from plain statements by rules, and asked for by questions.

"Jessica's manager is Daniel.", "Daniel is the manager of Jessica." and "Daniel manages Jessica." say the same; the relation of the
first two is a noun (its object holds it), of the third a verb (its subject does it). A question may use either.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Chain", "Triplet", "key", "read_question", "read_triplets", "root"]


class Triplet(NamedTuple):
    """One fact, or as a pattern: None stands for anything."""

    subject: str | None
    relation: str | None
    object: str | None

    def __str__(self) -> str:
        """As a sentence."""
        if self.relation is not None and is_noun(self.relation):
            return f"{self.subject}'s {self.relation} is {self.object}."
        return f"{self.subject} {self.relation} {self.object}."


class Chain(NamedTuple):
    """A question: begin at `start` and follow `steps` one by one. A step is (relation, way); the way says whom it leads to.

    "holder": who or what is it for the start (X's manager; also who manages X). "object": whom or what the start does it to
    (whom does X manage). "whose": the way back from the holder (whose manager is X).
    """

    start: str
    steps: list[tuple[str, str]]


_CAPITAL = r"(?!(?:The|Our|An?|His|Her|Their|Its|He|She|It|They|This|That)\b)[A-Z0-9][\w&.-]*"
_ONE = rf"(?:(?:[Tt]he|[Oo]ur|[Aa]n?) )?{_CAPITAL}(?:(?: of| for| the)? {_CAPITAL})*|(?:The|Our|the|our)(?: [\w-]+){{1,3}}?"
_NAME = rf"(?:{_ONE})"
_NAMES = rf"{_NAME}(?:,? and {_NAME}|, {_NAME})+"
_NOUN = r"[a-z][\w-]*(?: [a-z][\w-]*){0,2}"
_BE = r"(?:is|was|are|were)"
_OF = r"(?: (?:to|in|at|for|with|on|from|about|of|as))?"
_DID = r"(?:ed|led|run|written|made|sold|held)"
_POSSESSIVE = rf"(?P<x>{_NAME})(?:'s|’s|'|’)"
_FORMS = [
    (rf"{_POSSESSIVE} (?P<r>{_NOUN}) {_BE} (?:the |an? )?(?P<y>.+)", "noun"),
    (rf"The (?P<r>{_NOUN}) (?:of|for) (?P<x>.+?) {_BE} (?:the |an? )?(?P<y>.+)", "noun"),
    (rf"(?P<y>{_NAMES}|{_NAME}) {_BE} {_POSSESSIVE} (?P<r>{_NOUN})", "noun"),
    (
        rf"(?P<y>{_NAMES}|{_NAME}) {_BE} (?:the |an? |one of the )?(?P<r>{_NOUN}) (?:of|for|to) (?P<x>.+)",
        "noun",
    ),
    (rf"(?P<y>{_NAMES}|{_NAME}) {_BE} (?P<r>[a-z]*{_DID}) by (?P<x>.+)", "passive"),
    (rf"(?P<x>{_NAMES}|{_NAME}) {_BE} (?P<r>in|at|from|on|near|part of|responsible for) (?P<y>.+)", "be"),
    (rf"(?P<x>{_NAMES}|{_NAME}) {_BE} (?:an? |the )?(?P<y>.+)", "is"),
    (
        rf"(?P<x>{_NAME}) (?P<r>[a-z]+(?:s|ed|led|ran|wrote|made|sold|held){_OF}) (?:the |an? )?(?P<y>.+)",
        "verb",
    ),
    (rf"(?P<x>{_NAMES}) (?P<r>[a-z]+{_OF}) (?:the |an? )?(?P<y>.+)", "verb"),
]
_NOT_SAID = re.compile(
    r"\b(?:not|never|no longer|nobody|if|may|might|could|should|would|perhaps|maybe)\b|n['’]t\b|\?\s*$"
)
_VERBLESS = frozenset(
    re.findall(
        r"\w+", "and or but who which that will can must shall do does did had has have be been the a an"
    )
)
_LONGEST = 100
"""Characters of a subject or object; anything longer is no name of a thing."""


def read_triplets(text: str) -> list[Triplet]:
    """The facts that a text states plainly, sentence by sentence. What is denied, asked or only possible is none."""
    found: list[Triplet] = []
    about = ""
    for sentence in re.split(r"(?<=[.!?;])\s+|\n+", text):
        for clause in re.split(
            r"; ?|,? and (?=(?:his|her|their|its) [\w ]{1,80} is\b|(?:he|she|it|they) )", sentence
        ):
            facts, about = _of_clause(clause.strip().rstrip(".!;").strip(), about)
            found += facts
    return list(dict.fromkeys(found))


def _of_clause(clause: str, about: str) -> tuple[list[Triplet], str]:
    """The clause's facts, and whom a following "she" means; `about` is whom one means here."""
    if about:
        clause = re.sub(r"^(?:[Hh]is|[Hh]er|[Tt]heir|[Ii]ts) (?=\w)", lambda _: f"{about}'s ", clause)
        clause = re.sub(r"^(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hey) (?=\w)", lambda _: f"{about} ", clause)
    if len(clause) > 3 * _LONGEST or _NOT_SAID.search(clause):
        return [], about
    for pattern, form in _FORMS:
        match = re.fullmatch(pattern, clause)
        if match is None:
            continue
        subjects, relation, objects = _parts(match["x"]), _relation(match, form), _parts(match["y"])
        if relation and all(key(name) and len(name) <= _LONGEST for name in [*subjects, *objects]):
            first = min(("x", "y"), key=match.start)
            return [Triplet(x, relation, y) for x in subjects for y in objects], _parts(match[first])[0]
    return [], about


def _relation(match: re.Match[str], form: str) -> str:
    if form == "is":
        return "is"
    if form == "be":
        return f"is {match['r']}"
    if form == "passive":
        return _third_person(_base(match["r"]))
    if form == "verb":
        verb, _, rest = match["r"].partition(" ")
        return "" if verb in _VERBLESS else f"{_third_person(verb)} {rest}".strip()
    several = re.search(r" (?:are|were) ", match[0]) and not is_noun(match["r"])
    return match["r"][:-1] if several else match["r"]  # Jessica's mentors are …: each is a mentor


def _parts(names: str) -> list[str]:
    """The things of an enumeration of names; anything else is one thing."""
    parts = [part.strip() for part in re.split(r",? and |, ", names)]
    return parts if len(parts) > 1 and all(part[:1].isupper() for part in parts) else [names.strip()]


def _base(participle: str) -> str:
    known = {"led": "lead", "run": "run", "written": "write", "made": "make", "sold": "sell", "held": "hold"}
    if participle in known:
        return known[participle]
    if participle.endswith("ied"):
        return participle[:-3] + "y"
    return participle[:-1] if participle[-3] in "gcvszu" else participle[:-2]


def _third_person(verb: str) -> str:
    if verb.endswith(("ed", "s")) and not verb.endswith("ss"):
        return verb  # it is, or it tells of the past
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "x", "ch", "sh", "o")) else "s")


def key(name: str) -> str:
    """A thing's name for comparing."""
    return re.sub(r"^(?:the|a|an|our) ", "", " ".join(name.casefold().strip(" .,!?\"'“”’").split()))


def is_noun(relation: str) -> bool:
    """Whether a relation is a noun ("manager"), not a verb ("manages", "works in", "is in")."""
    first, _, rest = relation.strip().casefold().partition(" ")
    if first in ("is", "has") or rest in ("to", "in", "at", "for", "with", "on", "from", "about", "as"):
        return False
    return not first.endswith("s") or first.endswith(("ss", "us"))


def root(relation: str) -> str:
    """What a noun and its verb share: manager, manages, managed → manag; reports to → report."""
    word = key(relation).split(" ")[0] if not is_noun(relation) else key(relation)
    for endings in (("ing", "ed", "es", "s"), ("ers", "er", "ors", "or"), ("e",)):
        ending = next(
            (e for e in endings if word.endswith(e) and len(word) - len(e) >= 3 and not word.endswith("ss")),
            "",
        )
        word = word[: len(word) - len(ending)]
    return word[:-1] + "i" if word.endswith("y") else word


def read_question(text: str) -> Chain | None:
    """What a question asks, where it names one thing and a chain of relations; None for any other text."""
    if len(text) > 5 * _LONGEST:
        return None
    asked = " ".join(text.strip().rstrip("?!. ").split())
    asked = re.sub(r"^(?:please )?(?:tell me|do you know|can you tell me) ", "", asked, flags=re.IGNORECASE)
    who = r"(?:Who|who|What|what|Where|where|Which \w+|which \w+|Whom|whom)"
    if match := re.fullmatch(rf"(?:Whose|whose) (?P<r>{_NOUN}) {_BE} (?P<x>.+)", asked):
        return _chain(match["x"], (match["r"], "whose"))
    if match := re.fullmatch(rf"{who}(?:'s|’s| {_BE}) (?P<x>.+)", asked):
        noun = _chain(match["x"])
        return noun if noun.steps else None
    if match := re.fullmatch(
        rf"{who} (?:does|do|did) (?P<x>.+?) (?P<r>[a-z]+)(?: (?:to|in|at|for|with|on|from|as))?", asked
    ):
        return _chain(match["x"], (_third_person(match["r"]), "object"))
    if match := re.fullmatch(rf"{who} (?P<r>[a-z]+)(?: (?:to|in|at|for|with|on|from|as))? (?P<x>.+)", asked):
        return _chain(match["x"], (_third_person(match["r"]), "holder"))
    return None


def _chain(noun: str, *more: tuple[str, str]) -> Chain:
    """`Jessica's mentor` or `the mentor of Jessica`, nested as deep as it is written."""
    if match := re.fullmatch(rf"(?:the |The )?(?P<r>{_NOUN}) of (?P<x>.+)", noun):
        return _chain(match["x"], (match["r"], "holder"), *more)
    if match := re.fullmatch(rf"(?P<x>.+)(?:'s|s'|’s|s’) (?P<r>{_NOUN})", noun):
        return _chain(match["x"], (match["r"], "holder"), *more)
    return Chain(noun, list(more))
