"""Text from outside made safe to show: nothing unseen, on one line, not too long. Escaping for HTML and the like comes after."""

from __future__ import annotations

import unicodedata

__all__ = ["clip", "one_line", "visible"]

JOINERS = "\u200c\u200d"
"""Invisible, but Persian and many emoji are wrong without them."""


def visible(text: object) -> str:
    """The text with unseen and direction-turning characters written as escapes; line breaks and tabs stay."""
    raw = text if isinstance(text, str) else str(text)
    if raw.isprintable():
        return raw
    return "".join(_shown(character) for character in raw.replace("\r\n", "\n"))


def _shown(character: str) -> str:
    if character in "\n\t" or character in JOINERS:
        return character
    if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def one_line(text: object, longest: int = 300) -> str:
    """The text on one line of at most `longest` characters: line ends are spaces, what is unseen is an escape."""
    raw = text if isinstance(text, str) else str(text)
    looked_at = raw[: longest * 8]  # no need to look at megabytes of which a line is shown
    line = visible(" ".join(looked_at.split()))
    return clip(line if len(looked_at) == len(raw) else f"{line}…", longest)


def clip(text: str, longest: int, *, counted: bool = False) -> str:
    """The beginning of a text that is longer. `counted`: it says behind that how many characters are left out."""
    if len(text) <= longest:
        return text
    if counted:
        return f"{text[:longest]}… ({len(text) - longest:,} more characters)"
    return f"{text[: max(longest - 1, 0)].rstrip()}…"
