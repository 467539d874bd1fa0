"""Values as they stand in an alert, and text in which no secret stands."""

from __future__ import annotations

from collections.abc import Iterable

from macae.monitoring.texts import one_line

__all__ = ["amount", "masked"]


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
