"""What sources say, read once, so that many claims can be looked up."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from macae.monitoring.grounding.claims import blanked, plain, words_of
from macae.monitoring.grounding.dates import Day, find_dates, find_times
from macae.monitoring.grounding.names import find_addresses, find_codes
from macae.monitoring.grounding.numbers import MEASURES, Number, find_numbers

__all__ = ["Facts"]

NEAR = 5e-3
"""How far two numbers may differ and be the same: half a cent."""
MOST = 1_000
"""Numbers that are looked through one by one."""
ROUGHLY = 0.05
"""How far a number may be off that the reply calls a rough one."""
ITEM = re.compile(r"^\s*(?:[-*•–]|\d+[.)])\s+\S", re.M)
AFTER_COLON = re.compile(r":[ \t]+([^.:;\n]{3,600})")
LISTED = re.compile(r",\s*(?:and\s+)?|\s+and\s+")
CODE_MARKS = re.compile(r"[\s_/()+-]+")


class Facts:
    """The numbers, dates, codes and words of some sources."""

    def __init__(self, sources: Iterable[str] = ()) -> None:
        self.dates: list[Day] = []
        self.times: set[int] = set()
        self.numbers: dict[tuple[tuple[float, ...], str], Number] = {}
        """By value and unit."""
        self.codes: set[str] = set()
        self.totals: list[tuple[float, str, int]] = []
        """Sums of what one source lists: the sum, its unit, of how many."""
        self.counts: dict[int, str] = {}
        """Lengths of the sources' lists, and what was counted."""
        self._values: dict[float, list[Number]] = {}
        self._texts: list[str] = []
        self._places: dict[str, list[int]] = {}
        self._initials: set[str] = set()
        self._words = 0
        for source in sources:
            self.add(source)

    def add(self, source: str) -> None:
        """Read one source more."""
        self._texts.append(plain(source))
        self._read(source)
        found = words_of(source)
        for place, word in enumerate(found, self._words):
            self._places.setdefault(word, []).append(place)
        self._initials |= {a[0] + b[0] for a, b in pairwise(found)}
        self._initials |= {a[0] + b[0] + c[0] for a, b, c in zip(found, found[1:], found[2:], strict=False)}
        self._words += len(found) + 100

    def _read(self, source: str) -> None:
        source = self._unpacked(source)
        dates = find_dates(source)
        times = find_times(source)
        self.dates += dates
        self.times |= {minutes for _, minutes in times}
        left = blanked(source, [day.span for day in dates] + [span for span, _ in times])
        codes = find_codes(left)
        self.codes |= {_code(span.text) for span in codes} | {
            _code(span.text) for span in find_addresses(source)
        }
        numbers = find_numbers(left)
        for number in numbers:
            if self.numbers.setdefault((number.values, number.unit), number) is number:
                for value in number.values:
                    self._values.setdefault(round(value), []).append(number)
        bare = {n.span for n in find_numbers(blanked(left, codes))} if codes else None
        numbers = [n for n in numbers if bare is None or n.span in bare][:50]
        for unit in {n.unit for n in numbers}:
            same = [n.values[0] for n in numbers if n.unit == unit]
            if len(same) >= 2:
                self.totals.append((sum(same), unit, len(same)))
        lengths = [len(ITEM.findall(source))]
        lengths += [len(LISTED.split(match[1])) for match in AFTER_COLON.finditer(source)]
        self.counts |= {length: "listed items" for length in lengths if length > 1}

    def _unpacked(self, source: str) -> str:
        """JSON with spaces between its parts, its lists counted; any other text as it is."""
        if source[:1] not in "[{":
            return source
        try:
            held = json.loads(source)
        except (ValueError, RecursionError):
            return source
        for found in _lists(held):
            self.counts[len(found)] = "listed items"
        return json.dumps(held, ensure_ascii=False)

    # Looking up -------------------------------------------------------------------------------------------------------

    def has_date(self, claim: Day) -> bool:
        """Whether some source's date can be this one."""
        return any(claim.may_be(day) for day in self.dates)

    def has_code(self, text: str) -> bool:
        """Whether the code or address is somewhere, however it is hyphenated."""
        wanted = _code(text)
        return wanted in self.codes or (len(wanted) > 3 and self._is_said(plain(text)))

    def has_name(self, text: str) -> bool:
        """Whether the words of a name stand together somewhere, in any order; a plural or possessive is the same name."""
        words = [
            word for word in words_of(text) if word not in ("and", "of", "the", "de", "van", "von", "der")
        ]
        if not words:
            return True
        if len(words) == 1 and text.isupper() and words[0] in self._initials:
            return True
        places = [self._place(word) for word in words]
        if any(not found for found in places):
            return self._is_said(plain(text)) or "".join(words) in self._places
        rarest = min(places, key=len)
        reach = len(words) + 1
        return any(all(_has_near(found, at, reach) for found in places) for at in rarest)

    def _is_said(self, needle: str) -> bool:
        whole = re.compile(rf"(?<!\w){re.escape(needle)}(?!\w)")
        return any(needle in text and whole.search(text) is not None for text in self._texts)

    def _place(self, word: str) -> list[int]:
        for form in (word, word.removesuffix("s"), word + "s", word.removesuffix("es")):
            if form in self._places:
                return self._places[form]
        return []

    def _near(self, claim: Number) -> list[Number]:
        """The numbers that may be the same as the claim's, without looking at all."""
        keys = {round(value) + step for value in claim.values for step in (-1, 0, 1)}
        if claim.unit == "percent":
            keys |= {round(value / 100) for value in claim.values}
        return [number for key in keys for number in self._values.get(key, ())]

    def number(self, claim: Number) -> str | None:
        """How a number is borne out: "" where a source has it, words where it follows from what sources have, None where not."""
        if any(_same(claim, number) for number in self._near(claim)):
            return ""
        if not claim.unit and any(day.year in claim.values for day in self.dates if day.year):
            return ""
        for total, unit, many in self.totals:
            if unit in ("", claim.unit) and any(abs(value - total) < NEAR for value in claim.values):
                return f"sum of {many} numbers in a source"
        if not claim.unit and claim.values[0] in self.counts:
            return f"count of {self.counts[int(claim.values[0])]}"
        rough = list(self.numbers.values())[:MOST] if claim.about else []
        if any(_units_fit(claim, n) and (_close(claim, n, ROUGHLY) or _rounds_to(claim, n)) for n in rough):
            return "rounded"
        if claim.decimals and any(
            _units_fit(claim, n)
            and any(abs(round(v, claim.decimals) - w) < 1e-9 for v in n.values for w in claim.values)
            for n in self._near(claim)
        ):
            return "rounded"
        return None


