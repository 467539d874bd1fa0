"""Load documents from a file or a folder: Markdown, text, CSV, PDF."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from macae.errors import InvalidInput
from macae.memory.retrieval.chunking import heading_of
from macae.memory.retrieval.parts import Document, Kind
from macae.memory.retrieval.readers import read_pdf, read_table, read_text

__all__ = ["KINDS", "load_documents"]

KINDS: dict[str, Kind] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".csv": "table",
    ".tsv": "table",
    ".pdf": "pdf",
}
LARGEST = 20_000_000
"""Bytes of one file. A book has about one million."""
MOST = 10_000
"""Files in a folder."""
_KEY = re.compile(r"[\w-]+:")
_FRONT = re.compile(r"\A---[ \t]*\n(?P<lines>.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)


def load_documents(source: Path | str) -> list[Document]:
    """The documents of a file, or of a folder and the folders in it, in the order of their paths.

    A document's id is its file's name without the ending, or its path in the folder where two files share a name. In a folder,
    files of other kinds and hidden ones are passed over, and no link that leads out of the folder is followed. Raises InvalidInput
    that names the file and what to do: missing, empty, too large, binary, in another encoding, broken, or locked by a password.
    """
    top = Path(source)
    if top.is_file():
        if top.suffix.lower() not in KINDS:
            raise InvalidInput(f"{top} is no kind of document that can be read. Use one of {_kinds()}.")
        return [_load(top, top.stem)]
    if not top.is_dir():
        raise InvalidInput(f"There is no file or folder {top} to load documents from. Check the path.")
    paths = _files(top)
    if not paths:
        raise InvalidInput(f"The folder {top} holds no documents. Put files in it that end in {_kinds()}.")
    stems = Counter(path.stem.casefold() for path in paths)
    return [
        _load(p, p.stem if stems[p.stem.casefold()] == 1 else p.relative_to(top).as_posix()) for p in paths
    ]


def _files(top: Path) -> list[Path]:
    real = top.resolve()
    found: list[Path] = []
    for path in sorted(top.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(top).parts)
        if hidden or path.suffix.lower() not in KINDS or not path.resolve().is_relative_to(real):
            continue
        if path.is_file():
            found.append(path)
        if len(found) > MOST:
            raise InvalidInput(
                f"The folder {top} holds more than {MOST:,} documents. Load its subfolders one by one."
            )
    return found


def _load(path: Path, name: str) -> Document:
    kind = KINDS[path.suffix.lower()]
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise InvalidInput(
                f"{path} has {size:,} bytes; at most {LARGEST:,} can be read. Split it, or leave it out."
            )
        raw = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror or error}. Check that it exists and is yours to read."
        ) from None
    if not raw.strip():
        raise InvalidInput(f"{path} is empty. Write something in it, or remove it.")
    metadata: dict[str, str] = {}
    title = _pretty(path.stem)
    if kind == "pdf":
        text = read_pdf(raw, path)
    elif kind == "table":
        text = read_table(read_text(raw, path), path)
    else:
        text = read_text(raw, path)
        if kind == "markdown":
            text, metadata = _front(text)
            title = metadata.get("title") or _title(text) or title
    if not text.strip():
        raise InvalidInput(f"{path} holds no text. Write something in it, or remove it.")
    return Document(name, title, text, path, kind, metadata)


def _front(text: str) -> tuple[str, dict[str, str]]:
    """The text without the lines of front matter, and what they say (`key: value`)."""
    match = _FRONT.match(text)
    if match is None:
        return text, {}
    pairs = (line.split(":", 1) for line in match["lines"].splitlines() if _KEY.match(line))
    return text[match.end() :], {key: _unquoted(value.strip(" \t")) for key, value in pairs}


def _title(text: str) -> str:
    """The text of the first heading of the first level; empty where there is none."""
    headings = (heading_of(line) for line in text.split("\n") if line.startswith("#"))
    return next((heading[1] for heading in headings if heading and heading[0] == 1 and heading[1]), "")


def _unquoted(value: str) -> str:
    """A value of front matter without the quotes around it."""
    return value[value[:1] in ("'", '"') : len(value) - (len(value) > 1 and value[-1] in ("'", '"'))]


def _pretty(stem: str) -> str:
    words = re.sub(r"[_\-]+", " ", stem).strip()
    return words[:1].upper() + words[1:] or stem


def _kinds() -> str:
    return ", ".join(KINDS)
