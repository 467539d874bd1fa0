"""The calendar's one way in: a room that is free, people who are free."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date

from macae.contoso.dates import clock, holiday, say
from macae.contoso.rows import add, every, number, one
from macae.errors import ToolRefused

__all__ = ["book", "busy", "free_room"]

OVERLAPS = "day = ? AND starts < ? AND ends > ?"


def book(
    title: str,
    kind: str,
    when: date,
    start_time: str,
    minutes: int,
    people: Sequence[sqlite3.Row],
    organiser: int,
    *,
    flexible: bool = False,
) -> str:
    """Put an event into the calendar and say where and when. Refuses weekends, holidays, full rooms, double bookings.

    `flexible` moves the start to the first hour of that day when all are free, instead of refusing.
    """
    if when.weekday() > 4 or holiday(when):
        raise ToolRefused(f"{say(when)} is {holiday(when) or 'a weekend day'}. Choose a working day.")
    if not people:
        raise ToolRefused("Nobody is invited. Name a department or people.")
    starts, ends = clock(start_time, minutes)
    clashes = busy(people, when, starts, ends)
    tried = iter(range(9, 18))
    while flexible and clashes and (hour := next(tried, None)) is not None:
        starts, ends = clock(f"{hour:02}:00", minutes)
        clashes = busy(people, when, starts, ends)
    if clashes:
        raise ToolRefused(
            f"On {say(when)} from {starts} to {ends} these are not free: {'; '.join(clashes)}. Choose another time or day."
        )
    seats = max(len(people), 1)
    room = free_room(seats, when, starts, ends)
    made = number("events", "E-")
    add(
        "events",
        number=made,
        title=title,
        kind=kind,
        day=when.isoformat(),
        starts=starts,
        ends=ends,
        room=room,
        organiser_id=organiser,
    )
    for row in people:
        add("attendance", event=made, employee_id=row["id"])
    names = ", ".join(row["name"] for row in people) if len(people) <= 10 else f"{len(people)} people"
    return f"{made} {title!r} is booked for {say(when)}, {starts} to {ends}, room {room}, with {names}."


def busy(people: Sequence[sqlite3.Row], when: date, starts: str, ends: str) -> list[str]:
    """Who of the people is elsewhere then, and where."""
    found = []
    for row in people:
        clash = one(
            f"SELECT title, starts, ends FROM events JOIN attendance ON event = number WHERE employee_id = ? AND {OVERLAPS}",
            row["id"], when.isoformat(), ends, starts,
        )  # fmt: skip
        away = one(
            "SELECT kind, last_day FROM leave_requests WHERE employee_id = ? AND ? BETWEEN first_day AND last_day",
            row["id"], when.isoformat(),
        )  # fmt: skip
        if clash:
            found.append(f"{row['name']} ({clash['title']}, {clash['starts']} to {clash['ends']})")
        elif away:
            found.append(f"{row['name']} ({away['kind']} leave until {away['last_day']})")
    return found


def free_room(seats: int, when: date, starts: str, ends: str) -> str:
    """The smallest free room with enough seats."""
    rooms = every(
        f"SELECT name FROM rooms WHERE seats >= ? AND name NOT IN (SELECT room FROM events WHERE room IS NOT NULL AND {OVERLAPS}) ORDER BY seats",
        seats, when.isoformat(), ends, starts,
    )  # fmt: skip
    if not rooms:
        raise ToolRefused(
            f"No room with {seats} seats is free on {say(when)} from {starts} to {ends}. Choose another time or day."
        )
    return str(rooms[0]["name"])
