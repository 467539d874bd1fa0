"""Cut a document into chunks by its structure: headings stay with their text, tables are cut between rows only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from macae.errors import InvalidInput
from macae.memory.retrieval.parts import PAGE, Chunk, Document

__all__ = ["OVERLAP", "SIZE", "chunk_document", "heading_of"]

SIZE, OVERLAP = 1000, 150
"""Characters of a chunk at most, and how many of them the next one repeats."""
_FENCE = re.compile(r"[ \t]*(?P<fence>```+|~~~+)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'(\[A-ZÄÖÜÉ0-9])|\n")


@dataclass(frozen=True)
class Block:
    """A paragraph, list, table or code of one section. `head` is what each part of a table repeats."""

    text: str
    head: str = ""


def chunk_document(document: Document, size: int = SIZE, overlap: int = OVERLAP) -> list[Chunk]:
    """A document's chunks, in order, none longer than `size` characters.

    No chunk crosses a heading (or a page of a PDF). The end of a chunk is repeated at the start of the next one of its section, in
    whole sentences of at most `overlap` characters together. Raises InvalidInput for a size below 100 or an overlap above half of it.
    """
    if size < 100 or not 0 <= overlap <= size // 2:
        raise InvalidInput(
            f"A chunk of {size} characters with {overlap} repeated is not possible: the size is at least 100, the overlap at most half."
        )
    chunks: list[Chunk] = []
    for heading, blocks in _sections(document):
        for text in _packed(blocks, size, overlap):
            place = f"{document.id}\0{document.title}\0{heading}\0{text}"
            digest = hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()[:12]
            number = len(chunks)
            chunks.append(
                Chunk(f"{document.id}#{number}-{digest}", document.id, document.title, heading, text, number)
            )
    return chunks


def _sections(document: Document) -> Iterator[tuple[str, list[Block]]]:
    if document.kind == "table":
        yield "", [Block(line) for line in document.text.splitlines() if line.strip()]
    elif document.kind == "pdf":
        for number, page in enumerate(document.text.split(PAGE), 1):
            yield f"page {number}", _blocks(page.splitlines())
    elif document.kind == "text":
        yield "", _blocks(document.text.splitlines())
    else:
        yield from _by_heading(document)


def _by_heading(document: Document) -> Iterator[tuple[str, list[Block]]]:
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    fence = ""
    for line in document.text.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark["fence"][:3]
        elif mark and mark["fence"].startswith(fence):
            fence = ""
        heading = None if fence or mark else heading_of(line)
        if heading is None:
            lines.append(line)
            continue
        yield _named(path, document.title), _blocks(lines)
        lines = []
        path = [*(p for p in path if p[0] < heading[0]), heading]
    yield _named(path, document.title), _blocks(lines)


def heading_of(line: str) -> tuple[int, str] | None:
    """The level (1 to 6) and the text of a Markdown heading; None for any other line.

    By hand: a pattern with two optional ends takes minutes for a line that is made for it.
    """
    text = line.lstrip("#")
    level = len(line) - len(text)
    return (level, text.strip(" \t").rstrip("# \t")) if 1 <= level <= 6 and text[:1] in (" ", "\t") else None


def _is_rule(line: str) -> bool:
    """Whether a line is the one under a table's header: `|---|:--|`."""
    return "--" in line and set(line) <= set("|:- \t")


def _named(path: list[tuple[int, str]], title: str) -> str:
    names = [text for _, text in path if text]
    return " > ".join(names[1:] if names[:1] == [title] else names)


def _blocks(lines: list[str]) -> list[Block]:
    """The paragraphs, tables and code of a section's lines."""
    found: list[Block] = []
    held: list[str] = []
    fenced = False

    def close() -> None:
        text = "\n".join(held).strip("\n")
        if text.strip():
            table = len(held) > 2 and "|" in held[0] and _is_rule(held[1])
            found.append(Block(text, "\n".join(held[:2]) if table else ""))
        held.clear()

    for line in lines:
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and held and ("|" in line.strip()[:1]) != ("|" in held[-1].strip()[:1]):
            close()  # a table begins or ends
        if line.strip() or fenced:
            held.append(line.rstrip())
        else:
            close()
    close()
    return found


def _packed(blocks: list[Block], size: int, overlap: int) -> Iterator[str]:
    """The texts of a section's chunks: as many whole pieces as fit, then the tail of them again."""
    held: list[str] = []
    fresh = False
    for block in blocks:
        for piece in _pieces(block, size):
            if held and len("\n".join([*held, piece])) > size:
                if fresh:
                    yield "\n".join(held)
                held = _tail(held, min(overlap, size - len(piece) - 1)) if not block.head else []
                fresh = False
            held.append(piece)
            fresh = True
    if fresh:
        yield "\n".join(held)


def _pieces(block: Block, size: int) -> Iterator[str]:
    """A block, or its parts where it is larger than a chunk."""
    if len(block.text) <= size:
        yield block.text
        return
    head = block.head if len(block.head) < size // 2 else ""
    if head:
        rows = block.text.split("\n")[2:]
        held: list[str] = []
        for row in (part for line in rows for part in _cut(line, size - len(head) - 1)):
            if held and len("\n".join([head, *held, row])) > size:
                yield "\n".join([head, *held])
                held = []
            held.append(row)
        yield "\n".join([head, *held])
        return
    for sentence in _SENTENCE.split(block.text):
        yield from _cut(sentence.strip("\n"), size)


def _cut(text: str, size: int) -> Iterator[str]:
    """A text in parts of at most `size` characters, between words where there are any."""
    start = 0
    while len(text) - start > size:
        end = text.rfind(" ", start + size // 2, start + size) + 1 or start + size
        yield text[start:end].rstrip()
        start = end
    if text[start:].strip():
        yield text[start:]


def _tail(held: list[str], most: int) -> list[str]:
    """The last whole sentences of what was held, at most so many characters together."""
    kept: list[str] = []
    for sentence in reversed([s for piece in held for s in _SENTENCE.split(piece)]):
        if sum(len(s) + 1 for s in kept) + len(sentence) > most:
            break
        if sentence.strip():
            kept.insert(0, sentence.strip())
    return kept
