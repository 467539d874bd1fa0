"""On a Chroma server: a real one, a dead one, one that hangs, and what is none."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from macae.config import Settings
from macae.errors import ConfigError, StoreError
from macae.memory.semantic import SemanticMemory
from tests.memory.semantic.conftest import note
from tests.support.openai_server import OpenAIServer


def settings_at(url: str) -> Settings:
    return Settings(_env_file=None, home=Path("nowhere"), embedding="lexical", chroma_url=url)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`chroma run`, and its address."""
    port = free_port()
    command = [sys.executable, "-c", "from chromadb.cli.cli import app; app()", "run", "--host", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--port", str(port), "--path", str(tmp_path / "served")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 60
            while time.monotonic() < until and process.poll() is None:
                with suppress(OSError), urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=1):
                    break
                time.sleep(0.05)
            yield url, process
        finally:
            process.kill()


async def test_a_chroma_server_serves_and_its_death_is_told_in_time(
    server: tuple[str, subprocess.Popen[bytes]],
) -> None:
    url, process = server
    async with SemanticMemory("notes", user_id="ann", settings=settings_at(url)) as memory:
        await memory.add_many(
            [note("The laptop is ordered.", id="laptop", kind="need"), note("A cake.", id="cake")]
        )
        await memory.add(note("The laptop is there.", id="laptop"))
        assert (await memory.query("laptops", k=1)).results[0].content == "The laptop is there."
        assert await memory.ids({"kind": "need"}) == []
        async with SemanticMemory("notes", user_id="bob", settings=settings_at(url)) as other:
            assert await other.count() == 0
        await memory.delete(["cake"])
        assert await memory.count() == 1
        process.kill()
        process.wait()
        start = time.monotonic()
        with pytest.raises(StoreError, match=r"cannot be reached .*chroma run"):
            await memory.query("laptop")
        assert time.monotonic() - start < 10


async def test_no_server_a_hanging_one_and_another_ones() -> None:
    async with SemanticMemory("notes", settings=settings_at(f"http://127.0.0.1:{free_port()}")) as memory:
        with pytest.raises(StoreError, match="MACAE_CHROMA_URL"):
            await memory.count()
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with SemanticMemory("notes", settings=settings_at(url), timeout=0.3) as memory:
            start = time.monotonic()
            with pytest.raises(StoreError, match="did not answer within"):
                await memory.count()
            assert time.monotonic() - start < 5
    with OpenAIServer() as other:
        async with SemanticMemory("notes", settings=settings_at(other.host)) as memory:
            with pytest.raises(StoreError, match="404"):
                await memory.count()


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "ftp://x", "http://me:secret@host:1", "http://host/path", "http://host:x"]
)
def test_an_address_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigError, match="http://HOST:PORT") as caught:
        SemanticMemory("notes", settings=settings_at(url))
    assert "secret" not in str(caught.value)
