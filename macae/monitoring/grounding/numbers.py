"""Numbers in running text: `1,450.00`, `1.450,00`, `$7k`, `20 %`, `twenty-five`, `a dozen`; with their unit, where it matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from macae.llm.offline import numbers
from macae.monitoring.grounding.claims import Span

__all__ = ["Number", "find_numbers"]

CURRENCY = {
    "$": "usd", "usd": "usd", "us$": "usd", "dollar": "usd", "dollars": "usd",
    "€": "eur", "eur": "eur", "euro": "eur", "euros": "eur",
    "£": "gbp", "gbp": "gbp", "pounds": "gbp", "¥": "jpy", "yen": "jpy", "chf": "chf", "francs": "chf",
}  # fmt: skip
MEASURES = {
    "second": "time", "minute": "time", "hour": "time", "day": "time", "week": "time", "month": "time", "year": "time",
    "kb": "size", "mb": "size", "gb": "size", "tb": "size", "g": "weight", "kg": "weight", "mm": "length", "cm": "length", "m": "length", "km": "length",
}  # fmt: skip
"""Units that are told apart: 20 days are not 20 weeks."""
SHORT = {
    "sec": "second",
    "secs": "second",
    "s": "second",
    "min": "minute",
    "mins": "minute",
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
}
TIMES = {"k": 1e3, "thousand": 1e3, "mn": 1e6, "million": 1e6, "millions": 1e6, "bn": 1e9, "billion": 1e9}
SMALL = {word: value for value, word in enumerate(numbers.UNITS)}
TENS = {word: 10 * value for value, word in enumerate(numbers.TENS, 2)}
ABOUT = re.compile(
    r"(?:\b(?:about|around|approximately|approx\.?|roughly|nearly|almost|circa|ca\.|some)|~|≈)\s*$", re.I
)
BOUND = re.compile(r"\b(?:over|more than|less than|under|at least|up to)\s*$", re.I)
"""Rough only before a round number: an invoice over $7,340.50 is of exactly that."""

DIGITS = re.compile(
    r"(?<![\w/])(?<!\d[.,])(?P<sign>[-−]?)(?:(?P<money>US\$|[$€£¥]|USD|EUR|GBP|CHF)\s?)?(?P<value>\d{1,3}(?:[,.' \u00a0\u202f]\d{3}){1,4}(?:[.,]\d{1,2})?|\d{1,15}(?:[.,]\d{1,15})?)"
    r"(?:(?P<times>k|mn|bn|M)\b|\s(?P<word>thousand|millions?|billion)\b)?(?P<rest>\s?(?:%|€|£|¥|\$)|)(?![\w/]|[.,]\d)"
)
GLUED = re.compile(
    r"(?<![\w/])(?<!\d[.,])(?P<value>\d{1,15}(?:\.\d{1,15})?)(?P<unit>GB|MB|KB|TB|kg|km|cm|mm|min|hrs|hr|h|s)\b"
)
NAMES = "|".join(sorted([*SMALL, *TENS], key=len, reverse=True))
SPELLED = re.compile(
    rf"\b(?:(?P<dozen>(?:a|one)\s+dozen|dozen)|(?P<hundred>a\s+hundred|a\s+thousand)|(?P<names>(?:{NAMES})(?:[-\s](?:and\s+)?(?:{NAMES}|hundred|thousand|million))*))\b",
    re.I,
)
AFTER = re.compile(
    r"\s*(?:-\s*)?(?P<first>[^\W\d_]+|%)(?:[\s-]+(?P<second>[^\W\d_]+))?(?:[\s-]+(?P<third>[^\W\d_]+))?"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text. A spelling that can be read in two ways (1.450) has two values."""

    span: Span
    values: tuple[float, ...]
    unit: str
    """`percent`, a currency, a measure such as `day`, or "" for none of these."""
    about: bool
    """The text calls it a rough one."""
    decimals: int
    spelled: bool = False


def find_numbers(text: str, spelled: bool = True) -> list[Number]:
    """The numbers in the order of the text; `spelled`: English number words too. A lone "one" is taken for a pronoun."""
    found = [*_in_digits(text), *(_in_words(text) if spelled else ())]
    return sorted(found, key=lambda number: number.span.start)


