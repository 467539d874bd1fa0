"""Text from models, tools and people, made safe to show.

Nothing that they write may become markup, and nothing may look like something else: characters that a reader cannot see, or
that turn the direction of the line, are shown as escapes. A person approves what stands there, so it must be what it says.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping
from typing import Any

__all__ = ["call_text", "clean", "clip", "count", "duration", "esc"]

LONGEST = 20_000
"""Characters shown of a reply or a result; the store keeps all of it."""
JOINERS = "\u200c\u200d"
"""Zero-width joiners: invisible, but Persian and many emoji are wrong without them."""


def clean(text: object) -> str:
    """The text with unseen and direction-turning characters written as escapes; line breaks and tabs stay."""
    raw = text if isinstance(text, str) else str(text)
    if raw.isprintable():
        return raw
    return "".join(_visible(character) for character in raw.replace("\r\n", "\n"))


def _visible(character: str) -> str:
    if character in "\n\t" or character in JOINERS:
        return character
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        code = ord(character)
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    return character


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


def duration(seconds: float) -> str:
    """Seconds as people read them."""
    if seconds < 0.05:
        return "0 s" if seconds <= 0 else "< 0.1 s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 token, 1,200 tokens."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
