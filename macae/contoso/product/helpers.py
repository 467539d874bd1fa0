"""Helpers of Product: which product and which customer is meant, bills, roaming."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

from macae.contoso.dates import months_on, say, today
from macae.contoso.lookup import MYSELF, me
from macae.contoso.rows import every, one, run
from macae.contoso.values import near, simple, usd, words
from macae.errors import ToolRefused

__all__ = ["named_row", "next_bill", "product", "roam", "subscription"]


def product(name: str) -> sqlite3.Row:
    """The product that is meant: by its name or by words of it that fit one product only."""
    return named_row("products", name, "product")


def named_row(table: str, name: str, what: str) -> sqlite3.Row:
    """The row of a table that a name fits, exactly or by its words alone."""
    rows = every(f"SELECT * FROM {table} ORDER BY name")
    exact = [row for row in rows if simple(row["name"]) == simple(name)]
    asked = words(name) - words(what) - {"contoso"}
    found = exact or [row for row in rows if asked and asked <= words(row["name"])]
    if len(found) == 1:
        return found[0]
    names = [row["name"] for row in rows]
    if found:
        raise ToolRefused(
            f"More than one {what} fits {name[:60]!r}: {', '.join(row['name'] for row in found)}. Say which."
        )
    raise ToolRefused(f"There is no {what} {name[:60]!r}{near(name, names)}. There is: {', '.join(names)}.")


def subscription(customer: str) -> sqlite3.Row:
    """The mobile subscription of a customer (by name, e-mail or phone number), or of the person who asks."""
    sql = "SELECT s.*, c.name, c.email, c.segment FROM subscriptions s JOIN customers c ON c.id = customer_id"
    if simple(customer) in MYSELF:
        own = me()
        row = one(f"{sql} WHERE c.employee_id = ?", own["id"])
        if row is None:
            raise ToolRefused(f"{own['name']} has no mobile plan at Contoso. Name a customer who has one.")
        return row
    rows = every(f"{sql} ORDER BY c.name")
    wanted = simple(customer)
    digits = "".join(c for c in customer if c.isdigit())
    exact = [r for r in rows if wanted in (simple(r["name"]), simple(r["email"]))]
    exact = exact or [
        r
        for r in rows
        if len(digits) > 6 and "".join(c for c in r["phone_number"] if c.isdigit()).endswith(digits)
    ]
    found = exact or [r for r in rows if set(wanted.split()) <= set(simple(r["name"]).split())]
    if len(found) != 1:
        names = [r["name"] for r in rows]
        raise ToolRefused(
            f"There is no mobile customer {customer[:60]!r}{near(customer, names)}. Give the name or phone number."
        )
    return found[0]


def next_bill(row: sqlite3.Row) -> tuple[date, float]:
    """The next billing date of a subscription, and what it will cost."""
    due = today().replace(day=row["billing_day"])
    due = due if due > today() else months_on(due, 1)
    plan = row["next_plan"] if row["next_plan"] and row["next_plan_from"] <= due.isoformat() else row["plan"]
    sums = [
        one("SELECT price_usd AS usd FROM mobile_plans WHERE name = ?", plan),
        one("SELECT sum(price_usd) AS usd FROM subscription_extras JOIN extras_packs ON pack = name WHERE subscription_id = ?", row["id"]),
        one(
            "SELECT price_usd AS usd FROM roaming JOIN roaming_plans ON roaming_plan = name "
            "WHERE subscription_id = ? AND per <> 'day of use' AND first_day < ?",
            row["id"], due.isoformat(),
        ),
    ]  # fmt: skip
    return due, sum(found["usd"] or 0.0 for found in sums if found)


def roam(row: sqlite3.Row, name: str, first: date, last: date | None) -> str:
    """Switch roaming on for a subscription. Refuses when it is on in that time already."""
    unnamed = words(name) <= {"roaming", "plan", "pack", "mobile", "extra", "standard", "default"}
    chosen = named_row("roaming_plans", "Roam Anywhere" if unnamed else name, "roaming plan")
    present = one("SELECT * FROM roaming WHERE subscription_id = ?", row["id"])
    if present and (present["last_day"] is None or present["last_day"] >= first.isoformat()):
        until = f"until {say(present['last_day'])}" if present["last_day"] else "without an end"
        raise ToolRefused(
            f"Roaming is already on for {row['name']} ({row['phone_number']}): {present['roaming_plan']} from "
            f"{say(present['first_day'])} {until}. Turn it off first with cancel_mobile_extras_pack to change it."
        )
    days = {"week": 7, "30 days": 30}.get(chosen["per"])
    last = last or (first + timedelta(days=days - 1) if days else None)
    run(
        "INSERT OR REPLACE INTO roaming VALUES (?, ?, ?, ?)",
        row["id"], chosen["name"], first.isoformat(), last.isoformat() if last else None,
    )  # fmt: skip
    until = f"until {say(last)}" if last else "until it is switched off"
    return (
        f"Roaming is on for {row['name']} ({row['phone_number']}, {row['plan']}) from {say(first)} {until}: {chosen['name']}, "
        f"{usd(chosen['price_usd'])} per {chosen['per']}, {chosen['includes']}; {chosen['region']} ({chosen['countries']})."
    )
