"""The knowledge base: documents that can be searched by words, by vectors, or by both."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from macae.config import Settings, load_settings
from macae.errors import InvalidInput
from macae.memory.retrieval.chunking import OVERLAP, SIZE, chunk_document
from macae.memory.retrieval.codes import codes_in, match_codes
from macae.memory.retrieval.expanding import expand_words
from macae.memory.retrieval.fusing import Weights, fuse, weights_for
from macae.memory.retrieval.loading import load_documents
from macae.memory.retrieval.opening import changing, default_folder, open_vectors
from macae.memory.retrieval.parts import Chunk, Document, Hit, Mode
from macae.memory.retrieval.reranking import Reranker, rerank
from macae.memory.retrieval.words import WordIndex, tokens_of

if TYPE_CHECKING:
    from macae.memory.retrieval.vectors import VectorIndex

__all__ = ["KnowledgeBase"]

LONGEST = 2000
"""Characters of a question."""
READING = 300.0
"""Seconds that reading all files may take."""
POOL = 30
"""How many of each search's results are fused (five times k, where that is more)."""
RERANK_SHARE = 0.5
"""How much a re-ranker's score counts beside the fused one."""


class KnowledgeBase:
    """One user's documents, cut into chunks and indexed. Opened by `async with`, or by the first search.

    `documents`: a list, or a file or folder; by default the folder MACAE_KNOWLEDGE, or else Contoso's policies. Opening embeds only
    what changed since the last time and drops what is gone. Two processes may open the same one. Knowledge bases of different
    documents need different names: the one opened last under a name decides what its vectors are.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        documents: Sequence[Document] | Path | str | None = None,
        name: str | None = None,
        user_id: str | None = None,
        *,
        size: int = SIZE,
        overlap: int = OVERLAP,
        embedding: Any = None,
        on: Literal["disk", "memory", "server"] | None = None,
        reranker: Reranker | None = None,
        weights: Weights | None = None,
    ) -> None:
        self.settings = settings or load_settings()
        self.user_id = user_id or self.settings.user
        self._given = documents
        own = documents is not None or self.settings.knowledge is not None
        self.name = name or ("documents" if own else "policies")
        self._shape = (size, overlap)
        self._embedding, self._on = embedding, on
        self._reranker, self._weights = reranker, weights
        self.documents: tuple[Document, ...] = ()
        self.chunks: tuple[Chunk, ...] = ()
        self.embedding = ""
        """The embedding's name; empty until it is opened."""
        self.embedded, self.dropped = 0, 0
        """Chunks that the last opening or change embedded, and deleted."""
        self._words = WordIndex(())
        self._codes: list[tuple[set[str], set[str]]] = []
        self._place: dict[str, int] = {}
        self._vectors: VectorIndex | None = None
        self._opening = asyncio.Lock()
        self._open = False

    async def open(self) -> Self:
        """Load, cut and index the documents. Raises InvalidInput (a document cannot be used), StoreError, ConfigError."""
        async with self._opening:
            if not self._open:
                await self._take(await self._read())
                self._open = True
        return self

    async def refresh(self) -> tuple[int, int]:
        """Read the files again. Returns how many chunks were embedded and deleted. Raises as `open`."""
        await self.open()
        async with self._opening:
            return await self._take(await self._read())

    async def add(self, documents: Sequence[Document]) -> tuple[int, int]:
        """Add documents, or put them in place of those with the same ids. Returns as `refresh`. Raises as `open`."""
        await self.open()
        async with self._opening:
            both = {document.id: document for document in (*self.documents, *documents)}
            return await self._take(list(both.values()))

    async def remove(self, document_ids: Sequence[str]) -> tuple[int, int]:
        """Take documents out until the files are read again. Returns as `refresh`. Raises StoreError."""
        await self.open()
        async with self._opening:
            gone = set(document_ids)
            return await self._take([d for d in self.documents if d.id not in gone])

    async def search(
        self,
        question: str,
        k: int = 5,
        mode: Mode = "hybrid",
        *,
        expand: bool = True,
        codes: bool = True,
        rerank_hits: bool | None = None,
        within: str | None = None,
    ) -> list[Hit]:
        """The `k` chunks that fit a question best; fewer where fewer fit at all.

        `expand`: synonyms of the question's words count too, in the search by words. `codes`: chunks that hold an identifier of the
        question come first (in hybrid mode). `within`: only the chunks of the document with this id. `rerank_hits`: by default, where a re-ranker was given. Raises InvalidInput, StoreError.
        """
        asked = " ".join(question.split())
        if not asked or len(asked) > LONGEST or k < 1 or mode not in get_args(Mode):
            raise InvalidInput(
                f"A search needs a question of 1 to {LONGEST:,} characters, k of at least 1, and a mode of {', '.join(get_args(Mode))}."
            )
        await self.open()
        pool = max(POOL, 5 * k)
        words = self._by_words(asked, pool, expand, within) if mode != "vectors" else {}
        vectors = await self._by_vectors(asked, pool, within) if mode != "words" else {}
        named = self._by_codes(asked) if codes and mode == "hybrid" else {}
        scores = fuse(words, vectors, named, self.weights) if mode == "hybrid" else _ordered(words or vectors)
        if within is not None:
            scores = {key: s for key, s in scores.items() if self._of(key) == within}
        best = list(scores)[: pool if rerank_hits or self._reranker else k]
        why = {"words": _scaled(words), "vectors": vectors, "codes": named}
        hits = [
            Hit(self.chunks[self._place[key]], scores[key], {n: f[key] for n, f in why.items() if key in f})
            for key in best
        ]
        if self._reranker is not None and rerank_hits is not False:
            return await rerank(self._reranker, asked, hits, RERANK_SHARE, k)
        return hits[:k]

    @property
    def weights(self) -> Weights:
        """How the parts of a hybrid search count: what was given, or what is tuned for the embedding in use."""
        return self._weights or weights_for(self.embedding)

    @property
    def words(self) -> WordIndex:
        """The index of words, for what wants to know how rare a word is here."""
        return self._words

    def describe(self) -> str:
        """One line: how much is in it, and which embedding is in use."""
        from macae.memory.semantic import describe_embedding

        told = f"embedding {self.embedding}" if self._embedding else describe_embedding(self.settings)
        return f"{self.name}: {len(self.documents)} documents in {len(self.chunks)} chunks. {told}"

    async def close(self) -> None:
        """Close the vectors. What is stored stays."""
        async with self._opening:
            vectors, self._vectors, self._open = self._vectors, None, False
            if vectors is not None:
                await vectors.close()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _read(self) -> list[Document]:
        if self._given is not None and not isinstance(self._given, str | Path):
            return list(self._given)
        place = self._given or self.settings.knowledge or default_folder()
        try:
            return await asyncio.wait_for(asyncio.to_thread(load_documents, place), READING)
        except TimeoutError:
            raise InvalidInput(
                f"Reading the documents of {place} took more than {READING:.0f} seconds. Look for a broken PDF, or load fewer at a time."
            ) from None

    async def _take(self, documents: list[Document]) -> tuple[int, int]:
        """Index these documents; on failure everything stays as it was."""
        twice = [name for name, times in Counter(d.id for d in documents).items() if times > 1]
        if twice:
            raise InvalidInput(
                f"Two documents have the same id: {', '.join(sorted(twice))}. Name them apart."
            )
        chunks, words, codes = await asyncio.to_thread(self._index, documents)
        if self._vectors is None:
            self._vectors, self.embedding = await open_vectors(
                self.name, self.user_id, self.settings, self._embedding, self._on
            )
        async with changing(self.settings, self.user_id, self.name, self._on):
            self.embedded, self.dropped = await self._vectors.sync(chunks)
        self.documents, self.chunks, self._words, self._codes = tuple(documents), tuple(chunks), words, codes
        self._place = {chunk.id: at for at, chunk in enumerate(chunks)}
        return self.embedded, self.dropped

    def _index(
        self, documents: list[Document]
    ) -> tuple[list[Chunk], WordIndex, list[tuple[set[str], set[str]]]]:
        chunks = [chunk for document in documents for chunk in chunk_document(document, *self._shape)]
        codes = [(codes_in(f"{chunk.document_id}\n{chunk.where}"), codes_in(chunk.text)) for chunk in chunks]
        return chunks, WordIndex([chunk.indexed for chunk in chunks]), codes

    def _of(self, key: str) -> str:
        return self.chunks[self._place[key]].document_id

    def _by_words(self, question: str, k: int, expand: bool, within: str | None) -> dict[str, float]:
        tokens = tokens_of(question)
        more = expand_words(tokens, self._words.vocabulary, self.weights.expansion) if expand else {}
        found = self._words.search(tokens, len(self.chunks) if within else k, more)
        scores = {self.chunks[at].id: score for at, score in found.items()}
        return {key: score for key, score in scores.items() if within in (None, self._of(key))}

    async def _by_vectors(self, question: str, k: int, within: str | None) -> dict[str, float]:
        assert self._vectors is not None
        found = await self._vectors.search(question, min(k, len(self.chunks)), within)
        return {key: near for key, near in found.items() if key in self._place}

    def _by_codes(self, question: str) -> dict[str, float]:
        """Whose heading names an identifier comes before what only mentions it."""
        wanted = codes_in(question)
        above = match_codes(wanted, (heading for heading, _ in self._codes))
        inside = match_codes(wanted, (heading | text for heading, text in self._codes))
        return {self.chunks[at].id: 0.5 * share + 0.5 * above.get(at, 0.0) for at, share in inside.items()}


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores without a measure (BM25's) as shares of the best."""
    most = max(scores.values(), default=1.0)
    return {key: score / most for key, score in scores.items()}


def _ordered(scores: Mapping[str, float]) -> dict[str, float]:
    most = max(1.0, max(scores.values(), default=1.0))
    return {key: scores[key] / most for key in sorted(scores, key=lambda key: (-scores[key], key))}
