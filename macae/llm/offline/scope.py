"""Where the values of a call are looked for: the clause first, then statements beside it, then the whole goal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from macae.llm.offline.cards import ToolCard
from macae.llm.offline.facts import Facts

__all__ = ["Earlier", "Scope"]

_FIRST_PERSON = re.compile(r"\b(?:i|i'm|me|my|myself|mine)\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:her|him|his|she|he|they|them|their|theirs|this (?:person|employee|colleague|hire)|the (?:new )?(?:employee|hire|joiner|colleague|person|starter))\b",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\b(?:it|them|these|those|that|this|the (?:result|results|output|same|above|contract|agreement|draft|report|summary|order|ticket|release|document|nda|list|information|info|details))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Earlier:
    """An earlier step of the plan: its number and what it calls."""

    number: int
    tool: ToolCard | None
    action: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Scope:
    """The text around one call. `start` and `end` bound its clause in `facts.text`."""

    facts: Facts
    start: int
    end: int
    today: date
    statements: tuple[tuple[int, int], ...] = ()
    """Clauses that only state facts; they hold for every call."""
    earlier: tuple[Earlier, ...] = ()
    generous: bool = False
    """Whether facts of the whole goal may fill optional parameters too (a playbook's step speaks of the whole goal)."""
    requests: tuple[tuple[int, int], ...] = ()
    """Where the other requests stand: what they quote is theirs."""
    taken: list[tuple[int, int]] = field(default_factory=list)
    """Where values stand that another parameter of this call already has."""

    @property
    def clause(self) -> str:
        """The clause's text."""
        return self.facts.text[self.start : self.end]

    @cached_property
    def near(self) -> Facts:
        """The facts in the clause."""
        return self.facts.within(self.start, self.end)

    @cached_property
    def _layers(self) -> list[Facts]:
        found = [self.near]
        found += [self.facts.within(s, e) for s, e in self.statements if (s, e) != (self.start, self.end)]
        return [*found, self.facts]

    def layers(self) -> list[Facts]:
        """The facts from near to far: the clause, the statements, the whole goal."""
        return self._layers

    def elsewhere(self, at: int) -> bool:
        """Whether a place belongs to another request."""
        return any(s <= at < e for s, e in self.requests) and not self.start <= at < self.end

    def free(self, start: int, end: int) -> bool:
        """Whether no parameter of this call has taken that place."""
        return not any(s < end and start < e for s, e in self.taken)

    def take(self, start: int, end: int) -> None:
        """Mark a place as used."""
        self.taken.append((start, end))

    @property
    def of_myself(self) -> bool:
        """Whether the clause speaks of the person who asks."""
        return bool(
            _FIRST_PERSON.search(
                re.sub(
                    r"\b(?:i need|i want|i would like|i'd like|can i|could i|help me|tell me|show me|give me|let me|send me|get me|i'm looking|i am looking|find me)\b",
                    "",
                    self.clause,
                    flags=re.IGNORECASE,
                )
            )
        )

    @property
    def of_them(self) -> bool:
        """Whether the clause speaks of a person named before ("her laptop")."""
        return bool(_PRONOUN.search(self.clause))

    @property
    def of_it(self) -> bool:
        """Whether the clause speaks of a thing made before ("send it")."""
        return bool(_THING.search(self.clause))
