"""Where a chunk refers to another document: by its code ("see FI-303"), by its id, by a link, or by its title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from macae.memory.retrieval.codes import codes_in
from macae.memory.retrieval.parts import Chunk, Document

__all__ = ["references"]

_LINK = re.compile(r"\]\((?P<to>[^)\s#]+)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


@lru_cache(maxsize=20_000)
def _own(document_id: str) -> frozenset[str]:
    return frozenset(codes_in(document_id))


def references(chunk: Chunk, documents: Sequence[Document]) -> list[tuple[str, str]]:
    """The other documents that a chunk refers to, each with the sentence that does."""
    found: dict[str, str] = {}
    for sentence in _SENTENCE.split(chunk.text):
        codes = codes_in(sentence)
        links = {link.rsplit("/", 1)[-1].rsplit(".", 1)[0] for link in _LINK.findall(sentence)}
        for document in documents:
            if document.id == chunk.document_id or document.id in found:
                continue
            titled = " " in document.title and document.title in sentence
            if titled or document.id in links or document.id in sentence or codes & _own(document.id):
                found[document.id] = sentence
    return list(found.items())
