"""Retrieval: load documents, cut them into chunks, find the ones that a question needs, and answer from them with sources.

async with KnowledgeBase() as kb:                             # Contoso's policies, or MACAE_KNOWLEDGE
    hits = await kb.search("How many days of leave do I have?")
    answer = await answer_question(kb, create_client(), "How many days of leave do I have?")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.memory.retrieval.answering import UNKNOWN, answer_from_hits, answer_question
    from macae.memory.retrieval.base import KnowledgeBase
    from macae.memory.retrieval.checking import Verdict, check_answer, fact_checker
    from macae.memory.retrieval.chunking import chunk_document
    from macae.memory.retrieval.expanding import expand_words, propose_queries
    from macae.memory.retrieval.fusing import Weights, fuse
    from macae.memory.retrieval.hops import search_in_hops
    from macae.memory.retrieval.knowledge import KnowledgeMemory
    from macae.memory.retrieval.loading import load_documents
    from macae.memory.retrieval.parts import Answer, Chunk, Document, Hit, Source
    from macae.memory.retrieval.reranking import CrossEncoder, Reranker
    from macae.memory.retrieval.tool import search_policies, use_knowledge

__all__ = [
    "UNKNOWN",
    "Answer",
    "Chunk",
    "CrossEncoder",
    "Document",
    "Hit",
    "KnowledgeBase",
    "KnowledgeMemory",
    "Reranker",
    "Source",
    "Verdict",
    "Weights",
    "answer_from_hits",
    "answer_question",
    "check_answer",
    "chunk_document",
    "expand_words",
    "fact_checker",
    "fuse",
    "load_documents",
    "propose_queries",
    "search_in_hops",
    "search_policies",
    "use_knowledge",
]

_HOMES = {
    "UNKNOWN": "answering",
    "Answer": "parts",
    "Chunk": "parts",
    "CrossEncoder": "reranking",
    "Document": "parts",
    "Hit": "parts",
    "KnowledgeBase": "base",
    "KnowledgeMemory": "knowledge",
    "Reranker": "reranking",
    "Source": "parts",
    "Verdict": "checking",
    "Weights": "fusing",
    "answer_from_hits": "answering",
    "answer_question": "answering",
    "check_answer": "checking",
    "chunk_document": "chunking",
    "expand_words": "expanding",
    "fact_checker": "checking",
    "fuse": "fusing",
    "load_documents": "loading",
    "propose_queries": "expanding",
    "search_in_hops": "hops",
    "search_policies": "tool",
    "use_knowledge": "tool",
}

__getattr__, __dir__ = lazy_names(__name__, {name: f"{__name__}.{home}" for name, home in _HOMES.items()})
