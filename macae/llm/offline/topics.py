"""Read what something is about: titles, topics, problems, queries."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.objects import inside_value, key_stems, object_phrase, undated, without_nouns
from macae.llm.offline.phrases import after, proper_names, trim
from macae.llm.offline.quotes import quoted_text
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import fold, lexicon, split_identifier, stem, word_set, words

__all__ = ["ABOUT", "NAMED", "read_problem", "read_query", "read_title", "read_topic"]


ABOUT = (
    "about",
    "on the topic of",
    "on the subject of",
    "regarding",
    "concerning",
    "covering",
    "on how to",
    "related to",
    "who covers?",
    "who writes? about",
    "interested in",
)


NAMED = (
    "titled",
    "call it",
    "called",
    "named",
    "entitled",
    "with the (?:title|name|subject|headline)",
    "under the (?:title|name)",
    "subject:?",
    "title:?",
)


def read_title(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A short title: quoted, named, what it is about, else the object."""
    quoted = quoted_text(scope, param.required, "title")
    if quoted:
        return quoted
    named = after(scope.clause, *NAMED)
    if named:
        return named
    if not param.required:
        return None
    clause = undated(scope)
    about = after(clause, *ABOUT) or after(
        clause, "to discuss", "to talk about", "to review", "for discussing"
    )
    if about:
        return about
    problem = read_problem(scope)
    if (
        problem
        and {"issue", "problem", "ticket", "incident", "title"} & set(split_identifier(param.name))
        and {"ticket", "issue", "incident", "problem", "report", "bug"}
        & set(split_identifier(tool.name) + tuple(words(tool.description)))
    ):
        return problem
    phrase = object_phrase(scope)
    kind, _, name = phrase.partition(" ")
    if kind.islower() and name[:1].isupper() and stem(kind) in key_stems(tool):
        return name  # "the book Dune": the word for its kind is no part of a title
    with_whom = [s.value for s in scope.near.of("person", "department")]
    if phrase and all(stem(w) in key_stems(tool) for w in words(phrase) if w not in lexicon().stop):
        if not with_whom:
            return None
        return f"{phrase[:1].upper()}{phrase[1:]} with {' and '.join(with_whom)}"
    return phrase or None


_PROBLEM = re.compile(
    r"\b(?:broken|doesn't|does not|don't|isn't|is not|won't|can't|cannot|not working|slow|crash\w*|lost|stolen|stopped|fail\w*|error|down|stuck|frozen|freez\w+|faulty|defective|damaged|missing|leak\w*|noise|hack\w*|phishing|virus|infected|flicker\w*|overheat\w*|blank|dead)\b",
    re.IGNORECASE,
)


def read_problem(scope: Scope) -> str | None:
    """The sentence that tells of a problem, in the clause or in a statement beside it."""
    about = re.search(
        r"\b(?:because|as|since|about|for|that|:)\s+((?:the|my|our|a|an|his|her)\b.+)$", scope.clause, re.I
    )
    if about and _PROBLEM.search(about[1]):
        return trim(about[1])
    for start, end in [*scope.statements, (scope.start, scope.end)]:
        text = scope.facts.text[start:end]
        if _PROBLEM.search(text):
            return trim(text)
    if about:
        return trim(about[1])
    return None


def read_topic(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """What something is about."""
    quoted = quoted_text(scope, param.required)
    if quoted:
        return quoted
    clause = undated(scope)
    about = after(clause, *ABOUT) or after(
        clause,
        "say on",
        "say about",
        "think of",
        "rules for",
        "rules on",
        "policy on",
        "policy for",
        "allowed to",
    )
    if about:
        return about
    keys = key_stems(tool)
    if meaning.noun in ("purpose",) and not param.required:
        return None
    if param.required and meaning.noun in ("problem", "issue"):
        return read_problem(scope) or object_phrase(scope) or None
    on = after(clause, "on", "in", "for")
    if (
        on
        and not inside_value(scope, on)
        and not any(
            scope.facts.text[d.start : d.end].lower() in on.lower()
            for d in scope.near.of("department", "person")
        )
        and words(on)
        and on.lower() not in ("them", "him", "her", "us", "me", "it")
    ):
        return (
            on
            if param.required or stem(words(on)[-1]) not in lexicon().near or meaning.noun == "topic"
            else None
        )
    phrase = object_phrase(scope)
    before = [
        w
        for w in phrase.split()
        if stem(fold(w)) not in keys and fold(w) not in lexicon().stop | word_set("plain_adjectives")
    ]
    if before and len(before) < len(phrase.split()) and meaning.noun in ("topic", "course", "skill", "theme"):
        return " ".join(before)
    if param.required:
        return phrase or trim(scope.clause)
    return None


def read_query(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """What to look for: a quoted text, a name, what is asked about, else the object."""
    quoted = quoted_text(scope, param.required)
    if quoted:
        return quoted
    people = [p.value for p in scope.near.of("person")]
    if people:
        return people[0]
    whom = re.match(
        r"\W*who(?:'s| is| are) (?:the |our )?(?P<q>(?:head|manager|boss|director|ceo|lead|chief)\b.*?)\W*$",
        scope.clause,
        re.I,
    )
    if whom:
        return whom["q"]
    mail = [p.value for p in scope.near.of("email", "reference")]
    if mail:
        return mail[0]
    proper = [
        n
        for n, at in proper_names(scope.clause, scope.start)
        if not any(d.start <= at < d.end for d in scope.near.dates)
    ]
    about = after(scope.clause, *ABOUT, "with", "for", "on", "by", "mentioning", "containing", "named")
    if about and not (proper and proper[0] not in about):
        return about
    if proper:
        return proper[0]
    phrase = without_nouns(object_phrase(scope), key_stems(tool))
    if param.required or (
        phrase and any(stem(w) not in key_stems(tool) for w in words(phrase) if w not in lexicon().stop)
    ):
        return phrase or None
    return None
