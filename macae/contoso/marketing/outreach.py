"""Reaching customers: posts, mailings, events, surveys."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from macae.contoso.calls import changes
from macae.contoso.dates import future_day, say, today
from macae.contoso.lookup import me
from macae.contoso.marketing.helpers import recipients
from macae.contoso.procurement.buying import charge
from macae.contoso.rows import add, every, number, one
from macae.contoso.values import amount, choice, sentence, usd
from macae.errors import ToolRefused


@changes
async def schedule_social_media_post(
    text: Annotated[str, "text of the post"],
    platform: Annotated[str, "LinkedIn, X, Instagram or Facebook"] = "LinkedIn",
    date: Annotated[str, "day of publication, YYYY-MM-DD; empty: tomorrow"] = "",
) -> str:
    """Schedule a post on Contoso's social media (LinkedIn, X, Instagram, Facebook)."""
    body = sentence(text, "The text", most=3000)
    where = choice(platform.lower().replace("twitter", "x"), tuple(LIMITS), "The platform")
    if len(body) > LIMITS[where]:
        raise ToolRefused(f"The text has {len(body)} characters; {where} allows {LIMITS[where]}. Shorten it.")
    when = future_day(date, "The day", today() + timedelta(days=1), years=1)
    if one(
        "SELECT 1 FROM social_posts WHERE platform = ? AND body = ? AND post_on = ?",
        where,
        body,
        when.isoformat(),
    ):
        raise ToolRefused(
            f"The same post stands for {say(when)} on {where} already. Choose another day or text."
        )
    made = add("social_posts", platform=where, body=body, post_on=when.isoformat(), status="scheduled")
    return f"Post {made} is scheduled on {where} for {say(when)}: {body}"


@changes
async def send_email_campaign(
    subject: Annotated[str, "subject line"],
    text: Annotated[str, "what the e-mail says"],
    audience: Annotated[str, "all customers, consumers or businesses"] = "all customers",
) -> str:
    """Send a marketing e-mail (newsletter) to customers who agreed to receive it."""
    chosen, people = recipients(audience)
    title, body = sentence(subject, "The subject", most=150), sentence(text, "The text", most=8000)
    if one("SELECT 1 FROM mailings WHERE subject = ? AND sent_on = ?", title, today().isoformat()):
        raise ToolRefused(f"A mailing {title!r} was sent today already. Choose another subject.")
    made = add(
        "mailings",
        subject=title,
        body=body,
        audience=chosen,
        recipients=len(people),
        sent_on=today().isoformat(),
    )
    return f"Mailing {made} ({title}) was sent to {len(people)} customers ({chosen}) who agreed to receive e-mail."


@changes
async def schedule_marketing_event(
    event_name: Annotated[str, "name of the event"],
    date: Annotated[str, "day of the event, YYYY-MM-DD"],
    location: Annotated[str, "where"] = "Contoso Forum, Seattle",
    budget_usd: Annotated[float, "budget in US dollars, taken from Marketing's"] = 0,
) -> str:
    """Schedule a marketing event such as a launch party, trade fair or webinar for customers."""
    name, where = sentence(event_name, "The name", most=120), sentence(location, "The place", most=120)
    when = future_day(date, "The day")
    if one("SELECT 1 FROM events WHERE title = ? AND day = ?", name, when.isoformat()):
        raise ToolRefused(f"{name!r} stands in the calendar for {say(when)} already.")
    dollars = amount(budget_usd, "The budget", least=0, most=1_000_000)
    left = charge("Marketing", dollars, f"The event {name}")
    team = every(
        "SELECT id, name FROM employees WHERE department = 'Marketing' AND status = 'active' ORDER BY id"
    )
    made = number("events", "E-")
    add(
        "events", number=made, title=name, kind="marketing", day=when.isoformat(), starts="10:00", ends="17:00", room=where,
        organiser_id=me()["id"],
    )  # fmt: skip
    for row in team:
        add("attendance", event=made, employee_id=row["id"])
    return (
        f"{made} {name!r} is planned for {say(when)}, 10:00 to 17:00, at {where}; the Marketing team ({len(team)} people) is "
        f"invited. Budget {usd(dollars)}; Marketing has {usd(left)} left."
    )


@changes
async def conduct_customer_survey(
    topic: Annotated[str, "what customers are asked about"],
    audience: Annotated[str, "all customers, consumers or businesses"] = "all customers",
    end_date: Annotated[str, "last day for answers, YYYY-MM-DD; empty: in 14 days"] = "",
) -> str:
    """Start a survey among customers about a topic."""
    what = sentence(topic, "The topic", most=200)
    chosen, people = recipients(audience)
    last = future_day(end_date, "The last day", today() + timedelta(days=14), years=1)
    if one("SELECT 1 FROM surveys WHERE topic = ? AND closes_on >= ?", what, today().isoformat()):
        raise ToolRefused(f"A survey about {what!r} runs already.")
    made = add(
        "surveys",
        topic=what,
        audience=chosen,
        invited=len(people),
        started_on=today().isoformat(),
        closes_on=last.isoformat(),
    )
    return f"Survey {made} about {what!r} has started: {len(people)} customers ({chosen}) are invited to answer until {say(last)}."


LIMITS = {"LinkedIn": 3000, "X": 280, "Instagram": 2200, "Facebook": 3000}
"""Characters that a post may have."""
