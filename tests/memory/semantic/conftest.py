"""One Chroma folder for the module, so that its client is opened once; each test has users of its own."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from autogen_core.memory import MemoryContent, MemoryMimeType

from macae.config import Settings
from macae.memory.semantic import SemanticMemory
from macae.memory.semantic.database import shared_database
from macae.memory.semantic.places import Place

_users = itertools.count(1)


def note(text: str, **metadata: Any) -> MemoryContent:
    """A text to remember."""
    return MemoryContent(content=text, mime_type=MemoryMimeType.TEXT, metadata=metadata)


@pytest.fixture(autouse=True)
def _no_model(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder without a model, whatever this machine has."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path_factory.getbasetemp() / "nobody")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings with a Chroma folder that stays open for the module."""
    made = Settings(_env_file=None, home=tmp_path_factory.mktemp("home"), embedding="lexical")
    database = shared_database(Place("disk", str(made.chroma_path.absolute())))
    yield made
    database.close()


@pytest_asyncio.fixture
async def memory(settings: Settings) -> AsyncIterator[SemanticMemory]:
    """An empty memory on disk."""
    async with SemanticMemory("notes", user_id=f"user {next(_users)}", settings=settings) as made:
        yield made


@pytest_asyncio.fixture
async def memories(settings: Settings) -> AsyncIterator[Callable[..., SemanticMemory]]:
    """Makes memories and closes them."""
    made: list[SemanticMemory] = []

    def make(name: str = "notes", **options: Any) -> SemanticMemory:
        options = {"settings": settings, "user_id": f"user {next(_users)}"} | options
        made.append(SemanticMemory(name, **options))
        return made[-1]

    yield make
    for one in made:
        await one.close()
