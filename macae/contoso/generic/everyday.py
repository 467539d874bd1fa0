"""Everyday work: meetings, the calendar, messages, notes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import day, future_day, say, today
from macae.contoso.lookup import audience as people_meant
from macae.contoso.lookup import me, person
from macae.contoso.rows import add, every, run
from macae.contoso.schedule import book
from macae.contoso.values import listed, sentence, simple, words
from macae.errors import ToolRefused


@changes
async def schedule_meeting(
    title: Annotated[str, "what it is about"],
    date: Annotated[str, "day of the meeting, YYYY-MM-DD"],
    attendees: Annotated[str, "a department, or names separated by commas; me: the person who asks"] = "me",
    start_time: Annotated[str, "start, HH:MM"] = "14:00",
    duration_minutes: Annotated[int, "length in minutes"] = 60,
) -> str:
    """Schedule a meeting (appointment) in the calendar with colleagues, in a free room."""
    what = sentence(title, "The title", most=120)
    when = future_day(date, "The date")
    own = me()
    people = {own["id"]: own} | {row["id"]: row for row in people_meant(attendees)[1]}
    return "Meeting " + book(
        what, "meeting", when, start_time, duration_minutes, list(people.values()), own["id"]
    )


@changes
async def cancel_meeting(
    event_number: Annotated[str, "number of the calendar event, e.g. E-12, or its title"],
) -> str:
    """Cancel a meeting or training session in the calendar and tell its attendees."""
    now = today().isoformat()
    rows = every("SELECT * FROM events WHERE day >= ? ORDER BY day, starts", now)
    wanted = simple(event_number)
    found = [r for r in rows if simple(r["number"]).replace(" ", "") == wanted.replace(" ", "")]
    found = found or [r for r in rows if simple(r["title"]) == wanted]
    found = found or [r for r in rows if words(event_number) and words(event_number) <= words(r["title"])]
    if len(found) != 1:
        which = "; ".join(f"{r['number']} {r['title']} ({say(r['day'])})" for r in (found or rows)[:8])
        many = "More than one event fits" if found else "There is no coming event"
        raise ToolRefused(f"{many} {event_number[:60]!r}. Coming: {which}. Give the number.")
    row = found[0]
    told = every(
        "SELECT name FROM attendance JOIN employees ON id = employee_id WHERE event = ? ORDER BY id",
        row["number"],
    )
    run("DELETE FROM attendance WHERE event = ?", row["number"])
    run("DELETE FROM events WHERE number = ?", row["number"])
    if told:
        add(
            "messages", sent_on=now, sender=me()["name"], recipient=", ".join(r["name"] for r in told),
            subject=f"Cancelled: {row['title']}", body=f"{row['title']} on {say(row['day'])} at {row['starts']} will not take place.",
        )  # fmt: skip
    return (
        f"{row['number']} {row['title']!r} on {say(row['day'])} is cancelled; {len(told)} people were told."
    )


@reads
async def view_calendar(
    date: Annotated[str, "first day, YYYY-MM-DD; empty: today"] = "",
    days: Annotated[int, "how many days, 1 to 60"] = 7,
    employee_name: Annotated[
        str, "whose calendar; me: the person who asks; empty: the whole company's"
    ] = "me",
) -> str:
    """Show the calendar: meetings, trainings and events of an employee or the company."""
    first = day(date, "The day", today())
    if not 1 <= days <= 60:
        raise ToolRefused(f"{days} days is not possible. Choose from 1 to 60.")
    last = first + timedelta(days=days - 1)
    whose = (
        "the company" if simple(employee_name) in ("", "company", "all") else person(employee_name)["name"]
    )
    rows = every(
        "SELECT DISTINCT e.* FROM events e LEFT JOIN attendance a ON a.event = e.number LEFT JOIN employees p ON p.id = a.employee_id "
        "WHERE e.day BETWEEN ? AND ? AND ? IN ('the company', p.name) ORDER BY e.day, e.starts",
        first.isoformat(), last.isoformat(), whose,
    )  # fmt: skip
    lines = (
        f"{r['number']} {say(r['day'])} {r['starts']} to {r['ends']}: {r['title']} ({r['kind']}, {r['room'] or 'no room'})"
        for r in rows
    )
    return f"Calendar of {whose}, {say(first)} to {say(last)}:\n{listed(lines, '- nothing')}"


@changes
async def send_internal_message(
    to: Annotated[str, "a department, or names separated by commas"],
    text: Annotated[str, "the message"],
    subject: Annotated[str, "subject line"] = "",
) -> str:
    """Send an internal message (announcement) to colleagues or a whole department."""
    name, people = people_meant(to)
    body = sentence(text, "The message", most=5000)
    about = sentence(subject, "The subject", most=150, may_be_empty=True) or body.split("\n")[0][:60]
    sent = add(
        "messages", sent_on=today().isoformat(), sender=me()["name"], recipient=name, subject=about, body=body
    )
    return f"Message {sent} ({about}) was sent to {name} ({len(people)} {'person' if len(people) == 1 else 'people'})."


@changes
async def save_note(
    text: Annotated[str, "what to remember"],
    title: Annotated[str, "a short title"] = "",
) -> str:
    """Save a note, e.g. a summary, an idea or a to-do."""
    body = sentence(text, "The note", most=8000)
    about = sentence(title, "The title", most=120, may_be_empty=True) or body.split("\n")[0][:60]
    made = add("notes", title=about, body=body, author_id=me()["id"], written_on=today().isoformat())
    return f"Note {made} ({about}) is saved."


@reads
async def find_notes(
    query: Annotated[str, "words in the note; empty: all"] = "",
) -> str:
    """Find notes that were saved before."""
    rows = every("SELECT n.*, e.name FROM notes n JOIN employees e ON e.id = author_id ORDER BY n.id DESC")
    asked = words(query)
    found = [r for r in rows if not asked or asked & words(f"{r['title']} {r['body']}")]
    lines = (f"{r['id']} {r['title']} ({r['name']}, {say(r['written_on'])}): {r['body']}" for r in found[:20])
    return f"Notes:\n{listed(lines, '- none')}"
