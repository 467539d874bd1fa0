"""Paying: budgets and invoices."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@reads
async def get_department_budget(
    department: Annotated[str, "department, e.g. Marketing; empty: all"] = "",
) -> str:
    """Show the budget of a department this year: total, spent and what is left."""
    raise NotImplementedError


@changes
async def transfer_budget(
    from_department: Annotated[str, "department that gives"],
    to_department: Annotated[str, "department that receives"],
    amount_usd: Annotated[float, "amount in US dollars"],
) -> str:
    """Move money from the budget of one department to another's."""
    raise NotImplementedError


@reads
async def list_invoices(
    status: Annotated[str, "open, approved, paid, overdue or all"] = "open",
    supplier_name: Annotated[str, "only this supplier's; empty: all"] = "",
) -> str:
    """List invoices (bills from suppliers) with amounts and due dates."""
    raise NotImplementedError


@changes
async def approve_invoice(
    invoice_number: Annotated[str, "number of the invoice, e.g. INV-2003"],
) -> str:
    """Approve an open invoice for payment, after comparing it with its purchase order."""
    raise NotImplementedError
