"""The glossary: each term once, in order, in two sentences; and every link to it leads to a term."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "notebooks" / "glossary.ipynb"
LINK = re.compile(r"\]\([^)\s]*glossary\.ipynb#([^)\s]+)\)")
ENTRY = re.compile(r"^#### (.+)\n(.+) \*Challenges? (\d(?: and \d)*)\.\*$", re.MULTILINE)


def markdown(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]


LETTERS = markdown(GLOSSARY)[1:]
ENTRIES = [entry for text in LETTERS for entry in ENTRY.findall(text)]
TERMS = [term for term, _, _ in ENTRIES]


def anchor(term: str) -> str:
    """The address of a heading in a notebook, as JupyterLab makes it."""
    return term.replace(" ", "-")


def sentences(text: str) -> int:
    """How many sentences a text has; what stands in code or brackets ends none."""
    return len(re.findall(r"[.!?](?= |$)", re.sub(r"`[^`]*`|\([^)]*\)", "x", text)))


def test_each_term_is_there_once_and_in_order() -> None:
    assert len(ENTRIES) == sum(text.count("#### ") for text in LETTERS), "an entry has another form"
    assert len(TERMS) == len({term.casefold() for term in TERMS}) > 60
    assert sorted(TERMS, key=str.casefold) == TERMS
    for text in LETTERS:
        letter = text.removeprefix("## ")[0]
        assert {term[0].upper() for term, _, _ in ENTRY.findall(text)} == {letter}


@pytest.mark.parametrize(("term", "text", "met"), ENTRIES, ids=TERMS)
def test_an_entry_is_two_sentences_and_its_bold_words_are_entries(term: str, text: str, met: str) -> None:
    assert sentences(text) == 2
    for bold in re.findall(r"\*\*(.+?)\*\*", text):
        assert bold in TERMS, f"{term} speaks of {bold}"


def test_the_terms_that_everything_is_written_in_are_there() -> None:
    wanted = "agent tool plan step session approval model-client chat-context span event store runtime"
    wanted += " message-handler kernel cell thought hand-off termination notebook"
    assert set(wanted.split()) <= {anchor(term) for term in TERMS}


def test_links_to_the_glossary_lead_to_a_term() -> None:
    known = {anchor(term) for term in TERMS}
    wrong = [
        f"{path.name}: {target}"
        for folder in ("notebooks", "solutions", "challenges")
        for path in sorted((ROOT / folder).glob("*.ipynb"))
        for text in markdown(path)
        for target in LINK.findall(text)
        if target not in known
    ]
    assert not wrong
