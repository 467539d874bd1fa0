"""A text as the detectors read it: without the tricks and accidents of writing that hide a number from a pattern.

Full-width and other digits, dashes and spaces of any kind, characters that nobody sees, an at-sign written as %40, &#64; or
(at): all are read as what they stand for, and each place leads back to the text as it was.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cache

__all__ = ["PlainText", "plain_text"]

ODD = re.compile(
    r"[\u00a0\u00ad\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u1680\u2000-\u2015\u202a-\u202f\u2043\u205f-\u2064\u2212\u3000"
    r"\ufe52\ufe58\ufe63\ufe6b\ufeff\uff01-\uff5e\U0001d7ce-\U0001d7ff]"
)
UNSEEN = (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\ufeff"
)
ESCAPES = re.compile(
    r"%40|%2[Bb]|%20|&#0{0,4}(?:64|43|45|46);|&#[xX]0{0,4}(?:40|2[bBdDeE]);|&(?:commat|nbsp|period|plus);"
    r"|\\u00[0-7][0-9A-Fa-f]|\\[nrt]"
    rf"|[{UNSEEN}]"
    r"|[\[(][ ]?(?:at|AT|At|dot|DOT|Dot)[ ]?[\])][ ]?"
)
SIGNS = {
    "%40": "@", "%2b": "+", "%20": " ", "&commat;": "@", "&nbsp;": " ", "&period;": ".", "&plus;": "+",
    "\\n": "\n", "\\r": "\n", "\\t": "\t",
}  # fmt: skip
HINTS = ("%", "&", "\\", "(at)", "[at]", "( at )", "[ at ]", "(AT)", "[AT]", "(At)", "[At]")


class PlainText:
    """The text to search, and how to get back from a place in it."""

    __slots__ = ("_places", "_shifts", "text")

    def __init__(self, text: str, places: list[int] | None = None, shifts: list[int] | None = None) -> None:
        self.text = text
        self._places = places or []
        self._shifts = shifts or []

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch in the text as it was given."""
        return start + self._shift(start), end + self._shift(end)

    def _shift(self, place: int) -> int:
        number = bisect_right(self._places, place)
        return self._shifts[number - 1] if number else 0


def plain_text(text: str) -> PlainText:
    """The text as detectors read it."""
    folded = text if text.isascii() else ODD.sub(same_sign, text)
    if not any(hint in folded for hint in HINTS) and (folded is text or not seen(folded)):
        return PlainText(folded)
    pieces: list[str] = []
    places: list[int] = []
    shifts: list[int] = []
    at = length = 0
    for match in ESCAPES.finditer(folded):
        sign, start = meant(match[0]), match.start()
        if match[0][0] in "[(" and start > at and folded[start - 1] == " ":
            start -= 1  # "anna (at) contoso.com"
        pieces += (folded[at:start], sign)
        length += start - at + len(sign)
        at = match.end()
        places.append(length)
        shifts.append(at - length)
    if not places:
        return PlainText(folded)
    pieces.append(folded[at:])
    return PlainText("".join(pieces), places, shifts)


def same_sign(match: re.Match[str]) -> str:
    """The plain character that an odd one stands for; most have none and stay."""
    return table().get(match[0], match[0])


def seen(text: str) -> bool:
    """Whether there is a character in it that nobody sees."""
    return any(sign in text for sign in UNSEEN)


def meant(escape: str) -> str:
    """What an escape stands for; nothing for a character that nobody sees."""
    if escape in UNSEEN:
        return ""
    known = SIGNS.get(escape.lower())
    if known is not None:
        return known
    if escape.startswith("&#"):
        digits = escape[2:-1]
        return chr(int(digits[1:], 16) if digits[0] in "xX" else int(digits))
    if escape.startswith("\\u"):
        return chr(int(escape[2:], 16))
    return "@" if "a" in escape.lower() else "."


@cache
def table() -> dict[str, str]:
    """One character for one: dashes, spaces, and digits and letters of other widths."""
    result = {place: unicodedata.normalize("NFKC", chr(place)) for place in range(0xFF01, 0xFF5F)}
    for first in (0x0660, 0x06F0, 0x0966, *range(0x1D7CE, 0x1D800, 10)):
        result |= {first + digit: str(digit) for digit in range(10)}
    result |= dict.fromkeys((*range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63), "-")
    result |= dict.fromkeys((0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
    return {chr(place): sign for place, sign in (result | {0xFE52: ".", 0xFE6B: "@"}).items()}
