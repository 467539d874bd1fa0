"""The answer to a clarification fills what was missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from macae.llm.offline.arguments import coerce, fill
from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.facts import read_facts
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import lexicon, split_identifier, stem, words

if TYPE_CHECKING:
    from macae.llm.offline.drafts import DraftStep, Wanted
    from macae.llm.offline.matching import Index

__all__ = ["use_answer"]


def use_answer(steps: Sequence[DraftStep], wanted: Wanted, index: Index) -> None:
    """Fill the steps' missing arguments from the answer."""
    answer = wanted.answer.strip()
    if not answer:
        return
    asked = [(step, param) for step in steps for param in step.missing]
    given: dict[str, Any] = {}
    for step, param in asked:
        assert step.tool is not None
        value = given.get(param.name)
        if value is None:
            value = _labelled(answer, param)
        if value is None:
            value = _by_meaning(answer, step.tool, param, wanted, index)
        if value is None and len({p.name for _, p in asked}) == 1:
            value = coerce(_bare(answer), param)
        if value is None or value == "":
            continue
        given[param.name] = value
        step.values[param.name] = value
    left = [(s, p) for s, p in asked if p.name not in s.values]
    rest = _unused(answer, wanted, index)
    if len({p.name for _, p in left}) == 1 and rest:
        for step, param in left:
            value = coerce(_bare(rest), param)
            if value not in (None, ""):
                step.values[param.name] = value
        left = []
    pieces = [p.strip(" .") for p in re.split(r"[,;\n]|\band\b", answer) if p.strip(" .")]
    used = {str(v).lower() for v in given.values()}
    pieces = [p for p in pieces if p.lower() not in used]
    names = list(dict.fromkeys(p.name for _, p in left))
    if names and len(pieces) == len(names):
        for step, param in left:
            value = coerce(_bare(pieces[names.index(param.name)]), param)
            if value not in (None, ""):
                step.values[param.name] = value
    _more(asked, answer, wanted, index)
    for step in steps:
        if step.tool is not None:
            step.missing = [p for p in step.missing if p.name not in step.values]
            order = [p.name for p in step.tool.params]
            step.values = {n: step.values[n] for n in order if n in step.values}


_FACTS = ("date", "quantity", "amount", "time", "length", "percent", "email")


def _more(asked: Sequence[tuple[DraftStep, Param]], answer: str, wanted: Wanted, index: Index) -> None:
    """What the answer says besides: the last day when the first was asked for, how many when the thing was."""
    for step in {id(s): s for s, _ in asked}.values():
        assert step.tool is not None
        scope = Scope(read_facts(answer, wanted.today, index.vocabulary), 0, len(answer), wanted.today)
        said = fill(step.tool, scope).values
        for param in step.tool.params:
            if (
                param.name in said
                and param.name not in step.values
                and meaning_of(param, split_identifier(step.tool.name)).what in _FACTS
            ):
                step.values[param.name] = said[param.name]


def _unused(answer: str, wanted: Wanted, index: Index) -> str:
    """The answer without the dates, times, names, amounts and addresses in it."""
    facts = read_facts(answer, wanted.today, index.vocabulary)
    for start, end in sorted(set(facts.covered()), reverse=True):
        answer = answer[:start] + " " + answer[end:]
    stop = lexicon().stop
    pieces = [" ".join(p.split()) for p in re.split(r"[,;]|\.(?=\s|$)", answer)]
    said = [p for p in pieces if any(w not in stop for w in words(p))]
    return ", ".join(
        re.sub(r"(?:^(?:and|on|at|for|with)\s+|\s+(?:and|on|at|by|from|for|with|of)$)", "", p) for p in said
    )


def _labelled(answer: str, param: Param) -> Any:
    """`mentor: Bob Jones`, or "the mentor is Bob Jones"."""
    name = [w for w in split_identifier(param.name) if w not in ("name", "the")] or ["name"]
    match = re.search(
        rf"\b{r'[ _-]?'.join(map(re.escape, name))}(?:[ _-]?name)?\s*(?::|=|-)\s*(?P<v>[^\n;,]+)",
        answer,
        re.IGNORECASE,
    )
    return (
        coerce(match["v"].strip(" ."), param)
        if match and meaning_of(param).what not in ("date", "amount", "quantity")
        else None
    )


def _by_meaning(answer: str, tool: ToolCard, param: Param, wanted: Wanted, index: Index) -> Any:
    """What the answer gives for this one parameter, read by its meaning."""
    facts = read_facts(answer, wanted.today, index.vocabulary)
    alone = ToolCard(tool.name, tool.description, (param,), tool.agent, tool.effect)
    what = meaning_of(param, split_identifier(tool.name)).what
    if what in ("body", "title", "topic", "query", "reason", "item", "type", "field", "value"):
        return None
    scope = Scope(facts, 0, len(answer), wanted.today, generous=True)
    filled = fill(alone, scope)
    value = filled.values.get(param.name)
    return None if value == "me" and not re.search(r"\b(?:me|myself|i)\b", answer, re.I) else value


def _bare(answer: str) -> str:
    """The answer without "it is", "please use", …"""
    text = re.sub(
        r"^(?:(?:it|that|this|the \w+(?: \w+)?|her \w+|his \w+|my \w+)(?:'s| is| are| should be| will be)|please (?:use|take)|use|take|let's (?:use|take|say)|i(?:'d| would) (?:say|like)|make it|for|with|by|about)\s+",
        "",
        answer.strip(),
        flags=re.IGNORECASE,
    )
    text = text.strip(" .!\"'“”")
    return text if stem(text.lower()) else answer.strip()
