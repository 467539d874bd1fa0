"""Being employed: benefits, payroll, background checks, ID cards."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import changes
from macae.contoso.dates import next_workday, say, today
from macae.contoso.hr.staff import first_payday
from macae.contoso.lookup import employee
from macae.contoso.rows import add, every, number, one, run, value
from macae.contoso.values import amount, choice, usd
from macae.errors import ToolRefused


@changes
async def register_for_benefits(
    employee_name: Annotated[str, "full name of the employee"],
    package: Annotated[str, "Standard, Family or Plus"] = "Standard",
) -> str:
    """Enrol an employee in a benefits package (health insurance, pension)."""
    row = employee(employee_name)
    names = [r["name"] for r in every("SELECT name FROM benefit_packages ORDER BY monthly_usd")]
    chosen = one(
        "SELECT * FROM benefit_packages WHERE name = ?",
        choice(package.lower().removesuffix("package"), names, "The package"),
    )
    assert chosen is not None
    before = value("SELECT package FROM benefits WHERE employee_id = ?", row["id"])
    if before == chosen["name"]:
        raise ToolRefused(
            f"{row['name']} already has the {before} package. Others: {', '.join(n for n in names if n != before)}."
        )
    since = max(today().isoformat(), row["start_date"])
    run("INSERT OR REPLACE INTO benefits VALUES (?, ?, ?)", row["id"], chosen["name"], since)
    instead = f", instead of {before}" if before else ""
    return (
        f"{row['name']} has the {chosen['name']} benefits package from {say(since)}{instead}: {chosen['covers']} "
        f"({usd(chosen['monthly_usd'])} a month, paid by Contoso)."
    )


@changes
async def set_up_payroll(
    employee_name: Annotated[str, "full name of the employee"],
    annual_salary_usd: Annotated[float, "gross salary a year in US dollars; 0: as in the offer"] = 0,
) -> str:
    """Set up payroll for an employee, so that the salary is paid each month."""
    row = employee(employee_name)
    if present := one("SELECT * FROM payroll WHERE employee_id = ?", row["id"]):
        raise ToolRefused(f"{row['name']} is already on the payroll, since {say(present['first_payday'])}.")
    offered = value("SELECT salary_usd FROM offers WHERE employee_id = ?", row["id"])
    if not annual_salary_usd and offered is None:
        raise ToolRefused(
            f"No offer with a salary is stored for {row['name']}. Give annual_salary_usd, e.g. 60000."
        )
    salary = amount(annual_salary_usd or offered, "The salary", least=15_000, most=500_000)
    payday = first_payday(row["start_date"])
    add("payroll", employee_id=row["id"], salary_usd=salary, first_payday=payday.isoformat())
    return f"{row['name']} is on the payroll with {usd(salary)} a year ({usd(salary / 12)} a month); first payday {say(payday)}."


@changes
async def initiate_background_check(
    employee_name: Annotated[str, "full name of the new hire or employee"],
    kind: Annotated[str, "standard, criminal, education or employment"] = "standard",
) -> str:
    """Start a background check of a new hire or employee."""
    row = employee(employee_name)
    which = choice(kind, ("standard", "criminal", "education", "employment"), "The kind")
    if running := one(
        "SELECT * FROM background_checks WHERE employee_id = ? AND kind = ? AND status = 'running'",
        row["id"],
        which,
    ):
        raise ToolRefused(
            f"A {which} check of {row['name']} runs already (number {running['id']}); it ends by {say(running['due_on'])}."
        )
    due = next_workday(today() + timedelta(days=7 if which == "standard" else 12))
    made = add(
        "background_checks", employee_id=row["id"], kind=which, status="running",
        started_on=today().isoformat(), due_on=due.isoformat(),
    )  # fmt: skip
    return f"The {which} background check of {row['name']} has started (number {made}); the result comes by {say(due)}."


@changes
async def request_id_card(
    employee_name: Annotated[str, "full name of the employee"],
) -> str:
    """Request an ID card (access badge) for an employee; a lost card is blocked and replaced."""
    row = employee(employee_name)
    waiting = value("SELECT number FROM id_cards WHERE employee_id = ? AND status = 'requested'", row["id"])
    if waiting:
        raise ToolRefused(
            f"The ID card {waiting} of {row['name']} is already requested and will be printed within two days."
        )
    blocked = run(
        "UPDATE id_cards SET status = 'blocked' WHERE employee_id = ? AND status = 'active'", row["id"]
    )
    made = number("id_cards", "ID-")
    add("id_cards", number=made, employee_id=row["id"], status="requested", requested_on=today().isoformat())
    old = " The card used so far is blocked." if blocked else ""
    return f"ID card {made} is requested for {row['name']}; it can be fetched at the {row['location']} reception on {say(next_workday(today() + timedelta(days=2)))}.{old}"
