"""Legal: the tools of the department."""

from __future__ import annotations

from macae.contoso.legal.contracts import (
    create_nda,
    draft_contract,
    find_contracts,
    renew_contract,
    review_contract,
    send_contract_for_signature,
    terminate_contract,
)
from macae.contoso.legal.rights import (
    check_compliance,
    log_data_protection_request,
    register_trademark,
)

__all__ = [
    "check_compliance",
    "create_nda",
    "draft_contract",
    "find_contracts",
    "log_data_protection_request",
    "register_trademark",
    "renew_contract",
    "review_contract",
    "send_contract_for_signature",
    "terminate_contract",
]

TOOLS = (
    draft_contract,
    create_nda,
    review_contract,
    send_contract_for_signature,
    find_contracts,
    renew_contract,
    terminate_contract,
    check_compliance,
    register_trademark,
    log_data_protection_request,
)
"""In the order in which a reader would look for them."""