def _in_digits(text: str) -> Iterator[Number]:
    for match in GLUED.finditer(text):
        unit = match["unit"].lower()
        yield Number(_span(match), (float(match["value"]),), SHORT.get(unit, unit), False, 0)
    for match in DIGITS.finditer(text):
        values = _values(match["value"])
        by = TIMES.get((match["times"] or match["word"] or "").lower().replace("m", "mn") if match["times"] == "M" else (match["times"] or match["word"] or "").lower(), 1.0)  # fmt: skip
        mark = (match["money"] or match["rest"] or "").strip().lower()
        unit = "percent" if mark == "%" else CURRENCY.get(mark, "") or _unit_after(text, match.end())
        about = _is_rough(text[max(0, match.start() - 15) : match.start()], match["value"])
        decimals = len(match["value"]) - 1 - max(match["value"].rfind("."), match["value"].rfind(",")) if values != (float(int(values[0])),) else 0  # fmt: skip
        start = match.start() + (len(match.group()) - len(match.group().lstrip()))
        end = match.end() - (len(match.group()) - len(match.group().rstrip()))
        span = Span(start, end, text[start:end])
        yield Number(
            span, tuple(round(value * by, 6) for value in values), unit, about, decimals if by == 1.0 else 0
        )


def _in_words(text: str) -> Iterator[Number]:
    for match in SPELLED.finditer(text):
        if match["names"] is None:
            value = 12.0 if match["dozen"] else 100.0 if "hundred" in match.group().lower() else 1000.0
        else:
            parts = [word for word in re.split(r"[-\s]+", match["names"].lower()) if word != "and"]
            if parts in (["one"], ["zero"]):
                continue
            value = _spelled_value(parts)
        about = _is_rough(text[max(0, match.start() - 15) : match.start()], "")
        yield Number(_span(match), (value,), _unit_after(text, match.end()), about, 0, spelled=True)


def _is_rough(before: str, digits: str) -> bool:
    round_one = len(re.sub(r"\D", "", digits).strip("0")) <= 2
    return ABOUT.search(before) is not None or (round_one and BOUND.search(before) is not None)


def _spelled_value(parts: list[str]) -> float:
    total = current = 0.0
    for word in parts:
        if word == "hundred":
            current = max(current, 1) * 100
        elif word in ("thousand", "million"):
            total += max(current, 1) * (1e3 if word == "thousand" else 1e6)
            current = 0
        else:
            current += SMALL.get(word, TENS.get(word, 0))
    return total + current


def _values(text: str) -> tuple[float, ...]:
    """How digits can be read: `1,450.00` and `1.450,00` in one way, `1.450` and `1,450` in two."""
    bare = re.sub(r"[' \u00a0\u202f]", "", text)
    marks = [c for c in bare if c in ".,"]
    if not marks:
        return (float(bare),)
    last = marks[-1]
    if len(set(marks)) == 2:
        whole, _, part = bare.rpartition(last)
        return (float(re.sub(r"[.,]", "", whole) + "." + part),)
    grouped = float(re.sub(r"[.,]", "", bare))
    if len(marks) > 1:
        return (grouped,)
    pointed = float(bare.replace(",", "."))
    if len(bare) - bare.index(last) - 1 != 3 or bare.startswith("0"):
        return (pointed,)
    return (grouped, pointed) if last == "," else (pointed, grouped)


def _unit_after(text: str, end: int) -> str:
    """The currency, measure or per cent that the next words name, if they do: "20 working days"."""
    match = AFTER.match(text, end)
    if match is None:
        return ""
    words = [word.lower() for word in match.groups() if word]
    if words[0] in ("percent", "%") or words[:2] == ["per", "cent"]:
        return "percent"
    for word in words:
        if word in CURRENCY:
            return CURRENCY[word]
        word = SHORT.get(word, word)
        if word in MEASURES or (word.endswith("s") and word[:-1] in MEASURES):
            return word if word in MEASURES else word[:-1]
        if word in (
            "and",
            "or",
            "to",
            "of",
            "for",
            "in",
            "at",
            "with",
            "a",
            "per",
            "the",
            "after",
            "within",
            "until",
        ):
            return ""
    return ""


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), match.group())
