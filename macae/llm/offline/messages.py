"""Read longer texts: what a message shall say, what solved a ticket, the reason."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.objects import key_stems, object_phrase
from macae.llm.offline.phrases import after, trim
from macae.llm.offline.quotes import quoted_text
from macae.llm.offline.scope import Scope
from macae.llm.offline.topics import ABOUT, read_problem
from macae.llm.offline.words import lexicon, stem, words

__all__ = ["read_body", "read_reason"]


_SAYING = (
    "saying that",
    "saying",
    "that says",
    "says that",
    "stating that",
    "stating",
    "telling (?:them|everyone|everybody|him|her|people|customers|staff|us|all)(?: that)?",
    "with the (?:text|message|words|content)",
    "to (?:tell|inform|remind|let) (?:them|everyone|everybody|him|her|people|customers|staff)(?: know)?(?: that)?",
    "that(?= (?:the|we|our|all|there|it|i|this|everyone|his|her|their|my|they|he|she|you|no|a|an)\\b)",
    "to say(?: that)?",
    "which says",
    "reading",
)


_SOLVED = re.compile(
    r"\b(?:replaced|fixed|solved|repaired|restarted|changed|updated|reinstalled|cleaned|reset|installed|rebooted|works? again)\b",
    re.IGNORECASE,
)


def read_body(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A longer text: quoted, what it shall say, what it is about; a required one may be the clause itself."""
    quoted = quoted_text(scope, param.required, "body")
    if quoted:
        return quoted
    saying = after(scope.clause, *_SAYING, whole=True)
    if saying:
        return saying
    colon = re.search(r":\s+([^.!?]{8,}(?:[.!?](?!\s+Please)[^.!?]+)*)", scope.clause, re.DOTALL)
    if colon:
        return trim(colon[1])
    if not param.required:
        problem = read_problem(scope) if meaning.noun in ("description", "details") else None
        return problem if problem and problem != trim(scope.clause) else None
    solved = (
        after(scope.clause, "because", "with the note", "by", "as", whole=True)
        if meaning.noun in ("resolution", "reason", "answer")
        else ""
    )
    if solved:
        return solved
    about = after(scope.clause, *ABOUT, whole=True) or after(scope.clause, "of", whole=True)
    if about:
        return about
    if meaning.noun in ("resolution", "answer", "instructions"):
        mended = [scope.facts.text[s:e] for s, e in scope.statements if _SOLVED.search(scope.facts.text[s:e])]
        mended += [p for p in scope.clause.split(", ")[1:] if _SOLVED.search(p)]
        return trim(mended[-1]) if mended else None
    told = [trim(scope.facts.text[s:e]) for s, e in scope.statements if (s, e) != (scope.start, scope.end)]
    if told:
        return ". ".join(told)
    phrase = object_phrase(scope)
    keys = key_stems(tool)
    if meaning.noun in ("text", "message") and not _content(scope):
        before = trim(scope.facts.text[: scope.start])
        return (
            re.sub(r"[\s,;]*\b(?:and|then|also)?$", "", before)[-300:] if scope.earlier and before else None
        )
    return (
        trim(scope.clause)
        if any(stem(w) not in keys for w in words(phrase) if w not in lexicon().stop)
        else None
    )


_PASSING_ON = frozenset(
    ["drop", "line", "send", "message", "write", "everybody", "everyone", "note", "tell", "inform", "let", "know", "team", "department", "people", "whole", "colleagues", "mail",
     "email", "notify", "invited", "those", "staff", "announcement", "word", "quick", "short", "please", "well"]
)  # fmt: skip


def _content(scope: Scope) -> bool:
    """Whether a clause that passes something on says what."""
    covered = [*scope.facts.covered(), *((d.start, d.end) for d in scope.facts.of("department"))]
    said = [
        m[0].lower()
        for m in re.finditer(r"[^\W\d_]+", scope.clause)
        if not any(s <= scope.start + m.start() < e for s, e in covered)
    ]
    return any(w not in _PASSING_ON and w not in lexicon().stop for w in said)


def read_reason(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A reason: what follows because, due to, since, as; a required one may stand in a sentence beside the request."""
    texts = [scope.clause]
    if param.required:
        texts += [scope.facts.text[s:e] for s, e in scope.statements]
    for text in texts:
        found = _because(text)
        if found:
            return found
    return quoted_text(scope, False) if param.required else None


def _because(text: str) -> str:
    found = after(
        text,
        "because of",
        "because",
        "due to",
        "reason:?",
        "on account of",
        "owing to",
        "the reason (?:is|being)(?: that)?",
        "since",
        whole=True,
    )
    return found or after(text, r"as (?=(?:we|it|they|he|she|the|i|our|there|its|their)\b)", whole=True)
