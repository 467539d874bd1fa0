"""The doctor's look at the model: what is set, and whether it answers."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from macae.errors import ConfigError, MacaeError
from macae.workshop.findings import Finding, ok, problem, warning

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["check_provider"]

LONGEST = 20.0
"""Seconds that the model gets to answer, at most."""


async def check_provider(settings: Settings) -> list[Finding]:
    """Which model is set up (no key is shown), and whether it answers a short question in time."""
    from macae.llm import create_client, describe

    found = [ok("Provider", describe(settings))]
    seconds = min(LONGEST, settings.model_timeout)
    quick = settings.model_copy(update={"model_timeout": seconds, "model_retries": 0})
    try:
        client = create_client(quick)
    except ConfigError as error:
        return [
            *found,
            problem("Provider", str(error), "Set it in the environment or in a .env file, then ask again."),
        ]
    try:
        from autogen_core.models import UserMessage

        began = time.perf_counter()
        async with asyncio.timeout(seconds + 2):
            question = UserMessage(content="Answer with the one word: ready", source="user")
            answer = await client.create([question])
        took = time.perf_counter() - began
        if not isinstance(answer.content, str):
            found.append(
                warning("Provider", "it answered, but not with text", "Use another model (MACAE_MODEL).")
            )
        else:
            found.append(ok("Provider", f"it answers, in {took:.1f} s"))
        info = client.model_info
        if not info.get("function_calling"):
            text = "this model calls no functions, so agents cannot act"
            found.append(problem("Provider", text, "Use another model (MACAE_MODEL)."))
    except TimeoutError:
        text = f"it did not answer within {seconds:g} s"
        found.append(
            problem("Provider", text, "Check the network, or MACAE_BASE_URL / MACAE_AZURE_ENDPOINT.")
        )
    except MacaeError as error:
        offline = "Install again: python workshop.py --fresh."
        fix = (
            offline
            if settings.provider == "offline"
            else "MACAE_PROVIDER=offline works without key and network."
        )
        found.append(problem("Provider", str(error), fix))
    finally:
        await client.close()
    return found
