"""What a chat context is dumped as: its configuration as a component, and its state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from autogen_core import ComponentModel
from autogen_core.models import ChatCompletionClient
from pydantic import BaseModel, Field, ValidationError

from macae.config import load_settings
from macae.errors import InvalidInput
from macae.memory.chat.messages import StoredMessage
from macae.memory.opening import open_store
from macae.memory.sqlite.store import SQLiteStore
from macae.memory.store import Store

__all__ = ["ContextConfig", "ContextState", "SavedSummary", "dumped", "place_of", "store_of"]


class ContextConfig(BaseModel):
    """What a context is rebuilt from. No key is ever in here."""

    session_id: str
    user_id: str
    buffer_size: int = 100
    initial_messages: list[StoredMessage] | None = None
    agent: str = ""
    write_through: bool = True
    buffer_tokens: int | None = None
    summary_size: int = 3000
    summary_timeout: float = 20.0
    model_client: ComponentModel | None = None
    store_path: str | None = None
    """The file, where it is an embedded store."""
    store_container: str | None = None
    """The container, where it is Cosmos DB: it is opened with the settings, which must mean the same one."""


class SavedSummary(BaseModel):
    """What a saved chat knows of the messages before its first one: see `ChatSummary`."""

    upto: int | None = Field(None, ge=0)
    unread: int = Field(0, ge=0)
    lines: list[str] = Field(default_factory=list)
    by: str = "rules"


class ContextState(BaseModel):
    """A chat as plain data. AutoGen's own contexts save `messages` alone."""

    messages: list[StoredMessage]
    earlier: int = Field(0, ge=0)
    summary: SavedSummary = Field(default_factory=SavedSummary)

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Self:
        """A saved state. Raises InvalidInput when it is none."""
        try:
            found = cls.model_validate(state)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))[:80]
            raise InvalidInput(
                f"This is no saved chat ({where + ': ' if where else ''}{first['msg']}). Give what `save_state` gave."
            ) from None
        if (found.summary.upto or 0) > found.earlier + len(found.messages):
            raise InvalidInput(
                "This is no saved chat: its summary reaches further than its messages. Give what `save_state` gave."
            )
        return found


def dumped(client: ChatCompletionClient | None) -> ComponentModel | None:
    """A model client as a component. Raises InvalidInput for one that cannot be dumped."""
    if client is None:
        return None
    try:
        return client.dump_component()
    except NotImplementedError:
        raise InvalidInput(
            f"The context's model client ({type(client).__name__}) cannot be dumped. Give the context one of AutoGen's "
            "own, or none: then rules make its notes."
        ) from None


def place_of(store: Store) -> dict[str, str]:
    """Where a store is, as fields of `ContextConfig`. Raises InvalidInput for a store that nobody could find again."""
    store = getattr(store, "inner", store)  # one that masks what it writes
    if isinstance(store, SQLiteStore):
        return {"store_path": str(store.path)}
    if container := _container(store):
        return {"store_container": container}
    raise InvalidInput(
        f"A context over a {type(store).__name__} cannot be dumped: a SQLiteStore and a CosmosStore are found again."
    )


def store_of(config: ContextConfig) -> Store:
    """The store of a dumped context. Raises InvalidInput when the settings mean another container than its own."""
    if config.store_path is not None:
        return SQLiteStore(config.store_path)
    store = open_store(load_settings())
    # Never where the dump says, with the settings' key: a dump may come from anybody.
    if config.store_container is not None and config.store_container != _container(store):
        raise InvalidInput(
            f"The context's chat is in {config.store_container}, which the settings do not mean. Set MACAE_STORE=cosmos, and "
            "MACAE_COSMOS_ENDPOINT, MACAE_COSMOS_DATABASE and MACAE_COSMOS_CONTAINER to that place."
        )
    return store


def _container(store: Store) -> str | None:
    if isinstance(store, SQLiteStore):
        return None
    from macae.memory.cosmos import CosmosStore

    if not isinstance(store, CosmosStore):
        return None
    parts = urlsplit(store.place.endpoint)
    return f"{parts.hostname}:{parts.port or 443}/{store.place.database}/{store.place.container}"
