"""What model calls cost as far as their prices are known, and which calls have none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from macae.models.spending import UsageRecord
from macae.monitoring.texts import one_line
from macae.monitoring.words import count

__all__ = ["Bill", "bill_of"]

MOST_NAMED = 3
"""Models that are named to people."""


@dataclass
class Bill:
    """What calls cost together, and the calls without a price."""

    usd: float = 0.0
    """US dollars at list price, of the calls whose price is known."""
    unpriced: Counter[str] = field(default_factory=Counter)
    """The number of calls without a price, by model; "" where nobody knows which."""

    def add(self, model: str, usd: float | None) -> None:
        """Count one call. `usd` None: its price is not known."""
        self.usd += usd or 0.0
        if usd is None:
            self.unpriced[model] += 1

    def __add__(self, other: Bill) -> Bill:
        """Both together."""
        return Bill(self.usd + other.usd, self.unpriced + other.unpriced)

    def at_least(self, other: Bill) -> Bill:
        """The same calls told twice, each time perhaps not all of them: whichever tells more."""
        return Bill(max(self.usd, other.usd), self.unpriced | other.unpriced)

    @property
    def text(self) -> str:
        """The calls without a price: "2 calls to home-made and 1 call to contoso-x"."""
        named = [(model, number) for model, number in self.unpriced.most_common() if model]
        told = [f"{count(number, 'call')} to {one_line(model, 60)}" for model, number in named[:MOST_NAMED]]
        rest = self.unpriced[""] + sum(number for _, number in named[MOST_NAMED:])
        told += [count(rest, "other call" if told else "call")] if rest else []
        return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told) or "some calls"


def bill_of(record: UsageRecord) -> Bill:
    """What a stored record says. One of an earlier version does not name the models."""
    named = {model: number for model, number in record.unpriced_models.items() if model and number > 0}
    rest = max(0, record.unpriced - sum(named.values()))
    return Bill(max(record.usd, 0.0), Counter(named | ({"": rest} if rest else {})))
