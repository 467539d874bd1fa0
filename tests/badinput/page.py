"""docs/errors.md, made of the table."""

from __future__ import annotations

import re
from pathlib import Path

from tests.badinput.table import Row, groups

__all__ = ["PAGE", "text"]

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
HEAD = """\
# What happens with bad input

Each line is a test: it was given for real, and what is told and stored was checked. The texts are the telling parts; "…" stands
for what depends on the moment. Errors are of `macae.errors`; where none is named, the work goes on and this is what is told. All
errors of the package are a `MacaeError`. Made by `python -m tests.badinput`; do not edit.
"""
LONGEST = 160


def cell(text: str) -> str:
    """Text inside a table's cell: no markup, nothing unseen, one line."""
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" if c != "\n" else " ⏎ " for c in text)
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return re.sub(r"([\\`*_\[\]<>|$~])", r"\\\1", text)


def line(entry: Row) -> str:
    """A row as a line of its table."""
    told = " … ".join(cell(part) for part in entry.says)
    name = f"**{entry.error.__name__}**: " if entry.error else ""
    gave = " ".join(entry.gave.split())
    return f"| {gave} | {name}{told} | {cell(entry.kept.text)} |"


def text() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, rows in groups().items():
        lines = "\n".join(line(entry) for entry in rows)
        parts.append(
            f"\n## {title}\n\n| what went in | what is told | what is stored |\n|---|---|---|\n{lines}\n"
        )
    return "".join(parts)
