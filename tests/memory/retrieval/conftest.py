"""One knowledge base of Contoso's policies for all tests here: embedded once, opened by each test that needs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from macae.config import Settings, load_settings
from macae.memory.retrieval import Document, KnowledgeBase


@pytest.fixture(scope="session")
def policies_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("policies")

    async def build() -> None:
        async with KnowledgeBase(load_settings(home=home, embedding="lexical")):
            pass

    asyncio.run(build())
    return home


@pytest.fixture
async def policies(policies_home: Path) -> AsyncIterator[KnowledgeBase]:
    async with KnowledgeBase(load_settings(home=policies_home, embedding="lexical")) as kb:
        assert kb.embedded == 0, "it was embedded once, and nothing changed"
        yield kb


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", embedding="lexical")


def document(name: str, text: str, title: str = "") -> Document:
    return Document(name, title or name, text, kind="markdown")


BAKERY = [
    document("opening", "# Opening hours\n\nThe shop opens at 8 in the morning. On Sundays it stays closed.", "Opening hours"),
    document("bread", "# Bread\n\n## Rye\n\nRye bread bakes for 55 minutes. Ann Lee bakes it.\n\n## Errors\n\nOven code OV-12 means that the door is open.", "Bread"),
    document("ov-30-cleaning", "# Cleaning the oven\n\nPolicy OV-30. The oven is cleaned every Friday with form F-7.", "Cleaning the oven"),
    document("duties", "# Duties\n\nWho closes the shop cleans the oven as OV-30 says.", "Duties"),
]  # fmt: skip
