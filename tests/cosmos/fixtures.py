"""The peer as a fixture: one for each worker, started when it is first asked for. Databases keep the tests apart."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest

from tests.cosmos.install import NoNode
from tests.cosmos.peer import Peer

__all__ = ["cosmos_database", "cosmos_peer", "running_peer"]


@pytest.fixture(scope="session")
def running_peer() -> Iterator[Peer]:
    try:
        peer = Peer().start()
    except NoNode as reason:
        if os.environ.get("NODE_REQUIRED"):
            pytest.fail(f"The Cosmos DB tests must run here (NODE_REQUIRED is set): {reason}")
        pytest.skip(f"no Cosmos DB peer: {reason}")
    yield peer
    peer.stop()


@pytest.fixture
def cosmos_peer(running_peer: Peer) -> Iterator[Peer]:
    """The peer, without faults before and after, its list of requests empty."""
    running_peer.forget()
    yield running_peer
    running_peer.heal()


@pytest.fixture
def cosmos_database() -> str:
    """The name of a database that no other test uses."""
    return f"test-{secrets.token_hex(6)}"
