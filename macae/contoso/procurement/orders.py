"""Ordering: what is in stock, who sells it, purchase orders from draft to delivery."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import say, today
from macae.contoso.lookup import department as known_department
from macae.contoso.lookup import employee, item, me, named
from macae.contoso.procurement.buying import (
    LIMIT,
    charge,
    cheapest,
    hand_out,
    order,
    purchase_order,
    refund,
    seats,
)
from macae.contoso.rows import every, run
from macae.contoso.values import listed, near, positive, sentence, usd
from macae.errors import ToolRefused


@reads
async def check_inventory(
    item_name: Annotated[str, "what to look for, e.g. laptop; empty: everything"] = "",
) -> str:
    """Check the inventory: how many of an item (laptops, monitors, phones, …) are in stock, and its price."""
    rows = every("SELECT * FROM items WHERE kind <> 'software' ORDER BY rowid")
    found = named(item_name, rows) if item_name.strip() else rows
    if not found:
        raise ToolRefused(
            f"We stock nothing called {item_name[:60]!r}{near(item_name, [r['name'] for r in rows])}. "
            f"We stock: {', '.join(r['name'] for r in rows)}."
        )
    return "In stock:\n" + listed(
        (f"{r['name']}: {r['in_stock']} pieces, {usd(r['price_usd'])} each ({r['sku']})" for r in found), ""
    )


@changes
async def order_hardware(
    item_name: Annotated[str, "what to order, e.g. laptop, monitor, or a model name"],
    quantity: Annotated[int, "how many"] = 1,
    department: Annotated[
        str, "who pays, e.g. Marketing; empty: the department of the employee, or of the person who asks"
    ] = "",
    for_employee: Annotated[str, "full name of who will use it; empty: the department decides"] = "",
) -> str:
    """Order hardware (laptops, monitors, phones, chairs) for a department or an employee.

    Taken from stock first, the rest is bought from the cheapest supplier; the department's budget is charged.
    """
    article = item(item_name)
    positive(quantity, "The quantity", most=500)
    user = employee(for_employee) if for_employee.strip() else None
    payer = known_department(department) if department.strip() else (user or me())["department"]
    from_stock = min(article["in_stock"], quantity)
    rest = quantity - from_stock
    offer = cheapest(article["sku"], rest) if rest else None
    stock_cost = round(from_stock * article["price_usd"], 2)
    rest_cost = round(rest * offer["price_usd"], 2) if offer else 0.0
    left = charge(payer, stock_cost + rest_cost, f"{quantity} x {article['name']}")
    user_id = user["id"] if user else None
    lines = []
    if from_stock:
        tags = hand_out(article, from_stock, payer, user_id)
        told = order(article, from_stock, payer, stock_cost, user_id, None)[1]
        lines.append(told + (f" (tags {', '.join(tags)})" if tags else ""))
    if offer:
        lines.append(order(article, rest, payer, rest_cost, user_id, offer)[1])
    whom = f"{user['name']} ({payer})" if user else payer
    return (
        f"Ordered {quantity} x {article['name']} for {whom}. {'. '.join(lines)}. "
        f"Total {usd(stock_cost + rest_cost)}; the {payer} budget has {usd(left)} left."
    )


@changes
async def order_software_license(
    software_name: Annotated[str, "name of the software, e.g. Adobe Creative Cloud"],
    quantity: Annotated[int, "how many seats"] = 1,
    department: Annotated[str, "who pays, e.g. Marketing; empty: the department of the person who asks"] = "",
) -> str:
    """Buy software licences (seats) for a department; its budget is charged."""
    article = item(software_name, "software")
    positive(quantity, "The quantity", most=500)
    payer = known_department(department)
    offer = cheapest(article["sku"], quantity)
    total = round(quantity * offer["price_usd"], 2)
    left = charge(payer, total, f"{quantity} x {article['name']}")
    made, told = order(article, quantity, payer, total, None, offer)
    if total < LIMIT:
        run(
            "UPDATE purchase_orders SET status = 'delivered', expected_on = ordered_on WHERE number = ?", made
        )
        seats(article["sku"], payer, quantity)
        told = f"{made}: {quantity} seats of {article['name']} from {offer['name']}, {usd(total)} a year, usable at once"
    return f"Ordered licences for {payer}. {told}. The {payer} budget has {usd(left)} left."


@changes
async def process_purchase_order(
    po_number: Annotated[str, "number of the purchase order, e.g. PO-1042"],
) -> str:
    """Approve a purchase order that awaits approval and place it with the supplier."""
    row = purchase_order(po_number)
    if row["status"] != "awaiting approval":
        raise ToolRefused(
            f"{row['number']} is {row['status']}; only an order that awaits approval can be approved."
        )
    offer = cheapest(row["sku"], row["quantity"], row["supplier_id"])
    expected = today() + timedelta(days=offer["delivery_days"])
    status = "delivered" if row["kind"] == "software" else "ordered"
    if row["kind"] == "software":
        seats(row["sku"], row["department"], row["quantity"])
    run(
        "UPDATE purchase_orders SET status = ?, expected_on = ? WHERE number = ?",
        status,
        expected.isoformat(),
        row["number"],
    )
    return (
        f"{row['number']} is approved and placed with {row['supplier']}: {row['quantity']} x {row['item']} for "
        f"{row['department']}, {usd(row['total_usd'])}, expected on {say(expected)}."
    )


@changes
async def cancel_purchase_order(
    po_number: Annotated[str, "number of the purchase order, e.g. PO-1042"],
    reason: Annotated[str, "why"] = "",
) -> str:
    """Cancel a purchase order that was not delivered yet; the budget gets its money back."""
    row = purchase_order(po_number)
    if row["status"] not in ("ordered", "awaiting approval"):
        raise ToolRefused(f"{row['number']} is {row['status']} and cannot be cancelled any more.")
    why = sentence(reason, "The reason", most=300, may_be_empty=True)
    run("UPDATE purchase_orders SET status = 'cancelled' WHERE number = ?", row["number"])
    refund(row["department"], row["total_usd"])
    return (
        f"{row['number']} ({row['quantity']} x {row['item']} from {row['supplier']}) is cancelled"
        f"{f' ({why})' if why else ''}; {row['department']} gets {usd(row['total_usd'])} back."
    )


@reads
async def track_order(
    order_number: Annotated[str, "number of the purchase order, e.g. PO-1042; empty: all open orders"] = "",
) -> str:
    """Track an order: the status and expected delivery of a purchase order, or of all open ones."""
    if order_number.strip():
        rows = [purchase_order(order_number)]
    else:
        numbers = every(
            "SELECT number FROM purchase_orders WHERE status IN ('ordered', 'awaiting approval') ORDER BY expected_on"
        )
        rows = [purchase_order(r["number"]) for r in numbers]
    lines = []
    for r in rows:
        arrives = (
            f"expected on {say(r['expected_on'])}"
            if r["status"] in ("ordered", "awaiting approval")
            else f"since {say(r['expected_on'])}"
        )
        lines.append(
            f"{r['number']}: {r['quantity']} x {r['item']} for {r['department']} from {r['supplier'] or 'stock'}, "
            f"{usd(r['total_usd'])}, {r['status']}, ordered on {say(r['ordered_on'])}, {arrives}"
        )
    return listed(lines, "No order is open.")
