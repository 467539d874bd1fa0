"""A small workshop for the tests of the bootstrap."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.bootstrap.room import REPOSITORY, Room


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A small workshop. Each test says what it begins with: `room.whole()` or `room.bare()`."""
    made = Room(tmp_path_factory.mktemp("room") / "a workshop, in a folder with spaces")
    yield made
    made.close()


@pytest.fixture(scope="session")
def workshop() -> ModuleType:
    """workshop.py as a module."""
    spec = importlib.util.spec_from_file_location("workshop", REPOSITORY / "workshop.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
