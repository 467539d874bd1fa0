"""Values and foreign text as they stand in an alert: short, on one line, without characters that nobody sees."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

__all__ = ["amount", "masked", "one_line"]

LINE_ENDS = frozenset("\n\r\t\v\f\x85\u2028\u2029")
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def one_line(text: object, longest: int = 300) -> str:
    """The text on one line: line ends become spaces, unseen and direction-turning characters go, a long end is cut."""
    raw = str(text)[: longest * 4]
    if not (raw.isascii() and raw.isprintable()):
        raw = "".join(
            " " if c in LINE_ENDS else c
            for c in raw
            if c in LINE_ENDS or unicodedata.category(c) not in UNSEEN
        )
    line = " ".join(raw.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def amount(value: float, unit: str) -> str:
    """A value as people read it: 6.2 s, 12 %, $0.0041, 120,000 tokens."""
    if unit == "%":
        return f"{short(value * 100)} %"
    if unit == "$":
        return f"${value:,.4f}" if 0 < abs(value) < 1 else f"${value:,.2f}"
    return f"{short(value)} {unit}".rstrip()


def short(value: float) -> str:
    """A number with as many digits as matter."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2g}"


def masked(text: object, secrets: Iterable[str | None]) -> str:
    """The text on one line, with each secret written as ***."""
    shown = str(text)
    for secret in sorted({s for s in secrets if s and len(s) > 2}, key=len, reverse=True):
        shown = shown.replace(secret, "***")
    return one_line(shown)
