"""The store in Azure Cosmos DB. Loading it loads no Azure library; opening it does."""

from __future__ import annotations

from macae.memory.cosmos.place import Place
from macae.memory.cosmos.store import CosmosStore

__all__ = ["CosmosStore", "Place"]
