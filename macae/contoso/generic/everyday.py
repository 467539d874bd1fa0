"""Everyday work: meetings, the calendar, messages, notes."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@changes
async def schedule_meeting(
    title: Annotated[str, "what it is about"],
    date: Annotated[str, "day of the meeting, YYYY-MM-DD"],
    attendees: Annotated[str, "a department, or names separated by commas; me: the person who asks"] = "me",
    start_time: Annotated[str, "start, HH:MM"] = "14:00",
    duration_minutes: Annotated[int, "length in minutes"] = 60,
) -> str:
    """Schedule a meeting (appointment) in the calendar with colleagues, in a free room."""
    raise NotImplementedError


@changes
async def cancel_meeting(
    event_number: Annotated[str, "number of the calendar event, e.g. E-12, or its title"],
) -> str:
    """Cancel a meeting or training session in the calendar and tell its attendees."""
    raise NotImplementedError


@reads
async def view_calendar(
    date: Annotated[str, "first day, YYYY-MM-DD; empty: today"] = "",
    days: Annotated[int, "how many days, 1 to 60"] = 7,
    employee_name: Annotated[
        str, "whose calendar; me: the person who asks; empty: the whole company's"
    ] = "me",
) -> str:
    """Show the calendar: meetings, trainings and events of an employee or the company."""
    raise NotImplementedError


@changes
async def send_internal_message(
    to: Annotated[str, "a department, or names separated by commas"],
    text: Annotated[str, "the message"],
    subject: Annotated[str, "subject line"] = "",
) -> str:
    """Send an internal message (announcement) to colleagues or a whole department."""
    raise NotImplementedError


@changes
async def save_note(
    text: Annotated[str, "what to remember"],
    title: Annotated[str, "a short title"] = "",
) -> str:
    """Save a note, e.g. a summary, an idea or a to-do."""
    raise NotImplementedError


@reads
async def find_notes(
    query: Annotated[str, "words in the note; empty: all"] = "",
) -> str:
    """Find notes that were saved before."""
    raise NotImplementedError
