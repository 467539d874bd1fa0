"""Quoted text in a scope, and which parameter it belongs to."""

from __future__ import annotations

import re

from macae.llm.offline.scope import Scope

__all__ = ["quoted_text"]


_QUOTE_CUES = {
    "title": ("subject", "title", "titled", "called", "named", "headline", "heading", "name"),
    "body": ("text", "saying", "says", "message", "content", "body", "that", "words", "reads", "description"),
}


def quoted_text(scope: Scope, anywhere: bool, kind: str = "") -> str | None:
    """A quoted text; of several, the one behind a word that fits ("subject", "saying"), and none that another word claims."""
    spans = [
        s
        for s in (scope.facts if anywhere else scope.near).of("quote")
        if scope.free(s.start, s.end) and not scope.elsewhere(s.start)
    ]
    if kind and spans:

        def last(span: object) -> str:
            before = re.findall(r"[A-Za-z]+", scope.facts.text[: span.start])  # type: ignore[attr-defined]
            return before[-1].lower() if before else ""

        others = {c for k, cues in _QUOTE_CUES.items() if k != kind for c in cues}
        cued = [s for s in spans if last(s) in _QUOTE_CUES[kind]]
        spans = cued or [s for s in spans if last(s) not in others or len(spans) == 1]
    if not spans:
        return None
    scope.take(spans[0].start, spans[0].end)
    return spans[0].value
