"""Everyday personnel matters: training, leave, records."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@changes
async def book_training_session(
    audience: Annotated[
        str, "who is trained: a department or team (e.g. Marketing), or names separated by commas"
    ],
    date: Annotated[str, "day of the training, YYYY-MM-DD"],
    topic: Annotated[str, "what is taught"] = "Getting started with your new equipment",
    start_time: Annotated[str, "start, HH:MM"] = "10:00",
    duration_minutes: Annotated[int, "length in minutes"] = 120,
) -> str:
    """Book a training session (course, workshop) for a team or for some employees, with a room and a trainer."""
    raise NotImplementedError


@changes
async def process_leave_request(
    start_date: Annotated[str, "first day off, YYYY-MM-DD"],
    end_date: Annotated[str, "last day off, YYYY-MM-DD; empty: one day"] = "",
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
    leave_type: Annotated[str, "vacation, sick or parental"] = "vacation",
) -> str:
    """Request leave (time off, vacation, holiday, sick days) for an employee, taken from the leave balance."""
    raise NotImplementedError


@reads
async def get_leave_balance(
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
) -> str:
    """Show how many days of leave an employee has left, and the leave already requested."""
    raise NotImplementedError


@changes
async def update_employee_record(
    employee_name: Annotated[str, "full name of the employee"],
    field: Annotated[str, "what to change: job title, department, manager, phone, location or start date"],
    value: Annotated[str, "the new value; dates as YYYY-MM-DD"],
) -> str:
    """Change one field of an employee's record, e.g. a new job title, department, manager, phone or location."""
    raise NotImplementedError
