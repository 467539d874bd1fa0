"""Telephone numbers, and what only looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from macae.monitoring.compliance.findings import Finding
from macae.monitoring.compliance.lookalikes import is_numbered, is_of_a_thing

__all__ = ["DIGITS", "phones"]

DIGITS = re.compile(r"\d(?:[ .\-/()]{0,2}+\d){6,}+")
"""Without so many digits in a row there is no telephone number, and no card."""
INTERNATIONAL = re.compile(
    r"(?<![\w+.])(?<!\d[ .-])(?:\+|00(?=[1-9]\d[ /.(-]|[1-9]\d{8}))[ ]?([1-9])(?:[ .\-/()]{0,2}+\d){6,14}(?:(?![\w-])(?!\.\d)|(?=x\d))"
)
AMERICAN = re.compile(
    r"(?<![\w.+/=-])(?<!\d )(?:1[ .-])?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d([.-]))[2-9]\d\d(?:[.-]|(?<=\d)[ ])\d{4}(?:(?![\w-])(?!\.\d)|(?=x\d))"
)
NATIONAL = re.compile(
    r"(?<![\w.+/=-])(?<!\d )(?:\(0[1-9]\d{0,4}\)[ ]?|0[1-9]\d{0,4}[ /-]{1,3})\d{2,8}(?:[ -]\d{2,5}){0,3}+(?![\w-])(?!\.\d)"
    r"|(?<![\w.+/=-])(?<!\d )0[1-9](?:[ .-]\d\d){4}(?![\w-])(?!\.\d)"
    r"|(?<![\w.+/=-])(?<!\d )\([1-9]\d\)[ ]?\d{4,5}-\d{4}(?![\w-])(?!\.\d)"
)
TOLD = re.compile(
    r"(?i)(?<![^\W_])(?:phone|tele(?:phone|fon)|tel|mobile|mobil(?:e|nummer|telefon)?|handy(?:nummer)?|cell|call(?: me| us| him| her| them)?|"
    r"fax|whats ?app|sms|text (?:me|him|her|them)|dial|hotline|gsm|landline|durchwahl|rufnummer|anrufen|t[ée]l[ée]phone|portable|m[óo]vil|tel[ée]fono|celular|cellulare|rückruf|ring|reach (?:me|us|him|her|them)|telef[oó]n)"
    r"(?:[ ](?:of|for|vom|von|der|des|für|de|del|di|du)(?:[ ][\w.'-]{1,20}){1,3}(?=[ ]?:|[ ](?:is|ist|est|es)[ ]))?(?:[ _](?:number|no|nummer|at|on|under|unter|is|ist|es|est|au|al)){0,3}[\"']?[.:#)]{0,2}[ :]{0,3}(?:is |at |on |unter |now )?[\"']?"
    r"(\+?\(?\d(?:[ .\-/()]{0,2}+\d){6,14})(?![\w-])(?!\.\d)"
)
DATE = re.compile(
    r"(?:19|20)\d\d[-./ ][01]?\d[-./ ][0-3]?\d(?!\d)|[0-3]?\d[-./][01]?\d[-./](?:19|20)?\d\d(?!\d)"
)
# "01 990 000 to 2 150 000 euros" is no number to call.
AMOUNT = re.compile(r"\d{1,3}(?: \d{3})+")
UNIT = re.compile(
    r"(?i)(?:[ ](?:to|bis|à|a|-)[ ][\d .,]{1,16}+)?[ ]?(?:[€$£¥%]|(?:eur(?:os?)?|usd|dollars?|gbp|chf|yen|zł|kronor|kwh|kg|km|mb|gb|tb|bytes?|pieces|st(?:ü|ue)ck|units)\b)"
)
ZONES = ("210", "214", "217", "219", "259", "28", "29", "384", "388", "389", "422", "424", "425", "426", "83", "851", "854", "857", "858", "859", "871", "872", "873", "879", "884", "885", "887", "889", "89", "978", "99")  # fmt: skip
"""What follows the plus and is no country (99: also what our placeholders begin with)."""
REAL_99 = ("992", "993", "994", "995", "996", "998")
REAL_28_29 = ("290", "291", "297", "298", "299")


def phones(text: str) -> Iterator[Finding]:
    """Telephone numbers: international, North American, with an area code, or any after a word that says so."""
    for start, end in stretches(text):
        yield from phones_between(text, start, end)


def stretches(text: str) -> list[tuple[int, int]]:
    """Where there are digits enough for a number, with the words before them."""
    result: list[tuple[int, int]] = []
    for run in DIGITS.finditer(text):
        start, end = max(0, run.start() - 60), run.end() + 8
        if result and start <= result[-1][1]:
            result[-1] = result[-1][0], end
        else:
            result.append((start, end))
    return result


def phones_between(text: str, start: int, end: int) -> Iterator[Finding]:
    """Telephone numbers in one stretch of the text."""
    for match in INTERNATIONAL.finditer(text, start, end):
        digits = digits_of(match[0]).removeprefix("00")
        thing = match[0].startswith("0") and is_of_a_thing(text, match.start())
        if 8 <= len(digits) <= 15 and is_country(digits) and not thing:
            yield Finding("PHONE_NUMBER", match.start(), match.end(), 0.9)
    for match in TOLD.finditer(text, start, end):
        number = match[1]
        if not 7 <= len(digits_of(number)) <= 15 or DATE.match(number):
            continue
        if not number.startswith("+") or is_country(digits_of(number)):
            yield Finding("PHONE_NUMBER", match.start(1), match.end(1), 0.8)
    for pattern in (AMERICAN, NATIONAL):
        for match in pattern.finditer(text, start, end):
            if (
                8 <= len(digits_of(match[0])) <= 12
                and not DATE.match(match[0])
                and not is_numbered(text, match.start())
                and not (AMOUNT.fullmatch(match[0]) and UNIT.match(text, match.end()))
            ):
                yield Finding("PHONE_NUMBER", match.start(), match.end(), 0.7)


def digits_of(text: str) -> str:
    """Only its digits."""
    return "".join(sign for sign in text if sign.isdigit())


def is_country(digits: str) -> bool:
    """Whether a country has a code that these digits begin with."""
    return not digits.startswith(ZONES) or digits.startswith(REAL_99 + REAL_28_29)
