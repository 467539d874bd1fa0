"""Helpers of HR: new records, fitting mentors, what a new colleague still lacks."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from datetime import date

from macae.contoso.dates import months_on, next_workday, today
from macae.contoso.rows import add, every, one, value
from macae.contoso.values import simple
from macae.errors import ToolRefused

__all__ = ["add_employee", "entitle", "first_payday", "free_address", "mentor_for", "missing_steps"]

STEPS = {
    "employee record": "SELECT 1 FROM employees WHERE id = ? AND status <> 'pre-hire'",
    "orientation session": (
        "SELECT 1 FROM events JOIN attendance ON event = number WHERE kind = 'orientation' AND employee_id = ?"
    ),
    "mentor": "SELECT 1 FROM mentorships WHERE employee_id = ?",
    "laptop": "SELECT 1 FROM assets JOIN items USING (sku) WHERE kind = 'laptop' AND assets.status = 'in use' AND employee_id = ?",
    "mailbox": "SELECT 1 FROM mailboxes WHERE kind = 'personal' AND employee_id = ?",
    "payroll": "SELECT 1 FROM payroll WHERE employee_id = ?",
    "benefits": "SELECT 1 FROM benefits WHERE employee_id = ?",
    "ID card": "SELECT 1 FROM id_cards WHERE status <> 'blocked' AND employee_id = ?",
    "handbook": "SELECT 1 FROM handbook_receipts WHERE employee_id = ?",
}


def missing_steps(employee_id: int | None) -> list[str]:
    """What is not done yet of an employee's onboarding; all steps for None."""
    return [step for step, done in STEPS.items() if employee_id is None or one(done, employee_id) is None]


def add_employee(name: str, title: str, team: str, manager: int, begins: date) -> int:
    """A new row; gives its number."""
    if len(name.split()) < 2 or any(
        unicodedata.category(c)[0] not in "LM" and c not in " .'’-" for c in name
    ):
        raise ToolRefused(f"{name!r} is no full name. Give the first and the last name, with letters only.")
    made = add(
        "employees", name=name, job_title=title, department=team, manager_id=manager, email=free_address(name),
        location=value("SELECT location FROM employees WHERE id = ?", manager), start_date=begins.isoformat(),
        status="onboarding",
    )  # fmt: skip
    entitle(made)
    return made


def entitle(employee_id: int) -> None:
    """The leave of a year for somebody new."""
    for kind, days in (("vacation", 20), ("sick", 10), ("parental", 0)):
        add("leave_balances", employee_id=employee_id, kind=kind, days=days)


def free_address(name: str) -> str:
    """first.last@contoso.com, with a number behind it when somebody has that already."""
    local = ".".join(re.findall(r"[a-z0-9]+", simple(name))) or "colleague"
    for count in range(1, 1000):
        address = f"{local[:60]}{count if count > 1 else ''}@contoso.com"
        if not one(
            "SELECT 1 FROM employees WHERE email = ? UNION SELECT 1 FROM mailboxes WHERE address = ?",
            address,
            address,
        ):
            return address
    raise ToolRefused(f"All addresses like {local}@contoso.com are taken. Give another name.")


def mentor_for(row: sqlite3.Row) -> sqlite3.Row:
    """A colleague of the department (else of the company), at work for a year, not the manager, with the fewest mentees."""
    found = every(
        "SELECT e.* FROM employees e LEFT JOIN mentorships m ON m.mentor_id = e.id "
        "WHERE e.status = 'active' AND e.id NOT IN (?, ?) AND e.start_date <= ? GROUP BY e.id HAVING count(m.mentor_id) < 3 "
        "ORDER BY e.department <> ?, e.location <> ?, count(m.mentor_id), e.start_date DESC",
        row["id"], row["manager_id"] or 0, months_on(today(), -12).isoformat(), row["department"], row["location"],
    )  # fmt: skip
    if not found:
        raise ToolRefused(
            "Nobody is free to be a mentor: everybody has three mentees. Name a colleague to decide otherwise."
        )
    return found[0]


def first_payday(start_date: str) -> date:
    """The first working day of the month after the start (or after this month)."""
    since = max(date.fromisoformat(start_date), today())
    return next_workday(months_on(since.replace(day=1), 1))
