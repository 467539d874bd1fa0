"""Every test here talks to a local server only, and ends with a look for the key in what was logged."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from macae.config import Settings
from macae.llm import GuardedClient, create_client
from tests.support.network import no_network
from tests.support.openai_server import OpenAIServer

KEY = "the-very-secret-0123456789-key"
"""Not of the form that keys have, so only knowing it can hide it."""


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No network, no variables and no .env of the machine."""
    for name in list(os.environ):
        if name.upper().startswith(("MACAE_", "OPENAI_", "AZURE_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    with no_network():
        yield


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_key_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    for record in caplog.get_records("call"):
        assert KEY not in record.getMessage()
        assert KEY not in (record.exc_text or "")


def settings_for(provider: str, address: str, **more: Any) -> Settings:
    places = (
        {"base_url": address}
        if provider == "openai"
        else {"azure_endpoint": address, "azure_deployment": "dep"}
    )
    values: dict[str, Any] = {"api_key": KEY, "model_timeout": 20, "model_retries": 0, **places, **more}
    return Settings(provider=provider, **values)


Connect = Callable[..., GuardedClient]


@pytest_asyncio.fixture(params=["openai", "azure"])
async def connect(request: pytest.FixtureRequest, server: OpenAIServer) -> AsyncIterator[Connect]:
    """Makes clients of both providers, pointed at the server unless told another `address`; closes them after."""
    made: list[GuardedClient] = []

    def connect(address: str | None = None, **more: Any) -> GuardedClient:
        default = server.url if request.param == "openai" else server.azure_url
        made.append(create_client(settings_for(request.param, address or default, **more)))
        return made[-1]

    yield connect
    for client in made:
        await client.close()
