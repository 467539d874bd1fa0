"""Codes, addresses and names in running text. English: in other languages capitals mean other things."""

from __future__ import annotations

import re
from collections.abc import Iterator

from macae.monitoring.grounding.claims import Span
from macae.monitoring.grounding.vocabulary import FOREIGN_WORDS, FUNCTION_WORDS, GENERIC, OPENERS

__all__ = ["find_addresses", "find_codes", "find_names", "is_english"]

ADDRESS = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|\bhttps?://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+"
)
CODE = re.compile(
    r"(?<![\w@.])(?:"
    r"(?!(?:USD|EUR|GBP|CHF|AUD|CAD)\b)[A-Z]{2,5} \d{2,}(?:-\d+)*"  # HR 104
    r"|(?=[\w-]{0,60}\d)(?=[\w-]{0,60}[^\W\d_])[^\W_]+(?:[-_/][^\W_]+)*"  # HR-104, X1, E1042, INV_7
    r"|\d+(?:[.]\d+){2,}"  # 3.11.2, 10.0.0.1
    r"|\+?\d[\d\s()/-]{6,18}\d"  # phone numbers
    r"|[a-z]\w*_\w+"  # names of functions and files
    r")(?![\w@])"
)
NO_CODE = re.compile(
    r"(?:\d+(?:st|nd|rd|th)|\d+(?:\.\d+)?(?:k|m|mn|bn|x|gb|mb|kb|tb|kg|km|cm|mm|h|hr|hrs|min|s|am|pm|%)|\d+-(?:[^\W\d_]+)(?:-[^\W\d_]+)*|(?:mid|pre|post|non|top|all)-\d+)",
    re.I,
)
"""12th, 500GB, 3-day: numbers with a word, not codes."""
CAPITAL = r"(?:[A-Z][^\W\d_]*(?:['’][^\W\d_]+)?|[a-z]{1,2}[A-Z][^\W\d_]+)"
NAME = re.compile(
    rf"(?<![\w@.-]){CAPITAL}(?:(?:[ \t]+|-)(?:(?:of|de|van|von|der|and|&)[ \t]+(?={CAPITAL}))?{CAPITAL})*(?![\w@])"
)
INITIALS = re.compile(r"\b[A-Z]\.(?=\s)")
START = re.compile(r"(?:^|[.!?:;]\s+|\n\s*|[-*•–]\s+|\d[.)]\s+|[\"“(|])$")
LABEL = re.compile(r"^\s*(?:#+\s.*|(?:[-*•]\s+)?\**[^\n.:|]{1,40}:\**(?=\s|$)|\|?[\s:|-]+\|?)", re.M)
"""Headings and labels: "Next Steps:", "**Order number:**". Their capitals are typography."""


LANGUAGE = re.compile(r"[^\W\d_]+")


def find_addresses(text: str) -> list[Span]:
    """E-mail and web addresses, without the punctuation after them."""
    found = []
    for match in ADDRESS.finditer(text):
        address = match.group().rstrip(".,;:!?")
        found.append(Span(match.start(), match.start() + len(address), address))
    return found


def find_codes(text: str) -> list[Span]:
    """Order numbers, article codes, versions, phone numbers, names of functions: what has letters with digits or underscores."""
    return [
        Span(match.start(), match.end(), match.group())
        for match in CODE.finditer(text)
        if not NO_CODE.fullmatch(match.group())
    ]


def find_names(text: str) -> list[Span]:
    """Capitalised names. What begins a sentence counts only from its second word on, or when it is written like a name elsewhere."""
    shown = LABEL.sub(
        lambda match: " " * len(match.group()), INITIALS.sub(lambda m: m.group().replace(".", " "), text)
    )
    found = [part for match in NAME.finditer(shown) for part in _named(shown, match)]
    inside = {span.text.casefold() for span, first in found if not first}
    return [span for span, first in found if not first or span.text.casefold() in inside]


def _named(text: str, match: re.Match[str]) -> Iterator[tuple[Span, bool]]:
    """The name in a run of capitals, without what is no part of it; and whether it is one word that begins a sentence."""
    words = list(re.finditer(r"[^\s]+", match.group()))
    first = START.search(text[max(0, match.start() - 4) : match.start()]) is not None or match.start() == 0
    while words and _is_common(words[0].group(), first):
        words, first = words[1:], False
    while words and words[-1].group().casefold() in FUNCTION_WORDS:
        words.pop()
    if not words or all(_is_generic(word.group()) for word in words):
        return
    start, end = match.start() + words[0].start(), match.start() + words[-1].end()
    yield Span(start, end, text[start:end]), first and len(words) == 1 and not _is_marked(words[0].group())


def _is_common(word: str, first: bool) -> bool:
    bare = re.sub(r"['’]\w*$", "", word).casefold()
    return bare in FUNCTION_WORDS or bare in OPENERS or (first and bare.endswith(("ed", "ing")))


def _is_generic(word: str) -> bool:
    bare = re.sub(r"['’]s?$", "", word).casefold()
    return bare in GENERIC or bare in FUNCTION_WORDS or bare in OPENERS or bare.removesuffix("s") in GENERIC


def _is_marked(word: str) -> bool:
    """ThinkPad, iPhone: a name wherever it stands."""
    return any(c.isupper() for c in word[1:]) and not word.isupper()


def is_english(text: str) -> bool:
    """Whether names and number words can be read by English rules. A short text without words of another language is taken for it."""
    words = [word.casefold() for word in LANGUAGE.findall(text)]
    foreign = sum(word in FOREIGN_WORDS for word in words)
    strange = sum(not _is_latin(word) for word in words)
    return strange * 5 <= len(words) and (
        foreign < 2 or foreign * 2 <= sum(word in FUNCTION_WORDS for word in words)
    )


def _is_latin(word: str) -> bool:
    return all(ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x1F00 for c in word)
