"""Batched writes: collected, in order, and nothing that was acknowledged is lost, also when the process is killed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from autogen_core.memory import ListMemory, MemoryContent

from macae.errors import InvalidInput, NotAllowed, StoreError
from macae.memory.policies import (
    BatchingMemory,
    CachedMemory,
    GuardedMemory,
    SQLMemory,
    TracedMemory,
    ValidatedMemory,
)
from tests.gates.files import REPOSITORY
from tests.memory.policies.support import note, texts


class Counting(SQLMemory):
    """Counts its writes."""

    sizes: list[int]

    async def add_many(self, contents: Any) -> list[str]:
        self.sizes = [*getattr(self, "sizes", []), len(contents)]
        return await super().add_many(contents)


async def test_many_adders_share_one_write(tmp_path: Path) -> None:
    inner = Counting(tmp_path / "m.db")
    memory = BatchingMemory(ValidatedMemory(TracedMemory(inner)), size=50, seconds=0.02)
    await asyncio.gather(*[memory.add(note(f"note {n}")) for n in range(20)])
    assert inner.sizes == [20]
    assert len(await inner.ids()) == 20


async def test_a_full_batch_goes_at_once(tmp_path: Path) -> None:
    inner = Counting(tmp_path / "m.db")
    memory = BatchingMemory(CachedMemory(inner), size=3, seconds=600)
    waiting = [memory.add_later(note(f"note {n}", f"n{n}")) for n in range(7)]
    await asyncio.gather(*waiting[:6])
    assert inner.sizes == [3, 3]
    assert not waiting[6].done()
    assert await inner.ids() == [f"n{n}" for n in range(6)]
    await memory.close()
    assert waiting[6].done()
    assert inner.sizes == [3, 3, 1]


async def test_the_timer_writes_and_a_question_finds_what_waits(tmp_path: Path) -> None:
    inner = Counting(tmp_path / "m.db")
    memory = BatchingMemory(CachedMemory(inner), seconds=0.01)
    await asyncio.wait_for(memory.add_later(note("tea")), 5)
    slow = BatchingMemory(CachedMemory(inner), seconds=600)
    later = slow.add_later(note("coffee"))
    assert await texts(slow) == ["coffee", "tea"]
    assert later.done()


async def test_each_learns_of_its_own_failure(tmp_path: Path) -> None:
    inner = SQLMemory(tmp_path / "m.db")

    async def no_poison(content: MemoryContent) -> bool:
        return content.content != "poison"

    memory = BatchingMemory(ValidatedMemory(inner, no_poison), seconds=0.01)
    tried = [memory.add(note(text)) for text in ("tea", "poison", "coffee")]
    outcomes = await asyncio.gather(*tried, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), InvalidInput, type(None)]
    assert await texts(inner) == ["coffee", "tea"]
    refused = BatchingMemory(GuardedMemory(inner, "clerk", {"clerk": {"read"}}), seconds=0.01)
    with pytest.raises(NotAllowed):
        await refused.add(note("water"))
    refused.add_later(note("water"))
    with pytest.raises(NotAllowed):
        await refused.close()


async def test_a_memory_that_hangs_is_not_waited_for_without_end() -> None:
    class Hanging(ListMemory):
        async def add(self, *args: Any, **kwargs: Any) -> None:
            await asyncio.Event().wait()

    memory = BatchingMemory(CachedMemory(Hanging()), seconds=0.001, timeout=0.05)
    with pytest.raises(StoreError, match=r"within 0\.05 s: it is not known"):
        await memory.add(note("tea"))


async def test_who_is_cancelled_while_waiting_takes_nobody_along(tmp_path: Path) -> None:
    inner = SQLMemory(tmp_path / "m.db")
    memory = BatchingMemory(CachedMemory(inner), seconds=0.02)
    impatient = asyncio.create_task(memory.add(note("one")))
    patient = asyncio.create_task(memory.add(note("two")))
    await asyncio.sleep(0)
    impatient.cancel()
    await patient
    assert "two" in await texts(inner)
    asking = asyncio.create_task(memory.query(""))
    later = memory.add_later(note("three"))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait_for(later, 5)
    assert "three" in await texts(inner)


def test_a_memory_serves_one_loop_after_the_other(tmp_path: Path) -> None:
    memory = BatchingMemory(CachedMemory(SQLMemory(tmp_path / "m.db")), seconds=0.01)

    async def leave_one() -> None:
        memory.add_later(note("left"))

    async def add_another() -> list[str]:
        await asyncio.wait_for(memory.add(note("added")), 5)
        return await texts(memory)

    asyncio.run(leave_one())
    assert "added" in asyncio.run(add_another())


WRITER = """
import asyncio, os, sys
from autogen_core.memory import MemoryContent
from macae.memory.policies import BatchingMemory, CachedMemory, SQLMemory

async def main():
    memory = BatchingMemory(CachedMemory(SQLMemory(sys.argv[1])), size=8, seconds=0.002)

    async def one(worker):
        for number in range(10_000):
            name = f"{worker}-{number}"
            await memory.add(MemoryContent(content=name, mime_type="text/plain", metadata={"id": name}))
            os.write(1, (name + "\\n").encode())

    for number in range(5):
        memory.add_later(MemoryContent(content="later", mime_type="text/plain"))
    await asyncio.gather(*[one(worker) for worker in range(12)])

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [30, 200])
async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path, after: int) -> None:
    path = tmp_path / "m.db"
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, env=env
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().decode().strip() for _ in range(after)]
    process.kill()
    acknowledged += process.stdout.read().decode().split()
    process.stdout.close()
    assert process.wait(30) != 0
    found = set(await SQLMemory(path).ids())
    assert len(acknowledged) >= after and all(acknowledged)
    assert set(acknowledged) <= found
