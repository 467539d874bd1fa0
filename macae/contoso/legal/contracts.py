"""Contracts and NDAs, from draft to end."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@changes
async def draft_contract(
    counterparty: Annotated[str, "the other party: a company or a person"],
    contract_type: Annotated[str, "services, supply, employment, lease or partnership"] = "services",
    value_usd: Annotated[float, "value in US dollars; 0: not agreed yet"] = 0,
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: first of next month"] = "",
    end_date: Annotated[str, "last day, YYYY-MM-DD; empty: one year after the start"] = "",
    terms: Annotated[str, "special terms"] = "",
) -> str:
    """Draft a contract (agreement) with a company or a person and store it."""
    raise NotImplementedError


@changes
async def create_nda(
    counterparty: Annotated[str, "the other party: a company or a person"],
    purpose: Annotated[
        str, "what is to stay secret and why it is shared"
    ] = "evaluating a business relationship",
    duration_months: Annotated[int, "how long it binds, in months"] = 24,
) -> str:
    """Create a non-disclosure agreement (NDA, confidentiality agreement) with a company or a person."""
    raise NotImplementedError


@changes
async def review_contract(
    contract: Annotated[str, "number, e.g. C-107, or counterparty or title of the contract"],
) -> str:
    """Review a contract for risks against the legal checklist, and record the findings."""
    raise NotImplementedError


@changes
async def send_contract_for_signature(
    contract: Annotated[str, "number, e.g. C-107, or counterparty or title of the contract or NDA"],
    signer_email: Annotated[str, "e-mail address of who signs; empty: the counterparty's known address"] = "",
) -> str:
    """Send a drafted contract or NDA out for signature."""
    raise NotImplementedError


@reads
async def find_contracts(
    query: Annotated[str, "counterparty, type, title or status; empty: all"] = "",
    ending_within_days: Annotated[int, "only those that end within so many days; 0: any"] = 0,
) -> str:
    """Find contracts and NDAs, e.g. with a company, or those that expire soon."""
    raise NotImplementedError


@changes
async def renew_contract(
    contract: Annotated[str, "number, e.g. C-107, or counterparty or title of the contract"],
    end_date: Annotated[str, "the new last day, YYYY-MM-DD; empty: one year more"] = "",
) -> str:
    """Renew (extend) a contract to a later end date."""
    raise NotImplementedError


@changes
async def terminate_contract(
    contract: Annotated[str, "number, e.g. C-107, or counterparty or title of the contract"],
    reason: Annotated[str, "why"],
    end_date: Annotated[str, "last day, YYYY-MM-DD; empty: the earliest that the notice period allows"] = "",
) -> str:
    """Terminate (give notice of) a contract, keeping its notice period."""
    raise NotImplementedError
