"""Read percentages, sums of money and counts."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import fold, stem

__all__ = ["read_amount", "read_percent", "read_quantity"]


_PERCENT = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?(?:%|percent\b|per cent\b|prozent\b)|\b(half)(?: price| off)", re.IGNORECASE
)


def read_percent(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A percentage as a number: 15% is 15."""
    match = _PERCENT.search(scope.clause) or (_PERCENT.search(scope.facts.text) if param.required else None)
    if match is None:
        return None
    return 50.0 if match[2] else float(match[1].replace(",", "."))


def read_amount(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A sum of money as a number (for text: as it was written); a required one may lack its currency."""
    for facts in scope.layers() if param.required or scope.generous else scope.layers()[:-1]:
        amounts = [a for a in facts.amounts if scope.free(a.start, a.end)]
        if amounts:
            chosen = amounts[0]
            if (
                scope.generous
                and not param.required
                and not re.search(
                    rf"\b{re.escape(meaning.noun.split()[0] if meaning.noun else 'amount')}",
                    scope.facts.text,
                    re.I,
                )
            ):
                return None  # a sum of the whole job is not this step's unless it is called so
            if len(amounts) > 1 and meaning.noun:
                cued = [
                    a
                    for a in amounts
                    if re.search(
                        rf"\b{re.escape(meaning.noun.split()[0])}\w*(?: \w+){{0,3}} $",
                        scope.facts.text[: a.start],
                        re.I,
                    )
                ]
                chosen = (cued or amounts)[0]
            scope.take(chosen.start, chosen.end)
            return (
                chosen.value
                if param.type in ("number", "integer")
                else scope.facts.text[chosen.start : chosen.end]
            )
    if param.required or re.search(
        rf"\b(?:{re.escape(meaning.noun or 'price')}|budget|price|salary|cost|worth)\b", scope.clause, re.I
    ):
        bare = re.search(
            r"\b(?:to|of|for|at|is|costs?|costing|price|=|:|worth|salary|budget) (?:about )?(\d[\d.,']*\d|\d)(?![\w%-])",
            scope.clause,
        )
        if bare and not re.match(
            r" (?:days?|weeks?|months?|hours?|minutes?|people|laptops?|units?)", scope.clause[bare.end() :]
        ):
            from macae.llm.offline.numbers import number_of

            return number_of(bare[1])
    return None


def _counts_noun(meaning: Meaning, scope: Scope, end: int) -> bool:
    """Whether an article stands before the parameter's own noun: "a hotel" says nothing of nights."""
    if not meaning.noun:
        return True
    following = {stem(fold(w)) for w in scope.facts.text[end : end + 40].split()[:2]}
    return stem(meaning.noun.split()[-1]) in following


def read_quantity(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A count; "a laptop" is one when a count is required."""
    for facts in scope.layers() if param.required else [scope.near]:
        counts = [q for q in facts.quantities if scope.free(q.start, q.end)]
        strong = [q for q in counts if not q.weak]
        if meaning.noun and len(strong) > 1:
            noun = stem(meaning.noun.split()[-1])
            strong = [
                q
                for q in strong
                if any(stem(fold(w)) == noun for w in scope.facts.text[q.end : q.end + 40].split()[:3])
            ] or strong
        if strong:
            scope.take(strong[0].start, strong[0].end)
            return strong[0].value
        if counts and param.required and facts is scope.near and _counts_noun(meaning, scope, counts[0].end):
            return 1
    return None
