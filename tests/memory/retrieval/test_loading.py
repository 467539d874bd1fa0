"""Documents are read from real files; what cannot be read is said, with the file's name and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from macae.contoso import policies_folder
from macae.errors import InvalidInput
from macae.memory.retrieval import chunk_document, load_documents, loading, readers


def pdf(path: Path, password: str = "", pages: int = 1) -> Path:
    """A copy of a real PDF, locked where a password is given."""
    from pypdf import PdfReader, PdfWriter

    source = PdfReader(next(policies_folder().rglob("fa-802*.pdf")))
    writer = PdfWriter()
    for page in source.pages[:pages]:
        writer.add_page(page)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    with path.open("wb") as file:
        writer.write(file)
    return path


def test_contoso_s_policies_are_all_loaded() -> None:
    documents = load_documents(policies_folder())
    assert len({d.id for d in documents}) == len(documents) > 40
    assert {d.kind for d in documents} == {"markdown", "text", "table", "pdf"}
    assert sum(len(d.text.split()) for d in documents) > 40 * 250


def test_each_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "leave.md").write_text("---\nowner: Ann\n---\n# Leave\n\n20 days.", encoding="utf-8")
    (tmp_path / "my_notes.txt").write_bytes("\ufeffGrüße\r\nline two".encode())
    (tmp_path / "prices.csv").write_text('Item;Price\n"Rye; large";4\nRoll;1\n', encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden.md").write_text("secret", encoding="utf-8")
    pdf(tmp_path / "rules.pdf", pages=2)
    leave, notes, prices, rules = load_documents(tmp_path)
    assert (leave.id, leave.title, leave.metadata) == ("leave", "Leave", {"owner": "Ann"})
    assert (notes.title, notes.text) == ("My notes", "Grüße\nline two")
    assert prices.text == "Item: Rye; large; Price: 4\nItem: Roll; Price: 1"
    assert {c.heading for c in chunk_document(rules)} == {"page 1", "page 2"}


def test_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("it", "hr"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "leave.md").write_text(f"# {folder}\ntext", encoding="utf-8")
    assert [d.id for d in load_documents(tmp_path)] == ["hr/leave.md", "it/leave.md"]


BROKEN = {
    "empty.md": (b"  \n", "is empty"),
    "latin.txt": ("Grüße".encode("latin-1"), "UTF-8"),
    "binary.txt": (b"\x7fELF\x00\x01\x02\xff", "binary"),
    "zeros.md": (b"a\x00b", "binary"),
    "broken.pdf": (b"%PDF-1.7\nthis is no PDF at all", "no PDF that can be read"),
    "only-header.csv": (b"a,b\n", "no rows"),
    "torn.csv": (b'a,b\n"x,1\n', "CSV"),
    "wide.csv": (b"a,b\n1,2,3\n", "Row 2"),
    "front.md": (b"---\ntitle: x\n---\n", "no text"),
    "sheet.xlsx": (b"PK", "no kind of document"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    raw, word = BROKEN[name]
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(InvalidInput) as caught:
        load_documents(tmp_path / name)
    assert name in str(caught.value) and word in str(caught.value)


def test_a_locked_pdf_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"locked\.pdf is locked by a password"):
        load_documents(pdf(tmp_path / "locked.pdf", password="x"))
    assert load_documents(pdf(tmp_path / "open.pdf"))


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "LARGEST", 10)
    (tmp_path / "big.txt").write_text("x" * 11, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"big\.txt has 11 bytes"):
        load_documents(tmp_path)
    monkeypatch.setattr(loading, "MOST", 0)
    with pytest.raises(InvalidInput, match="more than 0 documents"):
        load_documents(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(readers, "PAGES", 1)
    with pytest.raises(InvalidInput, match="2 pages"):
        load_documents(pdf(tmp_path / "long.pdf", pages=2))


def test_nothing_to_load(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no documents"):
        load_documents(tmp_path)
    with pytest.raises(InvalidInput, match="no file or folder"):
        load_documents(tmp_path / "missing")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "own.txt").write_text("own", encoding="utf-8")
    try:
        Path(folder / "link.txt").symlink_to(outside / "secret.txt")
        Path(folder / "linked").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links for this user")
    assert [d.id for d in load_documents(folder)] == ["own"]
