"""Where a goal is cut into clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from macae.llm.offline.facts import Facts, Placed
from macae.llm.offline.polite import ASKING, POLITE
from macae.llm.offline.words import fold, lexicon, word_set

__all__ = ["cuts"]


_BREAK = re.compile(
    r"(?P<hard>[.!?]+(?=\s|$)|[;\n•]+|\s[–—]\s|(?<=\w):\s*\n)"
    r"|(?P<soft>,?\s+(?:and then|and also|as well as|and|then|plus|but also|or|&)\s+(?:then\s+|also\s+|please\s+|afterwards\s+|finally\s+|after that\s+)*|,\s*(?:then\s+|also\s+|please\s+|afterwards\s+|finally\s+)*)",
    re.IGNORECASE,
)


_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|sr|jr|st|inc|ltd|co|corp|e\.g|i\.e|etc|approx|no|nr|vs|dept)|\b[A-Z])$",
    re.IGNORECASE,
)


_DETERMINER = re.compile(
    r"(?:a|an|the|our|my|your|his|her|their|its|this|that|these|those|all|any|some|each|every|no|new|up|out|him|her|them|me|us|it|everyone|everybody|[A-Z]\w+|\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|about|how|what|which|whether|for|with|into|access)\b|[\"'“«$€£]|\S+@"
)


def _starts_request(text: str, soft: bool) -> bool:
    """Whether what follows opens a request of its own: a verb, where a noun could stand only one with its object."""
    if re.match(r"(?:please )?(?:see to it|make sure|ensure|take care) that\b", text, re.IGNORECASE):
        return True
    rest = POLITE.sub("", text)
    stripped = len(rest) < len(text)
    match = re.match(r"([A-Za-z]+(?:-[a-z]+)?)\b\s*", rest)
    if match is None:
        return False
    word = fold(match[1])
    if (
        ASKING.match(rest)
        and soft
        and re.match(r"(?:what|which|who|when|where|how|why)\b", rest, re.IGNORECASE)
    ):
        return True
    if word == "let" and re.match(r"let \w+(?: \w+){0,4} know\b", rest, re.IGNORECASE):
        return True
    if word not in lexicon().verbs or (soft and word in ("use", "like", "need", "let")):
        return False
    after = rest[match.end() :]
    if not soft or stripped or not after:
        return bool(after) or not soft
    if match[1][0].isupper() and soft:
        return False
    return bool(_DETERMINER.match(after)) or _only_verb(word)


def _only_verb(word: str) -> bool:
    """Verbs that no one takes for nouns, so that an object need not show it ("install new software")."""
    return word in word_set("sure_verbs")


def cuts(text: str, facts: Facts) -> Iterable[tuple[int, int, bool]]:
    """Where clauses are cut: (end of the one, start of the next, whether a sentence ends there)."""
    values: list[Placed] = [*facts.dates, *facts.amounts, *facts.times]
    values += [s for s in facts.entities if s.kind != "department"]
    solid = [(v.start, v.end) for v in values]
    for match in _BREAK.finditer(text):
        hard = match["hard"] is not None
        if any(
            s < match.end() - (1 if hard else 0)
            and match.start() < e - (1 if hard else 0)
            and not (hard and match.start() >= e)
            for s, e in solid
        ):
            continue
        if hard:
            if match[0].startswith(".") and _ABBREVIATION.search(text[: match.start()]):
                continue
            yield match.end(), match.end(), True
        elif _starts_request(text[match.end() :], soft=True):
            yield match.start(), match.end(), False
