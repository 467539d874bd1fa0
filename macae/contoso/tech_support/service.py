"""The help desk: passwords, tickets, system status."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@changes
async def reset_password(
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
) -> str:
    """Reset an employee's password and unlock the account; a one-time link goes to the manager."""
    raise NotImplementedError


@changes
async def create_support_ticket(
    title: Annotated[str, "the problem in a few words"],
    description: Annotated[str, "details"] = "",
    priority: Annotated[str, "low, normal, high or urgent"] = "normal",
    employee_name: Annotated[str, "full name of who has the problem; me: the person who asks"] = "me",
) -> str:
    """Open a support ticket for an IT problem (something broken, slow or lost) at the help desk."""
    raise NotImplementedError


@changes
async def resolve_support_ticket(
    ticket_number: Annotated[str, "number of the ticket, e.g. T-305"],
    resolution: Annotated[str, "what solved it"],
) -> str:
    """Close a support ticket with its resolution."""
    raise NotImplementedError


@reads
async def list_support_tickets(
    status: Annotated[str, "open, closed or all"] = "open",
    employee_name: Annotated[str, "only this employee's; empty: everybody's"] = "",
) -> str:
    """List support tickets with their priority, age and who works on them."""
    raise NotImplementedError


@reads
async def check_system_status(
    system_name: Annotated[str, "name of the system, e.g. VPN, e-mail, SalesDB; empty: all"] = "",
) -> str:
    """Check whether the IT systems are up (outages, maintenance) and when they were last backed up."""
    raise NotImplementedError
