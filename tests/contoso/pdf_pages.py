"""Makes the PDF files among Contoso's policies from the texts beside this file.

python -m tests.contoso.pdf_pages

A PDF of plain text is short enough to write by hand: a catalog, a list of pages, one font, and a stream of
lines for each page. The texts break lines themselves; a form feed begins a new page.
"""

from __future__ import annotations

from pathlib import Path

from macae import contoso

TEXTS = Path(__file__).parent / "pdfs"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
BINARY = b"%\xe2\xe3\xcf\xd3\0\n"
"""A comment that tells git and mail programs to leave the line ends alone: places in the file are counted."""


def written(text: str, title: str) -> bytes:
    """A PDF file with this text."""
    pages = [page.strip("\n") for page in text.split("\f")]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        FONT,
    ]
    for number, page in enumerate(pages):
        stream = stream_of(page)
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {5 + 2 * number} 0 R >>".encode(),
            f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream",
        ]
    objects.append(f"<< /Title ({escaped(title)}) >>".encode("cp1252"))
    out, places = b"%PDF-1.4\n" + BINARY, []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    tail = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R /Info {count - 1} 0 R >>\n"
    return out + f"{tail}startxref\n{len(out)}\n%%EOF\n".encode()


def stream_of(page: str) -> bytes:
    """The drawing of one page: a line of text each 14 points."""
    lines = "".join(f"({escaped(line)}) Tj T*\n" for line in page.splitlines())
    return f"BT /F1 11 Tf 14 TL 60 780 Td\n{lines}ET".encode("cp1252")


def escaped(text: str) -> str:
    """Brackets and backslashes, as a PDF string wants them."""
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def file_of(text: Path) -> Path:
    """Where the PDF of a text stands."""
    return contoso.policies_folder() / "facilities" / f"{text.stem}.pdf"


def title_of(text: str) -> str:
    """The first line."""
    return text.splitlines()[0]


if __name__ == "__main__":
    for source in sorted(TEXTS.glob("*.txt")):
        content = source.read_text(encoding="utf-8")
        file_of(source).write_bytes(written(content, title_of(content)))
