"""Search in hops: what the first hits refer to, and what they leave open, is searched for next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from macae.errors import InvalidInput
from macae.llm.offline.words import related
from macae.memory.retrieval.codes import codes_in
from macae.memory.retrieval.parts import Hit, Mode
from macae.memory.retrieval.words import tokens_of

if TYPE_CHECKING:
    from macae.memory.retrieval.base import KnowledgeBase

__all__ = ["MAX_HOPS", "search_in_hops"]

MAX_HOPS = 3
"""Searches for one question at most: the question itself, and two that follow from what was found."""
TOP = 3
"""How many of a hop's hits are read for what to look for next."""
EACH = 2
"""How many hits each further hop may bring in."""
RARE = 0.35
"""A word of the question is left open when no hit has it and it makes up at least this share of what the question tells."""


async def search_in_hops(
    kb: KnowledgeBase, question: str, k: int = 5, hops: int = MAX_HOPS, mode: Mode = "hybrid", *, expand: bool = True
) -> tuple[list[Hit], list[str]]:  # fmt: skip
    """The hits for a question, and what was searched for, in order. At most `hops` searches, at most `k` hits.

    The next search is for a document that the best hits name ("see the Travel policy", "as TRV-210 says") and that is not found yet, or
    for the words of the question that no hit has. Raises InvalidInput, StoreError.
    """
    if not 1 <= hops <= 10:
        raise InvalidInput(f"{hops} hops are not possible. Choose from 1 to 10.")
    first = await kb.search(question, k, mode, expand=expand)
    rounds, queries = [first], [question]
    while len(queries) < hops:
        query = _next(kb, question, rounds, queries)
        if query is None:
            break
        queries.append(query)
        rounds.append(await kb.search(query, EACH, mode, expand=expand))
    return _joined(rounds, k), queries


def _next(kb: KnowledgeBase, question: str, rounds: Sequence[Sequence[Hit]], queries: Sequence[str]) -> str | None:  # fmt: skip
    """What to search for next; None where nothing is left open."""
    found = [hit for hits in rounds for hit in hits]
    seen = {hit.chunk.document_id for hit in found}
    asked = set(tokens_of(question))
    named = _named(kb, [hit for hits in rounds for hit in hits[:TOP]], seen)
    # What a hit points at matters when it speaks of what the question asks, too.
    fitting = sorted(
        ((_shared(kb, asked, document), document) for document in named), key=lambda pair: -pair[0]
    )
    for share, document in fitting:
        title = next(d.title for d in kb.documents if d.id == document)
        query = f"{title}: {question}"
        if share > 0 and query not in queries:
            return query
    open_words = _left_open(kb, question, found)
    query = " ".join(open_words)
    return query if open_words and query not in queries else None


def _named(kb: KnowledgeBase, hits: Sequence[Hit], seen: set[str]) -> list[str]:
    """The documents that hits refer to by code, by title or by a link, and that are not found yet."""
    found: dict[str, None] = {}
    for hit in hits:
        text = hit.chunk.text
        codes = codes_in(text)
        links = {link.rsplit("/", 1)[-1].rsplit(".", 1)[0] for link in re.findall(r"\]\(([^)\s#]+)", text)}
        for document in kb.documents:
            if document.id in seen or document.id == hit.chunk.document_id:
                continue
            own = codes_in(f"{document.id}\n{document.title}")
            titled = len(document.title) > 5 and document.title.casefold() in text.casefold()
            if titled or own & codes or document.id in links:
                found[document.id] = None
    return list(found)


def _shared(kb: KnowledgeBase, asked: set[str], document: str) -> float:
    """How much of what a question tells a document's chunks hold."""
    held = {t for at, chunk in enumerate(kb.chunks) if chunk.document_id == document for t in kb.words.tokens(at)}  # fmt: skip
    return sum(kb.words.rarity(token) for token in asked & held)


def _left_open(kb: KnowledgeBase, question: str, found: Sequence[Hit]) -> list[str]:
    """The telling words of a question that no hit has (nor a word near them)."""
    held = {token for hit in found for token in tokens_of(hit.chunk.indexed)}
    tokens = list(dict.fromkeys(tokens_of(question)))
    known = [token for token in tokens if token in kb.words.vocabulary]
    left = [token for token in known if not held & set(related(token))]
    total = sum(kb.words.rarity(token) for token in known) or 1.0
    return left if sum(kb.words.rarity(token) for token in left) >= RARE * total else []


def _joined(rounds: Sequence[Sequence[Hit]], k: int) -> list[Hit]:
    """The hits of all hops, the first hop's best before the others', each chunk once."""
    later: list[Hit] = []
    first = list(rounds[0])
    seen = {hit.chunk.id for hit in first}
    for number, hits in enumerate(rounds[1:], 2):
        for hit in hits:
            if hit.chunk.id not in seen:
                seen.add(hit.chunk.id)
                later.append(replace(hit, why={**hit.why, "hop": float(number)}))
    later = later[: max(0, k // 2)]
    return [*first[: k - len(later)], *later]
