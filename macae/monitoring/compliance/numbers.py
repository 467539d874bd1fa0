"""Numbers with a check: payment cards (Luhn), bank accounts (IBAN, mod 97), US social security numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from macae.monitoring.compliance.findings import Finding
from macae.monitoring.compliance.lookalikes import is_of_a_thing

__all__ = ["cards", "ibans", "is_card", "is_iban", "luhn", "ssns"]

RUN = re.compile(r"\d(?<![A-Za-z0-9_@/#]\d)(?<!\d[.,]\d)(?:[ .\-]{0,2}+\d){11,}+")
GROUP = re.compile(r"\d+")
GROUPINGS = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 4, 2), (4, 4, 5)})
"""How the digits of a card are grouped where more digits follow, such as its security code."""
# The patterns begin with the digit and look back from there: so most of a text is passed over at once.
DOUBLES = str.maketrans("0123456789", "0246813579")

IBAN = re.compile(
    r"\d(?:(?<=[A-Za-z]{2}\d)(?<![A-Za-z0-9]...)|(?<=[A-Za-z]{2}[ -]\d)(?<![A-Za-z0-9]....))[ -]?\d(?=[ -]?[A-Za-z0-9])",
    re.DOTALL,
)
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18,
    "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31,
    "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29,
    "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
"""Characters of an account number by country, from the IBAN registry."""

SSN = re.compile(r"(\d(?<![\w-]\d)(?<!\d[.,]\d)\d{2})([- .]?)(\d{2})\2(\d{4})(?![\w-])(?!\.\d)")
SSN_WORDS = re.compile(
    r"(?i)(?<![^\W_])(?:ssn|social[ _-]security|soc\. ?sec|seguro social|sozialversicherung)"
)
NEVER_GIVEN = frozenset({"078051120", "219099999", "123456789", "111111111"})
"""Numbers that were printed in advertisements, or are what people type to fill a form."""
BEFORE = 50
"""Characters before a number in which the words that tell what it is are looked for."""


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return not (sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2].translate(DOUBLES)))) % 10


def is_card(digits: str) -> bool:
    """Whether a payment card can have this number: the network's first digits and length, and the check digit."""
    size, four = len(digits), int(digits[:4])
    two = four // 100
    fits = (
        (digits[0] == "4" and size in (13, 16, 19))  # Visa
        or (size == 16 and (51 <= two <= 55 or 2221 <= four <= 2720 or 2200 <= four <= 2204))  # Mastercard, Mir
        or (size == 15 and two in (34, 37))  # American Express
        or (16 <= size <= 19 and (four == 6011 or two in (62, 65) or 644 <= four // 10 <= 649))  # Discover, UnionPay
        or (16 <= size <= 19 and 3528 <= four <= 3589)  # JCB
        or (14 <= size <= 16 and (300 <= four // 10 <= 305 or two in (36, 38, 39)))  # Diners Club
        or (13 <= size <= 19 and four in (5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763))  # Maestro
    )  # fmt: skip
    return fits and luhn(digits) and len(set(digits)) > 1


def cards(text: str) -> Iterator[Finding]:
    """Payment card numbers, with spaces, dashes or dots in them or not."""
    for run in RUN.finditer(text):
        if text[run.end() : run.end() + 1].isalpha():
            continue
        groups = [(run.start() + g.start(), run.start() + g.end()) for g in GROUP.finditer(run[0])]
        if len(groups) <= 19:
            whole = "".join(text[start:end] for start, end in groups)
            shape = tuple(end - start for start, end in groups)
            odd = "." in run[0] and shape not in GROUPINGS  # 2.718281828459045
            if 13 <= len(whole) <= 19 and not odd and is_card(whole):
                yield Finding("CREDIT_CARD", run.start(), run.end())
                continue
        yield from grouped(text, groups)


def grouped(text: str, groups: list[tuple[int, int]]) -> Iterator[Finding]:
    """Cards among more digits than one card has."""
    number = 0
    while number < len(groups):
        step = 1
        for size in (1, 3, 4, 5):
            part = groups[number : number + size]
            shape = tuple(end - start for start, end in part)
            fits = shape in GROUPINGS
            if size == 1:  # but not what stands behind a point: 0.4111111111111111
                fits = 13 <= shape[0] <= 19 and text[max(0, part[0][0] - 1)] not in ".,"
            if fits and is_card("".join(text[start:end] for start, end in part)):
                yield Finding("CREDIT_CARD", part[0][0], part[-1][1])
                step = size
        number += step


def is_iban(account: str) -> bool:
    """Whether it has its country's length and the check digits are right. Capital letters, no spaces."""
    if IBAN_LENGTHS.get(account[:2]) != len(account):
        return False
    return int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1


def ibans(text: str) -> Iterator[Finding]:
    """Bank account numbers (IBAN), in groups or not."""
    for match in IBAN.finditer(text):
        start = match.start() - (3 if text[match.start() - 1] in " -" else 2)
        length = IBAN_LENGTHS.get(text[start : start + 2].upper())
        if length is None:
            continue
        signs, at = "", start
        while at < len(text) and len(signs) < length:
            sign = text[at]
            if sign.isascii() and sign.isalnum():
                signs += sign
            elif sign not in " -" or text[at - 1] in " -":
                break
            at += 1
        after = text[at : at + 1]
        if len(signs) == length and not (after.isascii() and after.isalnum()) and is_iban(signs.upper()):
            yield Finding("IBAN_CODE", start, at)


def ssns(text: str) -> Iterator[Finding]:
    """US social security numbers: 123-45-6789 as it stands, other ways of writing only after a word that says so."""
    things: set[str] = set()
    for match in SSN.finditer(text):
        area, sign, group, serial = match.groups()
        if area in ("000", "666") or area >= "900" or group == "00" or serial == "0000":
            continue
        told = SSN_WORDS.search(text, max(0, match.start() - BEFORE), match.start())
        if area + group + serial in NEVER_GIVEN or not (sign == "-" or told):
            continue
        if not told and (area + group in things or is_of_a_thing(text, match.start())):
            things.add(area + group)  # "part 412-68-0930 replaces 412-68-0920"
            continue
        yield Finding("US_SSN", match.start(), match.end(), 1.0 if told else 0.9)
