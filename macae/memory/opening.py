"""Which store the settings mean."""

from __future__ import annotations

from macae.config import Settings
from macae.memory.sqlite.store import SQLiteStore
from macae.memory.store import Store

__all__ = ["open_store"]


def open_store(settings: Settings) -> Store:
    """The store of these settings, not opened yet: the file in `home`, or Azure Cosmos DB (MACAE_STORE=cosmos).

    Raises ConfigError when a setting that it needs is missing.
    """
    if settings.store == "sqlite":
        return SQLiteStore(settings.store_path)
    from macae.memory.cosmos import CosmosStore

    return CosmosStore(settings)
