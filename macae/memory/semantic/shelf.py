"""One collection in Chroma: the calls, in threads, bounded in time and in batches, with the vectors made beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import isroutine
from typing import TYPE_CHECKING, Any, TypeVar

from macae.errors import InvalidInput, MacaeError, ModelError, StoreError
from macae.memory.semantic.choosing import embedding_function
from macae.memory.semantic.contents import Entry
from macae.memory.semantic.database import shared_database
from macae.memory.semantic.naming import collection_name
from macae.memory.semantic.places import place_of
from macae.memory.threads import in_thread

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["Shelf"]

T = TypeVar("T")

BATCH = 200
"""Entries in one call: each is bounded in time, so it must not be long."""
INDEX = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 200}
"""Chroma's index is approximate. With its defaults (16, 100, 100) it missed 2 of 100 nearest among near-alike texts, so 0.4."""
LOADING = 120.0
GRACE = 2.0
"""Seconds that a thread gets to say itself what it waited for."""

Row = tuple[str, str | None, dict[str, Any] | None]


class Shelf:
    """Raises what `SemanticMemory` says. Nothing is opened before the first call."""

    def __init__(
        self, name: str, owner: str, settings: Settings, function: Any, on: str | None, timeout: float
    ) -> None:
        self.name, self.owner = name, owner
        self.place = place_of(settings, on)
        self._settings, self._given = settings, function
        self._timeout = timeout
        self._patience = max(timeout, settings.model_timeout) + GRACE
        self._private = on == "memory"
        if function is not None and not self._private:
            _named(function)
        self._function: Any = None
        self._collection: Any = None
        self._client: Any = None
        self._database = shared_database(self.place)
        self._closed = False
        self._loaded = False

    async def put(self, entries: list[Entry]) -> None:
        """Write entries, replacing those that have these ids."""
        for start in range(0, len(entries), BATCH):
            some = entries[start : start + BATCH]
            vectors = await self._vectors([entry[1] for entry in some])
            await self._call(_upsert(some, vectors), writes=True)

    async def nearest(
        self, text: str, k: int, where: dict[str, Any] | None
    ) -> list[tuple[str, str | None, dict[str, Any] | None, float]]:
        """Ids, texts, metadata and scores, best first."""
        vector = (await self._vectors([text], query=True))[0]

        def ask(collection: Any) -> Any:
            return collection.query(query_embeddings=[vector], n_results=k, where=where)

        found = await self._call(ask)
        rows = zip(
            found["ids"][0], found["documents"][0], found["metadatas"][0], found["distances"][0], strict=True
        )
        return [(i, text, metadata, _score(distance)) for i, text, metadata, distance in rows]

    async def rows(self, ids: list[str] | None, where: dict[str, Any] | None) -> list[Row]:
        """Ids, texts and metadata."""
        found = await self._call(lambda collection: collection.get(ids=ids, where=where))
        return list(zip(found["ids"], found["documents"], found["metadatas"], strict=True))

    async def vectors(self, ids: list[str]) -> dict[str, list[float]]:
        """The vectors of these entries, by id."""
        found = await self._call(lambda collection: collection.get(ids=ids, include=["embeddings"]))
        return {
            name: [float(x) for x in row] for name, row in zip(found["ids"], found["embeddings"], strict=True)
        }

    async def ids(self, where: dict[str, Any] | None) -> list[str]:
        """The ids of all entries that the filter lets through."""
        return list((await self._call(lambda collection: collection.get(where=where, include=[])))["ids"])

    async def count(self) -> int:
        """How many entries there are."""
        return int(await self._call(lambda collection: collection.count()))

    async def remove(self, ids: list[str]) -> None:
        """Delete entries."""
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            await self._call(lambda collection, some=some: collection.delete(ids=some), writes=True)  # type: ignore[misc]

    async def empty(self) -> None:
        """Make the collection anew."""
        await self._call(lambda collection: self._client.delete_collection(collection.name), writes=True)
        self._collection = None

    async def close(self) -> None:
        """Let go; a private collection is removed."""
        if self._closed:
            return
        try:
            if self._private and self._collection is not None:
                await self.empty()
        finally:
            self._closed = True
            self._collection = self._client = None
            await in_thread(self._database.close, self._timeout)

    @property
    def function(self) -> Any:
        """The embedding function, made when it is first asked for."""
        if self._function is None:
            self._function = self._given if self._given is not None else embedding_function(self._settings)
        return self._function

    @property
    def collection_name(self) -> str:
        """The name in Chroma."""
        named = ("private", "") if self._private else _named(self.function)
        return collection_name(self.owner, self.name, *named)

    async def _vectors(self, texts: list[str], query: bool = False) -> list[Any]:
        def embed() -> list[Any]:
            function = self.function
            way = getattr(function, "embed_query", None) if query else None
            return list((way or function)(texts))

        try:
            made = await in_thread(embed, self._patience)
        except MacaeError:
            raise
        except TimeoutError:
            raise ModelError(
                f"The embedding did not come within {self._patience:g} seconds. Try again."
            ) from None
        except Exception as error:
            said = " ".join(str(error).split())[:200]
            raise ModelError(f"The embedding function failed ({type(error).__name__}: {said}).") from None
        if len(made) != len(texts):
            raise ModelError(f"The embedding function gave {len(made)} vectors for {len(texts)} texts.")
        return made

    async def _call(self, work: Callable[[Any], T], *, writes: bool = False) -> T:
        if self._closed:
            raise StoreError(f"The memory {self.name} is closed. Make a new one.")

        if not self._loaded:  # half a second as a rule, but on a cold disk it can be many
            await in_thread(lambda: import_module("chromadb"), LOADING)
            self._loaded = True

        def run() -> T:
            return self._database.call(self.collection_name, self._with(work), self._timeout, writes=writes)

        try:
            return await in_thread(run, self._timeout + GRACE)
        except TimeoutError:
            raise StoreError(
                f"{self.place} did not answer within {self._timeout:g} seconds. Try again."
            ) from None

    def _with(self, work: Callable[[Any], T]) -> Callable[[Any], T]:
        """The work on our collection, once more where another process has made that one anew."""

        def run(client: Any) -> T:
            from chromadb.errors import NotFoundError

            try:
                return work(self._ready(client))
            except NotFoundError:
                self._collection = None
                return work(self._ready(client))

        return run

    def _ready(self, client: Any) -> Any:
        if self._collection is None or self._client is not client:
            self._collection = client.get_or_create_collection(
                self.collection_name,
                embedding_function=self.function if hasattr(self.function, "get_config") else None,
                configuration={"hnsw": dict(INDEX)},
                metadata={"user": self.owner, "name": self.name},
            )
            self._client = client
        return self._collection