def derived(claim: Number, known: Sequence[Number]) -> str | None:
    """How a number follows from two others that the reply itself shows and sources bear out: 5 at $100 each are $500."""
    for place, one in enumerate(known):
        for two in known[place + 1 :]:
            a, b = one.values[0], two.values[0]
            ways: list[tuple[str, float, bool]] = [
                ("product", a * b, claim.unit in (one.unit, two.unit)),
                ("sum", a + b, one.unit == two.unit == claim.unit),
                ("difference", abs(a - b), one.unit == two.unit == claim.unit),
                (
                    "quotient",
                    max(a, b) / min(a, b) if min(a, b) else 0.0,
                    claim.unit in (one.unit, two.unit) and one.unit != two.unit,
                ),
            ]
            for name, value, fits in ways:
                if fits and abs(value - claim.values[0]) < NEAR:
                    return f"{name} of {one.span.text} and {two.span.text}"
    alike = [number for number in known if number.unit in ("", claim.unit)]
    if len(alike) > 2 and abs(sum(number.values[0] for number in alike) - claim.values[0]) < NEAR:
        return f"sum of the {len(alike)} numbers that it shows"
    return None


def _same(claim: Number, source: Number) -> bool:
    if _units_fit(claim, source) and _close(claim, source, 0.0):
        return True
    share = claim.unit == "percent" and source.unit == ""
    return share and any(abs(value / 100 - held) < 1e-9 for value in claim.values for held in source.values)


def _close(claim: Number, source: Number, share: float) -> bool:
    return any(
        abs(a - b) <= max(NEAR if share == 0 else 0.0, share * abs(b)) and (share or _sized(a, b))
        for a in claim.values
        for b in source.values
    )


def _sized(a: float, b: float) -> bool:
    return abs(a - b) < 1e-9 or (abs(a - b) < NEAR and abs(b) > 1)


def _units_fit(claim: Number, source: Number) -> bool:
    """A claim without a unit fits any; money fits the same money or a bare number; days fit days or a bare number, not weeks."""
    if claim.unit in ("", source.unit):
        return True
    if claim.unit == "percent":
        return False
    if claim.unit in MEASURES and source.unit in MEASURES:
        return MEASURES[claim.unit] != MEASURES[source.unit]
    return source.unit == ""


def _rounds_to(claim: Number, source: Number) -> bool:
    """Whether the source's number becomes the claim's with as many digits as that has: 3.2 million are about 3 million."""
    value, held = claim.values[0], source.values[0]
    digits = len(f"{value:.0f}".strip("0"))
    return bool(value and held) and float(f"{held:.{max(0, digits - 1)}e}") == value


def _has_near(places: list[int], at: int, reach: int) -> bool:
    first = bisect_left(places, at - reach)
    return first < len(places) and places[first] <= at + reach


def _lists(held: Any, depth: int = 0) -> list[list[Any]]:
    if depth > 6:
        return []
    children = held.values() if isinstance(held, dict) else held if isinstance(held, list) else ()
    found = [held] if isinstance(held, list) and held else []
    for child in children:
        found += _lists(child, depth + 1)
    return found


def _code(text: str) -> str:
    return CODE_MARKS.sub("", plain(text)).rstrip(".")
