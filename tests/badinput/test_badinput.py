"""Every row of the table, given for real."""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from macae.errors import MacaeError
from tests.badinput.page import PAGE, text
from tests.badinput.rig import Rig
from tests.badinput.table import Row, groups
from tests.engine.conftest import _ledger

ROWS = [(title, entry) for title, rows in groups().items() for entry in rows]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A folder of one's own, and tools that have not run."""
    _ledger.clear()
    home = tmp_path / "home"
    home.mkdir()
    made = Rig(home)
    yield made
    await made.close()


@pytest.mark.parametrize("entry", [entry for _, entry in ROWS], ids=[f"{t}-{e.gave[:60]}" for t, e in ROWS])
async def test_bad_input_is_told_and_harms_nothing(rig: Rig, entry: Row) -> None:
    if entry.error is None:
        told = await entry.deed(rig)
    else:
        with pytest.raises(MacaeError) as caught:
            await entry.deed(rig)
        assert type(caught.value) is entry.error or (
            isinstance(caught.value, entry.error) and entry.error.__name__ == "ModelError"
        ), repr(caught.value)
        told = str(caught.value)
    place = 0
    for part in entry.says:
        found = told.find(part, place)
        assert found >= 0, f"{part!r} is not in what is told: {told[:1000]!r}"
        place = found + len(part)
    if entry.error is not None:
        assert len(told) < 1_500 and told.isprintable(), "an error is a sentence or two"
    await entry.kept.check(rig)


def test_the_table_is_long_and_no_row_stands_twice() -> None:
    names = [(title, entry.gave) for title, entry in ROWS]
    assert len(names) >= 60 and len(set(names)) == len(names)


def test_the_page_is_made_of_the_table() -> None:
    stored = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    changes = "\n".join(difflib.unified_diff(stored.splitlines(), text().splitlines(), "docs/errors.md", "the table", lineterm=""))  # fmt: skip
    assert stored == text(), f"Run `python -m tests.badinput`:\n{changes}"
