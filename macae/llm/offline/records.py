"""Read the values of a record: job titles, places, fields and their new values, arithmetic."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.choices import slot_value
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.objects import object_phrase
from macae.llm.offline.phrases import noun_phrase, strip_articles, trim
from macae.llm.offline.quotes import quoted_text
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import fold

__all__ = ["read_expression", "read_field", "read_place", "read_role", "read_value"]


def read_role(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A job title: what follows "as a", "position of", or the title before a name."""
    match = re.search(
        r"\b(?:as|position of|role of|job of|promoted to|hired as|joins as|title to|position to|be) (?:our |the |a |an )?(?:new )?([A-Za-z][\w/&-]*(?: [A-Za-z][\w/&-]*){0,4})",
        scope.clause,
    )
    for candidate in [match[1]] if match else []:
        phrase = noun_phrase(candidate)
        if phrase and fold(phrase.split()[-1]) not in (
            "mentor",
            "buddy",
            "manager's",
            "soon",
            "possible",
            "well",
        ):
            return phrase
    for text in (scope.clause, scope.facts.text):
        known = re.search(
            r"\b((?:(?:senior|junior|lead|chief|head|principal|product|project|software|data|sales|account|marketing|hr|legal|financial|office|support|network|security|ux|graphic|business|research|content|customer|service|store|system|systems|executive|it|operations|program|mobile|web|brand) )*(?:engineer|developer|designer|analyst|accountant|assistant|director|specialist|consultant|intern|coordinator|architect|representative|administrator|technician|programmer|scientist|writer|editor|lawyer|counsel|recruiter|secretary|officer|manager(?!'s)))\b",
            text,
            re.I,
        )
        if known and (len(known[1].split()) > 1 or param.required) and known[1].lower() not in ("manager",):
            return known[1]
    return None


def read_place(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A place: a known country or city, or a proper name after "in", "to", "at"."""
    places = (
        scope.near.of("place")
        or ([p for s, e in scope.statements for p in scope.facts.within(s, e).of("place")])
        or (scope.facts.of("place"))
    )
    if places:
        if meaning.side == "start" and len(places) > 1:
            return next(
                (p.value for p in places if re.search(r"\bfrom $", scope.facts.text[: p.start], re.I)),
                places[0].value,
            )
        if meaning.side == "end" and len(places) > 1:
            return next(
                (p.value for p in places if re.search(r"\bto $", scope.facts.text[: p.start], re.I)),
                places[-1].value,
            )
        return places[0].value
    match = re.search(
        r"\b(?:in|at|to|from|near) (?:the )?((?:[A-Z][\w-]+|room \w+|floor \w+|building \w+)(?: [A-Z0-9][\w-]*)*)",
        scope.clause,
    )
    if match:
        at = scope.start + match.start(1)
        if (
            not any(s.start <= at < s.end and s.kind in ("person", "department") for s in scope.near.entities)
            and not any(d.start <= at < d.end for d in scope.near.dates)
            and scope.free(at, at + 1)
        ):
            return match[1]
    return None


def read_expression(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """Arithmetic as text: `5 * 1299 + 3`; words for the operators are understood."""
    text = " " + scope.clause.lower() + " "
    text = re.sub(r"(\d+(?:\.\d+)?)\s?(?:%|percent) of (\d[\d.,]*)", r"\1 / 100 * \2", text)
    for said, sign in (
        (r"multiplied by|times|x|×", "*"),
        (r"divided by|over|÷", "/"),
        ("plus", "+"),
        ("minus|less", "-"),
        ("to the power of", "**"),
    ):
        text = re.sub(rf"(?<=[\d) ]) ?(?:{said}) ?(?=[\d( $])", f" {sign} ", text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text.replace("$", ""))
    found = re.findall(r"[\d(][\d\s.+*/()-]*[\d)]", text)
    best = max((f for f in found if re.search(r"\d\s*(?:\*\*|[-+*/])\s*[\d(]", f)), key=len, default="")
    return re.sub(r"\s+", " ", re.sub(r"\s*(\*\*|[+*/-])\s*", r" \1 ", best)).strip() or None


def read_field(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """Which field is to change: "the job title of X", "X's department"."""
    found = slot_value(param, scope)
    if found:
        return found
    if re.search(r"\bpromot", scope.clause, re.I):
        return "job title"
    if scope.near.of("department") and re.search(
        r"\b(?:move|transfer|reassign|switch)\w*\b", scope.clause, re.I
    ):
        return "department"
    own = re.search(r"'s? ((?:\w+ ){0,2}?\w+) (?:to|into|as|is|from)\b", scope.clause)
    return strip_articles(own[1]) if own else object_phrase(scope) or None


def read_value(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """The new value: what follows the last "to"."""
    quoted = quoted_text(scope, False)
    if quoted:
        return quoted
    now = re.search(
        r"\b(?:is now|is|becomes|will be) (?:now |our |the )*((?:[A-Z][\w&]+)(?: (?:of|for|and|[A-Z][\w&]+))*)",
        scope.clause,
    )
    if now and not re.search(r"\bto (?!be\b)", scope.clause):
        return now[1]
    match = re.search(r"\b(?:to|into|as|is now|=) (?!the (?:field|record)|be\b)(.+)$", scope.clause)
    if match is None:
        return None
    at = scope.start + match.start(1)
    dates = [d for d in scope.near.dates if d.start <= at + 12 and d.end > at]
    if dates:
        return dates[0].day.isoformat()
    said = trim(re.split(r"\s(?:starting|effective|from|as of|because)\b", match[1])[0])
    nested = re.match(r".*\bto (.+)$", said)
    units = [d for d in scope.near.of("department") if scope.facts.text[d.start : d.end] in said]
    if units and re.search(r"\b(?:department|team|division)\b", said, re.I):
        return units[-1].value
    return strip_articles(nested[1] if nested else said) or None
