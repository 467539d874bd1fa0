"""Documents cut into chunks and indexed by words and identifiers: what a knowledge base holds in memory."""

from __future__ import annotations

from collections.abc import Sequence

from macae.memory.retrieval.chunking import chunk_document
from macae.memory.retrieval.codes import codes_in, match_codes
from macae.memory.retrieval.expanding import expand_words
from macae.memory.retrieval.parts import Chunk, Document
from macae.memory.retrieval.words import WordIndex, tokens_of

__all__ = ["Indexed"]


class Indexed:
    """The chunks of some documents, none longer than `size`. It never changes, so any thread may search it."""

    def __init__(self, documents: Sequence[Document], size: int, overlap: int) -> None:
        self.documents = tuple(documents)
        self.chunks = tuple(chunk for one in documents for chunk in chunk_document(one, size, overlap))
        self.place = {chunk.id: at for at, chunk in enumerate(self.chunks)}
        self.words = WordIndex([chunk.indexed for chunk in self.chunks])
        self._codes = [(codes_in(f"{c.document_id}\n{c.where}"), codes_in(c.text)) for c in self.chunks]

    def chunk(self, key: str) -> Chunk:
        """The chunk with this id."""
        return self.chunks[self.place[key]]

    def by_words(
        self, question: str, k: int, expansion: float | None, within: str | None
    ) -> dict[str, float]:
        """The best `k` chunks by BM25. `expansion`: what an added word counts; None for no expansion."""
        tokens = tokens_of(question)
        known = self.words.vocabulary
        more = {} if expansion is None else expand_words(tokens, known, expansion, self.words.guess)
        found = self.words.search(tokens, len(self.chunks) if within else k, more)
        held = ((self.chunks[at], score) for at, score in found.items())
        return {chunk.id: score for chunk, score in held if within in (None, chunk.document_id)}

    def by_codes(self, question: str) -> dict[str, float]:
        """The chunks that hold the question's identifiers: whose heading names one comes before what only mentions it."""
        wanted = codes_in(question)
        above = match_codes(wanted, (heading for heading, _ in self._codes))
        inside = match_codes(wanted, (heading | text for heading, text in self._codes))
        return {self.chunks[at].id: 0.5 * share + 0.5 * above.get(at, 0.0) for at, share in inside.items()}
