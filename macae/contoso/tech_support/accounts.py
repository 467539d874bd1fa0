"""What a colleague needs to work: mailbox, laptop, VPN, databases, software."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes


@changes
async def set_up_office_365_account(
    employee_name: Annotated[str, "full name of the employee"],
    email_address: Annotated[str, "address of the mailbox; empty: first.last@contoso.com"] = "",
) -> str:
    """Set up an Office 365 account with a mailbox (e-mail address) for an employee."""
    raise NotImplementedError


@changes
async def send_welcome_email(
    employee_name: Annotated[str, "full name of the new employee"],
    text: Annotated[str, "what to say besides the first-day facts"] = "",
) -> str:
    """Send the welcome e-mail with the facts of the first day to a new employee who has a mailbox."""
    raise NotImplementedError


@changes
async def create_shared_mailbox(
    address: Annotated[str, "the address, e.g. events@contoso.com"],
    owner_name: Annotated[str, "full name of who is responsible; me: the person who asks"] = "me",
) -> str:
    """Create a shared mailbox for a team or purpose, such as events@contoso.com."""
    raise NotImplementedError


@changes
async def configure_laptop(
    employee_name: Annotated[str, "full name of who gets the laptop"],
    laptop_model: Annotated[
        str, "model wanted; empty: the one ordered for them, else one from the IT pool"
    ] = "",
) -> str:
    """Configure a laptop for an employee: assign it, encrypt it and install the standard software."""
    raise NotImplementedError


@changes
async def install_software(
    software_name: Annotated[str, "name of the software"],
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
) -> str:
    """Install software on an employee's laptop, using a free licence seat."""
    raise NotImplementedError


@changes
async def setup_vpn_access(
    employee_name: Annotated[str, "full name of the employee; me: the person who asks"] = "me",
    until: Annotated[str, "last day, YYYY-MM-DD; empty: no end"] = "",
) -> str:
    """Set up VPN access (remote access to the company network) for an employee."""
    raise NotImplementedError


@changes
async def grant_database_access(
    employee_name: Annotated[str, "full name of the employee"],
    database_name: Annotated[str, "name of the database, e.g. SalesDB"],
    access_level: Annotated[str, "read, write or admin"] = "read",
    until: Annotated[str, "last day, YYYY-MM-DD; empty: no end"] = "",
) -> str:
    """Grant an employee access to a database."""
    raise NotImplementedError


@changes
async def revoke_access(
    employee_name: Annotated[str, "full name of the employee"],
    system: Annotated[str, "what to take away: VPN, the name of a database, or all"] = "all",
) -> str:
    """Revoke (remove, take away) an employee's VPN or database access."""
    raise NotImplementedError
