"""The doctor's look at what agents look up and remember: the documents, and where vectors are kept. Nothing is embedded or made."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from macae.errors import MacaeError
from macae.memory.threads import in_thread
from macae.workshop.findings import Finding, ok, problem

if TYPE_CHECKING:
    from macae.config import Settings
    from macae.memory.semantic.places import Place

__all__ = ["check_documents", "check_vectors"]

READING = 60.0
"""Seconds that reading all documents may take."""
ANSWERING = 10.0
"""Seconds in which Chroma must answer."""
LOADING = 30.0
"""Seconds more that loading its library may take."""


def check_documents(settings: Settings) -> list[Finding]:
    """Whether each document of the knowledge base can be read."""
    from macae.memory.retrieval.loading import load_documents
    from macae.memory.retrieval.opening import default_folder

    folder = default_folder() if settings.knowledge is None else settings.knowledge
    try:
        documents = asyncio.run(in_thread(lambda: load_documents(folder), READING))
    except TimeoutError:
        text = f"{folder} was not read within {READING:g} seconds"
        return [problem("Documents", text, "Set MACAE_KNOWLEDGE to fewer documents, on a local disk.")]
    except (MacaeError, OSError) as error:
        if settings.knowledge is None:
            return [problem("Documents", str(error), "Install again (python workshop.py --fresh).")]
        fix = "Do that, or unset MACAE_KNOWLEDGE to use Contoso's documents. Until then no agent can look anything up."
        return [problem("Documents", f"MACAE_KNOWLEDGE: {error}", fix)]
    return [ok("Documents", f"{len(documents)} in {folder}, all can be read")]


def check_vectors(settings: Settings) -> list[Finding]:
    """Whether Chroma answers, where it is a server, or opens, where its folder is there."""
    from macae.memory.semantic.places import place_of

    try:
        place = place_of(settings, None)
        if place.kind == "disk" and not settings.chroma_path.exists():
            return [ok("Vectors", f"nothing is kept yet; it will be in {place}")]
        count = asyncio.run(in_thread(lambda: _collections(place), LOADING + ANSWERING))
    except TimeoutError:
        text = f"{settings.chroma_url or settings.chroma_path} did not answer within {LOADING + ANSWERING:g} seconds"
        return [
            problem("Vectors", text, "Check MACAE_CHROMA_URL, or whether another process holds the folder.")
        ]
    except MacaeError as error:
        fix = (
            "Do that, or unset MACAE_CHROMA_URL to keep vectors in a folder."
            if settings.chroma_url
            else "Do that."
        )
        return [problem("Vectors", str(error), fix)]
    return [ok("Vectors", f"{place} opens and holds {count} collection{'' if count == 1 else 's'}")]


def _collections(place: Place) -> int:
    """How many collections there are. Blocks. Raises StoreError."""
    from macae.memory.semantic.database import shared_database

    database = shared_database(place)
    try:
        return int(
            database.call("doctor", lambda client: client.count_collections(), ANSWERING, writes=False)
        )
    finally:
        database.close()
