"""Read days, times of day and lengths of time."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.facts import Facts
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.numbers import Length, find_lengths
from macae.llm.offline.scope import Scope

__all__ = ["read_date", "read_length", "read_time"]


def read_date(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A day as YYYY-MM-DD (a datetime gets its time); the end of a span may come from its start and its length."""
    if not scope.near.dates and (day := _same_day(meaning, scope)):
        return day
    for i, facts in enumerate(scope.layers()):
        if facts is scope.facts and i and not (param.required or scope.generous):
            return None
        dates = [d for d in facts.dates if scope.free(d.start, d.end)]
        sided = [d for d in dates if d.role == meaning.side] if meaning.side else dates
        if meaning.side == "start":
            sided = sided or [d for d in dates if not d.role] or [d for d in facts.dates if d.role == "start"]
        elif meaning.side == "end":
            lengths = facts.lengths
            begun = next((d for d in facts.dates if d.role != "end"), None)
            if not sided and lengths and begun is not None and lengths[0].days >= 1:
                from datetime import timedelta

                return (begun.day + timedelta(days=round(lengths[0].days) - 1)).isoformat()
            pair = facts.dates[:2]
            if (
                not sided
                and len(pair) == 2
                and pair[1] in dates
                and re.fullmatch(
                    r"\s*(?:and|to|-|–|until)?\s*", scope.facts.text[pair[0].end : pair[1].start]
                )
            ):
                sided = [pair[1]]
            other = any(p.name != param.name and ("start" in p.name or "from" in p.name) for p in tool.params)
            sided = sided or ([] if other else dates)
        if sided:
            found = sided[0]
            scope.take(found.start, found.end)
            day = found.day.isoformat()
            if param.type == "datetime":
                times = facts.times or scope.facts.times
                return f"{day}T{times[0].at if times else '09:00'}:00"
            return day
    return None


_SAME = re.compile(r"\b(?:the |that |this |on )?(?:same|that|very) day\b|\bthat date\b", re.IGNORECASE)
_THESE = re.compile(
    r"\b(?:these|those|the same) (?:days|dates|weeks?)\b|\bfrom the first to the last\b|\bfor (?:that|this) time\b|\bduring that\b",
    re.IGNORECASE,
)


def _same_day(meaning: Meaning, scope: Scope) -> str | None:
    """The day that "the same day" and "these days" refer to: one that was named before."""
    before = [d for d in scope.facts.dates if d.end <= scope.start]
    if _THESE.search(scope.clause) and before:
        return (before[-1] if meaning.side == "end" else before[max(0, len(before) - 2)]).day.isoformat()
    if _SAME.search(scope.clause) and before and meaning.side != "end":
        return before[-1].day.isoformat()
    return None


def read_time(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A time of day as HH:MM."""
    for facts in scope.layers() if param.required or scope.generous else [scope.near]:
        times = [t for t in facts.times if scope.free(t.start, t.end)]
        if times:
            chosen = times[-1] if meaning.side == "end" and len(times) > 1 else times[0]
            scope.take(chosen.start, chosen.end)
            return chosen.at
    return None


def _lengths_in_dates(facts: Facts) -> list[Length]:
    """The lengths in "within 60 days", which otherwise counts as a date."""
    found = []
    for day in facts.dates:
        found += [Length(x.value, x.unit, day.start, day.end) for x in find_lengths(day.text)]
    return found


def read_length(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A length of time in the parameter's unit (text as it was written where no unit is known)."""
    for facts in scope.layers() if param.required else [scope.near]:
        for length in [*facts.lengths, *_lengths_in_dates(facts)]:
            if not scope.free(length.start, length.end):
                continue
            if not meaning.unit:
                return scope.facts.text[length.start : length.end] if param.type == "string" else length.value
            if meaning.unit == length.unit:
                value: float = length.value
            elif {meaning.unit, length.unit} == {"month", "year"}:
                value = length.value * 12 if meaning.unit == "month" else length.value / 12
            else:
                unit_days = {
                    "minute": 1 / 1440,
                    "hour": 1 / 24,
                    "day": 1.0,
                    "week": 7.0,
                    "month": 30.0,
                    "year": 365.0,
                }
                value = length.days / unit_days[meaning.unit]
            scope.take(length.start, length.end)
            return round(value, 2)
        if param.required and meaning.unit:
            number = re.search(rf"\b(\d+)\s*{meaning.unit}", scope.facts.text, re.I)
            if number:
                return int(number[1])
    return None
