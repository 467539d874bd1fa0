"""What is written into a home is for its owner alone: files, what SQLite keeps beside its own, and the folders that are made."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from autogen_core.memory import MemoryContent, MemoryMimeType

from macae import contoso
from macae.config import load_settings
from macae.engine import Engine
from macae.memory.archive.copies import Copies
from macae.memory.archive.protocol import Record
from macae.memory.policies import SQLMemory
from macae.memory.retrieval.opening import changing
from macae.workshop import copies, parts
from macae.workshop.coach.board import Board
from macae.workshop.coach.member import learner_id, set_off, write_whole
from macae.workshop.record import record

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows keeps the rights of the folder")


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """New files are for everybody, where nobody says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def shared(folder: Path) -> dict[str, str]:
    """What others may do with, in a folder and below it."""
    found = {str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}
    return {name: oct(mode) for name, mode in found.items() if mode & 0o077}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def kept_for_later() -> None:
    pass


async def test_everything_in_a_home_is_its_owners_alone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "made" / "for" / "it"
    monkeypatch.setenv("MACAE_HOME", str(place))
    said = MemoryContent(content="remember this", mime_type=MemoryMimeType.TEXT)
    settings = load_settings(sinks="ndjson,trace", auto_approve=True)
    record().add("opened", 1)
    (tmp_path / "given.txt").write_text("given", encoding="utf-8")
    copies.copy(tmp_path / "given.txt", tmp_path / "my" / "given.txt")
    parts.keep(kept_for_later, "kept_for_later")
    learner_id(place)
    set_off(place, True)
    Copies(place / "macae.db.copies").remember(Record("ann", "s"))
    board = Board(place / "coach" / "board.db")
    async with Engine(settings=settings) as engine, changing(settings, "ann", "documents", "disk"):
        await engine.wait(await engine.submit("Order 3 chairs for Finance."), timeout=30)
        await SQLMemory(place / "memories" / "notes.db").add(said)
        names = {path.name for path in place.rglob("*")}
        assert {"macae.db-wal", "macae.db-shm", "board.db-wal", "agent_trace.log", "notes.db"} <= names
        assert any(path.suffix == ".db-wal" for path in (place / "contoso").iterdir())
        assert not shared(tmp_path / "made") and mode_of(tmp_path / "made") == 0o700
    board.close()
    assert not shared(tmp_path / "made")


async def test_copies_of_the_company_that_were_readable_are_so_no_more(home: Path) -> None:
    (home / "contoso").mkdir(parents=True)
    async with Engine(settings=load_settings(auto_approve=True)) as engine:
        await engine.wait(await engine.submit("Order 3 chairs for Finance."), timeout=30)
    assert not shared(home) and mode_of(home) == 0o777  # the home itself is as somebody made it


def test_a_folder_that_is_shared_decides_itself(tmp_path: Path) -> None:
    write_whole(tmp_path / "ann.json", "{}", shared=True)
    assert shared(tmp_path) == {"ann.json": "0o666"}


def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    contoso.Company.create(tmp_path / "own.db").close()
    assert not shared(tmp_path)
    (tmp_path / "own.db").chmod(0o660)
    contoso.Company.open(tmp_path / "own.db").close()
    assert shared(tmp_path) == {"own.db": "0o660"}
