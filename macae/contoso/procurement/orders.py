"""Ordering: what is in stock, who sells it, purchase orders from draft to delivery."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@reads
async def check_inventory(
    item_name: Annotated[str, "what to look for, e.g. laptop; empty: everything"] = "",
) -> str:
    """Check the inventory: how many of an item (laptops, monitors, phones, …) are in stock, and its price."""
    raise NotImplementedError


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
    raise NotImplementedError


@changes
async def order_software_license(
    software_name: Annotated[str, "name of the software, e.g. Adobe Creative Cloud"],
    quantity: Annotated[int, "how many seats"] = 1,
    department: Annotated[str, "who pays, e.g. Marketing; empty: the department of the person who asks"] = "",
) -> str:
    """Buy software licences (seats) for a department; its budget is charged."""
    raise NotImplementedError


@reads
async def find_suppliers(
    item_name: Annotated[str, "what should be bought; empty: all suppliers"] = "",
) -> str:
    """Find suppliers (vendors) of an item with their prices, delivery times and ratings."""
    raise NotImplementedError


@changes
async def request_quote(
    item_name: Annotated[str, "what should be bought"],
    quantity: Annotated[int, "how many"] = 1,
    supplier_name: Annotated[str, "the supplier; empty: the cheapest"] = "",
) -> str:
    """Request a quote from a supplier: a price for a quantity, with discount, that holds for 30 days."""
    raise NotImplementedError


@changes
async def process_purchase_order(
    po_number: Annotated[str, "number of the purchase order, e.g. PO-1042"],
) -> str:
    """Approve a purchase order that awaits approval and place it with the supplier."""
    raise NotImplementedError


@changes
async def cancel_purchase_order(
    po_number: Annotated[str, "number of the purchase order, e.g. PO-1042"],
    reason: Annotated[str, "why"] = "",
) -> str:
    """Cancel a purchase order that was not delivered yet; the budget gets its money back."""
    raise NotImplementedError


@reads
async def track_order(
    order_number: Annotated[str, "number of the purchase order, e.g. PO-1042; empty: all open orders"] = "",
) -> str:
    """Track an order: the status and expected delivery of a purchase order, or of all open ones."""
    raise NotImplementedError
