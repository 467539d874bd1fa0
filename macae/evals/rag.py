"""How well retrieval works: is the right document found, and is the right answer given, or an honest "I don't know"?

    - id: leave-days
      question: How many days of vacation do I have a year?
      kind: plain                       # plain | paraphrased | code | two-hop | unanswerable
      split: tune                       # tune: values may be chosen on it; test: they may not
      sources: [hr-104-leave]           # the documents that hold the answer; none for an unanswerable one
      needs: [20 days]                  # what the answer must say; a list inside: any one of these

A two-hop question needs all of its sources, any other one of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field, model_validator

from macae.errors import InvalidInput
from macae.evals.ragreports import RagReport, RagResult
from macae.evals.sets import Case, read_set

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

    from macae.memory.retrieval import Answer, Hit, KnowledgeBase
    from macae.memory.retrieval.parts import Mode

__all__ = ["MODES", "RagMode", "RagQuestion", "evaluate_rag", "load_questions", "supported"]

SHOWN = 5
"""Hits that count: recall@5."""
ASKED = 5
"""Hits that an answer is made from, as `answer_question` takes them."""


class RagQuestion(Case):
    """One question of the set."""

    model_config = ConfigDict(extra="forbid")

    question: str
    kind: Literal["plain", "paraphrased", "code", "two-hop", "unanswerable"]
    split: Literal["tune", "test"]
    sources: list[str] = Field(default_factory=list)
    needs: list[str | list[str]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> RagQuestion:
        if (self.kind == "unanswerable") == bool(self.sources):
            raise ValueError("an unanswerable question has no sources, any other has at least one")
        return self


@dataclass(frozen=True)
class RagMode:
    """One way to search."""

    name: str
    mode: Mode
    expand: bool = False
    hops: int = 1


MODES: tuple[RagMode, ...] = (
    RagMode("words", "words"),
    RagMode("words + expansion", "words", expand=True),
    RagMode("vectors", "vectors"),
    RagMode("hybrid", "hybrid"),
    RagMode("hybrid + expansion", "hybrid", expand=True),
    RagMode("hybrid + expansion + hops", "hybrid", expand=True, hops=3),
)
"""The ways that are compared; the last one is what `answer_question` does."""


def load_questions(source: Path | str | None = None) -> list[RagQuestion]:
    """The built-in questions about Contoso's policies, or those of a YAML file. Raises InvalidInput that names file and question."""
    built_in = resources.files("macae.evals") / "rag" / "questions.yaml"
    file = built_in if source is None else Path(source)
    return read_set(file, str(source or "built in"), RagQuestion, "questions", "Check the path.")


async def evaluate_rag(
    kb: KnowledgeBase,
    client: ChatCompletionClient | None,
    questions: Sequence[RagQuestion],
    modes: Sequence[RagMode] = MODES,
    *,
    on_result: Callable[[RagResult], None] | None = None,
) -> RagReport:
    """Ask every question in every mode. Without a client only the search is measured.

    Raises InvalidInput where a question names a document that the knowledge base lacks, and what searching and the model raise.
    """
    await kb.open()
    known = {document.id for document in kb.documents}
    for question in questions:
        lacking = sorted(set(question.sources) - known)
        if lacking:
            raise InvalidInput(
                f"Question {question.id} names {lacking[0]}, which is no document of {kb.name}. Check its sources."
            )
    results = []
    for mode in modes:
        for question in questions:
            result = await _ask(kb, client, question, mode)
            results.append(result)
            if on_result is not None:
                on_result(result)
    return RagReport(tuple(results), kb.embedding)


async def _ask(
    kb: KnowledgeBase, client: ChatCompletionClient | None, question: RagQuestion, mode: RagMode
) -> RagResult:
    from macae.memory.retrieval import answer_from_hits, search_in_hops

    began = time.perf_counter()
    hits, queries = await search_in_hops(
        kb, question.question, ASKED, mode.hops, mode.mode, expand=mode.expand
    )
    searched = time.perf_counter() - began
    right, said = None, ""
    if client is not None:
        answer = await answer_from_hits(client, question.question, hits, queries=queries)
        right, said = supported(question, answer), answer.text
    first, five, reciprocal = _recall(question, hits)
    return RagResult(
        question.id, question.kind, question.split, mode.name, first, five, reciprocal, right, searched, said
    )


def _recall(question: RagQuestion, hits: Sequence[Hit]) -> tuple[float | None, float | None, float | None]:
    """Recall at 1 and at 5, and the reciprocal rank; None for a question without sources.

    Recall is the share of a question's documents that is found. Of several documents of a question that is not two-hop any one
    is enough. The rank is that of the document found first.
    """
    if not question.sources:
        return None, None, None
    places = [hit.chunk.document_id for hit in hits[:SHOWN]]
    ranks = [places.index(source) + 1 for source in dict.fromkeys(question.sources) if source in places]
    needed = len(set(question.sources)) if question.kind == "two-hop" else 1
    best = min(ranks, default=0)
    return float(best == 1) / needed, min(len(ranks), needed) / needed, 1 / best if best else 0.0


def supported(question: RagQuestion, answer: Answer) -> bool:
    """Whether an answer is right: it says what is needed and names the right documents, or says that it does not know."""
    if question.kind == "unanswerable":
        return not answer.supported
    text = " ".join(answer.text.casefold().split())
    either = [[need] if isinstance(need, str) else need for need in question.needs]
    said = all(any(part.casefold() in text for part in need) for need in either)
    named = {source.document_id for source in answer.sources}
    wanted = set(question.sources)
    return answer.supported and said and (wanted <= named if question.kind == "two-hop" else bool(wanted & named))  # fmt: skip
