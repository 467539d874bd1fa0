"""Policies for memories: each is a small wrapper around any AutoGen `Memory`, and they can be put around each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.memory.policies.batching import BatchingMemory
    from macae.memory.policies.cached import CachedMemory
    from macae.memory.policies.consistency import (
        Consistency,
        StoredTexts,
        check_consistency,
        repair_consistency,
    )
    from macae.memory.policies.evicting import EvictingMemory
    from macae.memory.policies.graph import GraphMemory
    from macae.memory.policies.guarded import GuardedMemory
    from macae.memory.policies.rebuilding import RebuildingMemory
    from macae.memory.policies.redis import redis_memory
    from macae.memory.policies.refined import RefinedMemory
    from macae.memory.policies.sql import SQLMemory
    from macae.memory.policies.team import TeamMemory
    from macae.memory.policies.traced import TracedMemory
    from macae.memory.policies.triplets import Triplet
    from macae.memory.policies.validated import ValidatedMemory
    from macae.memory.policies.versioned import VersionedMemory
    from macae.memory.policies.wrapping import Call, WrappedMemory

__all__ = [
    "BatchingMemory",
    "CachedMemory",
    "Call",
    "Consistency",
    "EvictingMemory",
    "GraphMemory",
    "GuardedMemory",
    "RebuildingMemory",
    "RefinedMemory",
    "SQLMemory",
    "StoredTexts",
    "TeamMemory",
    "TracedMemory",
    "Triplet",
    "ValidatedMemory",
    "VersionedMemory",
    "WrappedMemory",
    "check_consistency",
    "redis_memory",
    "repair_consistency",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "BatchingMemory": "macae.memory.policies.batching",
        "CachedMemory": "macae.memory.policies.cached",
        "Call": "macae.memory.policies.wrapping",
        "Consistency": "macae.memory.policies.consistency",
        "EvictingMemory": "macae.memory.policies.evicting",
        "GraphMemory": "macae.memory.policies.graph",
        "GuardedMemory": "macae.memory.policies.guarded",
        "RebuildingMemory": "macae.memory.policies.rebuilding",
        "RefinedMemory": "macae.memory.policies.refined",
        "SQLMemory": "macae.memory.policies.sql",
        "StoredTexts": "macae.memory.policies.consistency",
        "TeamMemory": "macae.memory.policies.team",
        "TracedMemory": "macae.memory.policies.traced",
        "Triplet": "macae.memory.policies.triplets",
        "ValidatedMemory": "macae.memory.policies.validated",
        "VersionedMemory": "macae.memory.policies.versioned",
        "WrappedMemory": "macae.memory.policies.wrapping",
        "check_consistency": "macae.memory.policies.consistency",
        "redis_memory": "macae.memory.policies.redis",
        "repair_consistency": "macae.memory.policies.consistency",
    },
)
