"""Campaigns and how they do, posts, mailings, events, surveys."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import day, future_day, next_monday, say, today
from macae.contoso.marketing.helpers import campaign, running
from macae.contoso.procurement.buying import charge, refund
from macae.contoso.rows import add, every, one, run
from macae.contoso.values import amount, choice, listed, sentence, simple, usd
from macae.errors import ToolRefused


@changes
async def create_marketing_campaign(
    campaign_name: Annotated[str, "name of the campaign"],
    target_audience: Annotated[str, "whom it should reach"] = "existing customers",
    budget_usd: Annotated[float, "budget in US dollars, taken from Marketing's"] = 0,
    channel: Annotated[str, "e-mail, social media, search, TV or outdoor"] = "social media",
    start_date: Annotated[str, "first day, YYYY-MM-DD; empty: next Monday"] = "",
    end_date: Annotated[str, "last day, YYYY-MM-DD; empty: 30 days after the start"] = "",
) -> str:
    """Create a marketing campaign (advertising) with an audience, a budget, a channel and dates."""
    name = sentence(campaign_name, "The name", most=80)
    if one("SELECT 1 FROM campaigns WHERE name = ?", name):
        raise ToolRefused(
            f"There is a campaign {name!r} already. Choose another name, or change it with update_campaign."
        )
    whom = sentence(target_audience, "The audience", most=120)
    by = choice(channel.lower().replace("email", "e-mail"), CHANNELS, "The channel")
    first = future_day(start_date, "The first day", next_monday())
    last = day(end_date, "The last day", first + timedelta(days=30))
    if not first <= last <= first + timedelta(days=366):
        raise ToolRefused(
            f"A campaign from {say(first)} to {say(last)} is not possible: at least a day, at most a year."
        )
    dollars = amount(budget_usd, "The budget", least=0, most=1_000_000)
    left = charge("Marketing", dollars, f"The campaign {name}")
    status = "running" if first == today() else "planned"
    add(
        "campaigns", name=name, audience=whom, channel=by, budget_usd=dollars, first_day=first.isoformat(),
        last_day=last.isoformat(), status=status,
    )  # fmt: skip
    return (
        f"The campaign {name!r} is {status}: {by}, for {whom}, {say(first)} to {say(last)}, budget {usd(dollars)}. "
        f"The Marketing budget has {usd(left)} left."
    )


@changes
async def update_campaign(
    campaign_name: Annotated[str, "name of the campaign"],
    status: Annotated[str, "paused, running or ended; empty: as it is"] = "",
    budget_usd: Annotated[float, "the new budget in US dollars; 0: as it is"] = 0,
) -> str:
    """Pause, resume or end a marketing campaign, or change its budget."""
    row = campaign(campaign_name)
    if not running(row):
        raise ToolRefused(f"The campaign {row['name']!r} has ended; it cannot be changed any more.")
    new = choice(status, ("paused", "running", "ended"), "The status") if status.strip() else row["status"]
    dollars = amount(budget_usd, "The budget", most=1_000_000) if budget_usd else row["budget_usd"]
    if (new, dollars) == (row["status"], row["budget_usd"]):
        raise ToolRefused(
            f"The campaign {row['name']!r} is {new} with {usd(dollars)} already. Say what should change."
        )
    if dollars < row["cost_usd"]:
        raise ToolRefused(
            f"{row['name']!r} has cost {usd(row['cost_usd'])} so far; its budget cannot be {usd(dollars)}."
        )
    if new == "ended":
        dollars = row["cost_usd"]
    if dollars > row["budget_usd"]:
        charge("Marketing", round(dollars - row["budget_usd"], 2), "The larger budget")
    else:
        refund("Marketing", round(row["budget_usd"] - dollars, 2))
    last = min(row["last_day"], today().isoformat()) if new == "ended" else row["last_day"]
    run(
        "UPDATE campaigns SET status = ?, budget_usd = ?, last_day = ? WHERE name = ?",
        new,
        dollars,
        last,
        row["name"],
    )
    return f"The campaign {row['name']!r} is {new} (it was {row['status']}), budget {usd(dollars)} (it was {usd(row['budget_usd'])})."


@reads
async def track_campaign_performance(
    campaign_name: Annotated[str, "name of the campaign; empty: all"] = "",
) -> str:
    """Show how marketing campaigns perform: cost, impressions, clicks, sales."""
    only = campaign(campaign_name)["name"] if campaign_name.strip() and simple(campaign_name) != "all" else ""
    rows = every("SELECT * FROM campaigns WHERE ? IN ('', name) ORDER BY first_day DESC", only)
    lines = []
    for r in rows:
        rate = f"{r['clicks'] / r['impressions']:.1%} clicked" if r["impressions"] else "no impressions yet"
        back = (
            f"{usd(r['sales_usd'] / r['cost_usd'])} of sales for each dollar"
            if r["cost_usd"]
            else "no cost yet"
        )
        lines.append(
            f"{r['name']} ({r['channel']}, {r['status']}, {say(r['first_day'])} to {say(r['last_day'])}): "
            f"{usd(r['cost_usd'])} of {usd(r['budget_usd'])} used, {r['impressions']:,} impressions, {rate}, {back}"
        )
    return f"Campaigns:\n{listed(lines, '')}"


CHANNELS = ("e-mail", "social media", "search", "TV", "outdoor")
