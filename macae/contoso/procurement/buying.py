"""Helpers of Procurement: budgets, suppliers, what an order does."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from macae.contoso.dates import say, today
from macae.contoso.rows import add, every, number, one, run, value
from macae.contoso.values import near, positive, simple, usd
from macae.errors import ToolRefused

__all__ = [
    "LIMIT",
    "charge",
    "cheapest",
    "hand_out",
    "order",
    "purchase_order",
    "refund",
    "seats",
    "supplier",
]

LIMIT = 10_000
"""From this amount in US dollars on, an order to a supplier awaits approval before it is placed."""

TRACKED = ("laptop", "phone", "tablet", "projector", "printer", "server")
"""Kinds of which each piece has a tag."""


def charge(department: str, dollars: float, what: str) -> float:
    """Take an amount from a department's budget; gives what is left. Refuses what the budget does not hold."""
    left = float(value("SELECT total_usd - spent_usd FROM budgets WHERE department = ?", department))
    if dollars > left + 0.005:
        raise ToolRefused(
            f"{what} costs {usd(dollars)}, but {department} has only {usd(left)} of its budget left. "
            "Take fewer or cheaper ones, another department's budget, or move money with transfer_budget."
        )
    run("UPDATE budgets SET spent_usd = round(spent_usd + ?, 2) WHERE department = ?", dollars, department)
    return left - dollars


def refund(department: str, dollars: float) -> None:
    """Give an amount back to a department's budget."""
    run(
        "UPDATE budgets SET spent_usd = max(0, round(spent_usd - ?, 2)) WHERE department = ?",
        dollars,
        department,
    )


def cheapest(sku: str, quantity: int, supplier_id: int | None = None) -> sqlite3.Row:
    """The supplier (or this one) that sells so many pieces for the least money."""
    offers = every(
        "SELECT * FROM supplier_prices JOIN suppliers ON id = supplier_id WHERE sku = ? AND ? IN (0, supplier_id) "
        "ORDER BY price_usd, delivery_days",
        sku, supplier_id or 0,
    )  # fmt: skip
    item = value("SELECT name FROM items WHERE sku = ?", sku)
    if not offers:
        sellers = every(
            "SELECT name FROM supplier_prices JOIN suppliers ON id = supplier_id WHERE sku = ?", sku
        )
        raise ToolRefused(
            f"That supplier does not sell {item}. Those who do: {', '.join(r['name'] for r in sellers) or 'nobody'}."
        )
    for offer in offers:
        if offer["available"] >= quantity:
            return offer
    most = max(offers, key=lambda offer: offer["available"])
    raise ToolRefused(
        f"No supplier has {quantity} pieces of {item} now; the most is {most['available']} at {most['name']}. Order fewer."
    )


def order(
    article: sqlite3.Row,
    quantity: int,
    department: str,
    total: float,
    employee: int | None,
    offer: sqlite3.Row | None,
) -> tuple[str, str]:
    """Store one purchase order (offer None: from stock); gives its number and a sentence about it."""
    made = number("purchase_orders", "PO-")
    if offer is None:
        status, expected = "delivered", today()
    else:
        status = "awaiting approval" if total >= LIMIT else "ordered"
        expected = today() + timedelta(days=offer["delivery_days"])
    add(
        "purchase_orders", number=made, sku=article["sku"], quantity=quantity,
        supplier_id=offer["supplier_id"] if offer else None, total_usd=total, department=department, for_employee_id=employee,
        status=status, ordered_on=today().isoformat(), expected_on=expected.isoformat(),
    )  # fmt: skip
    if offer is None:
        return made, f"{made}: {quantity} x {article['name']} from stock, {usd(total)}, ready at once"
    told = f"{made}: {quantity} x {article['name']} from {offer['name']}, {usd(total)}, expected on {say(expected)}"
    if status == "awaiting approval":
        told += f"; it awaits approval (from {usd(LIMIT)} on), see process_purchase_order"
    return made, told


def hand_out(article: sqlite3.Row, quantity: int, department: str, employee: int | None) -> list[str]:
    """Take pieces from stock; gives the tags of those that carry one."""
    run("UPDATE items SET in_stock = in_stock - ? WHERE sku = ?", quantity, article["sku"])
    tags = []
    for _ in range(quantity if article["kind"] in TRACKED else 0):
        tags.append(number("assets", "A-", "tag"))
        add(
            "assets", tag=tags[-1], sku=article["sku"], status="ready", department=department, employee_id=employee,
            since=today().isoformat(),
        )  # fmt: skip
    return tags


def seats(sku: str, department: str, quantity: int) -> None:
    """Add licence seats to a department."""
    run(
        "INSERT INTO licences VALUES (?, ?, ?, 0) ON CONFLICT DO UPDATE SET seats = seats + excluded.seats",
        sku, department, positive(quantity, "The number of seats"),
    )  # fmt: skip


def purchase_order(name: str) -> sqlite3.Row:
    """The purchase order with its article and supplier."""
    wanted = simple(name).upper().replace("PO", "").strip(" -#")
    row = one(
        "SELECT p.*, i.name AS item, i.kind AS kind, s.name AS supplier FROM purchase_orders p JOIN items i USING (sku) "
        "LEFT JOIN suppliers s ON s.id = p.supplier_id WHERE p.number = ?",
        f"PO-{wanted}",
    )
    if row is None:
        numbers = [r["number"] for r in every("SELECT number FROM purchase_orders ORDER BY number DESC")]
        raise ToolRefused(
            f"There is no purchase order {name[:40]!r}{near(name, numbers)}. The latest: {', '.join(numbers[:5])}."
        )
    return row


def supplier(name: str) -> sqlite3.Row:
    """The supplier that is meant, also by a part of the name."""
    rows = every("SELECT * FROM suppliers ORDER BY name")
    wanted = simple(name)
    exact = [row for row in rows if simple(row["name"]) == wanted]
    found = exact or [row for row in rows if wanted and wanted in simple(row["name"])]
    if len(found) != 1:
        names = [row["name"] for row in rows]
        raise ToolRefused(
            f"There is no supplier {name[:60]!r}{near(name, names)}. Suppliers: {', '.join(names)}."
        )
    return found[0]
