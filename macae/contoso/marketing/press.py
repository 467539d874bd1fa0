"""Press work: releases, contacts."""

from __future__ import annotations

import sqlite3
from typing import Annotated

from macae.contoso.calls import changes, reads
from macae.contoso.dates import future_day, say, today
from macae.contoso.marketing.helpers import press_release, release_text
from macae.contoso.rows import add, every, number, run
from macae.contoso.values import listed, near, sentence, simple, usd, words
from macae.errors import ToolRefused


@changes
async def write_press_release(
    key_information: Annotated[str, "what it is about: the facts to tell, or e.g. our current products"],
    title: Annotated[str, "headline; empty: made from the information"] = "",
    release_date: Annotated[str, "day of publication, YYYY-MM-DD; empty: today"] = "",
) -> str:
    """Write a press release from key information and store it as a draft."""
    facts = sentence(key_information, "The key information", most=8000)
    when = future_day(release_date, "The release date", today())
    headline, body = release_text(facts, sentence(title, "The title", most=150, may_be_empty=True), when)
    made = number("press_releases", "PR-")
    add(
        "press_releases",
        number=made,
        title=headline,
        body=body,
        release_date=when.isoformat(),
        status="draft",
    )
    return f"Press release {made} is stored as a draft for {say(when)}.\n\n{headline}\n\n{body}"


@changes
async def send_press_release(
    release_number: Annotated[str, "number of the draft, e.g. PR-12; empty: the latest draft"] = "",
    topic: Annotated[str, "only contacts who write about it, e.g. technology; empty: all"] = "",
) -> str:
    """Send a press release that was written to the press contacts (journalists)."""
    row = press_release(release_number)
    if row["status"] == "sent":
        raise ToolRefused(f"{row['number']} ({row['title']}) was sent already. Write a new one to send.")
    contacts = contacts_about(topic)
    run("UPDATE press_releases SET status = 'sent' WHERE number = ?", row["number"])
    for contact in contacts:
        add("press_mailings", release=row["number"], contact_id=contact["id"], sent_on=today().isoformat())
    names = ", ".join(f"{c['name']} ({c['outlet']})" for c in contacts)
    embargo = (
        f", not to be published before {say(row['release_date'])}"
        if row["release_date"] > today().isoformat()
        else ""
    )
    return f"{row['number']} ({row['title']}) was sent to {len(contacts)} press contacts{embargo}: {names}."


@reads
async def list_press_contacts(
    topic: Annotated[str, "what they write about, e.g. telecoms; empty: all"] = "",
) -> str:
    """List press contacts: journalists, their outlets and topics."""
    lines = (
        f"{r['name']}, {r['outlet']}, writes about {r['topics'].replace(' ', ', ')} ({r['email']})"
        for r in contacts_about(topic)
    )
    return f"Press contacts:\n{listed(lines, '')}"


@reads
async def perform_competitor_analysis(
    competitor_name: Annotated[str, "a competitor; empty: all"] = "",
) -> str:
    """Compare Contoso with its competitors: market share, prices, strengths and weaknesses."""
    rows = every("SELECT * FROM competitors ORDER BY share_percent DESC")
    names = [r["name"] for r in rows]
    wanted = simple(competitor_name)
    found = [r for r in rows if wanted in simple(r["name"])] if wanted not in ("all", "competitors") else rows
    if not found:
        raise ToolRefused(
            f"We know no competitor {competitor_name[:60]!r}{near(competitor_name, names)}. Known: {', '.join(names)}."
        )
    own = every("SELECT min(price_usd) AS usd FROM mobile_plans")[0]["usd"]
    share = 100 - sum(r["share_percent"] for r in rows)
    lines = (
        f"{r['name']}: {r['share_percent']:g}% of the market, cheapest plan {usd(r['cheapest_plan_usd'])} a month "
        f"({usd(r['cheapest_plan_usd'] - own)} against ours). Strong: {r['strengths']}. Weak: {r['weaknesses']}."
        for r in found
    )
    return f"Contoso and the others have {share:g}% of the market; our cheapest plan costs {usd(own)} a month.\n{listed(lines, '')}"


def contacts_about(topic: str) -> list[sqlite3.Row]:
    """The press contacts who write about a topic; all for an empty one."""
    rows = every("SELECT * FROM press_contacts ORDER BY name")
    asked = words(topic) - {"all", "everybody", "everyone"}
    found = [r for r in rows if not asked or asked & words(f"{r['topics']} {r['outlet']} {r['name']}")]
    if not found:
        topics = sorted({word for r in rows for word in r["topics"].split()})
        raise ToolRefused(f"No press contact writes about {topic[:60]!r}. Topics: {', '.join(topics)}.")
    return found
