"""What a plan may use: tokens, US dollars at list price, seconds of work. Waiting for a person is free."""

from __future__ import annotations

from collections.abc import Iterable

from macae.config import Settings
from macae.errors import LimitReached
from macae.models import Plan, Step
from macae.models.plans import Usage

__all__ = ["check_budget", "spent", "used_up"]


def spent(plan: Plan, steps: Iterable[Step]) -> Usage:
    """What planning and the steps have used so far."""
    return sum((Usage(tokens=s.tokens, usd=s.usd, seconds=s.seconds) for s in steps), plan.usage)


def used_up(
    plan: Plan, steps: Iterable[Step], settings: Settings, running: Usage | None = None
) -> str | None:
    """Which limit is reached, in a sentence; None while there is room. `running`: what an attempt under way has used so far.

    What the person has allowed more is added to the limits.
    """
    if settings.plan_tokens is None and settings.plan_usd is None and settings.plan_seconds is None:
        return None
    used, more = spent(plan, steps) + (running or Usage()), plan.allowed_more
    if settings.plan_tokens is not None and used.tokens >= settings.plan_tokens + more.tokens:
        allowed = settings.plan_tokens + more.tokens
        return f"The plan has used {used.tokens:,} tokens; {allowed:,} are allowed (MACAE_PLAN_TOKENS)."
    if settings.plan_usd is not None and used.usd is None:
        return "The plan's cost is not known: the model has no list price. Unset MACAE_PLAN_USD, or limit tokens."
    if settings.plan_usd is not None and (used.usd or 0) >= settings.plan_usd + (more.usd or 0):
        allowed_usd = settings.plan_usd + (more.usd or 0)
        return f"The plan has cost ${used.usd:.4f}; ${allowed_usd:.4f} are allowed (MACAE_PLAN_USD)."
    if settings.plan_seconds is not None and used.seconds >= settings.plan_seconds + more.seconds:
        allowed_s = settings.plan_seconds + more.seconds
        return (
            f"The plan has worked {used.seconds:.0f} s; {allowed_s:.0f} s are allowed (MACAE_PLAN_SECONDS)."
        )
    return None


def check_budget(plan: Plan, steps: Iterable[Step], settings: Settings, running: Usage) -> None:
    """Raise LimitReached when there is no room left for more work."""
    reason = used_up(plan, steps, settings, running)
    if reason:
        raise LimitReached(reason)
