"""Tool schemas as cards, made once for each tool."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from autogen_core.tools import Tool, ToolSchema

from macae.llm.offline.cards import ToolCard, tool_from_schema

__all__ = ["card_of"]

_of_tools: WeakKeyDictionary[Any, ToolCard] = WeakKeyDictionary()
_by_text: dict[tuple[str, str, str], ToolCard] = {}
_MOST = 4096


def card_of(tool: Tool | ToolSchema) -> ToolCard:
    """The card of a tool or of a tool's schema."""
    if isinstance(tool, dict):
        return _of_schema(tool)
    try:
        found = _of_tools.get(tool)
        if found is None:
            found = _of_tools[tool] = _of_schema(tool.schema)
        return found
    except TypeError:  # a tool that cannot be referred to weakly
        return _of_schema(tool.schema)


def _of_schema(schema: ToolSchema) -> ToolCard:
    key = (schema["name"], schema.get("description", ""), repr(schema.get("parameters")))
    found = _by_text.get(key)
    if found is None:
        if len(_by_text) >= _MOST:
            _by_text.clear()
        found = _by_text[key] = tool_from_schema(schema)
    return found
