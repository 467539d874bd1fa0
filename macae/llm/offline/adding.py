"""Add the steps of a clause to the plan in the making."""

from __future__ import annotations

import re

from macae.llm.offline.arguments import Filled, fill
from macae.llm.offline.cards import ToolCard
from macae.llm.offline.clause import Clause
from macae.llm.offline.documents import documents_tool, is_plain_question
from macae.llm.offline.drafts import DraftStep, Work
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.matching import Match
from macae.llm.offline.routing import (
    by_description,
    general_agent,
    is_absurd,
    is_human_task,
    is_language_task,
    is_live,
    person_agent,
)
from macae.llm.offline.several import call_variants
from macae.llm.offline.wording import action_for
from macae.llm.offline.words import split_identifier

__all__ = ["add_calls", "add_other", "add_step"]


def add_calls(work: Work, clause: Clause, match: Match) -> None:
    """Add the step for a matched clause; several people or items make several calls where the tool takes one."""
    for values_scope, text in call_variants(work, clause, match.tool):
        filled = fill(match.tool, values_scope)
        add_step(work, match.tool, filled, text, (clause.start, clause.end))


def add_step(work: Work, tool: ToolCard, filled: Filled, text: str, span: tuple[int, int]) -> None:
    """Add one call, unless the plan has it already."""
    if any(s.tool is not None and s.tool.name == tool.name and s.values == filled.values for s in work.steps):
        return
    if filled.values or not tool.params:
        for other in work.steps:
            if other.tool is not None and other.tool.name == tool.name and _same_call(other, filled, tool):
                fresh = {k: v for k, v in filled.values.items() if not re.fullmatch(r"\$\d+", str(v))}
                both = {**fresh, **other.values}
                other.values = {p.name: both[p.name] for p in tool.params if p.name in both}
                other.missing = [p for p in other.missing if p.name not in other.values]
                return
    action = action_for(text, tool, work.foreign, filled.values)
    work.steps.append(DraftStep(tool.agent, action, tool, filled.values, filled.missing, None, span))


_WORDY = ("body", "title", "reason", "topic", "query", "boolean")


def _same_call(other: DraftStep, filled: Filled, tool: ToolCard) -> bool:
    """Whether a call is the one that the plan has already, said in other words: no plain fact of the two differs."""
    for param in tool.params:
        one, two = other.values.get(param.name), filled.values.get(param.name)
        if one is None or two is None or one == two:
            continue
        what = meaning_of(param, split_identifier(tool.name)).what
        if what not in _WORDY or tool.effect == "read":
            return False
    return (
        bool(filled.missing)
        or any(filled.values.get(k) == v for k, v in other.values.items())
        or len(filled.values) <= 1
    )


def add_other(work: Work, clause: Clause) -> None:
    """A step without a tool, or a note of what cannot be done."""
    agents = work.index.agents
    plain = re.sub(r"\s+", " ", clause.text).strip(" .!?")
    plain = plain[:1].upper() + plain[1:]
    general, person = general_agent(agents), person_agent(agents)
    special = by_description(clause, [a for a in agents if a is not general and a is not person])
    if special is not None:
        work.steps.append(DraftStep(special.name, f"{plain}.", clause=(clause.start, clause.end)))
    elif general is not None and is_language_task(clause):
        work.steps.append(
            DraftStep(
                general.name,
                f"{plain}: no function needed, answered in text.",
                clause=(clause.start, clause.end),
            )
        )
    elif person is not None and is_human_task(clause) and not is_live(clause.text):
        work.steps.append(
            DraftStep(person.name, f"{plain}: only a person can do this.", clause=(clause.start, clause.end))
        )
    elif (tool := documents_tool(work.index)) is not None and _may_be_written(clause):
        filled = fill(tool, work.scope(clause.start, clause.end))
        add_step(work, tool, filled, clause.text, (clause.start, clause.end))
    else:
        work.unable.append(plain)


def _may_be_written(clause: Clause) -> bool:
    """Whether documents may answer a clause: a question about neither this moment nor what cannot be, and no task for a text."""
    return is_plain_question(clause) and not (
        is_absurd(clause) or is_live(clause.text) or is_language_task(clause) or is_human_task(clause)
    )
