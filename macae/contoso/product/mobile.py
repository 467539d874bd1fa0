"""Mobile customers: plans, roaming, extras, bills."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@reads
async def get_mobile_plans(
    plan_name: Annotated[str, "a mobile plan; empty: all"] = "",
) -> str:
    """Get information about the mobile plans on offer: price a month, data, calls."""
    raise NotImplementedError


@reads
async def get_roaming_plans(
    destination: Annotated[str, "country or region of the journey; empty: everywhere"] = "",
) -> str:
    """Get information about roaming plans for travelling abroad (overseas): countries, data, price."""
    raise NotImplementedError


@reads
async def get_subscription(
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
) -> str:
    """Show a customer's mobile plan: number, plan, extras packs, roaming on or off."""
    raise NotImplementedError


@reads
async def get_billing_info(
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
) -> str:
    """Show a customer's billing date, the amount of the next bill, and the latest bills."""
    raise NotImplementedError


@changes
async def enable_roaming(
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: today"] = "",
    end_date: Annotated[str, "last day, YYYY-MM-DD; empty: until it is switched off"] = "",
    roaming_plan: Annotated[
        str, "a roaming plan, e.g. Europe Traveller; empty: Roam Anywhere, paid per day of use"
    ] = "",
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
) -> str:
    """Enable (activate, turn on) roaming on a customer's mobile plan from a given day."""
    raise NotImplementedError


@changes
async def add_mobile_extras_pack(
    pack_name: Annotated[str, "name of the extras pack, e.g. Data Boost 10 GB"],
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: today"] = "",
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
) -> str:
    """Add an extras pack (more data, streaming, phone insurance, …) to a customer's mobile plan."""
    raise NotImplementedError


@changes
async def cancel_mobile_extras_pack(
    pack_name: Annotated[str, "name of the extras pack, or roaming"],
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
) -> str:
    """Cancel an extras pack or turn off (disable) roaming on a customer's mobile plan."""
    raise NotImplementedError


@changes
async def change_mobile_plan(
    plan_name: Annotated[str, "name of the new mobile plan, e.g. Mobile Unlimited"],
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: the next billing date"] = "",
) -> str:
    """Move a customer to another mobile plan (upgrade, downgrade)."""
    raise NotImplementedError
