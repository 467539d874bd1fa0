"""All that a text states as facts: people, dates, amounts, quantities, …, each with where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol

from macae.llm.offline.dates import FoundDate, Times, find_dates, find_times
from macae.llm.offline.entities import Kind, Span, find_entities
from macae.llm.offline.numbers import Amount, Length, Quantity, find_amounts, find_lengths, find_quantities

__all__ = ["Facts", "Placed", "read_facts"]


class Placed(Protocol):
    """Whatever stands somewhere in a text."""

    @property
    def start(self) -> int:
        """Where it starts."""

    @property
    def end(self) -> int:
        """Where it ends."""


@dataclass(frozen=True)
class Facts:
    """The facts of one text, in the order they stand."""

    text: str
    entities: tuple[Span, ...] = ()
    dates: tuple[FoundDate, ...] = ()
    times: tuple[Times, ...] = ()
    amounts: tuple[Amount, ...] = ()
    lengths: tuple[Length, ...] = ()
    quantities: tuple[Quantity, ...] = ()

    def of(self, *kinds: Kind) -> list[Span]:
        """The named things of some kinds."""
        return [s for s in self.entities if s.kind in kinds]

    def within(self, start: int, end: int) -> Facts:
        """The facts between two places of the text (positions stay those of the whole)."""
        return Facts(
            self.text,
            tuple(f for f in self.entities if start <= f.start < end),
            tuple(f for f in self.dates if start <= f.start < end),
            tuple(f for f in self.times if start <= f.start < end),
            tuple(f for f in self.amounts if start <= f.start < end),
            tuple(f for f in self.lengths if start <= f.start < end),
            tuple(f for f in self.quantities if start <= f.start < end),
        )

    def covered(self) -> list[tuple[int, int]]:
        """Where values stand that are no words to match tools with (departments are both)."""
        spans: list[tuple[int, int]] = [(s.start, s.end) for s in self.entities if s.kind != "department"]
        for group in (self.dates, self.times, self.amounts, self.lengths):
            spans += [(f.start, f.end) for f in group]
        spans += [(q.start, q.end) for q in self.quantities if not q.weak]
        return spans


@lru_cache(maxsize=256)
def read_facts(
    text: str, today: date, known_words: frozenset[str] = frozenset(), day_first: bool = False
) -> Facts:
    """The facts of a text; `known_words` are a team's own words, which name no person."""
    entities = find_entities(text, known_words)
    solid = [(e.start, e.end) for e in entities if e.kind in ("email", "quote", "phone", "link", "reference")]

    def free(start: int, end: int, more: list[tuple[int, int]]) -> bool:
        return not any(s < end and start < e for s, e in more)

    dates = [d for d in find_dates(text, today, day_first) if free(d.start, d.end, solid)]
    taken = [*solid, *((d.start, d.end) for d in dates)]
    times = [t for t in find_times(text) if free(t.start, t.end, taken)]
    amounts = [a for a in find_amounts(text) if free(a.start, a.end, taken)]
    taken += [(t.start, t.end) for t in times]
    taken += [(a.start, a.end) for a in amounts]
    lengths = [x for x in find_lengths(text) if free(x.start, x.end, taken)]
    taken += [(x.start, x.end) for x in lengths]
    quantities = [q for q in find_quantities(text) if free(q.start, q.end, taken)]
    entities = [
        e for e in entities if e.kind != "person" or free(e.start, e.end, [(d.start, d.end) for d in dates])
    ]
    return Facts(
        text, tuple(entities), tuple(dates), tuple(times), tuple(amounts), tuple(lengths), tuple(quantities)
    )
