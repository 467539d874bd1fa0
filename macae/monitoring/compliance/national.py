"""Identity numbers that are known by their own shape, without a word before them: Swiss AHV (check digit), British National Insurance."""

from __future__ import annotations

import re
from collections.abc import Iterator

from macae.monitoring.compliance.findings import Finding
from macae.monitoring.compliance.lookalikes import is_of_a_thing

__all__ = ["national_numbers"]

AHV = re.compile(r"756(?<![\w.,-]756)([. ]?)(\d{4})\1(\d{4})\1(\d{2})(?![\w-])(?!\.\d)")
"""756 is Switzerland's number among countries; no article number begins with it."""
# Written in pairs: AB123456C alone is how parts are numbered, too.
NINO = re.compile(
    r"\d{2}(?<=(?<![A-Za-z0-9-])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] \d\d) \d{2} \d{2} [A-D](?![\w-])"
)
NEVER_GIVEN = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})


def national_numbers(text: str) -> Iterator[Finding]:
    """Numbers that are somebody's by their shape alone."""
    for match in AHV.finditer(text):
        if ean("756" + "".join(match.groups()[1:])):
            yield Finding("ID_NUMBER", match.start(), match.end())
    for match in NINO.finditer(text):
        start = match.start() - 3
        if text[start : start + 2] not in NEVER_GIVEN and not is_of_a_thing(text, start):
            yield Finding("ID_NUMBER", start, match.end(), 0.9)


def ean(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it, as on a barcode: every other digit counts three times."""
    return not (sum(map(int, digits[-1::-2])) + 3 * sum(map(int, digits[-2::-2]))) % 10
