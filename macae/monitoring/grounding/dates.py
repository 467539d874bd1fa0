"""Dates and times in running text, in the forms that people and tools write; and whether two of them can be the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from macae.monitoring.grounding.claims import Span

__all__ = ["Day", "find_dates", "find_times"]

MONTHS = {
    name: number
    for number, names in enumerate(
        ["january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"],
        1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, name in enumerate(
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    )
}
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
YEAR = r"(?:19|20)\d\d"
WEEKDAY_THEN = rf"(?:(?P<w>{'|'.join(WEEKDAYS)}|mon|tue|wed|thu|fri|sat|sun)\b\.?,?\s+(?:the\s+)?)?"

ISO = re.compile(rf"(?<![\w-])(?P<y>{YEAR})[-/.](?P<m>\d\d?)[-/.](?P<d>\d\d?)(?:(?=T\d)|(?![\w]|[-/.]\d))")
NUMERIC = re.compile(rf"(?<![\w/.-])(?P<a>\d\d?)([/.])(?P<b>\d\d?)\2(?P<y>{YEAR}|\d\d)(?![\w]|[/.]\d)")
DAY_MONTH = re.compile(
    rf"\b{WEEKDAY_THEN}(?P<d>\d\d?)(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<m>{MONTH})\b\.?(?:,?\s+(?P<y>{YEAR})\b)?",
    re.I,
)
MONTH_DAY = re.compile(
    rf"\b{WEEKDAY_THEN}(?P<m>{MONTH})\b\.?\s+(?:the\s+)?(?P<d>\d\d?)(?:st|nd|rd|th)?\b(?!\s*(?:%|[.,]\d))(?:,?\s+(?P<y>{YEAR})\b)?",
    re.I,
)
MONTH_YEAR = re.compile(rf"\b(?P<m>{MONTH})\b\.?,?\s+(?P<y>{YEAR})\b", re.I)
DAY_NAME = re.compile(rf"\b(?P<w>{'|'.join(WEEKDAYS)})s?\b", re.I)
CLOCK = re.compile(
    r"(?<![\d:.])(?P<h>\d\d?):(?P<m>[0-5]\d)(?::[0-5]\d(?:\.\d+)?)?\s*(?P<half>[ap]\.m\.|[ap]m\b)?", re.I
)
HOUR = re.compile(r"(?<![\d:.,])(?P<h>\d\d?)\s*(?P<half>[ap]\.m\.|[ap]m\b)", re.I)
AT = re.compile(r"T(?P<h>\d\d):(?P<m>[0-5]\d)")


@dataclass(frozen=True, slots=True)
class Day:
    """A date, or as much of one as a text says. `also`: the other reading of 01/12/2026."""

    span: Span
    year: int | None
    month: int | None
    day: int | None
    weekday: int | None = None
    also: tuple[int, int] | None = None
    said: int | None = None
    """The weekday that is said beside the date."""

    def may_be(self, other: Day) -> bool:
        """Whether both can be the same: what both say is equal."""
        if self.weekday is not None or other.weekday is not None:
            return self._weekday() is not None and self._weekday() == other._weekday()
        if None not in (self.year, other.year) and self.year != other.year:
            return False
        year = self.year or other.year
        return any(
            a[0] == b[0] and (a[1] == b[1] or a[1] is None) and self.said in (None, _weekday(year, *b))
            for a in self._days()
            for b in other._days()
        )

    def _days(self) -> list[tuple[int | None, int | None]]:
        return [(self.month, self.day), *([self.also] if self.also else [])]

    def _weekday(self) -> int | None:
        if self.weekday is not None:
            return self.weekday
        return _weekday(self.year, self.month, self.day)


def _weekday(year: int | None, month: int | None, day: int | None) -> int | None:
    """0 for Monday; None for no whole date."""
    if year is None or month is None or day is None:
        return None
    try:
        return date(year, month, day).weekday()
    except ValueError:
        return None


def find_dates(text: str) -> list[Day]:
    """The dates in a text, those with most detail first where they overlap."""
    found: list[Day] = []
    taken: set[int] = set()
    for day in _all(text):
        places = range(day.span.start, day.span.end)
        if taken.isdisjoint(places):
            found.append(day)
            taken.update(places)
    return sorted(found, key=lambda day: day.span.start)


def _all(text: str) -> Iterator[Day]:
    for match in ISO.finditer(text):
        if _is_day(int(match["m"]), int(match["d"])):
            yield Day(_span(match), int(match["y"]), int(match["m"]), int(match["d"]))
    for match in NUMERIC.finditer(text):
        a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
        year += 2000 if year < 100 else 0
        ways = [(m, d) for m, d in ((b, a), (a, b)) if _is_day(m, d)]
        if ways:
            yield Day(_span(match), year, *ways[0], also=ways[1] if len(set(ways)) > 1 else None)
    for pattern in (DAY_MONTH, MONTH_DAY):
        for match in pattern.finditer(text):
            month, day = MONTHS[match["m"].lower()], int(match["d"])
            verb = match["m"] in ("may", "march", "mar")  # "3 may apply" is no date
            if _is_day(month, day) and not (verb and not match["y"]):
                said = next(
                    (n for name, n in WEEKDAYS.items() if match["w"] and name[:3] == match["w"][:3].lower()),
                    None,
                )
                yield Day(_span(match), int(match["y"]) if match["y"] else None, month, day, said=said)
    for match in MONTH_YEAR.finditer(text):
        yield Day(_span(match), int(match["y"]), MONTHS[match["m"].lower()], None)
    for match in DAY_NAME.finditer(text):
        if match.group()[0].isupper():
            yield Day(_span(match), None, None, None, weekday=WEEKDAYS[match["w"].lower()])


def find_times(text: str) -> list[tuple[Span, int]]:
    """The times of day in a text, in minutes after midnight."""
    found: list[tuple[Span, int]] = []
    taken: set[int] = set()
    for pattern in (CLOCK, HOUR, AT):
        for match in pattern.finditer(text):
            parts = match.groupdict()
            hour, minute = int(parts["h"]), int(parts.get("m") or 0)
            half = (parts.get("half") or "").lower().replace(".", "")
            if half:
                hour = hour % 12 + (12 if half == "pm" else 0)
            places = range(match.start(), match.end())
            if hour < 24 and taken.isdisjoint(places):
                found.append((_span(match), 60 * hour + minute))
                taken.update(places)
    return sorted(found, key=lambda one: one[0].start)


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), match.group())
