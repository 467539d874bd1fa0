"""What a value's name tells of it: in {"ssn": "536228726"} only the name says what the digits are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from macae.monitoring.compliance.findings import Finding, merged
from macae.monitoring.compliance.passwords import NO_PASSWORD

__all__ = ["named_findings", "tells", "tells_of_number"]

LONGEST = 60
"""Characters of a name. What is longer is a text."""
PLAIN = re.compile(r"[a-z]{1,14}(?:_[a-z]{1,14}){0,3}")
BETWEEN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+")
SPLIT = re.compile(r"\bpass (word|phrase|code|wd)\b")
OF_TEXTS = re.compile(r"key|token|secret|bearer|authori[sz]ation|account|signature")
OF_NUMBERS = re.compile(
    r"pass|kennwort|pwd|contrase|senha|wachtwoord|hasło|parola|lösenord|\bpin\b|ssn|soc(?:ial)? ?sec|seguro social|sozialversicher"
    r"|phone|t[eé]l[eé]|\btel\b|mobil|móvil|movil|handy|\bcell|\bfax\b|whats ?app|\bsms\b|birth|born|\bdob\b|\bd o b\b|gebor|gebur|naissance|naci[md]|nascit"
    r"|mrn|medical|patient|versicher|health|member|benefic|\bnhs\b|medicare|licen|führerschein|ausweis|pasaporte|national id|identity card|tax id|steuer"
    r"|\bdni\b|\bnie\b",
    re.IGNORECASE,
)
PASSWORD_NAME = re.compile(
    r"(?:password|passwort|kennwort|passwd|passphrase|passcode|pwd|contraseña|contrasena|mot de passe|senha|wachtwoord|hasło|parola|lösenord)"
    r"(?: (?:again|confirm|confirmation|repeat|value|\d))?$|(?:^| )pass$"
)
KEY_NAME = re.compile(
    r"(?:api ?key|access ?key|secret ?key|private ?key|client secret|(?:^| )secret|access token|auth token|refresh token|bearer token)$"
)
TOKEN_NAME = re.compile(r"(?:access|auth|refresh|bearer) token$")
KEY = re.compile(r"(?=\D{0,60}\d)(?=[^A-Za-z]{0,60}[A-Za-z])(?!https?:|\d{4}-\d\d)[!-~]{8,400}")

Find = Callable[[str], Sequence[Finding]]


def spoken(name: str) -> str:
    """The name in words, as the detectors look for them: birthDate and birth_date are "birth date"."""
    if len(name) > LONGEST:
        return ""
    words = SPLIT.sub(r"pass\1", BETWEEN.sub(" ", name).strip().lower())
    if words.endswith("s") and not words.endswith("ss"):
        words = words[:-1]
    return words.replace("mrn", "MRN")


def tells(name: str) -> bool:
    """Whether the name may say what its value is."""
    return telling(name)[1] if PLAIN.fullmatch(name) else judged(name)[1]


def tells_of_number(name: str) -> bool:
    """Whether the name may say what its value is, when that is a number."""
    return telling(name)[2] if PLAIN.fullmatch(name) else judged(name)[2]


def judged(name: str) -> tuple[str, bool, bool]:
    """The name in words, and whether it tells of a text and of a number."""
    words = spoken(name)
    number = OF_NUMBERS.search(words) is not None
    return words, number or OF_TEXTS.search(words) is not None, number


telling = lru_cache(maxsize=1_000)(judged)
"""Only for names that are nothing else: no value is kept."""


def named_findings(find: Find, text: str, name: str, wanted: frozenset[str]) -> Sequence[Finding]:
    """What is in a text that stands under a name. What `find` gives for the text alone is always in it."""
    alone = find(text)
    if not name or not tells(name):
        return alone
    words = spoken(name)
    if whole := whole_secret(text, words, wanted):
        return merged([*alone, Finding(whole, 0, len(text), 0.9)])
    head = f"{words}: "
    size = len(head)
    inside = [
        Finding(f.entity, max(0, f.start - size), f.end - size, f.score)
        for f in find(head + text)
        if f.end > size
    ]
    return merged([*alone, *inside]) if inside else alone


def whole_secret(text: str, words: str, wanted: frozenset[str]) -> str:
    """The entity that the whole value is, where its name says so; else an empty text."""
    value = text.strip()
    if "PASSWORD" in wanted and PASSWORD_NAME.search(words):
        return "" if len(value) < 3 or NO_PASSWORD.fullmatch(value) else "PASSWORD"
    if "API_KEY" in wanted and KEY_NAME.search(words) and KEY.fullmatch(value):
        named = "ACCESS_TOKEN" if "ACCESS_TOKEN" in wanted and TOKEN_NAME.search(words) else "API_KEY"
        return "" if NO_PASSWORD.fullmatch(value) else named
    return ""
