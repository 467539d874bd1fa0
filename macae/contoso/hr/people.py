"""Everyday personnel matters: training, leave, records."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import day, future_day, say, today, workdays
from macae.contoso.lookup import audience as people_meant
from macae.contoso.lookup import department, employee, me, person
from macae.contoso.rows import add, every, one, run, value
from macae.contoso.schedule import book
from macae.contoso.values import choice, listed, sentence
from macae.errors import ToolRefused


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
    name, people = people_meant(audience)
    when = future_day(date, "The date")
    what = sentence(topic, "The topic", most=120)
    made = book(f"Training: {what}", "training", when, start_time, duration_minutes, people, me()["id"])
    trainer = one("SELECT name, email FROM employees WHERE job_title LIKE 'Learning%' AND status = 'active'")
    by = f" Prepared by {trainer['name']} ({trainer['email']})." if trainer else ""
    return f"Training for {name}: {made}{by}"


@changes
async def process_leave_request(
    start_date: Annotated[str, "first day off, YYYY-MM-DD"],
    end_date: Annotated[str, "last day off, YYYY-MM-DD; empty: one day"] = "",
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
    leave_type: Annotated[str, "vacation, sick or parental"] = "vacation",
) -> str:
    """Request leave (time off, vacation, holiday, sick days) for an employee, taken from the leave balance."""
    row = employee(employee_name)
    kind = choice(
        leave_type.lower().removesuffix("leave").strip().replace("holiday", "vacation"),
        KINDS,
        "The kind of leave",
    )
    first = (
        day(start_date, "The first day")
        if kind == "sick"
        else future_day(start_date, "The first day", years=1)
    )
    last = day(end_date, "The last day", first)
    if not 0 <= (last - first).days <= 366 or (today() - first).days > 14:
        raise ToolRefused(
            f"Leave from {say(first)} to {say(last)} is not possible. The last day must not lie before the first."
        )
    days = workdays(first, last)
    if not days:
        raise ToolRefused(f"From {say(first)} to {say(last)} there is no working day, so no leave is needed.")
    left = value("SELECT days FROM leave_balances WHERE employee_id = ? AND kind = ?", row["id"], kind) or 0
    if days > left:
        raise ToolRefused(
            f"{row['name']} has {left} days of {kind} leave left; {say(first)} to {say(last)} needs {days}."
        )
    if taken := one(
        "SELECT * FROM leave_requests WHERE employee_id = ? AND first_day <= ? AND last_day >= ?",
        row["id"], last.isoformat(), first.isoformat(),
    ):  # fmt: skip
        raise ToolRefused(
            f"{row['name']} already has {taken['kind']} leave from {say(taken['first_day'])} to {say(taken['last_day'])}."
        )
    made = add(
        "leave_requests", employee_id=row["id"], kind=kind, first_day=first.isoformat(), last_day=last.isoformat(),
        days=days, status="approved",
    )  # fmt: skip
    run("UPDATE leave_balances SET days = days - ? WHERE employee_id = ? AND kind = ?", days, row["id"], kind)
    return (
        f"Leave request {made} of {row['name']} is approved: {kind}, {say(first)} to {say(last)}, {days} working days. "
        f"{left - days} days of {kind} leave are left."
    )


@reads
async def get_leave_balance(
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
) -> str:
    """Show how many days of leave an employee has left, and the leave already requested."""
    row = person(employee_name)
    left = every("SELECT kind, days FROM leave_balances WHERE employee_id = ? ORDER BY kind DESC", row["id"])
    planned = every("SELECT * FROM leave_requests WHERE employee_id = ? ORDER BY first_day", row["id"])
    text = ", ".join(f"{r['kind']} {r['days']} days" for r in left) or "no leave yet"
    lines = (
        f"{r['kind']}: {say(r['first_day'])} to {say(r['last_day'])} ({r['days']} days, {r['status']})"
        for r in planned
    )
    return f"{row['name']} has left: {text}. Requested:\n{listed(lines, '- nothing')}"


@changes
async def update_employee_record(
    employee_name: Annotated[str, "full name of the employee"],
    field: Annotated[str, "what to change: job title, department, manager, phone, location or start date"],
    value: Annotated[str, "the new value; dates as YYYY-MM-DD"],
) -> str:
    """Change one field of an employee's record, e.g. a new job title, department, manager, phone or location."""
    row = employee(employee_name)
    column = choice(field, FIELDS, "The field")
    new: str | int = sentence(value, f"The new {column}", most=80)
    told = str(new)
    if column == "department":
        told = new = department(str(new))
    elif column == "start date":
        new = future_day(str(new), "The start date").isoformat()
        if row["status"] not in ("pre-hire", "onboarding"):
            raise ToolRefused(f"{row['name']} already started on {say(row['start_date'])}; that day stays.")
    elif column == "manager":
        manager = employee(str(new))
        if row["id"] in chain(manager["id"]):
            raise ToolRefused(
                f"{manager['name']} cannot manage {row['name']}: it would go round in a circle."
            )
        told, new = manager["name"], manager["id"]
    stored = "manager_id" if column == "manager" else column.replace(" ", "_")
    old = row[stored]
    if old == new:
        raise ToolRefused(f"The {column} of {row['name']} is {told} already.")
    run(f"UPDATE employees SET {stored} = ? WHERE id = ?", new, row["id"])
    was = person_name(old) if column == "manager" else old
    return f"The {column} of {row['name']} is now {told} (it was {was or 'empty'})."


KINDS = ("vacation", "sick", "parental")
FIELDS = ("job title", "department", "manager", "phone", "location", "start date")


def chain(employee_id: int | None) -> list[int]:
    """An employee and all managers above."""
    found: list[int] = []
    while employee_id is not None and employee_id not in found:
        found.append(employee_id)
        row = one("SELECT manager_id FROM employees WHERE id = ?", employee_id)
        employee_id = row["manager_id"] if row else None
    return found


def person_name(employee_id: int | None) -> str:
    """The name behind a number."""
    row = one("SELECT name FROM employees WHERE id = ?", employee_id)
    return str(row["name"]) if row else ""
