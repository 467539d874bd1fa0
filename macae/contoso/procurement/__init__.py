"""Procurement: the tools of the department."""

from __future__ import annotations

from macae.contoso.procurement.money import (
    approve_invoice,
    get_department_budget,
    list_invoices,
    transfer_budget,
)
from macae.contoso.procurement.orders import (
    cancel_purchase_order,
    check_inventory,
    order_hardware,
    order_software_license,
    process_purchase_order,
    track_order,
)
from macae.contoso.procurement.suppliers import (
    find_suppliers,
    request_quote,
)

__all__ = [
    "approve_invoice",
    "cancel_purchase_order",
    "check_inventory",
    "find_suppliers",
    "get_department_budget",
    "list_invoices",
    "order_hardware",
    "order_software_license",
    "process_purchase_order",
    "request_quote",
    "track_order",
    "transfer_budget",
]

TOOLS = (
    check_inventory,
    order_hardware,
    order_software_license,
    process_purchase_order,
    cancel_purchase_order,
    track_order,
    find_suppliers,
    request_quote,
    get_department_budget,
    transfer_budget,
    list_invoices,
    approve_invoice,
)
"""In the order in which a reader would look for them."""
