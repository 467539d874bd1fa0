"""A plan in the making: what is wanted, its steps, and what is known meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.clause import Clause
from macae.llm.offline.facts import Facts
from macae.llm.offline.matching import Index
from macae.llm.offline.scope import Earlier, Scope

__all__ = ["GOOD", "Draft", "DraftStep", "Wanted", "Work"]


GOOD = 0.45
"""How well a tool must fit a clause to be used for it."""


@dataclass(frozen=True)
class Wanted:
    """What a plan is asked for."""

    goal: str
    today: date
    question: str = ""
    answer: str = ""
    done: str = ""
    failed: str = ""
    note: str = ""
    max_steps: int = 6
    rejected: str = ""


@dataclass
class DraftStep:
    """One step of the plan."""

    agent: str
    action: str
    tool: ToolCard | None = None
    values: dict[str, Any] = field(default_factory=dict)
    missing: list[Param] = field(default_factory=list)
    depends_on: list[int] | None = None
    clause: tuple[int, int] = (0, 0)


@dataclass
class Draft:
    """A plan before it gets the shape that is asked for."""

    goal: str
    steps: list[DraftStep] = field(default_factory=list)
    summary: str = ""
    question: str | None = None
    impossible: str | None = None


@dataclass
class Work:
    """What is known while one goal is planned."""

    wanted: Wanted
    text: str
    index: Index
    facts: Facts
    clauses: list[Clause]
    foreign: bool
    steps: list[DraftStep] = field(default_factory=list)
    unable: list[str] = field(default_factory=list)
    vague: list[str] = field(default_factory=list)
    chosen: dict[Clause, object] = field(default_factory=dict)
    """The tools found for clauses so far, so that none is looked for twice."""

    def scope(self, start: int, end: int, generous: bool = False) -> Scope:
        """The scope of a clause, with the statements and the steps so far around it."""
        earlier = tuple(Earlier(i, s.tool, s.action, s.values) for i, s in enumerate(self.steps, 1))
        statements = tuple((c.start, c.end) for c in self.clauses if c.mood == "statement")
        requests = tuple(
            (c.start, c.end)
            for c in self.clauses
            if c.mood == "request" and not (c.start <= start and end <= c.end)
        )
        return Scope(self.facts, start, end, self.wanted.today, statements, earlier, generous, requests)
