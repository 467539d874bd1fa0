"""The knowledge base: documents that can be searched by words, by vectors, or by both."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from macae.config import Settings, load_settings
from macae.errors import InvalidInput, StoreError
from macae.memory.retrieval.chunking import OVERLAP, SIZE
from macae.memory.retrieval.fusing import Weights, fuse, ordered, scaled, weights_for
from macae.memory.retrieval.indexed import Indexed
from macae.memory.retrieval.loading import load_documents
from macae.memory.retrieval.opening import changing, default_folder, open_vectors, own_name
from macae.memory.retrieval.parts import Chunk, Document, Hit, Mode
from macae.memory.retrieval.reranking import Reranker, rerank
from macae.memory.retrieval.words import WordIndex
from macae.memory.threads import in_thread

if TYPE_CHECKING:
    from macae.memory.retrieval.vectors import Told, VectorIndex

__all__ = ["KnowledgeBase"]

LONGEST = 2000
"""Characters of a question."""
READING = 300.0
"""Seconds that reading all files may take, and cutting and indexing what they hold."""
SEARCHING = 30.0
"""Seconds that a search by words may take."""
POOL = 30
"""How many of each search's results are fused (five times k, where that is more)."""
RERANK_SHARE = 0.5
"""How much a re-ranker's score counts beside the fused one."""


class KnowledgeBase:
    """One user's documents, cut into chunks and indexed. Opened by `async with`, or by the first search.

    `documents`: a list, or a file or folder; by default the folder MACAE_KNOWLEDGE, or else Contoso's policies. Opening embeds only
    what changed since the last time and drops what is gone. Two processes may open the same one.

    `name`: under which its vectors are kept; the one opened last under a name decides what they are. By default each folder has a
    name of its own, and so has each list of documents by their ids: give a list that grows a name. `user_id`: by default settings.user.
    `told` hears how many chunks are embedded, and of how many: with a model it takes a while.
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
        told: Told | None = None,
    ) -> None:
        self.settings = settings or load_settings()
        if user_id is not None and not user_id.strip():
            raise InvalidInput("A knowledge base's user_id is empty. Name the user, or leave it out.")
        self.user_id = self.settings.user if user_id is None else user_id
        self._given = documents
        self._shape, self._told = (size, overlap), told
        own = self.settings.knowledge if documents is None else documents
        self.name = name or ("policies" if own is None else own_name("documents", own))
        self._embedding, self._on = embedding, on
        self._reranker, self._weights = reranker, weights
        self.embedding = ""
        """The embedding's name; empty until it is opened."""
        self.embedded, self.dropped = 0, 0
        """Chunks that the last opening or change embedded, and deleted."""
        self._held = Indexed((), size, overlap)
        self._vectors: VectorIndex | None = None
        self._opening = asyncio.Lock()
        self._open = False

    async def open(self) -> Self:
        """Load, cut and index the documents. Raises InvalidInput (a document cannot be used), StoreError, ConfigError."""
        async with self._opening:
            if not self._open:
                try:
                    await self._take(await self._read())
                except BaseException:
                    await self._let_go()  # nobody closes what did not open
                    raise
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
        words = await self._by_words(asked, pool, expand, within) if mode != "vectors" else {}
        vectors = await self._by_vectors(asked, pool, within) if mode != "words" else {}
        named = self._held.by_codes(asked) if codes and mode == "hybrid" else {}
        scores = fuse(words, vectors, named, self.weights) if mode == "hybrid" else ordered(words or vectors)
        if within is not None:
            scores = {key: s for key, s in scores.items() if self._held.chunk(key).document_id == within}
        best = list(scores)[: pool if rerank_hits or self._reranker else k]
        why = {"words": scaled(words), "vectors": vectors, "codes": named}
        hits = [
            Hit(self._held.chunk(key), scores[key], {n: f[key] for n, f in why.items() if key in f})
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
        return self._held.words

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents, once it is open."""
        return self._held.documents

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """Their chunks."""
        return self._held.chunks

    async def vectors(self) -> list[list[float]]:
        """The chunks' vectors, in their order, as the index has them: nothing is embedded again. Raises as `open`."""
        await self.open()
        assert self._vectors is not None
        return await self._vectors.of(self.chunks)

    def describe(self) -> str:
        """One line: how much is in it, and which embedding is in use."""
        from macae.memory.semantic import describe_embedding

        told = f"embedding {self.embedding}" if self._embedding else describe_embedding(self.settings)
        return f"{self.name}: {len(self.documents)} documents in {len(self.chunks)} chunks. {told}"

    async def close(self) -> None:
        """Close the vectors. What is stored stays."""
        async with self._opening:
            await self._let_go()

    async def _let_go(self) -> None:
        vectors, self._vectors, self._open = self._vectors, None, False
        if vectors is not None:
            await vectors.close()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _read(self) -> list[Document]:
        if self._given is not None and not isinstance(self._given, str | Path):
            return list(self._given)
        place = self._given or self.settings.knowledge or default_folder()
        try:
            return await in_thread(lambda: load_documents(place), READING)
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
        try:
            held = await in_thread(lambda: Indexed(documents, *self._shape), READING)
        except TimeoutError:
            raise InvalidInput(
                f"Indexing {len(documents)} documents took more than {READING:.0f} seconds. Load fewer at a time."
            ) from None
        if self._vectors is None:
            self._vectors, self.embedding = await open_vectors(
                self.name, self.user_id, self.settings, self._embedding, self._on
            )
        async with changing(self.settings, self.user_id, self.name, self._on):
            self.embedded, self.dropped = await self._vectors.sync(held.chunks, self._told)
        self._held = held
        return self.embedded, self.dropped

    async def _by_words(self, question: str, k: int, expand: bool, within: str | None) -> dict[str, float]:
        held, weight = self._held, self.weights.expansion if expand else None
        try:
            return await in_thread(lambda: held.by_words(question, k, weight, within), SEARCHING)
        except TimeoutError:
            raise StoreError(
                f"The search by words took more than {SEARCHING:.0f} seconds. Ask a shorter question, or try again."
            ) from None

    async def _by_vectors(self, question: str, k: int, within: str | None) -> dict[str, float]:
        assert self._vectors is not None
        found = await self._vectors.search(question, min(k, len(self.chunks)), within)
        return {key: near for key, near in found.items() if key in self._held.place}
