"""Search in hops: the parts of a question, what the first hits refer to, and what they leave open, are searched for in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from macae.errors import InvalidInput
from macae.llm.offline.extracting import question_parts
from macae.llm.offline.words import related
from macae.memory.retrieval.parts import Hit, Mode
from macae.memory.retrieval.references import references
from macae.memory.retrieval.words import tokens_of

if TYPE_CHECKING:
    from macae.memory.retrieval.base import KnowledgeBase

__all__ = ["MAX_HOPS", "search_in_hops"]

MAX_HOPS = 3
"""Searches for one question at most: the question itself, and two that follow from it or from what was found."""
TOP = 3
"""How many of the first hop's hits are read for what they refer to."""
EACH = 2
"""How many hits each further hop may bring in."""
FITS = 0.3
"""A reference is followed when its sentence, and the document that it names, hold this share of what the question tells."""
LONGEST = 1500
"""Characters of what is searched for in a document that a hit refers to: the question and the sentence that does."""
WORDING = 10
"""How little the first ranks of one wording of a question stand out (reciprocal rank: 1 / (10 + rank))."""
OPEN = 0.35
"""The words that no hit has are searched for when they make up this share of what the question tells."""


@dataclass
class _Search:
    """What has been searched for, and what came."""

    queries: list[str] = field(default_factory=list)
    rounds: list[list[Hit]] = field(default_factory=list)

    @property
    def hits(self) -> list[Hit]:
        return [hit for hits in self.rounds for hit in hits]


async def search_in_hops(
    kb: KnowledgeBase, question: str, k: int = 5, hops: int = MAX_HOPS, mode: Mode = "hybrid", *, expand: bool = True,
    also: Sequence[str] = (),
) -> tuple[list[Hit], list[str]]:  # fmt: skip
    """The hits for a question, and what was searched for, in order. At most `hops` searches, at most `k` hits.

    After the question itself: its parts, where it asks for two things; a document that the best hits refer to ("see FI-303"); the
    words of the question that no hit has. `also`: other wordings of the question (see `propose_queries`), searched for with it in
    the first hop. Raises InvalidInput, StoreError.
    """
    if not 1 <= hops <= 10:
        raise InvalidInput(f"{hops} hops are not possible. Choose from 1 to 10.")
    wordings = [await kb.search(asked, k, mode, expand=expand) for asked in (question, *also)]
    done = _Search([question], [_agreed(wordings, k)])
    parts = question_parts(question)
    for part in parts if len(parts) > 1 else []:
        if len(done.queries) < hops:
            done.queries.append(part)
            done.rounds.append(await kb.search(part, EACH, mode, expand=expand))
    while len(done.queries) < hops:
        named = _referred(kb, question, done)
        query = f"{_title(kb, named[0])}: {question}" if named else _left_open(kb, question, done.hits)
        if not query or query in done.queries:
            break
        done.queries.append(query)
        asked, within = (f"{question} {named[1]}"[:LONGEST], named[0]) if named else (query, None)
        done.rounds.append(await kb.search(asked, EACH, mode, expand=expand, within=within))
    return _joined(done.rounds, k), [question, *also, *done.queries[1:]]


def _agreed(wordings: Sequence[Sequence[Hit]], k: int) -> list[Hit]:
    """The hits of a question (first) and of other wordings of it, by their ranks; those of the question count double."""
    if len(wordings) == 1:
        return list(wordings[0])
    hits: dict[str, Hit] = {}
    total: dict[str, float] = {}
    for number, found in enumerate(wordings):
        for rank, hit in enumerate(found, 1):
            hits.setdefault(hit.chunk.id, hit)
            total[hit.chunk.id] = total.get(hit.chunk.id, 0.0) + (1.0 if number else 2.0) / (WORDING + rank)
    return [hits[key] for key in sorted(total, key=lambda key: (-total[key], key))][:k]


def _title(kb: KnowledgeBase, document: str) -> str:
    return next(d.title for d in kb.documents if d.id == document)


def _referred(kb: KnowledgeBase, question: str, done: _Search) -> tuple[str, str] | None:
    """The document that the hits refer to where they speak of what is asked, and that is not found yet, with that sentence."""
    seen = {hit.chunk.document_id for hit in done.hits}
    known = kb.words.vocabulary
    asked = {token: kb.words.rarity(token) for token in tokens_of(question) if token in known}
    total = sum(asked.values()) or 1.0
    best: tuple[float, str, str] | None = None
    for hit in (hit for hits in done.rounds for hit in hits[:TOP]):
        for document, sentence in references(hit.chunk, kb.documents):
            if document in seen:
                continue
            held = set(tokens_of(f"{sentence}\n{_title(kb, document)}"))
            share = sum(rarity for token, rarity in asked.items() if token in held) / total
            if share >= FITS and (best is None or share > best[0]):
                best = (share, document, sentence)
    return best[1:] if best else None


def _left_open(kb: KnowledgeBase, question: str, found: Sequence[Hit]) -> str:
    """The telling words of a question that no hit has (nor a word near them); empty where they tell little."""
    held = {token for hit in found for token in tokens_of(hit.chunk.indexed)}
    known = [token for token in dict.fromkeys(tokens_of(question)) if token in kb.words.vocabulary]
    left = [token for token in known if not held & set(related(token))]
    total = sum(kb.words.rarity(token) for token in known) or 1.0
    return " ".join(left) if sum(kb.words.rarity(token) for token in left) >= OPEN * total else ""


def _joined(rounds: Sequence[Sequence[Hit]], k: int) -> list[Hit]:
    """The hits of all hops, each chunk once: the best of every hop first, then the rest of the first."""
    first = list(rounds[0])
    seen = {hit.chunk.id for hit in first}
    later: list[Hit] = []
    for number, hits in enumerate(rounds[1:], 2):
        for hit in hits:
            if hit.chunk.id not in seen:
                seen.add(hit.chunk.id)
                later.append(replace(hit, why={**hit.why, "hop": float(number)}))
    later = later[: k // 2]
    keep = k - len(later)
    head = min(keep, max(1, k // 2))
    return [*first[:head], *later, *first[head:keep]]
