"""Read references, e-mail addresses, phone numbers and links."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.entities import PREFIXES, Span
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import fold, stem

__all__ = ["read_email", "read_link", "read_phone", "read_reference"]


def read_reference(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A reference such as PO-1042: one whose letters or whose noun fit the parameter before any other."""
    wanted = {stem(w) for w in meaning.noun.split()} | {
        stem(w) for w in ([meaning.noun] if not meaning.noun else [])
    }

    def fits(span: Span) -> int:
        letters = re.match(r"[A-Za-z]*", span.value)
        said = {stem(w) for w in PREFIXES.get(letters[0].lower() if letters else "", "").split()}
        before = {
            stem(fold(w))
            for w in re.findall(r"[A-Za-z]+", scope.facts.text[max(0, span.start - 25) : span.start])[-2:]
        }
        return 2 * bool(said & wanted or (letters and letters[0].lower() in meaning.noun.split())) + bool(
            before & wanted
        )

    for facts in scope.layers() if param.required or scope.of_it else [scope.near]:
        spans = [s for s in facts.of("reference") if scope.free(s.start, s.end)]
        spans.sort(key=lambda s: (-fits(s), s.start))
        if spans and (fits(spans[0]) or param.required or len(scope.near.of("reference")) == 1):
            scope.take(spans[0].start, spans[0].end)
            value = spans[0].value
            return value if param.type != "integer" else int(re.sub(r"\D", "", value) or 0)
    return None


def read_email(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """An e-mail address."""
    for facts in scope.layers() if param.required or scope.generous else [scope.near]:
        spans = [s for s in facts.of("email") if scope.free(s.start, s.end)]
        if spans:
            scope.take(spans[0].start, spans[0].end)
            return spans[0].value
    return None


def read_phone(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A telephone number."""
    return next((s.value for s in scope.near.of("phone") or scope.facts.of("phone")), None)


def read_link(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A web address."""
    return next((s.value for s in scope.near.of("link") or scope.facts.of("link")), None)
