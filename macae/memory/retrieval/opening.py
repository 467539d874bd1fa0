"""What a knowledge base opens: the default documents, the vectors, and the lock under which they are changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from macae.config import Settings
from macae.errors import StoreError
from macae.memory.retrieval.parts import Document
from macae.memory.threads import in_thread
from macae.private import private_folder

if TYPE_CHECKING:
    from macae.memory.retrieval.vectors import VectorIndex

__all__ = ["changing", "default_folder", "open_vectors", "own_name"]

CHOOSING = 60.0
"""Seconds that loading an embedding's library may take."""
PATIENCE = 60.0
"""Seconds to wait while another process embeds the same knowledge base."""


def default_folder() -> Path:
    """Contoso's policies."""
    from macae.contoso import policies_folder

    return policies_folder()


async def open_vectors(
    name: str,
    user_id: str,
    settings: Settings,
    embedding: Any,
    on: Literal["disk", "memory", "server"] | None,
) -> tuple[VectorIndex, str]:
    """The vectors of a knowledge base and the embedding's name. Raises ConfigError, StoreError."""
    from macae.memory.retrieval.vectors import VectorIndex
    from macae.memory.semantic import SemanticMemory, embedding_function

    if isinstance(embedding, str):
        settings, embedding = settings.model_copy(update={"embedding": embedding}), None
    function = embedding
    if function is None:
        try:
            function = await in_thread(lambda: embedding_function(settings), CHOOSING)
        except TimeoutError:
            raise StoreError(
                f"The embedding was not there after {CHOOSING:.0f} seconds. Try again, or choose MACAE_EMBEDDING=lexical."
            ) from None
    memory = SemanticMemory(
        f"knowledge-{name}", user_id=user_id, settings=settings, embedding=function, on=on
    )
    return VectorIndex(memory), str(function.name())


def own_name(first: str, documents: Sequence[Document] | Path | str) -> str:
    """A name for the knowledge base of a file or folder, or of these documents: `documents-` and eight letters of its own."""
    if isinstance(documents, str | Path):
        what = str(Path(documents).resolve())
    else:
        what = json.dumps(sorted(document.id for document in documents))
    return f"{first}-{hashlib.sha256(what.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


@asynccontextmanager
async def changing(
    settings: Settings, user_id: str, name: str, on: Literal["disk", "memory", "server"] | None
) -> AsyncIterator[None]:
    """While one process changes a knowledge base's vectors, another waits. Raises StoreError when that takes too long."""
    if on in ("memory", "server"):
        yield
        return
    from filelock import AsyncFileLock, Timeout

    digest = hashlib.sha256(f"{user_id}\0{name}".encode()).hexdigest()[:16]
    path = settings.home / "knowledge" / f"{digest}.lock"
    try:
        private_folder(path.parent)
        lock = AsyncFileLock(path, timeout=PATIENCE, mode=0o600)
        await lock.acquire()
    except Timeout:
        raise StoreError(
            f"Another process has been embedding the knowledge base {name!r} for {PATIENCE:.0f} seconds. Try again when it is done."
        ) from None
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}. Check MACAE_HOME.") from None
    try:
        yield
    finally:
        await lock.release()
