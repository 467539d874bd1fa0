"""Mobile customers: plans, roaming, extras, bills."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import day, future_day, say, today
from macae.contoso.product.helpers import named_row, next_bill, roam, subscription
from macae.contoso.rows import add, every, one, run
from macae.contoso.values import listed, near, simple, usd, words
from macae.errors import ToolRefused


@reads
async def get_mobile_plans(
    plan_name: Annotated[str, "a mobile plan; empty: all"] = "",
) -> str:
    """Get information about the mobile plans on offer: price a month, data, calls."""
    only = named_row("mobile_plans", plan_name, "mobile plan")["name"] if plan_name.strip() else ""
    rows = every("SELECT * FROM mobile_plans WHERE ? IN ('', name) ORDER BY price_usd", only)
    packs = every("SELECT * FROM extras_packs ORDER BY price_usd")
    extras = "; ".join(f"{r['name']} ({r['includes']}, {usd(r['price_usd'])})" for r in packs)
    lines = (f"{r['name']}: {usd(r['price_usd'])} a month, {r['data']}, {r['calls']}" for r in rows)
    return f"Mobile plans:\n{listed(lines, '')}\nExtras packs a month: {extras}."


@reads
async def get_roaming_plans(
    destination: Annotated[str, "country or region of the journey; empty: everywhere"] = "",
) -> str:
    """Get information about roaming plans for travelling abroad (overseas): countries, data, price."""
    rows = every("SELECT * FROM roaming_plans ORDER BY price_usd")
    asked = words(destination) - ANYWHERE
    found = [r for r in rows if asked and asked <= words(f"{r['region']} {r['countries']}")]
    note = ""
    if asked and not found:
        note = f" No plan is made for {destination.strip()[:60]} alone; these hold in 180 countries:"
    worldwide = [r for r in rows if r["region"] == "worldwide" and r not in found]
    shown = found + worldwide if asked else rows
    lines = (
        f"{r['name']}: {usd(r['price_usd'])} per {r['per']}, {r['includes']}; {r['region']} ({r['countries']})"
        for r in shown
    )
    return f"Roaming plans:{note}\n{listed(lines, '')}\nenable_roaming switches roaming on from a day of your choice."


@reads
async def get_subscription(
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
) -> str:
    """Show a customer's mobile plan: number, plan, extras packs, roaming on or off."""
    row = subscription(customer)
    packs = every("SELECT pack FROM subscription_extras WHERE subscription_id = ? ORDER BY pack", row["id"])
    abroad = one("SELECT * FROM roaming WHERE subscription_id = ?", row["id"])
    roaming = "off"
    if abroad and (abroad["last_day"] is None or abroad["last_day"] >= today().isoformat()):
        end = f" until {say(abroad['last_day'])}" if abroad["last_day"] else ""
        roaming = f"{abroad['roaming_plan']} from {say(abroad['first_day'])}{end}"
    change = f" It changes to {row['next_plan']} on {say(row['next_plan_from'])}." if row["next_plan"] else ""
    extras = ", ".join(r["pack"] for r in packs) or "none"
    return (
        f"{row['name']}: {row['phone_number']}, plan {row['plan']} since {say(row['since'])}.{change} "
        f"Extras packs: {extras}. Roaming: {roaming}."
    )


@reads
async def get_billing_info(
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
) -> str:
    """Show a customer's billing date, the amount of the next bill, and the latest bills."""
    row = subscription(customer)
    due, dollars = next_bill(row)
    bills = every("SELECT * FROM bills WHERE subscription_id = ? ORDER BY billed_on DESC", row["id"])
    lines = (f"{r['number']} of {say(r['billed_on'])}: {usd(r['amount_usd'])}, {r['status']}" for r in bills)
    return f"{row['name']} ({row['phone_number']}): the next bill comes on {say(due)}, about {usd(dollars)}. Bills:\n{listed(lines, '- none yet')}"


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
    row = subscription(customer)
    first = future_day(start_date, "The first day", today(), years=1)
    last = day(end_date, "The last day") if end_date.strip() else None
    if last is not None and last < first:
        raise ToolRefused(f"The last day {say(last)} lies before the first, {say(first)}.")
    return roam(row, roaming_plan, first, last)


