"""Text from models, tools and people, made safe to show.

Nothing that they write may become markup, and nothing may look like something else: characters that a reader cannot see, or
that turn the direction of the line, are shown as escapes. A person approves what stands there, so it must be what it says.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from macae.monitoring.texts import visible as clean
from macae.monitoring.words import count

__all__ = ["call_text", "clean", "clip", "count", "esc"]

LONGEST = 20_000
"""Characters shown of a reply or a result; the store keeps all of it."""


def esc(text: object) -> str:
    """The text as HTML that shows exactly that text, in an element or in a quoted attribute."""
    return html.escape(clean(text), quote=True)


def clip(text: object, longest: int = LONGEST) -> str:
    """The beginning of a long text, and how much was left out."""
    raw = text if isinstance(text, str) else str(text)
    return (
        raw
        if len(raw) <= longest
        else f"{raw[:longest]}\n… ({len(raw) - longest:,} more characters are stored)"
    )


def call_text(function: str, arguments: Mapping[str, Any] | None) -> str:
    """A tool call as a line of Python: order_hardware(item='laptop', quantity=5)."""
    if arguments is None:
        return f"{clean(function)}(…)"
    return f"{clean(function)}({', '.join(f'{clean(name)}={clean(repr(value))}' for name, value in arguments.items())})"
