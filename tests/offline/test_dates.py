"""Dates and times are worked out from the day that the messages name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macae.llm.offline.dates import find_dates, find_times, today_of

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("next Monday", "2026-11-23"),
        ("next Tuesday", "2026-11-24"),
        ("on Saturday", "2026-11-28"),
        ("today", "2026-11-21"),
        ("tomorrow's event", "2026-11-22"),
        ("the day after tomorrow", "2026-11-23"),
        ("starting next week", "2026-11-23"),
        ("next month", "2026-12-01"),
        ("in two weeks", "2026-12-05"),
        ("in 3 days", "2026-11-24"),
        ("a week from Monday", "2026-11-30"),
        ("two weeks from now", "2026-12-05"),
        ("by the end of the month", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("until the end of the year", "2026-12-31"),
        ("2026-12-01", "2026-12-01"),
        ("01.12.2026", "2026-12-01"),
        ("12/24/2026", "2026-12-24"),
        ("3 December", "2026-12-03"),
        ("the 3rd of January", "2027-01-03"),
        ("December 3rd, 2027", "2027-12-03"),
    ],
)
def test_day(text: str, day: str) -> None:
    assert [f.day.isoformat() for f in find_dates(text, SATURDAY)] == [day]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("from 1 to 5 December", "2026-12-01", "2026-12-05"),
        ("from December 1 to December 5", "2026-12-01", "2026-12-05"),
        ("between Monday and Friday", "2026-11-23", "2026-11-27"),
        ("from 2026-12-21 through 2026-12-31", "2026-12-21", "2026-12-31"),
    ],
)
def test_span(text: str, start: str, end: str) -> None:
    found = find_dates(text, SATURDAY)
    assert [(f.role, f.day.isoformat()) for f in found] == [("start", start), ("end", end)]


@pytest.mark.parametrize(
    "text", ["may I order", "the sun is out", "version 2.0.1", "a second laptop", "31.02.2026"]
)
def test_no_date(text: str) -> None:
    assert find_dates(text, SATURDAY) == []


def test_day_or_month_first() -> None:
    assert find_dates("01/12/2026", SATURDAY)[0].day == date(2026, 1, 12)
    assert find_dates("01/12/2026", SATURDAY, day_first=True)[0].day == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("at 10am", "10:00"),
        ("at 14:30", "14:30"),
        ("at noon", "12:00"),
        ("9:30 pm", "21:30"),
        ("12 am", "00:00"),
    ],
)
def test_time(text: str, at: str) -> None:
    assert [t.at for t in find_times(text)] == [at]


def test_today_is_read_from_the_messages() -> None:
    assert today_of("Be kind.\nToday is 2026-11-21 (Saturday).") == SATURDAY
    assert today_of("The current date is November 21, 2026.") == SATURDAY
    assert today_of("Order it today, please.") is None


@given(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    find_dates(text, SATURDAY)
    find_times(text)
