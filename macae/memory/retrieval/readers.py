"""Read one file's bytes as text: plain text, a table, a PDF. What cannot be read is said, with the file's name."""

from __future__ import annotations

import csv
import io
import logging
from pathlib import Path

from macae.errors import InvalidInput
from macae.memory.retrieval.parts import PAGE

__all__ = ["read_pdf", "read_table", "read_text"]

PAGES = 2000
"""Pages of one PDF."""
FIELD = 100_000
"""Characters in one field of a table."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_text(raw: bytes, path: Path) -> str:
    """The text of a file in UTF-8 (or UTF-16 that says so), with plain line ends. Raises InvalidInput."""
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\0" in raw:
            raise InvalidInput(f"{path} is a binary file, not text. Remove it from the documents.") from None
        raise InvalidInput(
            f"{path} is not in UTF-8 (byte {error.start}). Save it as UTF-8 in your editor."
        ) from None
    if "\0" in text:
        raise InvalidInput(f"{path} is a binary file, not text. Remove it from the documents.")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace(PAGE, "\n")


def read_table(text: str, path: Path) -> str:
    """A CSV as lines, a row each, every value beside its header (`Plan: Basic; Price: 20`). Raises InvalidInput."""
    first = text.split("\n", 1)[0]
    mark = max(",;\t|", key=first.count)
    before = csv.field_size_limit(FIELD)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark, strict=True) if any(row)]
    except csv.Error as error:
        raise InvalidInput(f"{path} is no proper CSV: {error}. Check its quotes and separators.") from None
    finally:
        csv.field_size_limit(before)
    header = [_cell(name) or f"column {n}" for n, name in enumerate(rows[0], 1)] if rows else []
    if len(rows) < 2:
        raise InvalidInput(f"{path} has no rows below its header. Its first line must name the columns.")
    lines = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) > len(header):
            raise InvalidInput(
                f"Row {number} of {path} has {len(row)} values for {len(header)} columns. Quote values that hold {mark!r}."
            )
        lines.append(
            "; ".join(f"{name}: {_cell(value)}" for name, value in zip(header, row, strict=False) if value)
        )
    return "\n".join(line for line in lines if line)


def _cell(value: str) -> str:
    return " ".join(value.split())


def read_pdf(raw: bytes, path: Path) -> str:
    """The text of a PDF's pages, parted by form feeds. Raises InvalidInput: broken, locked, too long, or pictures only."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").addHandler(
        logging.NullHandler()
    )  # else what it grumbles lands in the reader's cell
    try:
        reader = PdfReader(io.BytesIO(raw), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise InvalidInput(f"{path} is locked by a password. Save it without one.")
        if len(reader.pages) > PAGES:
            raise InvalidInput(
                f"{path} has {len(reader.pages):,} pages; at most {PAGES:,} are read. Split it."
            )
        pages = [(page.extract_text() or "").replace(PAGE, "\n").replace("\0", "") for page in reader.pages]
    except InvalidInput:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError, NotImplementedError, ImportError, AssertionError) as error:  # fmt: skip
        # a broken file fails anywhere in the library, with whatever kind of error
        raise InvalidInput(
            f"{path} is no PDF that can be read ({type(error).__name__}). Open it in a viewer and save it anew."
        ) from None
    if not any(page.strip() for page in pages):
        raise InvalidInput(f"{path} holds no text, only pictures. Run text recognition (OCR) on it first.")
    return PAGE.join(pages)
