"""From AutoGen's memory contents to what Chroma stores, and back, unchanged. Refused is what could not come back as it was."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from autogen_core.memory import MemoryContent, MemoryMimeType

from macae.errors import InvalidInput
from macae.models.base import new_id

__all__ = ["RESERVED", "Entry", "filter_of", "read", "readable", "stored", "text_of"]

RESERVED = "macae:entry"
"""Under this key of Chroma's metadata the mime type and all of the own metadata stand, as JSON."""
LONGEST_TEXT = 1_000_000
LONGEST_METADATA = 64_000
LONGEST_ID = 512
_INT64 = 2**63

Entry = tuple[str, str, dict[str, Any]]
"""An id, a text, and Chroma's metadata."""


def readable(content: MemoryContent | str) -> str:
    """What can be read of any memory's content: a text as it is, a structure as JSON, nothing of pictures and bytes."""
    value = content.content if isinstance(content, MemoryContent) else content
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value if isinstance(value, str) else ""


def text_of(content: MemoryContent | str) -> str:
    """The text that is embedded: all that is `readable`. Raises InvalidInput for an image, bytes, or what is no valid text."""
    inner = content.content if isinstance(content, MemoryContent) else content
    if isinstance(inner, dict):
        _json(inner, "content")
    elif not isinstance(inner, str):
        raise InvalidInput(
            f"A semantic memory holds texts, not {type(inner).__name__}. Describe it in words, and put where it is into "
            "the metadata."
        )
    value = readable(content)
    if len(value) > LONGEST_TEXT:
        raise InvalidInput(
            f"A text of {len(value):,} characters is too long for one entry. Cut it into chunks."
        )
    _check_characters(value, "text")
    return value


def stored(content: MemoryContent) -> Entry:
    """The entry for Chroma. Without an `id` in the metadata it gets a new one. Raises InvalidInput, naming what is wrong."""
    text = text_of(content)
    if not text.strip():
        raise InvalidInput("An empty text cannot be remembered: there is nothing to find it by.")
    own = dict(content.metadata or {})
    own.pop("score", None)  # it belongs to a query, not to the entry
    given = own.pop("id", None)
    identifier = new_id() if given is None else checked_id(given)
    mime = content.mime_type.value if isinstance(content.mime_type, MemoryMimeType) else content.mime_type
    for key in own:
        if not isinstance(key, str) or not key or key.startswith(("chroma:", "macae:")):
            raise InvalidInput(f"{key!r} cannot be a key of a memory's metadata. Use another name.")
    whole = _json({"mime": mime, "metadata": own}, "metadata")
    if len(whole) > LONGEST_METADATA:
        raise InvalidInput(f"The metadata of {identifier} is longer than {LONGEST_METADATA:,} characters.")
    return identifier, text, {RESERVED: whole} | {k: v for k, v in own.items() if _can_be_filtered(k, v)}


def checked_id(value: object) -> str:
    """An entry's id. Raises InvalidInput where it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_ID:
        raise InvalidInput(f"An entry's id must be a text of 1 to {LONGEST_ID} characters.")
    _check_characters(value, "id")
    return value


def read(identifier: str, text: str | None, metadata: Mapping[str, Any] | None, **more: Any) -> MemoryContent:
    """What was stored, with its id and `more` in the metadata. Entries that others put there are read as they are."""
    found = dict(metadata or {})
    whole = found.pop(RESERVED, None)
    kept: dict[str, Any] = json.loads(whole) if isinstance(whole, str) else {"metadata": found}
    mime = kept.get("mime", MemoryMimeType.TEXT.value)
    known = {kind.value: kind for kind in MemoryMimeType}
    content: str | dict[str, Any] = text or ""
    if mime == MemoryMimeType.JSON.value and text and text.startswith("{"):
        content = json.loads(text)
    own = {**kept.get("metadata", {}), "id": identifier, **more}
    return MemoryContent(content=content, mime_type=known.get(mime, mime), metadata=own)


def filter_of(*filters: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """All of these filters together, as Chroma wants it. Raises InvalidInput for what is no filter."""
    parts: list[dict[str, Any]] = []
    for one in filters:
        if one is None:
            continue
        if not isinstance(one, Mapping) or not all(isinstance(key, str) and key for key in one):
            raise InvalidInput('A filter is a dictionary like {"kind": "note"} or {"year": {"$gte": 2025}}.')
        parts += [{key: value} for key, value in one.items()]
    return {"$and": parts} if len(parts) > 1 else (parts[0] if parts else None)


def _can_be_filtered(key: str, value: Any) -> bool:
    if key[0] in "$#":  # Chroma's own
        return False
    if isinstance(value, (list, tuple)):
        kinds = {type(item) for item in value}
        return len(kinds) == 1 and all(_is_plain(item) for item in value)
    return _is_plain(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, int):
        return -_INT64 <= value < _INT64
    return isinstance(value, (str, float))


def _json(value: Any, what: str) -> str:
    try:
        _check_values(value)
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"The {what} of a memory must be JSON: texts, numbers, true, false, null, lists and dictionaries ({error})."
        ) from None
    _check_characters(text, what)
    return text


def _check_values(value: Any) -> None:
    """Keys must be texts: JSON would turn others into texts without a word."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is no text")
            _check_values(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_values(item)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no number")


def _check_characters(text: str, what: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(f"The {what} holds a character that cannot be stored (a NUL or half a character).")
