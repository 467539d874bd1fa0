"""Choose the tool for a clause: by its words first, then by how well its parameters take up the clause's facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from macae.llm.offline.arguments import fill
from macae.llm.offline.cards import ToolCard
from macae.llm.offline.clause import Clause
from macae.llm.offline.concepts import evidence
from macae.llm.offline.documents import asks_documents, edits_documents
from macae.llm.offline.drafts import GOOD, Work
from macae.llm.offline.facts import Placed
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.matching import Match
from macae.llm.offline.routing import (
    ONLY_LANGUAGE,
    is_human_task,
    is_pure_language,
)
from macae.llm.offline.words import related, split_identifier, stem, words

__all__ = ["best_match", "best_with"]

BOTH = 0.3
"""How much the weaker of the two kinds of evidence adds to the stronger."""


def best_match(work: Work, clause: Clause) -> Match | None:
    """The tool for a clause. Of tools that fit about as well, the one whose parameters the clause's facts fit is taken."""
    known = work.chosen.get(clause, _UNKNOWN)
    if known is _UNKNOWN:
        known = work.chosen[clause] = _choose(work, clause)
    return known if known is None or isinstance(known, Match) else None


_UNKNOWN = object()


def _choose(work: Work, clause: Clause, more: Sequence[str] = ()) -> Match | None:
    named = _named_tool(work, clause)
    if named is not None:
        return named
    matches = _with_evidence(work, clause, more)
    if (
        clause.verb in ONLY_LANGUAGE
    ):  # "explain what a purchase order is" is not for a tool that only knows the noun
        matches = [
            m
            for m in matches
            if _says(m.tool, clause.verb) or m.tool.name in asks_documents(work.index, clause)
        ]
    if not matches:
        return None
    if len(matches) > 1 and matches[1].score < matches[0].score - 0.25:
        return matches[0] if matches[0].score >= GOOD else None

    def fitting(match: Match) -> float:
        return match.score + _fit(work, clause, match.tool)

    best = max(matches, key=lambda m: (fitting(m), -matches.index(m)))
    return best if max(best.score, fitting(best)) >= GOOD else None


def best_with(work: Work, clause: Clause, more: Sequence[str]) -> Match | None:
    """The tool for a clause that says too little alone: the words of other clauses count too."""
    return _choose(work, clause, more)


def _with_evidence(work: Work, clause: Clause, more: Sequence[str]) -> list[Match]:
    """The tools that fit a clause by their own words or by what people say for what they do; both together count more."""
    person = is_human_task(clause) and not work.facts.within(clause.start, clause.end).dates
    said = {} if person or is_pure_language(clause) else evidence(work.index, clause, work.facts, more)
    if not is_pure_language(clause):
        said |= asks_documents(work.index, clause, work.text)
    found = [
        replace(m, score=max(m.score, sure) + BOTH * min(m.score, sure))
        for m in work.index.match(clause)
        if (sure := said.pop(m.tool.name, 0.0)) or m.score >= GOOD * 0.8
    ]
    tools = {e.tool.name: e.tool for e in work.index.entries} if said else {}
    found += [Match(tools[name], sure, sure, sure, frozenset()) for name, sure in said.items()]
    if edits_documents(clause):  # no search changes a policy, nor does a tool that only knows the noun
        read = {e.tool.name for e in work.index.entries if e.reads}
        found = [m for m in found if m.tool.name not in read and _says(m.tool, clause.verb)]
    found.sort(key=lambda m: (-m.score, m.tool.name))
    return [m for m in found if m.score >= GOOD * 0.8][:6]


def _says(tool: ToolCard, verb: str) -> bool:
    """Whether a tool's own words know a verb."""
    own = {stem(w) for w in (*split_identifier(tool.name), *words(tool.description))}
    return bool(set(related(stem(verb))) & own)


def _fit(work: Work, clause: Clause, tool: ToolCard) -> float:
    """How well a tool's parameters take up the clause's facts: less for each fact left over and each argument left open."""
    scope = work.scope(clause.start, clause.end)
    filled = fill(tool, scope)
    near = scope.near
    kinds = {meaning_of(p, split_identifier(tool.name)).what for p in tool.params}
    facts: list[Placed] = [*near.of("reference", "email"), *near.amounts, *near.of("person")]
    left = [f for f in facts if scope.free(f.start, f.end)]
    if kinds & {"people", "audience", "query", "company", "item"}:
        values = " ".join(str(v) for v in filled.values.values())
        left = [f for f in left if work.text[f.start : f.end] not in values]
    found = -(0.1 if facts else 0.03) * min(len(filled.missing), 2)
    found += 0.03 * (len(facts) - len(left)) - 0.06 * len(left)
    if scope.of_myself and any(p.default == "me" for p in tool.params):
        found += 0.1
    if near.dates:
        found += 0.02 if "date" in kinds else -0.02
    if re.search(r"\d\s?(?:%|percent)", clause.text):
        found += 0.06 if "percent" in kinds else 0.0
    return found


def _named_tool(work: Work, clause: Clause) -> Match | None:
    """A tool that the text calls by its name."""
    if "_" not in clause.text:
        return None
    said = set(re.findall(r"\w+", clause.text))
    for entry in work.index.entries:
        if "_" in entry.tool.name and entry.tool.name in said:
            return Match(entry.tool, 1.0, 1.0, 1.0, frozenset(t.start for t in clause.terms))
    return None
