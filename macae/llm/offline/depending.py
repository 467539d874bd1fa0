"""Which steps wait for which."""

from __future__ import annotations

import re

from macae.llm.offline.arguments import uses_of
from macae.llm.offline.drafts import DraftStep, Work

__all__ = ["drop_forward", "set_dependencies"]


def drop_forward(work: Work) -> None:
    """Steps stand in the order of the goal; nothing refers forward."""
    for number, step in enumerate(work.steps, 1):
        for used in uses_of(step.values):
            if used >= number:
                step.values = {k: v for k, v in step.values.items() if v != f"${used}"}


def set_dependencies(work: Work) -> None:
    """Steps that share no data wait for nothing; else a step depends on the one before it."""
    for number, step in enumerate(work.steps, 1):
        if number == 1:
            step.depends_on = []
            continue
        uses = uses_of(step.values)
        mine = _data(step)
        shares = any(_data(other) & mine for other in work.steps[: number - 1])
        said = work.text[work.steps[number - 2].clause[1] : step.clause[0] + 12]
        then = (
            bool(re.search(r"\b(?:then|after(?:wards| that)?|once|finally|next,)\b", said, re.I))
            and step.clause != work.steps[number - 2].clause
        )
        pronoun = work.scope(*step.clause).of_it or work.scope(*step.clause).of_them
        independent = not uses and not shares and not then and not pronoun and step.tool is not None
        step.depends_on = [] if independent else sorted(set(uses)) if uses and not then else None


def _data(step: DraftStep) -> set[str]:
    """What a step's call speaks of: its values, folded."""
    return {
        str(v).lower()
        for v in step.values.values()
        if isinstance(v, str) and v != "me" and not re.fullmatch(r"\d{4}-\d\d-\d\d|\$\d+|[\d:]+", v)
    }
