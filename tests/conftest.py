"""What holds for every test: no network beyond this machine, and no setting of whoever runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.cosmos.fixtures import cosmos_database, cosmos_peer, running_peer
from tests.support.network import no_network

__all__ = ["alone", "cosmos_database", "cosmos_peer", "elsewhere", "running_peer"]

# Hundreds of tests start a process of their own. Where Python is told to keep no compiled code, each of them would compile
# the whole package again: half a second of its two.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same examples in each run: whoever changes one thing is not to hear of another by chance. CONTRIBUTING says how to look for new
# ones.
hypothesis.settings.register_profile("repeatable", derandomize=True)
hypothesis.settings.load_profile("repeatable")

PROVIDERS = ("MACAE_", "OPENAI_", "AZURE_OPENAI_", "COSMOSDB_")


@pytest.fixture(autouse=True)
def alone(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Without the machine's own settings, and (except where packages are installed) without the network."""
    for name in list(os.environ):
        if name.startswith(PROVIDERS):
            monkeypatch.delenv(name)
    if request.node.get_closest_marker("install"):
        yield
        return
    with no_network():
        yield


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
