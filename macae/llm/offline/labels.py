"""Texts that are handed over with a label ("Subject: Come by. Text: We open at noon.") or behind a colon ("Tell everyone: …") are put
in quotation marks: they are data, no requests."""

from __future__ import annotations

import re

__all__ = ["with_quotes"]

_LABEL = re.compile(
    r"[.;,\n]?\s*\b(?P<label>subject|text|title|headline|message|resolution)\s?:\s+(?P<value>[^\"“”\n]+?)"
    r"(?=[.;,]?\s*\b(?:subject|text|title|headline|message|resolution)\s?:|[.!?]\s*$|\n|$)",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?P<head>^\W*(?:please |can you |could you )*(?:tell|inform|message|notify|remind|write to|write|let (?:\w+ ){1,4}know)\b[^.!?:\"“\n]{3,60}):\s+(?P<value>[^\"“”\n]{6,})$",
    re.IGNORECASE,
)


_BEFORE = re.compile(r"^\s*before you (?P<last>[^,.;!?\n]+), (?P<first>[^\n]+?)[.!?]*\s*$", re.IGNORECASE)


def with_quotes(text: str) -> str:
    """The text with labelled values quoted, and "before you do A, do B" put in the order in which it is done."""
    order = _BEFORE.match(text)
    if order:
        first = order["first"]
        text = f"{first[:1].upper()}{first[1:]}. Then {order['last']}."
    said = _SAID.match(text.strip())
    if said and not _LABEL.search(text):
        return f'{said["head"]} "{said["value"].strip()}"'
    return _LABEL.sub(lambda m: f', {m["label"].lower()} "{m["value"].strip()}"', text)
