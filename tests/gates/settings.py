"""The README's table of settings, made from macae/config.py: `python -m tests.gates.settings` writes it."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import Any

from macae.config import Settings
from tests.gates.files import REPOSITORY

README = REPOSITORY / "README.md"
BEGIN, END = "<!-- settings:", "<!-- end of settings -->"


def meanings() -> dict[str, str]:
    """The text that stands under each field in the source."""
    tree = ast.parse((REPOSITORY / "macae" / "config.py").read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    found: dict[str, str] = {}
    for node, after in pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            says = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            found[node.target.id] = " ".join(str(after.value.value).split()) if says else ""
    return found


def shown(value: Any) -> str:
    """A default as it would be written in `.env`."""
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def table() -> str:
    """The table, in Markdown."""
    means = meanings()
    rows = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        meaning = means.get(name, "").replace("|", "\\|")
        rows.append(f"| `MACAE_{name.upper()}` | {shown(field.default)} | {meaning} |")
    return "\n".join(rows)


def with_table(text: str) -> str:
    """A README with the table of now."""
    start = text.index("\n", text.index(BEGIN)) + 1
    return f"{text[:start]}\n{table()}\n\n{text[text.index(END) :]}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
