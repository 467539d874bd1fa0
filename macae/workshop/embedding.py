"""The doctor's look at the embedding model; when a person asks for it, its download, and the documents embedded with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from macae.errors import ConfigError, MacaeError
from macae.memory.semantic import describe_embedding
from macae.memory.semantic.choosing import chosen
from macae.memory.semantic.model import MEGABYTES, fetch_model, model_folder, model_is_there
from macae.workshop.findings import Finding, ok, problem

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["check_embedding", "fetch_embedding", "index_knowledge", "uses_model"]

FETCH = f"`macae doctor --fetch` downloads it ({MEGABYTES} MB)"
INDEXING = 900.0
"""Seconds that embedding the documents may take."""


def check_embedding(settings: Settings) -> list[Finding]:
    """What turns texts into vectors, and whether the model is there."""
    line = describe_embedding(settings).removeprefix("Embedding: ")
    if settings.embedding == "minilm" and not model_is_there():
        return [problem("Embedding", line, f"{FETCH}; or set MACAE_EMBEDDING=lexical.")]
    if settings.embedding in ("openai", "azure"):
        from macae.memory.semantic import embedding_function

        try:
            embedding_function(settings)
        except ConfigError as error:
            return [
                problem("Embedding", str(error), "Set the named variables, in the environment or in .env.")
            ]
    if uses_model(settings):
        line += " The first search for documents embeds them all, some 0.1 s each passage, unless `macae doctor --fetch` has done so."
    return [ok("Embedding", line)]


def fetch_embedding(told: Callable[[int, int], None] | None = None) -> Finding:
    """Download the model unless it is there. Never raises."""
    if model_is_there():
        return ok("Model", f"the MiniLM model is in {model_folder()}")
    try:
        folder = fetch_model(told=told)
    except MacaeError as error:
        return problem(
            "Model", str(error), "Try again when there is a network, or install from a packed folder."
        )
    return ok("Model", f"the MiniLM model was downloaded, checked, and put into {folder}")


def uses_model(settings: Settings) -> bool:
    """Whether the MiniLM model is there and in use."""
    return model_is_there() and chosen(settings) == "minilm"


def index_knowledge(settings: Settings, told: Callable[[int, int], None] | None = None) -> Finding:
    """Embed the documents of the settings' user, so that no tool call has to wait for it.

    For the MiniLM model: by letters it takes a moment, and a server's costs money. `told` hears how many of how many are done.
    """
    start = time.monotonic()
    try:
        documents, chunks, new = asyncio.run(asyncio.wait_for(_indexed(settings, told), INDEXING))
    except TimeoutError:
        said = f"embedding them was not done within {INDEXING:g} seconds"
        return problem("Documents", said, "Do it again: it goes on where it stopped.")
    except MacaeError as error:
        return problem("Documents", str(error), "Mend that, and run `macae doctor --fetch` again.")
    took = f"{new} of them embedded now, in {time.monotonic() - start:.0f} s" if new else "embedded already"
    return ok("Documents", f"{documents} documents in {chunks} chunks, {took}, for {settings.user}")


async def _indexed(settings: Settings, told: Callable[[int, int], None] | None) -> tuple[int, int, int]:
    from macae.memory.retrieval import KnowledgeBase

    async with KnowledgeBase(settings=settings, told=told) as kb:
        return len(kb.documents), len(kb.chunks), kb.embedded
