"""Press work: releases, contacts."""

from __future__ import annotations

from typing import Annotated

from macae.contoso.calls import changes, reads


@changes
async def write_press_release(
    key_information: Annotated[str, "what it is about: the facts to tell, or e.g. our current products"],
    title: Annotated[str, "headline; empty: made from the information"] = "",
    release_date: Annotated[str, "day of publication, YYYY-MM-DD; empty: today"] = "",
) -> str:
    """Write a press release from key information and store it as a draft."""
    raise NotImplementedError


@changes
async def send_press_release(
    release_number: Annotated[str, "number of the draft, e.g. PR-12; empty: the latest draft"] = "",
    topic: Annotated[str, "only contacts who write about it, e.g. technology; empty: all"] = "",
) -> str:
    """Send a press release that was written to the press contacts (journalists)."""
    raise NotImplementedError


@reads
async def list_press_contacts(
    topic: Annotated[str, "what they write about, e.g. telecoms; empty: all"] = "",
) -> str:
    """List press contacts: journalists, their outlets and topics."""
    raise NotImplementedError


@reads
async def perform_competitor_analysis(
    competitor_name: Annotated[str, "a competitor; empty: all"] = "",
) -> str:
    """Compare Contoso with its competitors: market share, prices, strengths and weaknesses."""
    raise NotImplementedError