def _upsert(entries: list[Entry], vectors: list[Any]) -> Callable[[Any], None]:
    def write(collection: Any) -> None:
        ids = [entry[0] for entry in entries]
        before = collection.get(ids=ids, include=["metadatas"])
        # Chroma merges the metadata of what is there with the new: None removes what is no longer wanted.
        old = {
            i: dict.fromkeys(metadata or {})
            for i, metadata in zip(before["ids"], before["metadatas"], strict=True)
        }
        collection.upsert(
            ids=ids,
            documents=[entry[1] for entry in entries],
            embeddings=vectors,
            metadatas=[{**old.get(entry[0], {}), **entry[2]} for entry in entries],
        )

    return write


def _score(distance: float) -> float:
    """From 0 to 1: the cosine, where opposite and unrelated are both 0. Rounded, for 1 - distance is a little off."""
    return round(min(1.0, max(0.0, 1.0 - float(distance))), 6)


def _named(function: Any) -> tuple[str, str]:
    """An embedding's name, and what else makes its vectors differ from another's: its configuration.

    Raises InvalidInput where it has no name of its own: two such would find each other's vectors.
    """
    name, config = getattr(function, "name", None), getattr(function, "get_config", None)
    try:
        if callable(name):
            detail = json.dumps(config() if callable(config) else {}, sort_keys=True, default=repr)
            return str(name()), detail
    except (NotImplementedError, TypeError, ValueError, AttributeError):
        pass
    plain = function if isroutine(function) else type(function)
    if isinstance(function, partial) or getattr(plain, "__name__", "<") == "<lambda>":
        raise InvalidInput(
            "This embedding function has no name of its own, so that its vectors could not be told from another's. Write it with "
            'def, give it name() and get_config() as Chroma\'s have, or keep the memory on="memory".'
        )
    return plain.__name__, f"{plain.__module__}.{plain.__qualname__}"
