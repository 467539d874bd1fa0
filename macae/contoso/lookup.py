"""Who and what is meant: people, departments, items. What is unknown is refused with what is near."""

from __future__ import annotations

import sqlite3

from macae.contoso.rows import every, one
from macae.contoso.values import near, simple, words
from macae.errors import ToolRefused
from macae.tools import current_call

__all__ = ["audience", "department", "employee", "item", "me", "named", "person"]

MYSELF = frozenset(
    {
        "",
        "me",
        "i",
        "myself",
        "my",
        "self",
        "mine",
        "the person who asks",
        "current user",
        "user",
        "my mobile plan",
    }
)
LEADING = ("the ", "our ", "all of ")
TRAILING = (" department", " team", " dept", " division")
OTHER_NAMES = {
    "human resources": "HR", "people": "HR", "personnel": "HR", "purchasing": "Procurement", "tech support": "IT",
    "techsupport": "IT", "it support": "IT", "technology": "IT", "help desk": "IT", "helpdesk": "IT",
    "information technology": "IT", "accounting": "Finance", "products": "Product", "customer care": "Operations",
    "customer service": "Operations", "management": "Executive", "board": "Executive", "law": "Legal",
    "advertising": "Marketing", "press": "Marketing",
}  # fmt: skip


def me() -> sqlite3.Row:
    """The person on whose behalf the tool acts: the session's user when employed here, else the office manager."""
    call = current_call()
    if call is not None:
        login = call.user_id.strip().lower()
        found = one("SELECT * FROM employees WHERE email IN (?, ?)", login, f"{login}@contoso.com")
        if found is not None:
            return found
    found = one("SELECT * FROM employees WHERE id = (SELECT value FROM meta WHERE key = 'me')")
    assert found is not None, "the seed holds the person that 'me' means"
    return found


def person(name: str) -> sqlite3.Row:
    """The employee of this name (or "me"), whatever the status."""
    if simple(name) in MYSELF:
        return me()
    people = every("SELECT * FROM employees ORDER BY id")
    wanted = simple(name)
    found = [row for row in people if wanted in (simple(row["name"]), row["email"])]
    found = found or [row for row in people if set(wanted.split()) <= set(simple(row["name"]).split())]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{row['name']} ({row['job_title']})" for row in found)
        raise ToolRefused(f"More than one employee is called {name[:60]!r}: {names}. Give the full name.")
    raise ToolRefused(
        f"No employee is called {name[:80]!r}{near(name, [row['name'] for row in people])}. "
        "Somebody new must first be registered with register_new_employee."
    )


def employee(name: str) -> sqlite3.Row:
    """Like `person`, and refuses who has left the company."""
    row = person(name)
    if row["status"] == "left":
        raise ToolRefused(f"{row['name']} has left the company, so nothing can be done for them any more.")
    return row


def department(name: str) -> str:
    """The department that is meant; for an empty name the department of the person who asks."""
    if simple(name) in MYSELF | {"my team", "my department", "us", "we"}:
        return str(me()["department"])
    names = [row["name"] for row in every("SELECT name FROM departments ORDER BY name")]
    wanted = simple(name)
    for start in LEADING:
        wanted = wanted.removeprefix(start)
    for end in TRAILING:
        wanted = wanted.removesuffix(end)
    wanted = simple(OTHER_NAMES.get(wanted, wanted))
    for found in names:
        if simple(found) == wanted:
            return str(found)
    raise ToolRefused(
        f"There is no department {name[:60]!r}{near(name, names)}. Departments: {', '.join(names)}."
    )


def audience(given: str) -> tuple[str, list[sqlite3.Row]]:
    """The people meant by a department, "everybody", or names separated by commas; and how to call them."""
    if simple(given) in {
        "everybody",
        "everyone",
        "all",
        "all employees",
        "all staff",
        "the whole company",
        "company",
    }:
        return "everybody", every("SELECT * FROM employees WHERE status = 'active' ORDER BY id")
    names = [part for part in given.replace(";", ",").replace(" and ", ",").split(",") if part.strip()]
    if len(names) <= 1:
        try:
            return named_team(given)
        except ToolRefused:
            if "team" in words(given) or "department" in words(given):
                raise
    people = {row["id"]: row for row in map(employee, names or [given])}
    return ", ".join(row["name"] for row in people.values()), list(people.values())


def named_team(given: str) -> tuple[str, list[sqlite3.Row]]:
    """A department and those who work in it (also who starts soon)."""
    if simple(given) in MYSELF:
        return me()["name"], [me()]
    team = department(given)
    members = "SELECT * FROM employees WHERE department = ? AND status IN ('active', 'pre-hire', 'onboarding') ORDER BY id"
    return f"the {team} department", every(members, team)


def item(name: str, kind: str | None = None) -> sqlite3.Row:
    """The article that is meant: by name, stock number, or a general word such as laptop (then the standard one)."""
    rows = every(
        "SELECT rowid, * FROM items WHERE (kind = 'software') = ? ORDER BY rowid", kind == "software"
    )
    found = named(name, rows)
    if found:
        return found[0]
    names = [row["name"] for row in rows]
    what = "software" if kind == "software" else "hardware"
    raise ToolRefused(
        f"There is no {what} called {name[:60]!r}{near(name, names)}. There is: {', '.join(names)}."
    )


def named(name: str, rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The articles that a name fits: by name or stock number, else all whose name, kind and keywords hold each word."""
    wanted = simple(name)
    exact = [row for row in rows if wanted in (simple(row["name"]), simple(row["sku"]))]
    if exact or not wanted:
        return exact
    asked = words(name)
    return [row for row in rows if asked and asked <= words(f"{row['name']} {row['kind']} {row['keywords']}")]
