"""Bringing a new colleague in: record, orientation, mentor, handbook, and what is still missing."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import day, future_day, next_monday, next_workday, say, today
from macae.contoso.hr.staff import add_employee, entitle, mentor_for, missing_steps
from macae.contoso.lookup import department as known_department
from macae.contoso.lookup import employee, me, person
from macae.contoso.rows import every, one, run, value
from macae.contoso.schedule import book
from macae.contoso.values import sentence, simple
from macae.errors import ToolRefused


@changes
async def register_new_employee(
    employee_name: Annotated[str, "full name of the new hire"],
    job_title: Annotated[str, "job title; empty: as in the accepted offer"] = "",
    department: Annotated[str, "department, e.g. Marketing; empty: as in the accepted offer"] = "",
    start_date: Annotated[
        str, "first working day, YYYY-MM-DD; empty: as in the offer, else next Monday"
    ] = "",
    manager_name: Annotated[str, "full name of the manager; empty: the head of the department"] = "",
) -> str:
    """Register a new hire: open the employee record, the first step of onboarding a new employee."""
    name = " ".join(sentence(employee_name, "The name", most=80).split())
    known = value("SELECT name FROM employees WHERE name = ?", name)
    row = person(name) if known or " " not in name else None
    if row is not None and row["status"] != "pre-hire":
        raise ToolRefused(
            f"{row['name']} is already in the company's records ({row['job_title']}, {row['department']}, {row['status']}). "
            "Use update_employee_record to change the record."
        )
    offered = row or {
        "job_title": "Associate",
        "department": me()["department"],
        "start_date": "",
        "manager_id": None,
    }
    team = known_department(department or offered["department"])
    title = sentence(job_title or offered["job_title"], "The job title", most=80)
    agreed = day(offered["start_date"], "The start date", next_monday())
    begins = future_day(start_date, "The start date", max(agreed, today()))
    if manager_name:
        manager = employee(manager_name)["id"]
    elif offered["manager_id"] and team == offered["department"]:
        manager = offered["manager_id"]
    else:
        manager = value("SELECT head_id FROM departments WHERE name = ?", team)
    if row is None:
        number = add_employee(name, title, team, manager, begins)
    else:
        number = row["id"]
        run(
            "UPDATE employees SET job_title = ?, department = ?, manager_id = ?, start_date = ?, status = 'onboarding' WHERE id = ?",
            title, team, manager, begins.isoformat(), number,
        )  # fmt: skip
        entitle(number)
    boss = value("SELECT name FROM employees WHERE id = ?", manager)
    return (
        f"Registered {row['name'] if row else name} as employee {number}: {title} in {team}, manager {boss}, first working day {say(begins)}. "
        f"Missing for the first day: {', '.join(missing_steps(number))}."
    )


@changes
async def schedule_orientation_session(
    employee_name: Annotated[str, "full name of the new employee"],
    date: Annotated[str, "day of the session, YYYY-MM-DD; empty: the first working day"] = "",
) -> str:
    """Schedule the orientation session that introduces a new employee to the company (onboarding)."""
    row = employee(employee_name)
    starts = day(row["start_date"], "The start date")
    first = next_workday(max(today(), starts))
    when = future_day(date, "The date", first)
    if row["status"] in ("pre-hire", "onboarding") and when < starts:
        raise ToolRefused(
            f"{row['name']} starts on {say(row['start_date'])}; choose that day or a later one."
        )
    if planned := one(
        "SELECT number, day FROM events JOIN attendance ON event = number WHERE kind = 'orientation' AND employee_id = ? AND day >= ?",
        row["id"], today().isoformat(),
    ):  # fmt: skip
        raise ToolRefused(
            f"{row['name']} already has the orientation session {planned['number']} on {say(planned['day'])}. "
            "Cancel it with cancel_meeting to choose another day."
        )
    host = one("SELECT * FROM employees WHERE job_title = 'HR Business Partner'") or me()
    return "Orientation session: " + book(
        f"Orientation for {row['name']}",
        "orientation",
        when,
        "09:30",
        120,
        [row, host],
        host["id"],
        flexible=True,
    )


@changes
async def assign_mentor(
    employee_name: Annotated[str, "full name of the employee who gets a mentor"],
    mentor_name: Annotated[str, "full name of the mentor; empty: a fitting colleague is chosen"] = "",
) -> str:
    """Assign a mentor to a new employee: an experienced colleague who helps during onboarding."""
    row = employee(employee_name)
    mentor = employee(mentor_name) if mentor_name.strip() else mentor_for(row)
    if mentor["id"] == row["id"]:
        raise ToolRefused(
            f"{row['name']} cannot be their own mentor. Name a colleague, or nobody and one is chosen."
        )
    if mentor["status"] != "active":
        raise ToolRefused(
            f"{mentor['name']} is {mentor['status']} and cannot be a mentor now. Name somebody who is at work."
        )
    before = value(
        "SELECT name FROM mentorships JOIN employees ON id = mentor_id WHERE employee_id = ?", row["id"]
    )
    if before and simple(before) == simple(mentor["name"]):
        raise ToolRefused(f"{before} is already the mentor of {row['name']}.")
    if value("SELECT count(*) FROM mentorships WHERE mentor_id = ?", mentor["id"]) >= 3:
        raise ToolRefused(
            f"{mentor['name']} already has three mentees, the most there may be. Name another colleague."
        )
    run("INSERT OR REPLACE INTO mentorships VALUES (?, ?, ?)", row["id"], mentor["id"], today().isoformat())
    instead = f" instead of {before}" if before else ""
    return (
        f"{mentor['name']} ({mentor['job_title']}, {mentor['department']}, {mentor['email']}) is now the mentor of "
        f"{row['name']}{instead}."
    )


@changes
async def provide_employee_handbook(
    employee_name: Annotated[str, "full name of the employee"],
) -> str:
    """Give an employee the employee handbook and record that it was received."""
    row = employee(employee_name)
    edition = str(today().year)
    if value("SELECT edition FROM handbook_receipts WHERE employee_id = ?", row["id"]) == edition:
        raise ToolRefused(f"{row['name']} already has the {edition} edition of the employee handbook.")
    run("INSERT OR REPLACE INTO handbook_receipts VALUES (?, ?, ?)", row["id"], edition, today().isoformat())
    topics = ", ".join(r["topic"] for r in every("SELECT topic FROM handbook ORDER BY topic LIMIT 5"))
    return f"The employee handbook, edition {edition}, was sent to {row['name']} ({row['email']}). It covers {topics} and more."


@reads
async def get_onboarding_status(
    employee_name: Annotated[str, "full name of the new employee"],
) -> str:
    """Show how far the onboarding of an employee is: what is done and what is still missing."""
    row = person(employee_name)
    missing = missing_steps(row["id"])
    done = [step for step in missing_steps(None) if step not in missing]
    return (
        f"{row['name']} ({row['job_title']}, {row['department']}, {row['status']}) starts or started on {say(row['start_date'])}. "
        f"Done: {', '.join(done) or 'nothing'}. Missing: {', '.join(missing) or 'nothing'}."
    )
