"""Walkthroughs: notebooks that explain the package line by line. Their words are written by hand, in `walkthroughs/*.md`; the code
is read from the modules when they are built, so it is always the code that runs.

A walkthrough's text is Markdown: `#` the title, `##` a chapter, `###` a block. A block names its code, then explains it::

    ### How a goal comes in
    code: macae/engine/engine.py Engine.submit

    What it is for, in a sentence or two.

    - `text = given.words(`: an empty goal is refused here …
    - `live = await`: …

Each point begins with how a line of the code begins. It explains from that line to the next point's. The first point's line is the
first one after the docstring, so no line is left out.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from macae.errors import InvalidInput

__all__ = ["Block", "code_of", "notebook_of", "read_blocks", "walkthroughs"]

TEXTS = Path(__file__).parent / "walkthroughs"
POINT = re.compile(r"- `(.+?)`: (.*)")


@dataclass
class Block:
    """One heading of a walkthrough, with its words; `code` is `PATH NAME` where it explains some."""

    level: int
    title: str
    prose: list[str] = field(default_factory=list)
    code: str = ""
    points: list[list[str]] = field(default_factory=list)
    """How a line begins, and what is to be said of it and the lines below it."""


def walkthroughs(top: Path) -> dict[Path, str]:
    """Each walkthrough notebook's path below `top`, with the text that it should have."""
    found = {}
    for path in sorted(TEXTS.glob("*.md")):
        notebook = notebook_of(read_blocks(path.read_text(encoding="utf-8"), path.name), top, path.name)
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        found[top / "notebooks" / f"walkthrough-{path.stem}.ipynb"] = text
    return found


def read_blocks(text: str, name: str) -> list[Block]:
    """The blocks of a walkthrough's text. Raises InvalidInput, naming file and line, for what stands where it cannot."""
    blocks: list[Block] = []
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.fullmatch(r"(#{1,3}) (.+)", line)
        if heading:
            blocks.append(Block(len(heading[1]), heading[2]))
            continue
        if not blocks:
            raise InvalidInput(f"{name}, line {number}: a walkthrough begins with its title, `# …`.")
        block = blocks[-1]
        point = POINT.fullmatch(line)
        if line.startswith("code: "):
            block.code = line.removeprefix("code: ").strip()
        elif point and block.code:
            block.points.append([point[1], point[2]])
        elif block.points and line.startswith("  "):
            block.points[-1][1] += f" {line.strip()}"
        elif block.points and line.strip():
            raise InvalidInput(f"{name}, line {number}: after the first point there are only points.")
        else:
            block.prose.append(line)
    return blocks


def code_of(top: Path, code: str, where: str) -> tuple[list[str], int]:
    """A definition's lines, dedented, and how many of them its signature and docstring take.

    Raises InvalidInput when it is not there.
    """
    path, _, name = code.partition(" ")
    file = top / path
    if not file.is_file():
        raise InvalidInput(f"{where}: there is no file {path}.")
    text = file.read_text(encoding="utf-8")
    body: list[ast.stmt] = ast.parse(text).body
    node: Any = None
    for part in name.split("."):
        node = next((n for n in body if part in names_of(n)), None)
        if node is None:
            raise InvalidInput(f"{where}: {path} defines no {name}.")
        body = getattr(node, "body", [])
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    lines = text.splitlines()[first - 1 : node.end_lineno]
    indent = len(lines[0]) - len(lines[0].lstrip())
    head = 0
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        says = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
        begins = node.body[1] if says and len(node.body) > 1 else node.body[0]
        decorated = [d.lineno for d in getattr(begins, "decorator_list", ())]
        end = node.body[0].end_lineno if says else min([begins.lineno, *decorated]) - 1
        head = (end or first) - first + 1
    return [line[indent:] if line[:indent].isspace() else line for line in lines], head


def names_of(node: ast.stmt) -> set[str]:
    """What a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def pieces(block: Block, top: Path, where: str) -> Iterator[tuple[str, str]]:
    """The code of a block cut at its points: (code, what is said of it). The first is the signature, with nothing said."""
    lines, head = code_of(top, block.code, where)
    start = head
    while start < len(lines) and not lines[start].strip():
        start += 1
    places: list[int] = []
    after = start
    for begins, _ in block.points:
        place = next((i for i in range(after, len(lines)) if lines[i].strip().startswith(begins)), None)
        if place is None:
            raise InvalidInput(
                f"{where}: no line of {block.code} that is left begins with `{begins}`. The code has changed: mend the text."
            )
        places.append(place)
        after = place + 1
    if not places or places[0] != start:
        missing = lines[start].strip() if start < len(lines) else block.code
        raise InvalidInput(f"{where}: nothing explains `{missing}`, the first line of {block.code}.")
    if head:
        yield "\n".join(lines[:head]), ""
    for (_, said), begin, end in zip(block.points, places, [*places[1:], len(lines)], strict=True):
        yield "\n".join(lines[begin:end]).rstrip(), said


def notebook_of(blocks: list[Block], top: Path, name: str) -> dict[str, Any]:
    """The notebook, chapters and blocks numbered. Raises InvalidInput where text and code do not fit together."""
    cells: list[dict[str, Any]] = []
    chapter = number = 0
    for block in blocks:
        prose = "\n".join(block.prose).strip()
        title = block.title
        if block.level == 2:
            chapter, number = chapter + 1, 0
            title = f"{chapter} · {title}"
        elif block.level == 3:
            number += 1
            title = f"{chapter}.{number} · {title}"
        parts = [f"{'#' * block.level} {title}", prose]
        if block.code:
            where = f"{name}, {block.title}"
            path, _, thing = block.code.partition(" ")
            parts.append(f"`{thing}` in [`{path}`](../{path})")
            for code, said in pieces(block, top, where):
                parts += [f"```python\n{code}\n```", f"> {said[0].upper()}{said[1:]}" if said else ""]
        text = "\n\n".join(part for part in parts if part)
        cells.append(
            {
                "cell_type": "markdown",
                "id": cell_id(f"part {chapter} {number} {block.title}" if chapter else block.title),
                "metadata": {},
                "source": text.splitlines(keepends=True),
            }
        )
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def cell_id(title: str) -> str:
    """A cell's name from its title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].rstrip("-")
