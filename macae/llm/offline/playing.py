"""Add the steps of a playbook, without what the goal excludes."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.adding import add_step
from macae.llm.offline.arguments import Filled, fill
from macae.llm.offline.cards import ToolCard
from macae.llm.offline.clause import Clause
from macae.llm.offline.drafts import Work
from macae.llm.offline.words import related, split_identifier, stem, stems, words

__all__ = ["excluded", "play"]


def play(work: Work, clause: Clause, book: Any) -> bool:
    """Add a playbook's steps; whether there were any."""
    from macae.llm.offline.playbooks import capabilities, tool_for

    used: list[ToolCard] = []
    rest = work.text
    people = work.facts.of("person")
    found: list[tuple[ToolCard, Filled, str]] = []
    unwanted = excluded(work.text)
    for capability in capabilities(book, rest):
        tool = tool_for(capability, work.index, used)
        if tool is None or (capability.about == "person" and not people):
            continue
        if unwanted & {stem(w) for w in (*split_identifier(tool.name), *words(capability.do))} - {
            "employe",
            "new",
        }:
            continue
        scope = work.scope(clause.start, clause.end, generous=True)
        filled = fill(tool, scope)
        asked = bool(set(capability.cue) & set(stems(rest))) or _mentioned(rest, tool, clause)
        if filled.missing and not capability.core and not asked:
            continue
        used.append(tool)
        who = next((p.value for p in people), "")
        found.append(
            (tool, filled, f"{capability.do[:1].upper()}{capability.do[1:]}" + (f": {who}" if who else ""))
        )
    if not found or (
        not any(c.core and tool_for(c, work.index, []) in used for c in book.steps) and len(found) < 2
    ):
        return False
    room = (
        work.wanted.max_steps
        - len(work.steps)
        - sum(_needs_more(work, c, clause, used) for c in work.clauses)
    )
    if len(found) > room:
        wanted = [f for f in found if f[0] in used and _mentioned(rest, f[0], clause)]
        keep = [
            *found[:1],
            *[f for f in found[1:] if f in wanted],
            *[f for f in found[1:] if f not in wanted],
        ][: max(room, 1)]
        found = [f for f in found if f in keep]
    for tool, filled, text in found:
        add_step(work, tool, filled, text, (clause.start, clause.end))
    return True


def _needs_more(work: Work, other: Clause, clause: Clause, used: list[ToolCard]) -> bool:
    """Whether another request of the goal needs a step of its own."""
    if other is clause or other.mood != "request" or other.start <= clause.start or not other.terms:
        return False
    matches = work.index.match(other)
    return bool(matches) and matches[0].tool not in used


def _mentioned(text: str, tool: ToolCard, clause: Clause) -> bool:
    """Whether the goal names the tool's own thing besides the job itself (mentor, laptop)."""
    said = set(stems(text)) - {stem(clause.verb)} - {"employe", "new", "onboard"}
    own = {stem(w) for w in split_identifier(tool.name)} | {
        s for w in split_identifier(tool.name) for s, c in related(stem(w)).items() if c >= 0.65
    }
    return bool(said & own - {"set", "employe", "assign", "get"})


_NOT = re.compile(
    r"\b(?:without|except(?: for)?|but (?:no|not)|no|not including|excluding|skip|don't (?:need|want|assign|order|schedule|set up)|do not (?:need|want|assign|order|schedule|set up)|not)\s+(?:an? |any |the |for )?(?P<what>[\w -]+?)(?=[.,;!?]|$| and | but | or )",
    re.IGNORECASE,
)


def excluded(text: str) -> set[str]:
    """What a text says shall not be done."""
    return {
        stem(w) for m in _NOT.finditer(text) for w in words(m["what"]) if stem(w) not in ("employe", "new")
    }
