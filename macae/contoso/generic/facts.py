"""Looking things up: people, the company, dates, the handbook, sums."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import reads
from macae.contoso.dates import WEEKDAYS, day, holiday, next_monday, say, today
from macae.contoso.generic.arithmetic import worked_out
from macae.contoso.lookup import MYSELF, me
from macae.contoso.lookup import department as known_department
from macae.contoso.rows import every, value
from macae.contoso.search import ranked
from macae.contoso.values import listed, near, sentence, simple, words
from macae.errors import ToolRefused


@reads
async def find_employee(
    query: Annotated[str, "name, job title, e-mail address or location"],
) -> str:
    """Look up an employee: job title, department, manager, e-mail, phone, location."""
    rows = every(
        "SELECT e.*, m.name AS manager FROM employees e LEFT JOIN employees m ON m.id = e.manager_id ORDER BY e.name"
    )
    wanted = simple(query)
    if wanted in MYSELF:
        wanted = simple(me()["name"])
    exact = [r for r in rows if wanted in (simple(r["name"]), simple(r["email"]), simple(r["job_title"]))]
    asked = words(wanted)
    found = exact or [
        r
        for r in rows
        if asked
        and asked <= words(f"{r['name']} {r['job_title']} {r['department']} {r['location']} {r['email']}")
    ]
    if not found:
        known = [r["name"] for r in rows] + [r["job_title"] for r in rows]
        raise ToolRefused(f"No employee fits {query[:80]!r}{near(query, known)}.")
    lines = (
        f"{r['name']} (number {r['id']}): {r['job_title']}, {r['department']}, {r['location']}, manager {r['manager'] or 'none'}, "
        f"{r['email']}, phone {r['phone'] or 'none yet'}, {r['status']}, start {say(r['start_date'])}"
        for r in found[:15]
    )
    more = f"\nand {len(found) - 15} more" if len(found) > 15 else ""
    return f"Found {len(found)}:\n{listed(lines, '')}{more}"


@reads
async def list_department_members(
    department: Annotated[
        str, "department or team, e.g. Marketing; empty: all departments with their heads"
    ] = "",
) -> str:
    """List the people of a department or team."""
    if simple(department) in ("", "all"):
        heads = every(
            "SELECT d.*, e.name AS head FROM departments d JOIN employees e ON e.id = head_id ORDER BY d.name"
        )
        lines = [
            f"{r['name']} ({r['purpose']}): head {r['head']}, {headcount(r['name'])} people" for r in heads
        ]
        return f"Departments:\n{listed(lines, '')}"
    team = known_department(department)
    rows = every("SELECT * FROM employees WHERE department = ? AND status <> 'left' ORDER BY id", team)
    lines = [
        f"{r['name']}, {r['job_title']}, {r['location']}, {r['email']}{'' if r['status'] == 'active' else ', ' + r['status']}"
        for r in rows
    ]
    return f"{team}, {len(rows)} people:\n{listed(lines, '')}"


@reads
async def describe_company() -> str:
    """Say what Contoso is: what it does, its size, departments, products and locations."""
    teams = [r["name"] for r in every("SELECT name FROM departments ORDER BY name")]
    goods = [
        r["name"]
        for r in every("SELECT name FROM products WHERE launched_on <= ? ORDER BY name", today().isoformat())
    ]
    plans = [r["name"] for r in every("SELECT name FROM mobile_plans ORDER BY price_usd")]
    places = [
        r["location"]
        for r in every("SELECT DISTINCT location FROM employees WHERE status <> 'left' ORDER BY location")
    ]
    people = value("SELECT count(*) FROM employees WHERE status IN ('active', 'on leave')")
    head = value("SELECT name FROM employees WHERE manager_id IS NULL AND status = 'active'")
    return (
        f"Contoso is a made-up telecommunications company (a sample for learning). It sells mobile plans, home internet and devices. "
        f"{people} people work in {', '.join(places)}, led by {head}. Departments: {', '.join(teams)}. "
        f"Products: {', '.join(goods)}. Mobile plans: {', '.join(plans)}."
    )


@reads
async def get_date_facts(
    date: Annotated[str, "a day, YYYY-MM-DD; empty: today"] = "",
) -> str:
    """Tell today's date, or the weekday, calendar week and public holidays around a date."""
    when = day(date, "The day", today())
    away = (when - today()).days
    distance = "today" if not away else f"{abs(away)} days {'ahead' if away > 0 else 'ago'}"
    closed = holiday(when) or ("weekend" if when.weekday() > 4 else "")
    coming = next((d for n in range(1, 400) if holiday(d := when + timedelta(days=n))), when)
    return (
        f"{when.isoformat()} is a {WEEKDAYS[when.weekday()]}, {distance}, in calendar week {when.isocalendar().week} of "
        f"{when.isocalendar().year}; {f'no working day ({closed})' if closed else 'a working day'}. The next Monday is "
        f"{next_monday(when).isoformat()}; the next company holiday is {holiday(coming)} on {say(coming)}."
    )


@reads
async def search_handbook(
    topic: Annotated[str, "what to look up, e.g. remote work, expenses, dress code"],
) -> str:
    """Search the company handbook, the short one, for an everyday rule or policy, e.g. remote work, travel expenses, sick leave."""
    what = sentence(topic, "The topic", most=200)
    rows = every("SELECT topic, keywords, rule AS text FROM handbook ORDER BY topic")
    found = ranked(what, rows)[:3]
    if not found:
        return f"The handbook says nothing about {what!r}; HR can help. Its topics: {', '.join(r['topic'] for r in rows)}."
    return "The handbook says:\n" + listed((f"{r['topic']}: {r['text']}" for r in found), "")


@reads
async def calculate(
    expression: Annotated[str, "arithmetic, e.g. 5 * 1299 * 1.1"],
) -> str:
    """Calculate an arithmetic expression exactly."""
    return f"{sentence(expression, 'The expression', most=200)} = {worked_out(expression)}"


def headcount(team: str) -> int:
    """How many people a department has."""
    return int(
        value(
            "SELECT count(*) FROM employees WHERE department = ? AND status IN ('active', 'on leave')", team
        )
    )
