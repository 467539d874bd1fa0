"""Helpers of Legal: which contract is meant, and the checklist of a review."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta

from macae.contoso.dates import say, today
from macae.contoso.rows import every, one
from macae.contoso.values import near, simple, usd, words
from macae.errors import ToolRefused

__all__ = ["contract", "line", "weighed"]

CHECKS = (
    (
        r"unlimited liability",
        "high",
        "Contoso is liable without a limit; ask for a cap at the contract value",
    ),
    (r"penalt", "high", "a penalty is due for ending early; negotiate it down"),
    (r"exclusive", "medium", "it is exclusive and keeps Contoso from other partners"),
    (r"renews by itself", "medium", "it renews by itself; note the day by which notice must be given"),
    (r"no early exit", "medium", "it cannot be ended before its last day"),
    (r"personal data", "medium", "personal data is processed; a data processing agreement is needed"),
    (
        r"price fixed|capped|pass to contoso",
        "low",
        "a term in favour of Contoso is agreed (price, liability or rights)",
    ),
)
"""What the legal checklist looks for in the terms: pattern, risk, finding."""


def contract(name: str) -> sqlite3.Row:
    """The contract or NDA with this number, or the only one that its counterparty or title fits."""
    rows = every("SELECT * FROM contracts ORDER BY number")
    wanted = simple(name).upper().replace(" ", "")
    for row in rows:
        if row["number"].replace("-", "") == wanted:
            return row
    asked = words(name) - {"contract", "agreement"}
    found = [
        row for row in rows if asked and asked <= words(f"{row['counterparty']} {row['title']} {row['kind']}")
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise ToolRefused(
            f"More than one contract fits {name[:60]!r}: {'; '.join(map(line, found))}. Give the number."
        )
    names = [row["counterparty"] for row in rows]
    there = ", ".join(f"{row['number']} {row['counterparty']}" for row in rows)
    raise ToolRefused(f"There is no contract {name[:60]!r}{near(name, names)}. There is: {there}.")


def line(row: sqlite3.Row) -> str:
    """A contract on one line."""
    worth = f", {usd(row['value_usd'])}" if row["value_usd"] else ""
    return (
        f"{row['number']} {row['title']} with {row['counterparty']} ({row['kind']}{worth}), {row['status']}, "
        f"{say(row['first_day'])} to {say(row['last_day'])}, {row['notice_days']} days' notice"
    )


def weighed(row: sqlite3.Row) -> tuple[str, list[str]]:
    """The highest risk of a contract, and what the checklist found."""
    found = [
        (risk, finding)
        for pattern, risk, finding in CHECKS
        if re.search(pattern, row["terms"], re.IGNORECASE)
    ]
    if row["notice_days"] > 60:
        found.append(("medium", f"the notice period is long ({row['notice_days']} days)"))
    if row["value_usd"] >= 50_000:
        found.append(("low", f"two signatures are needed ({usd(row['value_usd'])})"))
    if row["kind"] == "employment":
        found.append(("low", "HR must confirm salary and start date"))
    ends = today() + timedelta(days=60)
    if row["status"] == "active" and row["last_day"] <= ends.isoformat():
        found.append(("medium", f"it ends soon, on {say(row['last_day'])}; decide on renewal"))
    secret = one(
        "SELECT 1 FROM contracts WHERE kind = 'nda' AND status IN ('active', 'out for signature') AND counterparty = ?",
        row["counterparty"],
    )
    if row["kind"] == "partnership" and not secret:
        found.append(("medium", f"no NDA with {row['counterparty']} is in force"))
    risk = next((level for level in ("high", "medium") if level in [r for r, _ in found]), "low")
    return risk, [finding for _, finding in found] or ["nothing on the checklist stands out"]
