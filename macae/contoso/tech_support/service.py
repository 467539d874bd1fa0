"""The help desk: passwords, tickets, system status."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import say, today
from macae.contoso.lookup import employee, person
from macae.contoso.rows import add, every, number, one, run
from macae.contoso.tech_support.helpers import mailbox_of, ticket
from macae.contoso.values import choice, listed, near, sentence, words
from macae.errors import ToolRefused


@changes
async def reset_password(
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
) -> str:
    """Reset an employee's password and unlock the account; a one-time link goes to the manager."""
    row = employee(employee_name)
    if not mailbox_of(row["id"]):
        raise ToolRefused(f"{row['name']} has no account yet. Set one up with set_up_office_365_account.")
    manager = one("SELECT name, email FROM employees WHERE id = ?", row["manager_id"]) or row
    add("password_resets", employee_id=row["id"], reset_on=today().isoformat(), link_sent_to=manager["email"])
    return (
        f"The password of {row['name']} is reset and the account is unlocked. A one-time link, good for 24 hours, went to "
        f"{manager['name']} ({manager['email']})."
    )


@changes
async def create_support_ticket(
    title: Annotated[str, "the problem in a few words"],
    description: Annotated[str, "details"] = "",
    priority: Annotated[str, "low, normal, high or urgent"] = "normal",
    employee_name: Annotated[str, "full name of who has the problem; me: the person who asks"] = "me",
) -> str:
    """Open a support ticket for an IT problem (something broken, slow or lost) at the help desk."""
    row = employee(employee_name)
    what = sentence(title, "The title", most=150)
    level = choice(priority, PRIORITIES, "The priority")
    if same := one(
        "SELECT number FROM tickets WHERE status = 'open' AND employee_id = ? AND title = ?", row["id"], what
    ):
        raise ToolRefused(f"{row['name']} already has the open ticket {same['number']} with this title.")
    technician = one(
        "SELECT e.id, e.name FROM employees e LEFT JOIN tickets t ON t.assignee_id = e.id AND t.status = 'open' "
        "WHERE e.department = 'IT' AND e.status = 'active' AND e.id <> ? AND e.manager_id IS NOT NULL "
        "GROUP BY e.id ORDER BY e.job_title NOT LIKE 'Help Desk%', count(t.number), e.id",
        row["id"],
    )
    assert technician is not None, "the seed has several people in IT"
    made = number("tickets", "T-")
    add(
        "tickets", number=made, title=what, description=sentence(description, "The description", most=4000, may_be_empty=True),
        priority=level, status="open", employee_id=row["id"], assignee_id=technician["id"], opened_on=today().isoformat(),
    )  # fmt: skip
    return f"Ticket {made} is open: {what!r} for {row['name']}, priority {level}; {technician['name']} works on it, answer within {HOURS[level]}."


@changes
async def resolve_support_ticket(
    ticket_number: Annotated[str, "number of the ticket, e.g. T-305"],
    resolution: Annotated[str, "what solved it"],
) -> str:
    """Close a support ticket with its resolution."""
    row = ticket(ticket_number)
    if row["status"] == "closed":
        raise ToolRefused(f"{row['number']} was closed on {say(row['closed_on'])}: {row['resolution']}")
    how = sentence(resolution, "The resolution", most=2000)
    run(
        "UPDATE tickets SET status = 'closed', closed_on = ?, resolution = ? WHERE number = ?",
        today().isoformat(), how, row["number"],
    )  # fmt: skip
    return f"Ticket {row['number']} ({row['title']}) is closed: {how}"


@reads
async def list_support_tickets(
    status: Annotated[str, "open, closed or all"] = "open",
    employee_name: Annotated[str, "only this employee's; empty: everybody's"] = "",
) -> str:
    """List support tickets with their priority, age and who works on them."""
    wanted = choice(status, ("open", "closed", "all"), "The status")
    only = person(employee_name)["id"] if employee_name.strip() else 0
    rows = every(
        "SELECT t.*, e.name AS who, a.name AS assignee FROM tickets t JOIN employees e ON e.id = t.employee_id "
        "LEFT JOIN employees a ON a.id = assignee_id WHERE ? IN ('all', t.status) AND ? IN (0, t.employee_id) ORDER BY t.number",
        wanted, only,
    )  # fmt: skip
    lines = (
        f"{r['number']} {r['title']} ({r['who']}), priority {r['priority']}, opened {say(r['opened_on'])}, "
        + (
            f"closed {say(r['closed_on'])}: {r['resolution']}"
            if r["closed_on"]
            else f"with {r['assignee'] or 'nobody'}"
        )
        for r in rows
    )
    return f"Tickets ({wanted}):\n{listed(lines, '- none')}"


@reads
async def check_system_status(
    system_name: Annotated[str, "name of the system, e.g. VPN, e-mail, SalesDB; empty: all"] = "",
) -> str:
    """Check whether the IT systems are up (outages, maintenance) and when they were last backed up."""
    rows = every("SELECT * FROM systems ORDER BY rowid")
    asked = words(system_name.replace("database", "DB"))
    found = [
        r
        for r in rows
        if not asked or asked & words(r["name"]) or "".join(sorted(asked)) in r["name"].lower()
    ]
    if not found:
        names = [r["name"] for r in rows]
        raise ToolRefused(
            f"There is no system {system_name[:60]!r}{near(system_name, names)}. Systems: {', '.join(names)}."
        )
    lines = (
        f"{r['name']}: {r['status']}. {r['note'] + ' ' if r['note'] else ''}Last backup {say(r['last_backup'])}."
        for r in found
    )
    return f"Systems on {say(today())}:\n{listed(lines, '')}"


PRIORITIES = ("low", "normal", "high", "urgent")
HOURS = {"low": "three days", "normal": "one day", "high": "four hours", "urgent": "one hour"}
