"""Read departments, companies, and whom something reaches."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.entities import Span
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.phrases import proper_names
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import data, fold, word_set

__all__ = ["read_audience", "read_company", "read_department"]


def read_audience(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """Whom something reaches: a department, people, addresses, or "everyone"."""
    for facts in scope.layers():
        if facts is not scope.near and not param.required and not scope.of_them:
            return None
        addresses = [e.value for e in facts.of("email") if scope.free(e.start, e.end)]
        people = list(dict.fromkeys(p.value for p in facts.of("person") if scope.free(p.start, p.end)))
        units = list(dict.fromkeys(d.value for d in facts.of("department") if is_unit(scope, d)))
        found = addresses or [*units, *people]
        if found:
            return found if param.type == "array" else ", ".join(found)
        group = re.search(
            r"\b(?:all (?:staff|employees|customers|colleagues|users|managers|subscribers|(?:business|consumer|existing|new|premium) customers)|everyone|everybody|the whole (?:company|team|department)|consumers|businesses|(?:existing|new|business|premium|private) (?:customers|clients))\b",
            scope.clause,
            re.I,
        )
        if group and facts is scope.near:
            return [group[0]] if param.type == "array" else group[0]
    if param.required and scope.of_myself:
        return ["me"] if param.type == "array" else "me"
    return None


def is_unit(scope: Scope, span: Span) -> bool:
    """Whether a department's name stands for the department, not for a kind of thing ("a marketing campaign", "IT ticket")."""
    text = scope.facts.text
    behind = re.match(r"'?s? ?(?:\w+ly )?(\w+)", text[span.end :])
    word = fold(behind[1]) if behind else ""
    if word in (
        "team",
        "department",
        "dept",
        "division",
        "group",
        "staff",
        "colleagues",
        "people",
        "budget",
        "employees",
        "unit",
        "folks",
        "members",
    ):
        return True
    said = text[span.start : span.end]
    before = text[: span.start]
    if word in word_set("not_units") or (
        behind and behind[1][0].isupper() and text[span.end : span.end + 1] == " "
    ):
        return False
    if said[:1].isupper() and (
        word in word_set("does")
        or (
            text[: span.start].strip()
            and not re.search(r"[.!?:\n]\s*$", before)
            and not re.match(r" [a-z]+(?:s|ing)?\b", text[span.end :])
        )
    ):
        return True
    if re.search(
        r"\b(?:whole of|all of|has|have|can|could|did|will|everyone in|everybody in|joins|those in) $",
        before,
        re.I,
    ):
        return True
    led = bool(
        re.search(
            r"\b(?:for|to|from|in|of|by|with|the|and|between|our|at|tell|inform|notify|invite|train|teach|remind|onboard|message|thank|into|is|department:?|team:?)(?: the)? $|, $|^$",
            before,
            re.I,
        )
    )
    closes = (
        not word
        or not text[span.end : span.end + 1].isspace()
        or word
        in (
            "and",
            "for",
            "to",
            "on",
            "by",
            "in",
            "from",
            "with",
            "next",
            "at",
            "about",
            "that",
            "starting",
            "as",
            "has",
            "have",
            "is",
            "are",
            "will",
            "left",
            "or",
            "this",
            "tomorrow",
            "needs",
            "need",
            "who",
            "because",
            "some",
            "a",
            "the",
            "before",
            "until",
            "please",
            "still",
        )
    )
    return led and closes and (said[:1].isupper() or closes)


def read_department(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A department's name; with a side (from_, to_) the one that stands after that word."""
    for facts in scope.layers():
        units = [d for d in facts.of("department") if scope.free(d.start, d.end) and is_unit(scope, d)]
        if meaning.side == "start":  # who needs money doesn't give it
            units = [
                d
                for d in units
                if not re.match(
                    r"'?s? (?:\w+ )?(?:needs?|gets?|wants?|is short|lacks?)\b", scope.facts.text[d.end :]
                )
            ]
        if meaning.side:
            word = r"(?:from|of|out of)" if meaning.side == "start" else r"(?:to|into|towards?)"
            sided = [
                d
                for d in units
                if re.search(
                    rf"\b{word}(?: the| our)? (?:budget of )?(?:the )?$", scope.facts.text[: d.start], re.I
                )
            ]
            other = r"(?:to|into|towards?)" if meaning.side == "start" else r"(?:from|of|out of)"
            units = sided or [
                d
                for d in units
                if not re.search(rf"\b{other}(?: the| our)? $", scope.facts.text[: d.start], re.I)
            ]
        if units:
            scope.take(units[0].start, units[0].end)
            return units[0].value
        named = re.search(
            r"\b(?:department|team|division)(?: of| named| called|:)? ([A-Z]\w+(?: [A-Z]\w+)?)|\b([A-Z][\w&]+(?: [A-Z][\w&]+)?) (?:department|team|division)\b",
            scope.clause,
        )
        if named and facts is scope.near and not meaning.side:
            return named[1] or named[2]
        if not (param.required or scope.generous) and facts is scope.near and scope.start > 0:
            continue
        if not (param.required or scope.generous) and facts is scope.facts:
            return None
    return None


def read_company(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A company's name: a proper name that is no person's first choice, after "with", "from", "by" if there is a choice."""
    firsts = set(data("lexicon.yaml")["first_names"].split())
    for start, end in [(scope.start, scope.end), (0, len(scope.facts.text))]:
        text = scope.facts.text[start:end]
        names = [
            (n, at)
            for n, at in proper_names(text, start)
            if scope.free(at, at + len(n))
            and not re.fullmatch(r"[A-Z]{1,5}-?\d+|[A-Z]{2,4}s?", n)
            and not any(d.start <= at < d.end for d in scope.facts.dates)
        ]
        names = [
            (n, at)
            for n, at in names
            if not any(d.start <= at < d.end for d in scope.facts.of("department", "email", "quote"))
        ]
        best = sorted(
            names,
            key=lambda na: (
                fold(na[0].split()[0]) in firsts,
                not re.search(
                    r"\b(?:with|from|by|and|to|against|of|vs|versus|for|supplier|company|vendor|partner) $",
                    scope.facts.text[: na[1]],
                    re.I,
                ),
            ),
        )
        if best:
            scope.take(best[0][1], best[0][1] + len(best[0][0]))
            return best[0][0]
        if not param.required:
            return None
    return None
