"""Processes killed one after the other on a store in Cosmos DB: nothing acknowledged is lost, nothing runs twice unasked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.chaos.conftest import ROOT
from tests.chaos.judge import said
from tests.cosmos.peer import Peer

KILLS: list[object] = [
    ["store: after a batch", 4],
    ["pay: after its commit", 1],
    30,
    ["store: before a batch", 6],
    ["ring: after its commit", 1],
]


def test_killed_and_resumed_by_another_process(
    tmp_path: Path, cosmos_peer: Peer, cosmos_database: str
) -> None:
    environment = os.environ | {
        "MACAE_STORE": "cosmos",
        "MACAE_COSMOS_ENDPOINT": cosmos_peer.endpoint,
        "MACAE_COSMOS_KEY": cosmos_peer.key,
        "MACAE_COSMOS_DATABASE": cosmos_database,
        "MACAE_LEASE": "60",
    }
    for number, fatal in enumerate([*KILLS, None]):
        cosmos_peer.sleep(100 * number)  # whoever is dead has not been heard of for so long
        argument = json.dumps({"home": str(tmp_path), "fatal": fatal})
        child = subprocess.run(
            [sys.executable, "-m", "tests.chaos.stage_cosmos", argument],
            cwd=ROOT,
            timeout=60,
            check=False,
            env=environment,
        )
        words = said(tmp_path / "said.jsonl")
        assert [word["text"] for word in words if word["kind"] == "problem"] == []
        assert (child.returncode == 0) == (fatal is None)
    assert len([word for word in words if word["kind"] == "died"]) == len(KILLS)
    assert not list(tmp_path.rglob("macae.db*")), "nothing of it went into a file"
