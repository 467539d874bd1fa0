"""Marketing: the tools of the department."""

from __future__ import annotations

from macae.contoso.marketing.campaigns import (
    create_marketing_campaign,
    track_campaign_performance,
    update_campaign,
)
from macae.contoso.marketing.outreach import (
    conduct_customer_survey,
    schedule_marketing_event,
    schedule_social_media_post,
    send_email_campaign,
)
from macae.contoso.marketing.press import (
    list_press_contacts,
    perform_competitor_analysis,
    send_press_release,
    write_press_release,
)

__all__ = [
    "conduct_customer_survey",
    "create_marketing_campaign",
    "list_press_contacts",
    "perform_competitor_analysis",
    "schedule_marketing_event",
    "schedule_social_media_post",
    "send_email_campaign",
    "send_press_release",
    "track_campaign_performance",
    "update_campaign",
    "write_press_release",
]

TOOLS = (
    write_press_release,
    send_press_release,
    list_press_contacts,
    perform_competitor_analysis,
    create_marketing_campaign,
    update_campaign,
    track_campaign_performance,
    schedule_social_media_post,
    send_email_campaign,
    schedule_marketing_event,
    conduct_customer_survey,
)
"""In the order in which a reader would look for them."""
