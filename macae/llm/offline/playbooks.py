"""Whole jobs that take several capabilities. A playbook names them in words; they are matched with whatever tools there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from macae.llm.offline.cards import ToolCard
from macae.llm.offline.clause import Clause, Term
from macae.llm.offline.clauses import split_clauses
from macae.llm.offline.facts import Facts
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.matching import Index
from macae.llm.offline.words import data, fold, related, split_identifier, stem, stems, words

__all__ = ["Capability", "Playbook", "capabilities", "playbook_for"]

FITS = 0.5
"""How well a tool must fit a capability."""


@dataclass(frozen=True)
class Capability:
    """One thing that a job takes; `other` is said where no tool fits the first wording."""

    do: str
    core: bool = False
    other: str = ""
    cue: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Playbook:
    """A job: when it is meant, and what it takes."""

    name: str
    when: tuple[tuple[str, ...], ...]
    never: frozenset[str]
    verbs: frozenset[str]
    steps: tuple[Capability, ...]
    extras: tuple[Capability, ...]


@cache
def _playbooks() -> tuple[Playbook, ...]:
    def capability(row: dict[str, object]) -> Capability:
        return Capability(
            str(row["do"]),
            bool(row.get("core")),
            str(row.get("or") or ""),
            tuple(stems(str(row.get("cue") or ""))),
            str(row.get("about") or ""),
        )

    return tuple(
        Playbook(
            str(p["name"]),
            tuple(tuple(stem(fold(w)) for w in line.split()) for line in p["when"]),
            frozenset(stem(w) for w in str(p.get("not", "")).split()),
            frozenset(stem(w) for w in str(p.get("verbs", "")).split()),
            tuple(capability(r) for r in p["steps"]),
            tuple(capability(r) for r in p.get("extras", ())),
        )
        for p in data("playbooks.yaml")["playbooks"]
    )


def playbook_for(clause: Clause) -> Playbook | None:
    """The job that a clause asks for, if it is one of the known ones."""
    if clause.mood == "question":
        return None
    said = [t.stem for t in clause.terms] + [
        stem(w) for w in words(clause.text) if w in ("new", "first", "day", "last", "working")
    ]
    near = dict.fromkeys(said, 1.0)
    for s in said:
        for other, closeness in related(s).items():
            near[other] = max(closeness, near.get(other, 0.0))
    for book in _playbooks():
        if book.never & set(said):
            continue
        for line in book.when:
            if line[0] in said and all(near.get(w, 0.0) >= 0.75 for w in line[1:]):
                return book
    return None


@cache
def _clause(text: str) -> Clause:
    return split_clauses(text, Facts(text))[0]


def tool_for(capability: Capability, index: Index, used: Sequence[ToolCard]) -> ToolCard | None:
    """The tool that fits a capability best, one that changes something and isn't used yet."""
    for wording in (capability.do, capability.other):
        if not wording:
            continue
        clause = _clause(wording)
        heads: list[Term] = [t for t in clause.terms if t.where != "tail"]
        for match in index.match(clause)[:3]:
            about_person = "employee" in wording or "hire" in wording
            kinds = {meaning_of(p, split_identifier(match.tool.name)).what for p in match.tool.params}
            if about_person and not kinds & {"person", "people"}:
                continue
            if (
                match.score >= FITS
                and match.precision >= 0.4
                and match.tool not in used
                and any(t.start in match.covers for t in heads if t.where != "verb")
            ):
                return match.tool
    return None


def capabilities(book: Playbook, said: str) -> list[Capability]:
    """What the job takes, with the extras that the text names."""
    near = set(stems(said))
    asked = [e for e in book.extras if near & set(e.cue)]
    return [*book.steps, *asked]
