"""Add the steps of a clause to the plan in the making."""

from __future__ import annotations

import re

from macae.llm.offline.arguments import Filled, fill
from macae.llm.offline.cards import ToolCard
from macae.llm.offline.clause import Clause
from macae.llm.offline.drafts import DraftStep, Work
from macae.llm.offline.matching import Match
from macae.llm.offline.routing import (
    by_description,
    general_agent,
    is_human_task,
    is_language_task,
    is_live,
    person_agent,
)
from macae.llm.offline.several import call_variants
from macae.llm.offline.wording import action_for

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
    action = action_for(text, tool, work.foreign, filled.values)
    work.steps.append(DraftStep(tool.agent, action, tool, filled.values, filled.missing, None, span))


def add_other(work: Work, clause: Clause) -> None:
    """A step without a tool, or a note of what cannot be done."""
    agents = work.index.agents
    plain = re.sub(r"\s+", " ", clause.text).strip(" .!?")
    plain = plain[:1].upper() + plain[1:]
    special = by_description(
        clause, [a for a in agents if a is not general_agent(agents) and a is not person_agent(agents)]
    )
    general, person = general_agent(agents), person_agent(agents)
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
    else:
        work.unable.append(plain)
