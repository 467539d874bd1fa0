"""What a text names: people, e-mail addresses, quoted text, references (PO-1023), phone numbers, links, places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from macae.llm.offline.words import data, fold, lexicon, split_identifier, stem, word_set

__all__ = ["PREFIXES", "Kind", "Span", "find_entities", "names_other"]

Kind = Literal["person", "email", "quote", "reference", "phone", "link", "place", "department"]

_CAP = r"[^\W\d_a-z][\w’'-]*[\w]|[^\W\d_a-z]\."
_NAME = re.compile(
    rf"(?:(?P<title>Mr|Mrs|Ms|Mx|Dr|Prof|Sir|Frau|Herrn?|M|Mme|Sra?)\.? )?(?P<name>(?:{_CAP})(?: (?:(?:van|von|de|der|den|del|della|la|le|bin|al|da|dos|di|ter|zu)\s)*(?:{_CAP}))*)"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"https?://[^\s<>\"')]+[^\s<>\"').,]")
_QUOTE = re.compile(
    r"[\"“”«„](?P<q>[^\"“”«»„]{1,2000})[\"“”»]|(?<!\w)['‘](?P<s>[^'‘’\n]{1,300})['’](?!\w)|`(?P<b>[^`\n]+)`"
)
_REFERENCE = re.compile(
    r"(?<![\w@])(?:#\s?(?P<n>\d+)|(?P<r>[A-Za-z]{1,8}[-_]?(?:[A-Za-z]{0,5}[-_])?\d{2,}(?:[-_]\d+)*))(?![\w@])"
)
_NUMBERED = re.compile(
    r"\b(?P<what>ticket|case|incident|invoice|order|purchase order|po|contract|request|campaign|plan|issue|claim|expense|report|asset|employee|customer|account|document|id|number|nr|no\.)"
    r"(?: (?:number|no\.?|nr\.?|id))?(?: ?[:#]? ?)(?P<n>\d{1,12})(?![\w:]|[.,]\d|%)(?! (?!and|for|to|from|is|was|because|as|or|in|on|with|by|that|at|which|please|has|since|due|before|after|if|until)[a-z])",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.-])(?:\+\d[\d ()/.-]{6,}\d|\(?0\d{1,4}\)?[ /-]?\d{3,}[\d -]*\d|\d{3}-\d{3,4}(?:-\d{4})?)(?![\w-])"
)
_STARTS = re.compile(r"(?:^|[.!?:;\n•]\s*|^\s*[-*\d.)]+\s*)[\"“'(]*$")


PREFIXES = {
    "po": "purchase order", "inv": "invoice", "t": "ticket", "tkt": "ticket", "inc": "ticket incident", "c": "contract", "ctr": "contract", "nda": "nda contract",
    "e": "event meeting", "ev": "event", "evt": "event", "pr": "press release", "emp": "employee", "cust": "customer", "ord": "order", "so": "order", "req": "request",
    "sku": "product item", "n": "note",
}  # fmt: skip
"""What the letters of a reference stand for: PO-1042 is a purchase order."""


@dataclass(frozen=True)
class Span:
    """A named thing and where it stands; `value` is what it is called."""

    kind: Kind
    value: str
    start: int
    end: int


@cache
def _gazetteer() -> tuple[frozenset[str], dict[str, str], dict[str, str]]:
    raw = data("places.yaml")
    places = {fold(p): p for group in raw["places"] for p in group.split(", ")}
    departments = {fold(w): name for name, ws in raw["departments"].items() for w in [name, *ws.split(", ")]}
    return frozenset(data("lexicon.yaml")["first_names"].split()), places, departments


def _is_word(word: str) -> bool:
    """Whether a capitalised word is a plain English one, so that alone it names nobody."""
    folded = fold(word).removesuffix("'s").strip(".")
    lex = lexicon()
    firsts = _gazetteer()[0]
    if folded in firsts:
        return False
    return (
        folded in lex.known
        or stem(folded) in lex.near
        or stem(folded) in lex.reading
        or folded.rstrip("s") in lex.known
    )


def _people(text: str, taken: list[Span], known_words: frozenset[str]) -> list[Span]:
    firsts, places, departments = _gazetteer()
    found: list[Span] = []
    for match in _NAME.finditer(text):
        start, end = match.start("name"), match.end("name")
        if any(s.start < end and start < s.end for s in taken):
            continue
        parts = list(re.finditer(r"\S+", match["name"]))
        name = match["name"]

        # A sentence's first word, verbs and other plain words are cut from both ends: "Onboard Jessica Smith Monday".
        def plain(part: re.Match[str], at: int) -> bool:
            word = part[0].removesuffix("'s").removesuffix("’s").strip(".'’")
            folded = fold(word)
            if folded in firsts:
                return False
            if len(word) == 1 and at > 0 and word != "I":
                return False
            return (
                (word.isupper() and len(word) > 1)
                or (_is_word(word) if at == 0 else folded in lexicon().known)
                or folded in known_words
                or folded in departments
                or folded == "i"
            )

        while parts and plain(parts[0], 0) and not (len(parts) >= 2 and fold(parts[0][0]) in firsts):
            parts.pop(0)
        if (
            len(parts) >= 3
            and fold(parts[0][0]) not in firsts
            and fold(parts[1][0]) in firsts
            and not text[: start + parts[0].start()].strip(" \n>\"'“")
        ):
            parts.pop(0)  # "Entlasse Oliver Grant": what opens a text before a first name is a word
        while (
            parts and plain(parts[-1], len(parts) - 1) and not (len(parts) >= 2 and _surname(parts, firsts))
        ):
            parts.pop()
        if not parts:
            continue
        whole = match["name"].split()
        cut = fold(whole[-1]) != fold(parts[-1][0]) and len(whole) > 1
        if (cut or text[: start + parts[0].start()].lower().endswith("the ")) and fold(
            parts[0][0]
        ) not in firsts:
            continue  # "Harbor Coffee", "the Harbor Hall": no person's name
        start, end = start + parts[0].start(), match.start("name") + parts[-1].end()
        name = text[start:end]
        bare = name.removesuffix("'s").removesuffix("’s").rstrip(".,'’")
        end = start + len(bare)
        if fold(bare) in places or len(bare) < 2:
            continue
        alone = len(parts) == 1
        if (
            alone
            and not match["title"]
            and fold(bare) not in firsts
            and (_STARTS.search(text[:start]) or not _persons_place(text, start, end))
        ):
            continue
        if (
            any(c.isdigit() or c == "_" for c in bare)
            or bare.endswith("DB")
            or len(split_identifier(bare)) > len(re.split(r"[ '’-]", bare)) + 1
        ):
            continue
        found.append(Span("person", bare, start, end))
    return found


def _surname(parts: list[re.Match[str]], firsts: frozenset[str]) -> bool:
    """Whether the last word is a surname although it is a plain word ("Tom Baker"): it follows a first name."""
    return fold(parts[-2][0]) in firsts and len(parts) == 2 and parts[-1][0][0].isupper()


_BEFORE_PERSON = re.compile(
    r"(?:\b(?:for|with|to|by|from|assign|onboard|hire|employee|colleague|manager|mentor|customer|named|called|and|invite|tell|ask|email|contact|welcome|remind|notify|is|starter|joiner|hire,|candidate|give|about|of|between|as|add|promote|offboard|terminate|buddy|intern|name|employee,|'s)|,|:)\s*$",
    re.IGNORECASE,
)


def _persons_place(text: str, start: int, end: int) -> bool:
    return bool(_BEFORE_PERSON.search(text[:start])) or text[end : end + 2] in ("'s", "’s")


def _lower_case_people(text: str, taken: list[Span], known_words: frozenset[str]) -> list[Span]:
    """Names written small ("onboard jessica smith"): a known first name, or two unknown words after employee, named, …"""
    firsts = _gazetteer()[0]
    lex = lexicon()
    found: list[Span] = []
    tokens = [(m[0].removesuffix("'s"), m.start()) for m in re.finditer(r"[a-zà-ÿ'-]{2,}", text)]
    for i, (word, at) in enumerate(tokens):
        if (
            any(s.start < at + len(word) and at < s.end for s in [*taken, *found])
            or fold(word) not in firsts
            or fold(word) in ("mark", "grace", "rosa", "smith", "max", "will", "tim", "marco")
        ):
            continue
        end = at + len(word)
        if i + 1 < len(tokens):
            following, where = tokens[i + 1]
            folded = fold(following)
            unknown = (
                folded not in known_words
                and (folded not in lex.known or folded in firsts)
                and stem(folded) not in lex.near
            )
            if where == end + 1 and unknown:
                end = where + len(following)
        found.append(Span("person", text[at:end].title(), at, end))
    return found


def names_other(word: str) -> bool:
    """Whether a word is a person's first name, a place, a department, a month or a day: it is no part of a thing's name."""
    firsts, places, departments = _gazetteer()
    folded = fold(word)
    return folded in firsts or folded in places or folded in departments or folded in word_set("calendar")


def find_entities(text: str, known_words: frozenset[str] = frozenset()) -> list[Span]:
    """What a text names, in the order it stands. `known_words` (folded) are a team's own words, which name no person."""
    found: list[Span] = []

    def add(kind: Kind, value: str, start: int, end: int) -> None:
        if value.strip() and not any(s.start < end and start < s.end for s in found):
            found.append(Span(kind, value.strip(), start, end))

    for m in _LINK.finditer(text):
        add("link", m[0], m.start(), m.end())
    for m in _EMAIL.finditer(text):
        add("email", m[0].rstrip("."), m.start(), m.end())
    for m in _QUOTE.finditer(text):
        add("quote", m["q"] or m["s"] or m["b"], m.start(), m.end())
    for m in _PHONE.finditer(text):
        if (
            not re.fullmatch(r"\d{4}-\d\d?-\d\d?.*|\d+\.\d+\.?\d*", m[0])
            and sum(c.isdigit() for c in m[0]) >= 6
        ):
            add("phone", m[0], m.start(), m.end())
    for m in _REFERENCE.finditer(text):
        add("reference", m["n"] or m["r"], m.start(), m.end())
    for m in _NUMBERED.finditer(text):
        add("reference", m["n"], m.start("n"), m.end("n"))
    _, places, departments = _gazetteer()
    folded = fold(text)
    if len(folded) == len(text):
        for m in _names_pattern("places").finditer(folded):
            if text[m.start()].isupper():
                add("place", places[m[0]], m.start(), m.end())
        for m in _names_pattern("departments").finditer(folded):
            said = text[m.start() : m.end()]
            if any(q.kind == "quote" and q.start <= m.start() < q.end for q in found):
                continue
            if said != "it" and (
                said != "It" or text[m.end() :].lstrip().lower().startswith(("dep", "team"))
            ):
                found.append(Span("department", departments[m[0]], m.start(), m.end()))
    people = _people(text, [s for s in found if s.kind != "department"], known_words)
    found = [
        s
        for s in found
        if s.kind != "department" or not any(p.start < s.end and s.start < p.end for p in people)
    ]
    people += _lower_case_people(text, [*(s for s in found if s.kind != "department"), *people], known_words)
    return sorted(found + people, key=lambda s: (s.start, -s.end))


@cache
def _names_pattern(which: str) -> re.Pattern[str]:
    _, places, departments = _gazetteer()
    names = sorted(places if which == "places" else departments, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)")
