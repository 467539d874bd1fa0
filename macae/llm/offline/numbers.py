"""Numbers in a text: quantities in digits and words, amounts of money, lengths of time."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "NUMBER_WORDS",
    "TENS",
    "UNITS",
    "Amount",
    "Length",
    "Quantity",
    "find_amounts",
    "find_lengths",
    "find_quantities",
    "number_of",
]

UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
NUMBER_WORDS: dict[str, int] = {
    **{w: i for i, w in enumerate(UNITS)},
    **{w: 10 * i for i, w in enumerate(TENS, 2)},
    **{f"{t}-{u}": 10 * i + k for i, t in enumerate(TENS, 2) for k, u in enumerate(UNITS[1:10], 1)},
    **{"a dozen": 12, "half a dozen": 6, "dozen": 12, "a couple of": 2, "a pair of": 2, "a hundred": 100, "hundred": 100, "a": 1, "an": 1},
}  # fmt: skip
_SCALE = {"k": 1e3, "m": 1e6, "thousand": 1e3, "million": 1e6, "mio": 1e6, "hundred": 1e2}
_SIGN = {"$": "USD", "€": "EUR", "£": "GBP", "dollar": "USD", "euro": "EUR", "pound": "GBP", "usd": "USD", "eur": "EUR", "gbp": "GBP", "chf": "CHF", "us$": "USD", "buck": "USD"}  # fmt: skip
_FIGURE = r"(?P<{n}>\d{{1,3}}(?:[,.' ]\d{{3}})+(?:[.,]\d{{1,2}})?|\d+(?:[.,]\d{{1,2}})?)\s?(?P<s{n}>k|m|thousand|million|mio)?(?!\w)"
_WORDS = "|".join(sorted((w for w in NUMBER_WORDS if w not in ("a", "an", "zero")), key=len, reverse=True))
_AMOUNT = re.compile(
    r"(?P<pre>us\$|[$€£]|\b(?:usd|eur|gbp|chf)\b)\s?"
    + _FIGURE.format(n="a")
    + r"|(?<![\w.,-])"
    + _FIGURE.format(n="b")
    + r"\s?(?P<post>us\$|[$€£]|\b(?:usd|eur|gbp|chf|dollars?|euros?|pounds?|bucks?)\b)"
    + r"|\b(?P<w>"
    + _WORDS
    + r")(?: (?P<ws>hundred|thousand|million))? (?P<wpost>dollars?|euros?|pounds?|bucks?)\b"
    + r"|(?<![\w.,-])"
    + _FIGURE.format(n="c")
    + r"(?= (?:a|per|each|every) (?:year|month)\b| (?:gross|annually|yearly|before tax)\b)",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"(?<![\w.-])(?P<n>\d+(?:[.,]\d+)?|half an|an?|" + _WORDS + r")[ -]?(?P<u>minute|min|hour|hr|h|day|week|month|year)s?\b(?! (?:from|later|ago|time))",
    re.IGNORECASE,
)  # fmt: skip
_QUANTITY = re.compile(
    r"(?<![\w.,:/#$€£+-])(?P<n>\d{1,3}(?:,\d{3})+|\d+(?![\d.,:/-]*[\d%])|(?:(?:"
    + _WORDS
    + r") (?=dozen|hundred|thousand))?(?:"
    + _WORDS
    + r"|thousand)|an?(?= (?:new |additional |extra |second |spare )?[a-z]))(?:\s?(?:x|×|pcs?|pieces?(?: of)?|units?(?: of)?|copies of|sets? of|boxes of|packs? of)(?!\w))?(?![\w%])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Amount:
    """A sum of money."""

    value: float
    currency: str
    start: int
    end: int


@dataclass(frozen=True)
class Length:
    """A length of time, in its own unit (minute, hour, day, week, month, year)."""

    value: float
    unit: str
    start: int
    end: int

    @property
    def days(self) -> float:
        """The length in days."""
        return self.value * {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}[self.unit]  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """A count; `weak` where only an article says it ("a laptop")."""

    value: int
    start: int
    end: int
    weak: bool = False


def _figure(text: str, scale: str | None) -> float:
    text = re.sub(r"[' ]", "", text)
    if re.search(r"[.,]\d{1,2}$", text):
        whole, part = re.split(r"[.,](?=\d{1,2}$)", text)
        value = float(re.sub(r"\D", "", whole) + "." + part)
    else:
        value = float(re.sub(r"\D", "", text))
    return value * _SCALE.get((scale or "").lower(), 1)


def number_of(text: str) -> float | None:
    """The number that a text is, in digits or words, or None."""
    text = text.strip().lower()
    if text in NUMBER_WORDS:
        return NUMBER_WORDS[text]
    match = re.fullmatch(_FIGURE.format(n="a"), text, re.IGNORECASE)
    if match:
        return _figure(match["a"], match["sa"])
    match = re.fullmatch(rf"({_WORDS}) (hundred|thousand|million)", text)
    return NUMBER_WORDS[match[1]] * _SCALE[match[2]] if match else None


def find_amounts(text: str) -> list[Amount]:
    """The sums of money in a text, in the order they stand."""
    found = []
    for m in _AMOUNT.finditer(text):
        if m["w"]:
            value, sign = NUMBER_WORDS[m["w"].lower()] * _SCALE.get((m["ws"] or "").lower(), 1), m["wpost"]
        else:
            value = _figure(m["a"] or m["b"] or m["c"], m["sa"] or m["sb"] or m["sc"])
            sign = m["pre"] or m["post"] or "usd"
        sign = sign.lower().rstrip("s") if len(sign) > 3 else sign.lower()
        found.append(Amount(value, _SIGN.get(sign, sign.upper()), m.start(), m.end()))
    return found


def find_lengths(text: str) -> list[Length]:
    """The lengths of time in a text ("for two weeks", "30 minutes")."""
    found = []
    for m in _LENGTH.finditer(text):
        word, unit = m["n"].lower(), m["u"].lower()
        value = (
            0.5 if word == "half an" else number_of(word.replace(",", ".")) or float(word.replace(",", "."))
        )
        unit = {"min": "minute", "hr": "hour", "h": "hour"}.get(unit, unit)
        found.append(Length(value, unit, m.start(), m.end()))
    return found


def find_quantities(text: str) -> list[Quantity]:
    """The counts in a text, in the order they stand; an article counts weakly as one."""
    found = []
    for m in _QUANTITY.finditer(text):
        word = m["n"].lower()
        weak = word in ("a", "an")
        value = NUMBER_WORDS.get(word)
        if value is None and " " in word:
            count, scale = word.rsplit(" ", 1)
            value = NUMBER_WORDS[count] * {"dozen": 12, "hundred": 100}.get(scale, 1000)
        found.append(
            Quantity(int(word.replace(",", "")) if value is None else value, m.start(), m.end(), weak)
        )
    return found
