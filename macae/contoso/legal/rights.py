"""Rules and rights: compliance, trademarks, data protection."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@reads
async def check_compliance(
    topic: Annotated[str, "what is planned or asked, e.g. customer data, gifts, advertising"],
) -> str:
    """Check which laws and company policies apply to a topic, and what they require (compliance)."""
    raise NotImplementedError


@changes
async def register_trademark(
    mark: Annotated[str, "the name or slogan to protect"],
    goods: Annotated[str, "goods and services it is used for"] = "telecommunications services and devices",
) -> str:
    """File a trademark application for a name or slogan, unless it is too near an existing mark."""
    raise NotImplementedError


@changes
async def log_data_protection_request(
    person: Annotated[str, "name or e-mail address of the person whose data it is"],
    kind: Annotated[str, "access, erasure, correction or objection"] = "access",
) -> str:
    """Log a data protection (privacy, GDPR) request of a customer or employee, with its legal deadline."""
    raise NotImplementedError