@changes
async def add_mobile_extras_pack(
    pack_name: Annotated[str, "name of the extras pack, e.g. Data Boost 10 GB"],
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: today"] = "",
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
) -> str:
    """Add an extras pack (more data, streaming, phone insurance, …) to a customer's mobile plan."""
    row = subscription(customer)
    first = future_day(start_date, "The first day", today(), years=1)
    plans = every("SELECT name FROM roaming_plans")
    if "roaming" in words(pack_name) or simple(pack_name) in {simple(r["name"]) for r in plans}:
        return roam(row, pack_name, first, None)
    pack = named_row("extras_packs", pack_name, "extras pack")
    if one(
        "SELECT 1 FROM subscription_extras WHERE subscription_id = ? AND pack = ?", row["id"], pack["name"]
    ):
        raise ToolRefused(f"{row['name']} already has {pack['name']}.")
    add("subscription_extras", subscription_id=row["id"], pack=pack["name"], first_day=first.isoformat())
    return f"{pack['name']} ({pack['includes']}, {usd(pack['price_usd'])} a month) is added for {row['name']} ({row['phone_number']}) from {say(first)}."


@changes
async def cancel_mobile_extras_pack(
    pack_name: Annotated[str, "name of the extras pack, or roaming"],
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
) -> str:
    """Cancel an extras pack or turn off (disable) roaming on a customer's mobile plan."""
    row = subscription(customer)
    held = [
        r["pack"] for r in every("SELECT pack FROM subscription_extras WHERE subscription_id = ?", row["id"])
    ]
    abroad = one("SELECT roaming_plan FROM roaming WHERE subscription_id = ?", row["id"])
    if abroad and (simple(pack_name) == simple(abroad["roaming_plan"]) or "roaming" in words(pack_name)):
        run("DELETE FROM roaming WHERE subscription_id = ?", row["id"])
        return f"Roaming ({abroad['roaming_plan']}) is off for {row['name']} ({row['phone_number']})."
    found = [p for p in held if simple(p) == simple(pack_name)] or [
        p for p in held if words(pack_name) and words(pack_name) <= words(p)
    ]
    if len(found) != 1:
        having = ", ".join(held + ([abroad["roaming_plan"]] if abroad else [])) or "nothing"
        raise ToolRefused(
            f"{row['name']} has no {pack_name[:60]!r}{near(pack_name, held)}. Booked: {having}."
        )
    run("DELETE FROM subscription_extras WHERE subscription_id = ? AND pack = ?", row["id"], found[0])
    return (
        f"{found[0]} is cancelled for {row['name']} ({row['phone_number']}); the next bill comes without it."
    )


@changes
async def change_mobile_plan(
    plan_name: Annotated[str, "name of the new mobile plan, e.g. Mobile Unlimited"],
    customer: Annotated[str, "name of the customer; me: the person who asks"] = "me",
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: the next billing date"] = "",
) -> str:
    """Move a customer to another mobile plan (upgrade, downgrade)."""
    row = subscription(customer)
    plan = named_row("mobile_plans", plan_name, "mobile plan")
    if plan["name"] in (row["plan"], row["next_plan"]):
        raise ToolRefused(
            f"{row['name']} has {plan['name']} already, or changes to it on {row['next_plan_from'] or 'no later day'}."
        )
    if (plan["name"] == "Business Mobile") != (row["segment"] == "business"):
        raise ToolRefused(f"{plan['name']} is not sold to a {row['segment']} customer such as {row['name']}.")
    first = future_day(start_date, "The first day", next_bill(row)[0], years=1)
    if first == today():
        run(
            "UPDATE subscriptions SET plan = ?, next_plan = NULL, next_plan_from = NULL WHERE id = ?",
            plan["name"],
            row["id"],
        )
    else:
        run(
            "UPDATE subscriptions SET next_plan = ?, next_plan_from = ? WHERE id = ?",
            plan["name"],
            first.isoformat(),
            row["id"],
        )
    return (
        f"{row['name']} ({row['phone_number']}) changes from {row['plan']} to {plan['name']} on {say(first)}: "
        f"{usd(plan['price_usd'])} a month, {plan['data']}."
    )


ANYWHERE = words(
    "overseas abroad world worldwide everywhere foreign country journey travel trip roaming international"
)
"""What names no place: then all plans are shown."""
