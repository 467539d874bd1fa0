"""What model calls cost together. US dollars at list price; what has no price is counted, never taken for nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from macae.monitoring.replay.views import ModelCall
from macae.monitoring.words import usd

__all__ = ["Cost", "spent"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What the priced calls cost together, and how many calls have no known price."""

    usd: float | None
    """None when there are calls and no price of any is known: that is not the same as nothing."""
    unpriced: int

    @property
    def short(self) -> str:
        """For small places: `$0.066`, `$0.066+` where calls without a price come on top, `unpriced`."""
        return "unpriced" if self.usd is None else usd(self.usd) + ("+" if self.unpriced else "")

    def __str__(self) -> str:
        """As shown to people: `$0.066`, `$0.066 and 2 calls unpriced`, `unpriced`."""
        if self.usd is None or not self.unpriced:
            return self.short
        return f"{usd(self.usd)} and {self.unpriced:,} call{'s' if self.unpriced > 1 else ''} unpriced"


def spent(calls: Iterable[ModelCall]) -> Cost:
    """What these calls cost together."""
    amount, priced, unpriced = 0.0, False, 0
    for call in calls:
        if call.usd is not None:
            amount, priced = amount + call.usd, True
        unpriced += call.unpriced
    return Cost(None if unpriced and not priced else amount, unpriced)
