"""Chunks keep the document's structure: nothing is lost, no heading is crossed, no table's row is torn."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest

from macae.contoso import policies_folder
from macae.errors import InvalidInput
from macae.memory.retrieval import Document, chunk_document, load_documents
from macae.memory.retrieval.chunking import heading_of


def chunks_of(text: str, size: int = 1000, overlap: int = 150, title: str = "T") -> list[tuple[str, str]]:
    found = chunk_document(Document("d", title, text, kind="markdown"), size, overlap)
    return [(chunk.heading, chunk.text) for chunk in found]


def test_headings_are_kept_as_context() -> None:
    text = "# T\nintro\n## Leave\n### Parents\n16 weeks.\n## Pay\nMonthly.\n```\n# no heading\n```"
    assert chunks_of(text) == [
        ("", "intro"),
        ("Leave > Parents", "16 weeks."),
        ("Pay", "Monthly.\n```\n# no heading\n```"),
    ]


def test_a_long_section_overlaps_in_whole_sentences() -> None:
    sentences = [f"This is sentence number {n} of the section." for n in range(40)]
    text = "## Long\n\n" + "\n\n".join(sentences)
    parts = [t for _, t in chunks_of(text, 300, 100)]
    assert len(parts) > 5
    assert all(len(part) <= 300 for part in parts)
    for before, after in pairwise(parts):
        repeated = after.split("\n")[: -(len(after.split("\n")) // 2)]
        assert repeated and repeated[0] in before.split("\n")
        assert sum(len(line) for line in after.split("\n") if line in before.split("\n")) <= 100
    assert set(sentences) <= {line for part in parts for line in part.split("\n")}


def test_a_table_is_cut_between_rows_and_repeats_its_header() -> None:
    rows = [f"| Item {n} | ${n * 10} a piece, delivered |" for n in range(60)]
    parts = [
        t for _, t in chunks_of("## Prices\n\n| Item | Price |\n|---|---|\n" + "\n".join(rows), 400, 100)
    ]
    assert len(parts) > 3
    assert all(part.startswith("| Item | Price |\n|---|---|\n| Item ") for part in parts)
    assert [line for part in parts for line in part.split("\n")[2:]] == rows


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("# a", (1, "a")),
        ("###### \t a b  ## ", (6, "a b")),
        ("## a # b", (2, "a # b")),
        ("# ", (1, "")),
        ("#a", None),
        ("####### a", None),
        (" # a", None),
    ],
)
def test_what_a_heading_is(line: str, heading: tuple[int, str] | None) -> None:
    assert heading_of(line) == heading


def test_no_line_takes_long(tmp_path: Path) -> None:
    lines = ["# a" + " " * 5000 + "b", "c | d", "-" * 5000 + "x", "word " * 400_000]
    (tmp_path / "made.md").write_text(
        "\n".join(["---", "k: v" + " " * 20_000 + '"x', "---", *lines]), encoding="utf-8"
    )
    began = time.process_time()
    (document,) = load_documents(tmp_path)
    assert chunk_document(document)
    assert time.process_time() - began < 2, "with patterns it is minutes"


def test_a_csv_s_rows_stay_whole() -> None:
    rows = "\n".join(f"item: Thing {n}; price: {n}" for n in range(100))
    chunks = chunk_document(Document("p", "Prices", rows, kind="table"), 500, 100)
    assert all(
        re.fullmatch(r"item: Thing \d+; price: \d+", line) for c in chunks for line in c.text.split("\n")
    )
    assert {line for c in chunks for line in c.text.split("\n")} == set(rows.split("\n"))


def test_words_longer_than_a_chunk_are_cut() -> None:
    assert [len(t) for _, t in chunks_of("x" * 250, 100, 0)] == [100, 100, 50]


@pytest.mark.parametrize("size", [200, 1000])
def test_no_word_of_the_policies_is_lost(size: int) -> None:
    for document in load_documents(policies_folder()):
        chunks = chunk_document(document, size, size // 5)
        assert all(len(chunk.text) <= size for chunk in chunks)
        told = set(re.findall(r"\w+", " ".join(f"{c.where} {c.text}" for c in chunks)))
        assert set(re.findall(r"\w+", document.text)) - told <= set(), document.id


def test_the_same_content_has_the_same_id() -> None:
    one, two = (Document("d", "T", f"# T\n## A\nfirst\n## B\n{word}", kind="markdown") for word in ("x", "y"))
    first, second = chunk_document(one), chunk_document(two)
    assert first[0].id == second[0].id == chunk_document(one)[0].id
    assert first[1].id != second[1].id


@pytest.mark.parametrize(("size", "overlap"), [(99, 0), (1000, 501), (1000, -1)])
def test_sizes_that_make_no_sense(size: int, overlap: int) -> None:
    with pytest.raises(InvalidInput, match="not possible"):
        chunks_of("text", size, overlap)
