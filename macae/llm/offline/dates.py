"""Dates and times in a text: "next Monday", "in two weeks", "3 December", "2026-12-01 at 10:30", relative to a given today.

"next Tuesday" is the first Tuesday after today; "next week" is its Monday; "next month" is its first day.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from macae.llm.offline.numbers import NUMBER_WORDS, number_of

__all__ = ["FoundDate", "Times", "find_dates", "find_times", "today_of"]

_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = [m.lower() for m in calendar.month_name[1:]]
_DAY = r"(?P<{n}>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)s?"
_MONTH = r"(?P<{n}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_NUM = r"(?P<{n}>\d{{1,3}}|" + "|".join(w for w in NUMBER_WORDS if w not in ("no", "zero")) + ")"
_ORD = r"(?P<{n}>\d{{1,2}})(?:st|nd|rd|th|\.)?"
_ROLE = r"(?P<role>(?:starting|beginning|effective|commencing|from|as of|since|between|until|till|through|up to|to|ending|by|before|due|on|for)(?: from| on| by| the)? )?"

Role = Literal["start", "end", ""]
_ROLES: dict[str, Role] = {
    **dict.fromkeys(
        ("starting", "beginning", "effective", "commencing", "from", "as", "since", "between"), "start"
    ),
    **dict.fromkeys(("until", "till", "through", "up", "to", "ending", "by", "before", "due"), "end"),
}


@dataclass(frozen=True)
class FoundDate:
    """A date in a text: where it stands and which part it plays there."""

    day: date
    start: int
    end: int
    role: Role = ""
    text: str = ""


@dataclass(frozen=True)
class Times:
    """A time of day in a text, `HH:MM`."""

    at: str
    start: int
    end: int


def _p(pattern: str, **names: str) -> str:
    return pattern.format(n=names["n"])


_PATTERNS: list[tuple[str, re.Pattern[str]]] = [
    (kind, re.compile(r"(?<![\w-])" + _ROLE + pattern + r"(?![\w])", re.IGNORECASE))
    for kind, pattern in [
        ("iso", r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
        ("slash", r"(?P<a>\d{1,2})(?P<sep>[/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})"),
        ("written", _p(_ORD, n="d") + r"(?: day)?(?: of)? " + _p(_MONTH, n="m") + r"(?:,? (?:of )?(?P<y>\d{4}))?"),
        ("written", _p(_MONTH, n="m") + r" (?:the )?" + _p(_ORD, n="d") + r"(?:,? (?P<y>\d{4}))?"),
        ("after", r"(?:the )?day after tomorrow"),
        ("today", r"today|tonight|this (?:morning|afternoon|evening)|right now|immediately|right away"),
        ("tomorrow", r"tomorrow"),
        ("span_from", _p(_NUM, n="k") + r" (?P<u>day|week|month|year)s? (?:from|after) (?:now|today|(?P<tom>tomorrow)|" + _p(_DAY, n="w") + ")"),
        ("weekday_span", _p(_DAY, n="w") + r" in " + _p(_NUM, n="k") + r" weeks?(?: time)?"),
        ("weekday_week", r"(?:(?P<pre>next|this) week(?: on)? " + _p(_DAY, n="w") + r"|" + _p(_DAY, n="w2") + r"(?: of)? (?P<post>next|this) week)"),
        ("weekday_after", r"(?:the )?" + _p(_DAY, n="w") + r" after next"),
        ("weekday", r"(?P<which>next|this|coming|this coming|the coming|following|the following|upcoming|the upcoming|the next)? ?" + _p(_DAY, n="w")),
        ("span", r"(?:in|within|after)(?: about| the next)? " + _p(_NUM, n="k") + r" (?P<u>day|week|month|year)s?(?:'? time)?"),
        ("span", _p(_NUM, n="k") + r" (?P<u>day|week|month|year)s? later"),
        ("year_end", r"(?:the )?end of (?P<y>20\d\d)"),
        ("edge", r"(?:the )?(?P<edge>end|beginning|start|middle) of (?:the |this )?(?P<nx>next )?(?P<u>week|month|year|" + _p(_MONTH, n="m") + r")(?: (?P<y>\d{4}))?"),
        ("unit_after", r"(?:the )?(?P<u>week|month) after next"),
        ("next", r"(?:the )?(?:next|following|coming) (?P<u>week|month|quarter|year)"),
        ("month", r"(?:next )?" + _p(_MONTH, n="m") + r"(?: (?P<y>\d{4}))?"),
    ]
]  # fmt: skip
_ANY = re.compile(
    r"\d{4}-\d|\d[/.]\d|day|week|month|quarter|year|tomorrow|tonight|this (?:morning|afternoon|evening)|now|immediately|away"
    r"|\b(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<![\w:.])(?:at |around |by |@ ?)?(?:(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)\s?(?P<ap>[ap]\.?m\b\.?)?|(?P<h2>1[0-2]|0?[1-9])\s?(?P<ap2>[ap]\.?m\b\.?)"
    r"|(?P<h3>1?\d|2[0-3]) ?(?:o'?clock|h\b|uhr)|(?P<word>noon|midday|midnight))",
    re.IGNORECASE,
)
_BARE_HOUR = re.compile(
    r"(?<=\bat )(?P<h>[01]?\d|2[0-3])(?=\s*(?:[,;!?)]|\.(?!\d)|$)| (?:on|with|in the|for|and|about|to|tomorrow|today|sharp|next|this)\b)",
    re.IGNORECASE,
)
"""An hour told by "at" alone ("on Tuesday at 10"); "at 10 percent" and "at 10 dollars" are none."""
_TODAY = re.compile(
    r"\b(?:today(?:'s date)?|current (?:date|day)|date today|the day(?= is)|(?<=\n)date|^date)\b\s*(?:is|=|:)?\s*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?P<d>\d{4}-\d{2}-\d{2}|(?:[^\n.;(]|\.(?=\d)){4,40})", re.IGNORECASE
)  # fmt: skip


def today_of(text: str) -> date | None:
    """The day that a text says is today ("Today is 2026-11-21 (Saturday)."), or None."""
    for match in _TODAY.finditer(text):
        told = match["d"]
        try:
            return date.fromisoformat(told[:10])
        except ValueError:
            found = [f for f in find_dates(told, date(2000, 1, 1)) if re.search(r"\d{4}", f.text)]
            if found:
                return found[0].day
    return None


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _shift(day: date, count: int, unit: str) -> date:
    unit = unit.lower()
    if unit == "day":
        return day + timedelta(days=count)
    if unit == "week":
        return day + timedelta(weeks=count)
    return _add_months(day, count if unit == "month" else 12 * count)


def _weekday(text: str) -> int:
    return next(i for i, name in enumerate(_DAYS) if name.startswith(text.lower()[:3]))


def _month(text: str) -> int:
    return next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(text.lower()[:3]))


def _coming(today: date, month: int, day: int) -> date:
    found = date(today.year, month, day)
    return found if found >= today else date(today.year + 1, month, day)


def _day(kind: str, g: dict[str, str | None], text: str, today: date, day_first: bool) -> date | None:
    monday = today - timedelta(days=today.weekday())
    count = int(number_of(g.get("k") or "") or 0)
    if kind == "iso":
        return date(int(g["y"] or 0), int(g["m"] or 0), int(g["d"] or 0))
    if kind == "slash":
        a, b, year = int(g["a"] or 0), int(g["b"] or 0), int(g["y"] or 0)
        first_is_day = a > 12 or (b <= 12 and (day_first or g["sep"] == "."))
        return date(year + 2000 if year < 100 else year, b if first_is_day else a, a if first_is_day else b)
    if kind == "written":
        month, day = _month(g["m"] or ""), int(g["d"] or 0)
        return date(int(g["y"] or 0), month, day) if g.get("y") else _coming(today, month, day)
    if kind in ("today", "tomorrow", "after"):
        return today + timedelta(days=("today", "tomorrow", "after").index(kind))
    if kind == "span":
        return _shift(today, count, g["u"] or "")
    if kind == "span_from":
        base = today + timedelta(days=1) if g.get("tom") else today
        if g.get("w"):
            base = today + timedelta(days=(_weekday(g["w"] or "") - today.weekday() - 1) % 7 + 1)
        return _shift(base, count, g["u"] or "")
    if kind == "weekday":
        ahead = (_weekday(g["w"] or "") - today.weekday()) % 7
        return today + timedelta(days=ahead or 7)
    if kind == "weekday_span":
        return monday + timedelta(weeks=count, days=_weekday(g["w"] or ""))
    if kind == "weekday_after":
        return monday + timedelta(weeks=2, days=_weekday(g["w"] or ""))
    if kind == "weekday_week":
        weeks = 1 if (g.get("pre") or g.get("post") or "").lower() == "next" else 0
        return monday + timedelta(weeks=weeks, days=_weekday(g.get("w") or g.get("w2") or ""))
    if kind in ("next", "unit_after"):
        step = 1 if kind == "next" else 2
        unit = (g["u"] or "").lower()
        if unit == "week":
            return monday + timedelta(weeks=step)
        if unit == "month":
            return _add_months(today.replace(day=1), step)
        if unit == "quarter":
            return _add_months(date(today.year, 3 * ((today.month - 1) // 3) + 1, 1), 3)
        return date(today.year + step, 1, 1)
    if kind == "year_end":
        return date(int(g["y"] or 0), 12, 31)
    if kind == "edge":
        return _edge(g, today, monday)
    if kind == "month":
        month = _month(g["m"] or "")
        return date(int(g["y"] or 0), month, 1) if g.get("y") else _coming(today.replace(day=1), month, 1)
    return None


def _edge(g: dict[str, str | None], today: date, monday: date) -> date:
    unit, edge, ahead = (g["u"] or "").lower(), (g["edge"] or "").lower(), 1 if g.get("nx") else 0
    if unit == "week":
        start = monday + timedelta(weeks=ahead)
        return start + timedelta(days={"end": 4, "middle": 2}.get(edge, 0))
    if unit == "year":
        year = today.year + ahead
        return (
            date(year, 12, 31)
            if edge == "end"
            else date(year, 7, 1)
            if edge == "middle"
            else date(year, 1, 1)
        )
    start = today.replace(day=1)
    if g.get("m"):
        start = _coming(start, _month(g["m"] or ""), 1)
        if g.get("y"):
            start = start.replace(year=int(g["y"] or 0))
    else:
        start = _add_months(start, ahead)
    last = calendar.monthrange(start.year, start.month)[1]
    return start.replace(day=last if edge == "end" else 15 if edge == "middle" else 1)


def find_dates(text: str, today: date, day_first: bool = False) -> list[FoundDate]:
    """The dates of a text in the order they stand. `day_first`: how 01/12/2026 is read where both readings are possible."""
    if not _ANY.search(text):
        return []
    found: list[FoundDate] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(f.start < match.end() and match.start() < f.end for f in found):
                continue
            groups = match.groupdict()
            role_text = (groups.get("role") or "").strip().lower()
            if (
                kind == "weekday"
                and (groups.get("w") or "").lower() in ("sun", "sat", "wed", "mon")
                and not match["w"][0].isupper()
            ):
                continue  # "the sun is out"
            if kind == "month" and not _is_month(match, role_text):
                continue
            try:
                day = _day(kind, groups, match[0], today, day_first)
            except ValueError:
                continue
            if day is not None:
                role = _ROLES.get(role_text.split(" ")[0], "") if role_text else ""
                found.append(FoundDate(day, match.start(), match.end(), role, match[0]))
    found.sort(key=lambda f: f.start)
    named = [f for f in found if re.search(r"\d", f.text)]
    found = [  # "Thursday 3 December" is one day, the one with the number
        f
        for f in found
        if f in named
        or not any(
            0 <= n.start - f.end <= 6 and re.fullmatch(r"[\s,(]*(?:the )?", text[f.end : n.start])
            for n in named
            if not n.role
            if n.start >= f.end
        )
    ]
    return _ranges(text, found, today)


def _is_month(match: re.Match[str], role: str) -> bool:
    """Whether a bare "May" or "march" is a month here, not a verb or a name."""
    word = match["m"]
    return word[:1].isupper() and (len(word) > 3 or word == "May") and (bool(role) or bool(match["y"]) or match.string[max(0, match.start() - 3) : match.start()].lower() == "in ")  # fmt: skip


def _ranges(text: str, found: list[FoundDate], today: date) -> list[FoundDate]:
    """See "from 1 to 5 December" and "between A and B": the first day borrows its month from the second."""
    result = list(found)
    for second in found:
        before = text[: second.start]
        bare = re.search(r"(?:from|between)?(?: the)? ?(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?\s*(?:-|–|to|until|and|through)\s*(?:the )?$", before, re.I)  # fmt: skip
        if bare is None and second.role == "end":
            bare = re.search(
                r"(?:(?:from|between)(?: the)? |^|[ ,])(\d{1,2})(?:st|nd|rd|th|\.)?\s*$", before, re.I
            )
        if bare and any(f.start <= bare.start(1) < f.end for f in found):
            bare = None
        if bare and second.day.day > int(bare[1]) > 0:
            result.append(
                FoundDate(second.day.replace(day=int(bare[1])), bare.start(), bare.end(), "start", bare[0])
            )
            result[result.index(second)] = FoundDate(second.day, second.start, second.end, "end", second.text)
    result.sort(key=lambda f: f.start)
    for i in range(len(result) - 1):
        one, two = result[i], result[i + 1]
        if (
            one.role == "start"
            and not two.role
            and re.fullmatch(r"\s*(?:and|to|-|–)?\s*", text[one.end : two.start])
        ):
            result[i + 1] = FoundDate(two.day, two.start, two.end, "end", two.text)
        if not one.role and two.text.lower().startswith("to ") and one.end + 1 >= two.start:
            result[i] = FoundDate(one.day, one.start, one.end, "start", one.text)
    return result


def find_times(text: str) -> list[Times]:
    """The times of day in a text."""
    found = []
    for match in _TIME.finditer(text):
        if match["word"]:
            at = "00:00" if match["word"].lower() == "midnight" else "12:00"
        else:
            hour, minute = int(match["h"] or match["h2"] or match["h3"]), int(match["m"] or 0)
            half = (match["ap"] or match["ap2"] or "").lower()
            hour = hour % 12 + 12 if half.startswith("p") else hour % 12 if half.startswith("a") else hour
            at = f"{hour:02d}:{minute:02d}"
        found.append(Times(at, match.start(), match.end()))
    for match in _BARE_HOUR.finditer(text):
        if not any(f.start < match.end() and match.start() < f.end for f in found):
            found.append(Times(f"{int(match['h']):02d}:00", match.start(), match.end()))
    found.sort(key=lambda f: f.start)
    return found
