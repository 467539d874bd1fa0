"""IT support: the tools of the department."""

from __future__ import annotations

from macae.contoso.tech_support.access import (
    grant_database_access,
    revoke_access,
    setup_vpn_access,
)
from macae.contoso.tech_support.accounts import (
    configure_laptop,
    create_shared_mailbox,
    install_software,
    send_welcome_email,
    set_up_office_365_account,
)
from macae.contoso.tech_support.service import (
    check_system_status,
    create_support_ticket,
    list_support_tickets,
    reset_password,
    resolve_support_ticket,
)

__all__ = [
    "check_system_status",
    "configure_laptop",
    "create_shared_mailbox",
    "create_support_ticket",
    "grant_database_access",
    "install_software",
    "list_support_tickets",
    "reset_password",
    "resolve_support_ticket",
    "revoke_access",
    "send_welcome_email",
    "set_up_office_365_account",
    "setup_vpn_access",
]

TOOLS = (
    set_up_office_365_account,
    send_welcome_email,
    create_shared_mailbox,
    configure_laptop,
    install_software,
    setup_vpn_access,
    grant_database_access,
    revoke_access,
    reset_password,
    create_support_ticket,
    resolve_support_ticket,
    list_support_tickets,
    check_system_status,
)
"""In the order in which a reader would look for them."""
