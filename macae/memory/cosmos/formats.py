"""The format of the items, from an older one to the present one as they are read; they are written in the present one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from macae.errors import StoreError

__all__ = ["FORMAT", "MIGRATIONS", "readable"]

FORMAT = 1
"""Carried by each item. One without a number has format 1."""

MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""What makes an item of format n into one of n + 1, by n. A new format comes with its entry here."""


def readable(item: dict[str, Any]) -> dict[str, Any]:
    """The item in the present format. Raises StoreError where it is of a newer one, or of one that is not known."""
    version = item.get("format", 1)
    while version in MIGRATIONS and version < FORMAT:
        item, version = MIGRATIONS[version](item), version + 1
    if version != FORMAT:
        raise StoreError(
            f"The session {item.get('session_id')} was written by another macae (format {version}; this one knows {FORMAT}). "
            "Install a newer macae, or set MACAE_COSMOS_CONTAINER to another container."
        )
    return item
