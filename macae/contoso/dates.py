"""Days as the tools take and say them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from macae.contoso.context import current
from macae.errors import ToolRefused

__all__ = [
    "clock",
    "day",
    "future_day",
    "holiday",
    "months_on",
    "next_monday",
    "next_workday",
    "say",
    "today",
    "workdays",
]

FAR = 3
"""How many years ahead a day may lie: further is more likely a slip than a plan."""


def today() -> date:
    """The company's day."""
    return current().today


def say(when: date | str) -> str:
    """A day for readers: `Tue 2026-11-24`."""
    when = date.fromisoformat(when) if isinstance(when, str) else when
    return f"{WEEKDAYS[when.weekday()][:3]} {when.isoformat()}"


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(text: str, what: str, default: date | None = None) -> date:
    """The day that a text names, `default` for an empty one. Refuses what is no YYYY-MM-DD."""
    text = text.strip()
    if not text and default is not None:
        return default
    try:
        when = date.fromisoformat(text)
        if len(text) != 10 or not 1900 <= when.year <= 2200:
            raise ValueError
        return when
    except ValueError:
        raise ToolRefused(
            f"{what} {text[:40]!r} is no day that can be used. Write it as YYYY-MM-DD, e.g. {today().isoformat()}."
        ) from None


def future_day(text: str, what: str, default: date | None = None, *, years: int = FAR) -> date:
    """Like `day`, and refuses days before today and days many years ahead."""
    when = day(text, what, default)
    if when < today():
        raise ToolRefused(f"{what} {say(when)} is in the past: today is {say(today())}.")
    if when > today() + timedelta(days=366 * years):
        raise ToolRefused(f"{what} {say(when)} is more than {years} years ahead. Choose an earlier day.")
    return when


def next_monday(after: date | None = None) -> date:
    """The Monday after a day (default: after today)."""
    after = after or today()
    return after + timedelta(days=7 - after.weekday())


def next_workday(when: date) -> date:
    """The day itself, or the first after it that is no weekend and no holiday."""
    while when.weekday() > 4 or holiday(when):
        when += timedelta(days=1)
    return when


def workdays(first: date, last: date) -> int:
    """How many working days lie from first to last, both counted."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(1 for when in days if when.weekday() < 5 and not holiday(when))


def holiday(when: date) -> str | None:
    """The name of the company holiday on a day."""
    fixed = {
        (1, 1): "New Year's Day",
        (6, 19): "Juneteenth",
        (7, 4): "Independence Day",
        (12, 25): "Christmas Day",
    }
    if name := fixed.get((when.month, when.day)):
        return name
    week = (when.day - 1) // 7 + 1
    moving = {(1, 0, 3): "Martin Luther King Day", (9, 0, 1): "Labor Day", (11, 3, 4): "Thanksgiving"}
    if name := moving.get((when.month, when.weekday(), week)):
        return name
    return "Memorial Day" if (when.month, when.weekday()) == (5, 0) and when.day > 24 else None


def months_on(when: date, count: int) -> date:
    """The same day of the month some months later (or earlier), or that month's last day."""
    year, month = divmod(when.year * 12 + when.month - 1 + count, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(when.day, (following - timedelta(days=1)).day))


def clock(start_time: str, duration_minutes: int) -> tuple[str, str]:
    """Start and end as HH:MM. Refuses what is no time, too short or long, or runs past midnight."""
    try:
        begins = time.fromisoformat(start_time.strip().zfill(5))
    except ValueError:
        raise ToolRefused(
            f"The start {start_time[:20]!r} is no time. Write it as HH:MM, e.g. 10:00."
        ) from None
    if not 15 <= duration_minutes <= 480:
        raise ToolRefused(f"{duration_minutes} minutes is not possible. Choose between 15 and 480.")
    start = datetime.combine(date(2000, 1, 1), begins.replace(second=0, microsecond=0, tzinfo=None))
    end = start + timedelta(minutes=duration_minutes)
    if start.hour < 7 or end > start.replace(hour=20, minute=0):
        raise ToolRefused(f"{start:%H:%M} to {end:%H:%M} is outside the office hours, 07:00 to 20:00.")
    return f"{start:%H:%M}", f"{end:%H:%M}"
