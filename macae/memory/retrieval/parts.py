"""What retrieval works with: documents, their chunks, what a search found, and an answer with its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = ["Answer", "Chunk", "Document", "Hit", "Kind", "Mode", "Source"]

Kind = Literal["markdown", "text", "table", "pdf"]
Mode = Literal["hybrid", "words", "vectors"]
PAGE = "\f"
"""What parts the pages of a PDF's text."""


@dataclass(frozen=True)
class Document:
    """One document as text. The pages of a PDF are parted by form feeds; a CSV has one line a row, each with its header."""

    id: str
    title: str
    text: str
    path: Path | None = None
    kind: Kind = "text"
    metadata: Mapping[str, Any] = field(default_factory=dict)


class Placed:
    """What stands below a title and headings."""

    title: str
    heading: str

    @property
    def where(self) -> str:
        """The title and the headings, as one line."""
        return f"{self.title} > {self.heading}" if self.heading else self.title


@dataclass(frozen=True)
class Chunk(Placed):
    """A piece of a document that is found and shown as one. The same content always has the same id."""

    id: str
    document_id: str
    title: str
    heading: str
    """The headings above it, outermost first (`Leave > Parents`), or its page; empty where there are none."""
    text: str
    position: int
    """Its place in the document, from 0."""

    @property
    def indexed(self) -> str:
        """What is searched: the text under its title and headings."""
        return f"{self.where}\n{self.text}"


@dataclass(frozen=True)
class Hit:
    """A chunk that a search found. `score` is 0 to 1 and compares within one search only.

    `why` says what spoke for it: `words` and `vectors` are the two searches' own scores (0 to 1, where they found it), `codes` how
    many of the question's identifiers it holds, `rerank` the re-ranker's score, `hop` the number of the hop that found it.
    """

    chunk: Chunk
    score: float
    why: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Source(Placed):
    """A passage that an answer names as [number]."""

    number: int
    document_id: str
    title: str
    heading: str
    text: str


@dataclass(frozen=True)
class Answer:
    """An answer, the passages that it names, and how it came about.

    `supported` is False where the knowledge base does not hold the answer; the text then says so, and there are no sources.
    """

    text: str
    sources: tuple[Source, ...] = ()
    supported: bool = False
    hops: tuple[str, ...] = ()
    """What was searched for, in order."""
    checked: bool = False
    """Whether the fact-checker has passed it (False: nobody checked, or there was nothing to check)."""
    objections: tuple[str, ...] = ()
    """Why the fact-checker sent earlier answers back."""
    considered: tuple[Hit, ...] = ()
    """All that was found, also what the answer does not name."""
