"""A tool call's arguments as text that a person can edit, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from macae.errors import InvalidInput

__all__ = ["as_text", "parse", "schema_of"]

REFERENCE = re.compile(r"\$\d+")
"""The result of an earlier step, as a plan writes it."""
WORDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
PYTHON_TYPES = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def schema_of(value: Any) -> dict[str, Any]:
    """The JSON schema of a value, for arguments of which no tool tells the type."""
    for python_type, name in PYTHON_TYPES:
        if isinstance(value, python_type):
            return {"type": name}
    return {}


def as_text(value: Any) -> str:
    """An argument as it stands in its field."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _types(schema: Mapping[str, Any]) -> set[str]:
    kinds = {str(kind) for option in schema.get("anyOf", ()) for kind in _types(option)}
    kind = schema.get("type")
    return kinds | ({str(k) for k in kind} if isinstance(kind, list) else {str(kind)} if kind else set())


def parse(name: str, text: str, schema: Mapping[str, Any]) -> Any:
    """The value that a field's text means. Raises InvalidInput naming the argument and what it must be."""
    kinds = _types(schema)
    stripped = text.strip()
    if REFERENCE.fullmatch(stripped):
        return stripped
    if not stripped and "null" in kinds:
        return None
    if "string" in kinds or not kinds:
        return text
    try:
        return _typed(stripped, kinds)
    except ValueError:
        wanted = " or ".join(WORDS.get(kind, f"JSON ({kind})") for kind in sorted(kinds - {"null"}))
        raise InvalidInput(f"{name} must be {wanted}, not {stripped!r}.") from None


def _typed(text: str, kinds: set[str]) -> Any:
    if "boolean" in kinds and text.lower() in {"true", "yes", "false", "no"}:
        return text.lower() in {"true", "yes"}
    if "integer" in kinds and re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    if "number" in kinds:
        return float(text)
    value = json.loads(text)
    if (isinstance(value, list) and "array" in kinds) or (isinstance(value, dict) and "object" in kinds):
        return value
    raise ValueError(text)
