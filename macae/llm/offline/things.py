"""Read the name of a thing: an item, a product, a plan, a database."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.choices import slot_value
from macae.llm.offline.facts import Placed
from macae.llm.offline.kinds import Meaning, meaning_of, told_choices
from macae.llm.offline.objects import inside_value, key_stems, near_reference, object_phrase, without_nouns
from macae.llm.offline.phrases import after, noun_phrase, proper_names, singular, strip_articles
from macae.llm.offline.quotes import quoted_text
from macae.llm.offline.scope import Scope
from macae.llm.offline.topics import NAMED
from macae.llm.offline.words import data, fold, lexicon, stem, words

__all__ = ["read_item"]


def read_item(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A thing by its name: quoted, a proper name, or the object of the clause; the mere word for its kind ("a database") is none."""
    found = _item(param, meaning, scope, tool)
    if isinstance(found, str) and found.islower():
        empty = {stem(w) for w in meaning.noun.split()} | {
            "access",
            "hardwar",
            "softwar",
            "equip",
            "thing",
            "item",
            "one",
            "them",
            "it",
            "read",
            "writ",
            "admin",
        }
        if all(stem(w) in empty or w in lexicon().stop for w in words(found)):
            return None
    return found


def _item(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    quoted = None if _titles_quote(param, scope, tool) else quoted_text(scope, param.required)
    if quoted:
        return quoted
    if told_choices(param.description):
        chosen = slot_value(param, scope)
        if chosen or not param.required:
            return chosen
    nouns = {stem(w) for w in meaning.noun.split()} | (
        {stem("licence"), stem("license"), stem("seat")} if "software" in meaning.noun else set()
    )
    named = after(scope.clause, *NAMED)
    if named:
        return _proper_start(scope.clause, named)
    reference = near_reference(scope)
    if reference and (
        param.required or meaning.noun in ("contract", "order", "ticket", "invoice", "document", "asset")
    ):
        return reference
    proper = [
        n
        for n, at in _without_others(scope)
        if scope.free(at, at + len(n)) and not is_other(scope, at, meaning)
    ]
    phrase = object_phrase(scope)
    keys = key_stems(tool) | nouns
    if proper and not param.required and (scope.generous or not _ITEMS & set(meaning.noun.split())):
        return _cued(scope, meaning)
    if proper:
        good = [p for p in proper if p in phrase] or proper
        cued = [
            p
            for p in good
            if re.search(
                rf"{re.escape(p)}(?:'s)? (?:{'|'.join(map(re.escape, meaning.noun.split())) or 'x'})",
                scope.clause,
                re.I,
            )
        ]
        value = (cued or good)[0]
        if value.split()[-1][0].isupper() and len(value.split()) > 1:
            return value  # the noun belongs to the name: "Streaming Pack"
        value = without_nouns(value, nouns)
        whole = _with_tail(phrase, value)
        return without_nouns(whole, nouns | {stem("licence"), stem("license"), stem("seat")})
    if not phrase or phrase.lower() in ("it", "them", "one", "that", "this"):
        phrase = ""
    if phrase and any(p.value == phrase for p in scope.near.of("person")):
        phrase = ""
    cut = without_nouns(phrase, nouns)
    left = [w for w in words(cut) if w not in lexicon().stop]
    things = {stem(x) for x in known_things()}
    if not param.required and (scope.generous or not _ITEMS & set(meaning.noun.split())):
        return _cued(scope, meaning)
    specific = [w for w in left if stem(w) not in keys or (stem(w) in things and param.required)]
    if specific and (
        param.required
        or any(stem(w) in {stem(x) for x in known_things()} for w in specific)
        or meaning.noun.split()[-1] in cut
    ):
        return singular(strip_articles(cut)) if _plural_item(param, tool) else strip_articles(cut)
    tail = (
        noun_phrase(re.split(r"\b(?:of|for|about|on|to|in)\b", scope.clause, maxsplit=1)[-1])
        if re.search(r"\b(?:of|for|about|on|to|in)\b", scope.clause)
        else ""
    )
    tail_words = [w for w in words(tail) if w not in lexicon().stop and not inside_value(scope, tail)]
    if tail_words and any(stem(w) in {stem(x) for x in known_things()} for w in tail_words):
        return singular(without_nouns(tail, nouns))
    if param.required and left and not specific and not nouns & {stem(w) for w in left}:
        return singular(strip_articles(cut))
    if param.required:
        mentioned = [w for w in words(scope.clause) if stem(w) in things and stem(w) not in keys]
        return singular(mentioned[0]) if mentioned else _from_statements(scope)
    question = re.search(
        r"\b(?:how many|how much|which|what|any|much do|price of|cost of|much is|much are) (?:is |are |the |a |an |our |do |does )*([\w -]+?)(?= (?:do|does|are|is|have|has|in|we|left|cost|available|on)\b|\?|$)",
        scope.clause,
        re.I,
    )
    if question:
        said = strip_articles(question[1])
        if said and any(stem(w) in {stem(x) for x in known_things()} for w in words(said)):
            return singular(said)
    return None


def _titles_quote(param: Param, scope: Scope, tool: ToolCard) -> bool:
    """Whether the only quoted text is the title that the call needs too."""
    titles = [p for p in tool.params if p is not param and p.required and meaning_of(p).what == "title"]
    return bool(titles) and len(scope.facts.of("quote")) == 1


def _without_others(scope: Scope) -> list[tuple[str, int]]:
    """The proper names of the clause, without a person or a department that follows in them ("Figma for Pavel Horak")."""
    found = []
    for name, at in proper_names(scope.clause, scope.start):
        for span in scope.near.of("person", "department"):
            if at < span.start < at + len(name) and re.search(
                r" (?:for|to)(?: the)? $", scope.facts.text[at : span.start]
            ):
                name = re.sub(r" (?:for|to)(?: the)? $", "", scope.facts.text[at : span.start])
        found.append((name, at))
    return found


_ITEMS = frozenset(
    [
        "item",
        "product",
        "hardware",
        "equipment",
        "device",
        "software",
        "goods",
        "article",
        "plan",
        "pack",
        "system",
        "campaign",
        "service",
    ]
)


def _cued(scope: Scope, meaning: Meaning) -> str | None:
    """A name right beside the parameter's own noun: "model Surface Pro", "the Europe Traveller plan"."""
    for name, at in proper_names(scope.clause, scope.start):
        if is_other(scope, at, meaning):
            continue
        behind = scope.facts.text[at + len(name) :].split()[:1]
        before = scope.facts.text[:at].split()[-1:]
        if {stem(fold(w.strip(".,"))) for w in (*behind, *before)} & {stem(w) for w in meaning.noun.split()}:
            return name
    return None


def _from_statements(scope: Scope) -> str | None:
    for start, end in scope.statements:
        names = [
            n
            for n, at in proper_names(scope.facts.text[start:end], start)
            if not any(p.start <= at < p.end for p in scope.facts.of("person", "department"))
            and not any(d.start <= at < d.end for d in scope.facts.dates)
        ]
        if names:
            return names[0]
    return None


@cache
def known_things() -> frozenset[str]:
    """Things that are ordered and counted: the lexicon's kinds of equipment, software and supplies."""
    kinds = data("lexicon.yaml")["kinds"]
    return frozenset(
        w
        for k in ("hardware", "equipment", "device", "furniture", "supplies", "software")
        for w in str(kinds[k]).split()
    ) - {"software", "hardware", "item", "equipment", "licence", "license", "application", "display"}


def _plural_item(param: Param, tool: ToolCard) -> bool:
    return param.type != "array"


def _proper_start(text: str, named: str) -> str:
    names = [n for n, _ in proper_names(text) if named.startswith(n)]
    return max(names, key=len) if names else named


def _with_tail(phrase: str, name: str) -> str:
    """A proper name with the small words that belong to it in the phrase ("Surface laptop")."""
    if phrase.startswith(name):
        rest = phrase[len(name) :].split()
        if rest and len(rest) <= 2 and all(r.isalnum() for r in rest):
            return phrase
    return name


def is_other(scope: Scope, at: int, meaning: Meaning) -> bool:
    """Whether a proper name at a place is a person, a department as such, a date, an amount or an address."""
    near = scope.facts
    firsts = set(data("lexicon.yaml")["first_names"].split())
    for span in near.entities:
        if span.start <= at < span.end:
            if span.kind == "person":
                return fold(span.value.split()[0]) in firsts or (
                    " " in span.value and not scope.free(span.start, span.end)
                )
            if span.kind == "department":
                from macae.llm.offline.groups import is_unit

                return is_unit(scope, span)
            if span.kind == "place":
                return (
                    not {"destination", "location", "place", "country", "city"} & set(meaning.noun.split())
                    and span.start == at
                    and not re.match(r" [A-Z]", near.text[span.end :])
                )
            return span.kind in ("email", "link", "phone")
    spans: list[Placed] = [*near.dates, *near.times, *near.amounts, *near.lengths]
    return any(f.start <= at < f.end for f in spans)
