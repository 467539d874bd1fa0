"""What work has used, in words: tokens, US dollars, seconds."""

from __future__ import annotations

from macae.agents.budget import spent
from macae.models import PlanWithSteps, Usage
from macae.monitoring.words import duration
from macae.ui.text import count

__all__ = ["measures", "money", "total"]


def total(plan: PlanWithSteps) -> Usage:
    """What a plan has used so far: its planning, and all its steps, replaced ones too."""
    used = spent(plan, plan.steps)
    return used.model_copy(update={"seconds": round(used.seconds, 3)})


def money(usd: float | None) -> str:
    """US dollars as people read them; None, a price that nobody knows, is not the same as nothing."""
    if usd is None:
        return "unpriced"
    if 0 < usd < 0.0001:
        return "< $0.0001"
    return f"${usd:,.2f}" if usd == 0 or usd >= 1 else f"${usd:.4f}"


def measures(used: Usage) -> list[str]:
    """Tokens, dollars and seconds of work; empty before there were any."""
    told = [count(used.tokens, "token"), money(used.usd)] if used.tokens else []
    return [*told, f"{duration(used.seconds)} of work"] if used.seconds else told
