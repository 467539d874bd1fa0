"""Campaigns and how they do, posts, mailings, events, surveys."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


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
    raise NotImplementedError


@changes
async def update_campaign(
    campaign_name: Annotated[str, "name of the campaign"],
    status: Annotated[str, "paused, running or ended; empty: as it is"] = "",
    budget_usd: Annotated[float, "the new budget in US dollars; 0: as it is"] = 0,
) -> str:
    """Pause, resume or end a marketing campaign, or change its budget."""
    raise NotImplementedError


@reads
async def track_campaign_performance(
    campaign_name: Annotated[str, "name of the campaign; empty: all"] = "",
) -> str:
    """Show how marketing campaigns perform: cost, impressions, clicks, sales."""
    raise NotImplementedError


@changes
async def schedule_social_media_post(
    text: Annotated[str, "text of the post"],
    platform: Annotated[str, "LinkedIn, X, Instagram or Facebook"] = "LinkedIn",
    date: Annotated[str, "day of publication, YYYY-MM-DD; empty: tomorrow"] = "",
) -> str:
    """Schedule a post on Contoso's social media (LinkedIn, X, Instagram, Facebook)."""
    raise NotImplementedError


@changes
async def send_email_campaign(
    subject: Annotated[str, "subject line"],
    text: Annotated[str, "what the e-mail says"],
    audience: Annotated[str, "all customers, consumers or businesses"] = "all customers",
) -> str:
    """Send a marketing e-mail (newsletter) to customers who agreed to receive it."""
    raise NotImplementedError


@changes
async def schedule_marketing_event(
    event_name: Annotated[str, "name of the event"],
    date: Annotated[str, "day of the event, YYYY-MM-DD"],
    location: Annotated[str, "where"] = "Contoso Forum, Seattle",
    budget_usd: Annotated[float, "budget in US dollars, taken from Marketing's"] = 0,
) -> str:
    """Schedule a marketing event such as a launch party, trade fair or webinar for customers."""
    raise NotImplementedError


@changes
async def conduct_customer_survey(
    topic: Annotated[str, "what customers are asked about"],
    audience: Annotated[str, "all customers, consumers or businesses"] = "all customers",
    end_date: Annotated[str, "last day for answers, YYYY-MM-DD; empty: in 14 days"] = "",
) -> str:
    """Start a survey among customers about a topic."""
    raise NotImplementedError
