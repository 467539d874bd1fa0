"""What model calls cost together. US dollars at list price; what has no price is counted, never taken for nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from macae.monitoring.replay.views import ModelCall
from macae.monitoring.words import count, usd

__all__ = ["Cost", "spent"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What the priced calls cost together, and how many calls have no known price."""

    usd: float | None
    """None when there are calls and no price of any is known: that is not the same as nothing."""
    unpriced: int
    failed: int = 0
    """How many of those have failed or were stopped, so that nobody says what they used: it is not the model that has no price."""
    untold: int = 0
    """How many of those went well, and their server does not say what they used."""

    @property
    def short(self) -> str:
        """For small places: `$0.066`, `$0.066+` where calls without a price come on top, `unpriced`."""
        return "unpriced" if self.usd is None else usd(self.usd) + ("+" if self.unpriced else "")

    @property
    def why(self) -> str:
        """Why calls have no price: "the cost of 1 failed call is not known". "" when all have one."""
        parts = []
        if self.unpriced > self.failed + self.untold:
            parts.append("no price is known for the model")
        if self.failed:
            parts.append(f"the cost of {count(self.failed, 'failed call')} is not known")
        if self.untold:
            parts.append(f"what {count(self.untold, 'call')} used was not told")
        return ", and ".join(parts)

    def __str__(self) -> str:
        """As shown to people: `$0.066`, `$0.066 and 2 calls unpriced`, `unpriced`; of failed calls: see `why`."""
        if not self.unpriced:
            return self.short
        if self.failed == self.unpriced:
            return self.why if self.usd is None else f"{usd(self.usd)}, and {self.why}"
        return (
            self.short if self.usd is None else f"{usd(self.usd)} and {count(self.unpriced, 'call')} unpriced"
        )


def spent(calls: Iterable[ModelCall]) -> Cost:
    """What these calls cost together."""
    amount, priced, unpriced, failed, untold = 0.0, False, 0, 0, 0
    for call in calls:
        if call.usd is not None:
            amount += call.usd
            priced = priced or call.ok or call.tokens > 0  # what no server got says nothing of prices
        elif call.unpriced:
            unpriced += 1
            failed += call.estimated and not call.ok
            untold += call.estimated and call.ok
    return Cost(None if unpriced and not priced else amount, unpriced, failed, untold)
