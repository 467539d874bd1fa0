"""Who may reach what: VPN and databases."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes
from macae.contoso.dates import future_day, say, today
from macae.contoso.lookup import employee, person
from macae.contoso.rows import every, one, run
from macae.contoso.tech_support.helpers import database
from macae.contoso.values import choice, simple
from macae.errors import ToolRefused


@changes
async def setup_vpn_access(
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
    until: Annotated[str, "last day, YYYY-MM-DD; empty: no end"] = "",
) -> str:
    """Set up VPN access (remote access to the company network) for an employee."""
    row = employee(employee_name)
    last = future_day(until, "The last day") if until.strip() else None
    present = one("SELECT * FROM vpn_access WHERE employee_id = ?", row["id"])
    if present and present["until"] == (last.isoformat() if last else None):
        raise ToolRefused(f"{row['name']} already has VPN access, {ends(present['until'])}.")
    run(
        "INSERT INTO vpn_access VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until",
        row["id"], today().isoformat(), last.isoformat() if last else None,
    )  # fmt: skip
    return f"{row['name']} has VPN access, {ends(last.isoformat() if last else None)}. The client asks for a second factor."


@changes
async def grant_database_access(
    employee_name: Annotated[str, "full name of the employee"],
    database_name: Annotated[str, "name of the database, e.g. SalesDB"],
    access_level: Annotated[str, "read, write or admin"] = "read",
    until: Annotated[str, "last day, YYYY-MM-DD; empty: no end"] = "",
) -> str:
    """Grant an employee access to a database."""
    row, base = employee(employee_name), database(database_name)
    level = choice(
        access_level.lower().removeprefix("read/").replace("-only", "").replace(" only", ""),
        LEVELS,
        "The access level",
    )
    last = future_day(until, "The last day") if until.strip() else None
    if base["sensitive"] and level == "admin" and row["department"] != "IT":
        raise ToolRefused(
            f"{base['name']} holds personal data: only IT may be its admin. Possible for {row['name']}: read or write."
        )
    present = one(
        "SELECT * FROM database_access WHERE employee_id = ? AND database = ?", row["id"], base["name"]
    )
    end = last.isoformat() if last else None
    if present and (present["level"], present["until"]) == (level, end):
        raise ToolRefused(f"{row['name']} already has {level} access to {base['name']}, {ends(end)}.")
    run(
        "INSERT OR REPLACE INTO database_access VALUES (?, ?, ?, ?, ?)",
        row["id"],
        base["name"],
        level,
        today().isoformat(),
        end,
    )
    instead = f" (it was {present['level']})" if present else ""
    return (
        f"{row['name']} has {level} access to {base['name']} ({base['purpose']}){instead}, {ends(end)}. "
        f"Its owner {base['owner']} was told."
    )


@changes
async def revoke_access(
    employee_name: Annotated[str, "full name of the employee"],
    system: Annotated[str, "what to take away: VPN, the name of a database, or all"] = "all",
) -> str:
    """Revoke (remove, take away) an employee's VPN or database access."""
    row = person(employee_name)
    wanted = simple(system)
    gone = []
    if wanted in ("all", "", "everything", "vpn") and run(
        "DELETE FROM vpn_access WHERE employee_id = ?", row["id"]
    ):
        gone.append("VPN")
    if wanted != "vpn":
        only = "" if wanted in ("all", "", "everything") else database(system)["name"]
        held = every(
            "SELECT database FROM database_access WHERE employee_id = ? AND ? IN ('', database)",
            row["id"],
            only,
        )
        run("DELETE FROM database_access WHERE employee_id = ? AND ? IN ('', database)", row["id"], only)
        gone += [r["database"] for r in held]
    if not gone:
        raise ToolRefused(
            f"{row['name']} has no access to {'VPN or a database' if wanted in ('all', '') else system}."
        )
    return f"{row['name']} no longer has access to: {', '.join(gone)}."


LEVELS = ("read", "write", "admin")


def ends(until: str | None) -> str:
    """How long an access lasts, for readers."""
    return f"until {say(until)}" if until else "without an end"
