"""How a passage is shown to a model: its number, where it stands, and its text quoted line by line."""

from __future__ import annotations

__all__ = ["passage", "quoted"]


def passage(number: int, where: str, text: str) -> str:
    """A numbered passage. `where` (its title and headings) is put on one line."""
    return f"[{number}] {' '.join(where.split())}\n{quoted(text)}"


def quoted(text: str) -> str:
    """A text with `> ` before every line, so that none can pass for a label of the prompt, such as `[2] HR policies`."""
    return "\n".join(f"> {line}" for line in text.splitlines())
