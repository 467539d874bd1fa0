"""Paying: budgets and invoices."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import say, today
from macae.contoso.lookup import department as known_department
from macae.contoso.procurement.buying import charge, supplier
from macae.contoso.rows import every, one, run
from macae.contoso.values import amount, choice, listed, near, simple, usd
from macae.errors import ToolRefused


@reads
async def get_department_budget(
    department: Annotated[str, "department, e.g. Marketing; empty: all"] = "",
) -> str:
    """Show the budget of a department this year: total, spent and what is left."""
    only = known_department(department) if department.strip() else ""
    rows = every("SELECT * FROM budgets WHERE ? IN ('', department) ORDER BY department", only)
    lines = (
        f"{r['department']}: {usd(r['total_usd'])} in total, {usd(r['spent_usd'])} spent, {usd(r['total_usd'] - r['spent_usd'])} left"
        for r in rows
    )
    return f"Budgets {today().year}:\n{listed(lines, '')}"


@changes
async def transfer_budget(
    from_department: Annotated[str, "department that gives"],
    to_department: Annotated[str, "department that receives"],
    amount_usd: Annotated[float, "amount in US dollars"],
) -> str:
    """Move money from the budget of one department to another's."""
    giver, taker = known_department(from_department), known_department(to_department)
    dollars = amount(amount_usd, "The amount")
    if giver == taker:
        raise ToolRefused(f"Both departments are {giver}. Name two different ones.")
    left = charge(giver, dollars, "The transfer")
    # what was given away is no longer the giver's, so total and spent both fall
    run(
        "UPDATE budgets SET spent_usd = round(spent_usd - ?, 2), total_usd = round(total_usd - ?, 2) WHERE department = ?",
        dollars,
        dollars,
        giver,
    )
    run("UPDATE budgets SET total_usd = round(total_usd + ?, 2) WHERE department = ?", dollars, taker)
    now = one("SELECT total_usd - spent_usd AS left FROM budgets WHERE department = ?", taker)
    assert now is not None
    return f"Moved {usd(dollars)} from {giver} ({usd(left)} left) to {taker} ({usd(now['left'])} left)."


@reads
async def list_invoices(
    status: Annotated[str, "open, approved, paid, overdue or all"] = "open",
    supplier_name: Annotated[str, "only this supplier's; empty: all"] = "",
) -> str:
    """List invoices (bills from suppliers) with amounts and due dates."""
    wanted = choice(status, ("open", "approved", "paid", "overdue", "all"), "The status")
    only = supplier(supplier_name)["id"] if supplier_name.strip() else 0
    rows = every(
        "SELECT i.*, s.name AS supplier FROM invoices i JOIN suppliers s ON s.id = supplier_id WHERE ? IN (0, supplier_id) "
        "AND (? = 'all' OR status = ? OR (? = 'overdue' AND status = 'open' AND due_on < ?)) ORDER BY due_on",
        only, wanted, wanted, wanted, today().isoformat(),
    )  # fmt: skip
    lines = (
        f"{r['number']}: {r['supplier']}, {usd(r['amount_usd'])}, {r['status']}, due {say(r['due_on'])}"
        f"{' (overdue)' if r['status'] == 'open' and r['due_on'] < today().isoformat() else ''}, "
        f"order {r['po_number'] or 'none'}"
        for r in rows
    )
    return (
        f"Invoices ({wanted}), {usd(sum(r['amount_usd'] for r in rows))} in all:\n{listed(lines, '- none')}"
    )


@changes
async def approve_invoice(
    invoice_number: Annotated[str, "number of the invoice, e.g. INV-2003"],
) -> str:
    """Approve an open invoice for payment, after comparing it with its purchase order."""
    wanted = f"INV-{simple(invoice_number).upper().replace('INV', '').strip(' -#')}"
    row = one(
        "SELECT i.*, s.name AS supplier, p.total_usd AS ordered_usd, p.status AS delivery FROM invoices i "
        "JOIN suppliers s ON s.id = i.supplier_id LEFT JOIN purchase_orders p ON p.number = i.po_number WHERE i.number = ?",
        wanted,
    )
    if row is None:
        numbers = [
            r["number"] for r in every("SELECT number FROM invoices WHERE status = 'open' ORDER BY number")
        ]
        raise ToolRefused(
            f"There is no invoice {invoice_number[:40]!r}{near(wanted, numbers)}. Open: {', '.join(numbers)}."
        )
    name = f"{row['number']} from {row['supplier']} ({usd(row['amount_usd'])})"
    if row["status"] != "open":
        raise ToolRefused(f"{name} is {row['status']} already.")
    if row["po_number"] is None:
        raise ToolRefused(
            f"{name} belongs to no purchase order, so it cannot be approved. Ask the supplier for the order number."
        )
    if row["delivery"] != "delivered":
        raise ToolRefused(
            f"{name} cannot be approved yet: its order {row['po_number']} is {row['delivery']}, not delivered."
        )
    if row["amount_usd"] > row["ordered_usd"] + 0.005:
        raise ToolRefused(
            f"{name} is {usd(row['amount_usd'] - row['ordered_usd'])} more than its order {row['po_number']} "
            f"({usd(row['ordered_usd'])}). Ask the supplier to correct it."
        )
    run("UPDATE invoices SET status = 'approved' WHERE number = ?", row["number"])
    return f"{name} matches its order {row['po_number']} and is approved; it will be paid by {say(max(row['due_on'], today().isoformat()))}."
