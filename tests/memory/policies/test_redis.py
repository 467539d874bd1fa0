"""The Redis memory. No server with search is at hand here: AutoGen's RedisMemory is stood in for by one that behaves as its source
does (it blocks, and its close deletes everything); what is real is the start, its bounds and its errors. `macae[redis]` is optional.
"""

from __future__ import annotations

import importlib.util
import socket
import sys
import threading
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from macae.errors import ConfigError, StoreError
from macae.memory.policies import CachedMemory, GuardedMemory, TracedMemory, redis_memory
from tests.memory.policies.support import PlainMemory, note, texts

INSTALLED = importlib.util.find_spec("redisvl") is not None


class Blocking(PlainMemory):
    """As AutoGen's: synchronous calls inside, and a close that deletes."""

    made: list[Blocking]
    delay = 0.0

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config
        self.threads: list[threading.Thread] = []
        if config["redis_url"].startswith("redis://wrong"):
            raise ValueError("secret password")
        type(self).made = [*getattr(type(self), "made", []), self]

    async def add(self, content: Any, cancellation_token: Any = None) -> None:
        self.threads.append(threading.current_thread())
        time.sleep(self.delay)  # noqa: ASYNC251
        await super().add(content)

    async def close(self) -> None:
        self.entries = []


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> type[Blocking]:
    module: Any = ModuleType("autogen_ext.memory.redis")

    class RedisMemory(Blocking):
        pass

    module.RedisMemory, module.RedisMemoryConfig = RedisMemory, dict
    monkeypatch.setitem(sys.modules, "autogen_ext.memory.redis", module)
    return RedisMemory


@pytest.fixture
def server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


@pytest.mark.skipif(INSTALLED, reason="the Redis packages are installed here")
async def test_without_the_packages_the_way_out_is_told() -> None:
    with pytest.raises(ConfigError, match=r'pip install "macae\[redis\]".*SQLMemory'):
        await redis_memory()


async def test_without_a_server_it_ends_soon_and_says_so(installed: type[Blocking], server: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(
        ConfigError, match=rf"No Redis server answers at 127\.0\.0\.1:{port} .*SQLMemory"
    ) as caught:
        await redis_memory(f"redis://ann:secret@127.0.0.1:{port}/0", timeout=2)
    assert time.monotonic() - began < 5
    assert "secret" not in str(caught.value)
    with pytest.raises(ConfigError, match="URL cannot be read"):
        await redis_memory("redis://host:notaport")


async def test_a_server_that_does_not_fit_is_told_without_its_secrets(
    installed: type[Blocking], server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, config: Any) -> None:
        raise ValueError("unknown command FT.CREATE, password secret")

    monkeypatch.setattr(installed, "__init__", refuse)
    with pytest.raises(ConfigError, match="it needs Redis's search") as caught:
        await redis_memory(f"redis://ann:secret@127.0.0.1:{server}")
    assert "secret" not in str(caught.value)


async def test_closing_keeps_what_is_stored_and_calls_leave_the_loop_free(
    installed: type[Blocking], server: int
) -> None:
    made = await redis_memory(f"redis://127.0.0.1:{server}/0", timeout=3, top_k=4)
    inner = installed.made[-1]
    assert inner.config["sequential"] is True  # searching by meaning would fetch a model
    assert inner.config["redis_url"].endswith("/0?socket_timeout=3&socket_connect_timeout=3")
    assert inner.config["top_k"] == 4
    memory = CachedMemory(TracedMemory(GuardedMemory(made, "ann", {"ann": {"read", "write"}})))
    await memory.add(note("tea"))
    await memory.close()
    assert await texts(memory, "tea") == ["tea"]
    assert threading.current_thread() not in inner.threads
    assert all(thread.daemon for thread in inner.threads)  # one that hangs keeps no process from ending


async def test_a_call_that_hangs_ends(installed: type[Blocking], server: int) -> None:
    made = CachedMemory(await redis_memory(f"redis://127.0.0.1:{server}", timeout=0.1))
    installed.delay = 0.5
    with pytest.raises(StoreError, match="did not add"):
        await made.add(note("tea"))
