"""Where somebody is reached: e-mail addresses, telephone numbers, IP addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from macae.monitoring.compliance.findings import Finding

__all__ = ["addresses", "emails", "phones"]

DOMAIN = re.compile(
    r"@((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8})([^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?![\w@-])"
)
LOCAL = frozenset("._%+-'")
FILES = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "ico",
        "js",
        "ts",
        "jsx",
        "tsx",
        "css",
        "json",
        "xml",
        "pdf",
        "txt",
        "csv",
        "yaml",
        "yml",
        "html",
        "zip",
    ]
)
"""Ends of file names that are no ends of addresses: logo@2x.png."""
OURS = "masked.example"
"""The domain of our own placeholders: nobody's address."""


def emails(text: str) -> Iterator[Finding]:
    """E-mail addresses. From each at-sign outwards, so that a text of any kind takes a time in proportion to its length."""
    at = text.find("@")
    while at >= 0:
        start = at
        while start > 0 and at - start < 64 and (text[start - 1].isalnum() or text[start - 1] in LOCAL):
            start -= 1
        while start < at and not text[start].isalnum() and text[start] not in "_+":
            start += 1
        match = DOMAIN.match(text, at) if start < at and text[at - 1] != "." else None
        if match is not None:
            name, end = text[start:at], match.end()
            shell = name == "git" and text[end : end + 1] in (":", "/")
            shell = shell or in_an_address(text, start)
            if not (shell or match[2].lower() in FILES or match[0][1:].lower() == OURS):
                yield Finding("EMAIL_ADDRESS", start, end)
                at = end - 1
        at = text.find("@", at + 1)


def in_an_address(text: str, start: int) -> bool:
    """Whether what stands there is the end of a password: "postgresql://user:password@server" is for those who look for these."""
    before = text[max(0, start - 200) : start]
    word = before[before.rfind(" ") + 1 :]
    _, slashes, user = word.rpartition("://")
    return bool(slashes) and ":" in user and "/" not in user and "?" not in user


DIGITS = re.compile(r"\d(?:[ .\-/()]{0,2}+\d){6,}+")
INTERNATIONAL = re.compile(
    r"(?<![\w+.])(?<!\d[ .-])(?:\+|00(?=[1-9]\d[ /.(-]|[1-9]\d{8}))[ ]?([1-9])(?:[ .\-/()]{0,2}+\d){6,14}(?![\w-])(?!\.\d)"
)
AMERICAN = re.compile(
    r"(?<![\w.+/=-])(?<!\d )(?:1[ .-])?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d([.-]))[2-9]\d\d(?:[.-]|(?<=\d)[ ])\d{4}(?![\w-])(?!\.\d)"
)
NATIONAL = re.compile(
    r"(?<![\w.+/=-])(?<!\d )(?:\(0[1-9]\d{0,4}\)[ ]?|0[1-9]\d{0,4}[ /-]{1,3})\d{2,8}(?:[ -]\d{2,5}){0,3}+(?![\w-])(?!\.\d)"
    r"|(?<![\w.+/=-])(?<!\d )0[1-9](?:[ .-]\d\d){4}(?![\w-])(?!\.\d)"
)
TOLD = re.compile(
    r"(?i)\b(?:phone|tele(?:phone|fon)|tel|mobile|mobil(?:e|nummer|telefon)?|handy(?:nummer)?|cell|call(?: me| us| him| her| them)?|"
    r"fax|whats ?app|sms|text me|t[ée]l[ée]phone|portable|m[óo]vil|tel[ée]fono|celular|cellulare|rückruf|ring|reach (?:me|us|him|her|them)|telef[oó]n)"
    r"(?:[ ](?:number|no|nummer|at|on|under|unter|is|ist|es|est|au|al)){0,3}[.:#)]{0,2}[ :]{0,3}(?:is |at |on |unter |now )?"
    r"(\+?\(?\d(?:[ .\-/()]{0,2}+\d){6,14})(?![\w-])(?!\.\d)"
)
NOT_TOLD = re.compile(
    r"(?i)(?:order|invoice|ticket|case|ref(?:erence)?|tracking|parcel|serial|part|item|sku|article|isbn|issn|version|build|batch|lot|model|id|"
    r"account|contract|customer|number of|nr|no|bestellung|rechnung|kundennummer|auftrag|aktenzeichen|commande|facture|pedido|factura|#)"
    r"[ ]?(?:number|no|nr|nummer|code|id)?[ .:#-]{0,3}$"
)
DATE = re.compile(
    r"(?:19|20)\d\d[-./ ][01]?\d[-./ ][0-3]?\d(?!\d)|[0-3]?\d[-./][01]?\d[-./](?:19|20)?\d\d(?!\d)"
)
BEFORE = 24
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
        if 8 <= len(digits) <= 15 and is_country(digits):
            yield Finding("PHONE_NUMBER", match.start(), match.end(), 0.9)
    for match in TOLD.finditer(text, start, end):
        number = match[1]
        if not 7 <= len(digits_of(number)) <= 15 or DATE.match(number):
            continue
        if not number.startswith("+") or is_country(digits_of(number)):
            yield Finding("PHONE_NUMBER", match.start(1), match.end(1), 0.8)
    for pattern in (AMERICAN, NATIONAL):
        for match in pattern.finditer(text, start, end):
            before = text[max(0, match.start() - BEFORE) : match.start()]
            if (
                8 <= len(digits_of(match[0])) <= 12
                and not DATE.match(match[0])
                and not NOT_TOLD.search(before)
            ):
                yield Finding("PHONE_NUMBER", match.start(), match.end(), 0.7)


def digits_of(text: str) -> str:
    """Only its digits."""
    return "".join(sign for sign in text if sign.isdigit())


def is_country(digits: str) -> bool:
    """Whether a country has a code that these digits begin with."""
    return not digits.startswith(ZONES) or digits.startswith(REAL_99 + REAL_28_29)


V4 = re.compile(r"\d(?<![\w.-]\d)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?![\w-]|\.\d)")
V6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{3,}+(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])")
RELEASE = re.compile(
    r"(?i)(?:\bv|version|release|rel|build|firmware|driver|section|chapter|clause|§|abschnitt|kapitel|update to|upgrade to|v\.)[ :.]{0,2}$"
)


def addresses(text: str) -> Iterator[Finding]:
    """IP addresses that a machine somewhere can have: none of a machine's own, none that nobody is given."""
    if text.count(".") >= 3:
        for match in V4.finditer(text):
            if is_v4(match[0]) and not RELEASE.search(text[max(0, match.start() - 16) : match.start()]):
                yield Finding("IP_ADDRESS", match.start(), match.end(), 0.9)
    if "::" in text or text.count(":") >= 7:
        for match in V6.finditer(text):
            end = match.end()
            while end > match.start() and text[end - 1] == ":" and text[end - 2] != ":":
                end -= 1  # "2001:db8::1: no answer"
            if is_v6(text[match.start() : end]):
                yield Finding("IP_ADDRESS", match.start(), end)


def is_v4(text: str) -> bool:
    """Whether it is an address of the internet or of a private network."""
    try:
        found = IPv4Address(text)
    except AddressValueError:
        return False
    return not (found.is_loopback or found.is_multicast or found.packed[0] in (0, *range(240, 256)))


def is_v6(text: str) -> bool:
    """Whether it is an address, and no piece of a program (`a::b`)."""
    if not 7 <= len(text) <= 45 or not any(sign.isdigit() for sign in text):
        return False
    try:
        found = IPv6Address(text)
    except AddressValueError:
        return False
    return not (found.is_loopback or found.is_unspecified or found.is_multicast)
