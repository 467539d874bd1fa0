"""One entry of a memory: its id, its text, and the entry as JSON and back."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from autogen_core import Image
from autogen_core.memory import MemoryContent, MemoryMimeType

from macae.errors import InvalidInput
from macae.memory.semantic.contents import readable as text_of
from macae.models.base import new_id

__all__ = ["dumped", "id_of", "identified", "revived", "text_of", "with_metadata"]


def id_of(content: MemoryContent) -> str:
    """The entry's own name: `metadata["id"]`, empty where it has none. Adding again under it replaces the entry."""
    return str((content.metadata or {}).get("id") or "")


def with_metadata(content: MemoryContent, **more: Any) -> MemoryContent:
    """A copy with more metadata; what was given stays as it is."""
    return content.model_copy(update={"metadata": {**(content.metadata or {}), **more}})


def identified(content: MemoryContent) -> MemoryContent:
    """The entry with an id: its own, else a new one."""
    return content if id_of(content) else with_metadata(content, id=new_id())


def dumped(content: MemoryContent) -> str:
    """The entry as JSON. Raises InvalidInput when its content or metadata is no plain data."""
    kind = content.mime_type.value if isinstance(content.mime_type, MemoryMimeType) else content.mime_type
    body: dict[str, Any] = {"mime_type": kind, "metadata": content.metadata}
    if isinstance(content.content, bytes):
        body["bytes"] = base64.b64encode(content.content).decode("ascii")
    elif isinstance(content.content, Image):
        body["image"] = content.content.to_base64()
    else:
        body["content"] = content.content
    try:
        return json.dumps(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"This entry cannot be stored ({error}). Use text, numbers, lists and dicts in content and metadata."
        ) from None


def revived(text: str) -> MemoryContent:
    """The entry that `dumped` wrote. Raises InvalidInput for anything else."""
    try:
        body = json.loads(text)
        kind, inner = body["mime_type"], body.get("content")
        if "bytes" in body:
            inner = base64.b64decode(body["bytes"])
        elif "image" in body:
            inner = Image.from_base64(body["image"])
        if kind in {known.value for known in MemoryMimeType}:
            kind = MemoryMimeType(kind)
        return MemoryContent(content=inner, mime_type=kind, metadata=body["metadata"])
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error):
        raise InvalidInput("This is no stored memory entry: it was written by something else.") from None
