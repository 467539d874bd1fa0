"""Identifiers such as HR-104, VPN-412, PO-2026-0017 or a file's AB12: who names one wants exactly that one."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["codes_in", "match_codes"]

_CODE = re.compile(r"(?<![\w-])(?P<letters>[A-Za-z]{1,10})[-‐‑–_ ]?(?P<rest>\d[\dA-Za-z]*(?:[-‐‑–_/]\d[\dA-Za-z]*)*)(?!\w|-\d)")  # fmt: skip
_PLAIN = (
    "a an and or of at in on by to for from the is was are has have than then over under about only with within up least most page day"
    " days week month year years usd eur gbp no january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec"
)
_NO_CODE = frozenset(_PLAIN.split())
"""Words that stand before a number without naming anything."""


def codes_in(text: str) -> set[str]:
    """The identifiers of a text in one form: `hr 104`, `HR–104` and `HR-104` are `HR-104`.

    Letters and digits parted by a space count only where the letters are capitals ("HR 104", not "has 104").
    """
    found = set()
    for match in _CODE.finditer(text):
        letters, apart = match["letters"], text[match.end("letters")] == " "
        if letters.lower() in _NO_CODE or (apart and not (letters.isupper() and len(letters) > 1)):
            continue
        if not apart and letters.islower() and text[match.end("letters")].isdigit() and len(letters) > 3:
            continue
        found.add(f"{letters.upper()}-{re.sub(r'[‐‑–_/]', '-', match['rest']).upper()}")
    return found


def match_codes(wanted: set[str], texts: Iterable[set[str]]) -> dict[int, float]:
    """For each text that holds a wanted identifier: how many of them, as a share of all wanted (0 to 1)."""
    if not wanted:
        return {}
    shares = ((at, len(wanted & held) / len(wanted)) for at, held in enumerate(texts))
    return {at: share for at, share in shares if share}
