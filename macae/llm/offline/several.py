"""One clause, several calls: different objects, several people, items or references."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from macae.llm.offline.cards import ToolCard
from macae.llm.offline.choosing import best_match
from macae.llm.offline.clause import Clause
from macae.llm.offline.documents import searches_documents
from macae.llm.offline.drafts import GOOD, Work
from macae.llm.offline.entities import Span
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import split_identifier, stem, words

__all__ = ["call_variants", "each_object"]


def _starts_inside(piece: str, start: int, covered: list[tuple[int, int]]) -> bool:
    """Whether a piece opens with a value (a name, an amount): then it goes on with the object before it."""
    at = start + len(piece) - len(piece.lstrip())
    return any(s <= at < e for s, e in covered)


_SUBJECT = re.compile(r"\s*(?:she|he|they|we|i|it|you|there|this|that|who|which)\b", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,\s*(?:and\s+|as well as\s+|plus\s+)?|\s+(?:and|as well as|plus|&)\s+)(?:also\s+)?")


def each_object(work: Work, clause: Clause) -> list[Clause]:
    """A clause with several objects as one clause for each, where different tools do them ("set up payroll and a mailbox")."""
    from macae.llm.offline.terms import terms_of

    verb_end = next((t.start + len(t.word) for t in clause.terms if t.where == "verb"), None)
    if verb_end is None or clause.mood != "request" or clause.idiom:
        return [clause]
    covered = work.facts.covered() + [(s.start, s.end) for s in work.facts.of("department")]
    cuts = [
        (verb_end + m.start(), verb_end + m.end())
        for m in _AND.finditer(work.text[verb_end : clause.end])
        if not any(s < verb_end + m.end() and verb_end + m.start() < e for s, e in covered)
    ]
    if not cuts:
        return [clause]
    whole = best_match(work, clause)
    if whole is not None and searches_documents(whole.tool):
        return [clause]  # "search the policies for vacation and sick leave" is one question
    bounds = [clause.start, *(b for _, b in cuts)], [*(a for a, _ in cuts), clause.end]
    verb_term = next(t for t in clause.terms if t.where == "verb")
    parts: list[Clause] = []
    for start, end in zip(*bounds, strict=True):
        piece = work.text[start:end]
        if _SUBJECT.match(piece):  # "…, she doesn't need it anymore": no object
            return [clause]
        if start == clause.start:
            terms = tuple(t for t in clause.terms if t.start < end)
        else:
            _, own = terms_of(piece, start, work.facts, "statement")
            terms = (verb_term, *(replace(t, where="head" if t.where == "verb" else t.where) for t in own))
            if not any(t.where in ("head", "modifier") for t in own) or _starts_inside(piece, start, covered):
                return [clause]
        parts.append(replace(clause, text=piece, start=start, end=end, terms=terms))
    found = [best_match(work, p) if len(p.terms) > 1 else None for p in parts]
    tools = {m.tool.name for m in found if m}
    if (
        all(found)
        and len(tools) > 1
        and all(m.score >= GOOD for m in found if m)
        and not (
            whole
            and whole.score > 0.93 * min(m.score for m in found if m)
            and whole.recall > 0.97
            and whole.precision >= 0.99
        )
    ):
        return [replace(p, text=p.text if i == 0 else f"{clause.verb} {p.text}") for i, p in enumerate(parts)]
    return [clause]


def call_variants(work: Work, clause: Clause, tool: ToolCard) -> list[tuple[Scope, str]]:
    """The scopes of the calls that a clause takes of one tool, each with its words."""
    scope = work.scope(clause.start, clause.end)
    meanings = {p.name: meaning_of(p, split_identifier(tool.name)) for p in tool.params}
    single = [n for n, m in meanings.items() if m.what == "person"]
    takes_many = any(m.what in ("people", "audience", "query", "company") for m in meanings.values())
    people = list(scope.near.of("person"))
    if len(single) == 1 and len(people) > 1 and not takes_many and meanings[single[0]].generic:
        joined = all(
            re.fullmatch(r"'?s?,?\s*(?:and|,|&|, and|as well as)?\s*", work.text[a.end : b.start])
            for a, b in itertools.pairwise(people)
        )
        if joined:
            variants = []
            for person in people:
                mine = work.scope(clause.start, clause.end)
                for other in people:
                    if other is not person:
                        mine.take(other.start, other.end)
                variants.append(
                    (
                        mine,
                        f"{work.text[clause.start : people[0].start]}{person.value}{work.text[people[-1].end : clause.end]}",
                    )
                )
            return variants
    references = scope.near.of("reference")
    if len(references) > 1 and sum(m.what == "reference" for m in meanings.values()) == 1:
        joined = all(_AND.fullmatch(work.text[a.end : b.start]) for a, b in itertools.pairwise(references))
        if joined:
            return [
                (
                    _only(work, clause, references, r),
                    f"{work.text[clause.start : references[0].start]}{r.value}{work.text[references[-1].end : clause.end]}",
                )
                for r in references
            ]
    items = [n for n, m in meanings.items() if m.what == "item"]
    if items and clause.verb and not scope.near.of("quote"):
        pieces = _item_pieces(work, clause)
        if len(pieces) > 1:
            return [(_narrowed(work, clause, s, e), f"{clause.verb} {work.text[s:e]}") for s, e in pieces]
    return [(scope, clause.text)]


def _only(work: Work, clause: Clause, spans: Sequence[Span], one: Span) -> Scope:
    """A scope in which, of some values, only one may be taken."""
    scope = work.scope(clause.start, clause.end)
    for span in spans:
        if span is not one:
            scope.take(span.start, span.end)
    return scope


def _item_pieces(work: Work, clause: Clause) -> list[tuple[int, int]]:
    """Where the items of "a laptop and two monitors" stand, if that is what the clause's object is."""
    from macae.llm.offline.things import known_things

    start = next((t.start + len(t.word) for t in clause.terms if t.where == "verb"), clause.start)
    stop = re.search(r"\b(?:for|to|from|by|on|with|in|at)\b", work.text[start : clause.end])
    end = start + stop.start() if stop else clause.end
    pieces, at = [], start
    for cut in [*_AND.finditer(work.text, start, end), None]:
        till = cut.start() if cut else end
        if work.text[at:till].strip(" ,"):
            pieces.append((at, till))
        at = cut.end() if cut else end
    things = {stem(t) for t in known_things()}
    counted = all(
        any(stem(w) in things for w in words(work.text[s:e]))
        or re.match(r"\s*(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten)\b", work.text[s:e])
        for s, e in pieces
    )
    return pieces if counted else []


def _narrowed(work: Work, clause: Clause, start: int, end: int) -> Scope:
    """A scope whose clause is one item, while what stands behind all items holds for each."""
    scope = work.scope(start, end)
    scope.statements = (*scope.statements, (clause.start, clause.end))
    return scope
