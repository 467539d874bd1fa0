"""Many small writes as few large ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.memory import Memory, MemoryContent

from macae.errors import StoreError
from macae.memory.policies.entries import identified
from macae.memory.policies.inner import add_to, batches
from macae.memory.policies.wrapping import Call, WrappedMemory

__all__ = ["BatchingMemory"]

Waiting = tuple[MemoryContent, "asyncio.Future[None]"]


class BatchingMemory(WrappedMemory):
    """Collects what is added and writes it together: after `size` entries, after `seconds`, before any other call, on close.

    `await add(…)` returns when the inner memory has the entry: what is acknowledged is as durable as the inner memory is.
    `add_later(…)` returns at once with a future that is done then; an entry whose future is not done is NOT acknowledged, and a
    killed process loses it. One write takes at most `timeout` seconds; then its entries fail with StoreError.
    """

    def __init__(self, inner: Memory, size: int = 50, seconds: float = 0.05, timeout: float = 30.0) -> None:
        super().__init__(inner)
        self.size, self.seconds, self.timeout = size, seconds, timeout
        self._waiting: list[Waiting] = []
        self._writing, self._tasks = asyncio.Lock(), set[asyncio.Task[None]]()
        self._timer: tuple[asyncio.AbstractEventLoop, asyncio.TimerHandle] | None = None

    def add_later(self, content: MemoryContent) -> asyncio.Future[None]:
        """Take it; the future is done when it is written, or has failed with the inner memory's error."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append((identified(content), future))
        if len(self._waiting) >= self.size:
            self._start()
        elif self._timer is None or self._timer[0] is not loop:
            self._timer = loop, loop.call_later(self.seconds, self._start)
        return future

    async def add_many(
        self, contents: Sequence[MemoryContent], cancellation_token: CancellationToken | None = None
    ) -> None:
        """Add, and wait until all are written. Cancelled while waiting: it is not known whether they were."""
        await asyncio.gather(*[self.add_later(content) for content in contents])

    async def around(self, call: Call, run: Any) -> Any:
        """Whoever asks finds what was added before."""
        await self.flush()
        return await run()

    async def flush(self) -> None:
        """Write now what waits. Errors go to those who added."""
        await asyncio.shield(self._start())  # who is cancelled while waiting leaves the write to end

    async def close(self) -> None:
        """Write what waits, then close as all do. Raises the first error of what nobody waits for."""
        left = [future for _, future in self._waiting]
        await self.flush()
        await super().close()
        await asyncio.gather(*left)

    def _start(self) -> asyncio.Task[None]:
        if self._timer is not None:
            self._timer[1].cancel()
            self._timer = None
        batch, self._waiting = [one for one in self._waiting if not one[1].cancelled()], []
        task = asyncio.get_running_loop().create_task(self._write(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _write(self, batch: list[Waiting]) -> None:
        async with self._writing:  # in the order in which they were added
            await write(self.inner, batch, self.timeout)


async def write(memory: Memory, batch: list[Waiting], timeout: float) -> None:
    """Write a batch at once where the memory can; else, or when that fails, one by one: then each fails for itself alone."""
    if len(batch) > 1 and batches(memory) and await _settled(memory, batch, timeout, retry=True):
        return
    for one in batch:
        await _settled(memory, [one], timeout)


async def _settled(memory: Memory, batch: list[Waiting], timeout: float, retry: bool = False) -> bool:
    """Write, and tell those who wait. False: it failed, nobody was told, and it is worth trying one by one."""
    error: BaseException | None = None
    try:
        async with asyncio.timeout(timeout):
            await add_to(memory, [content for content, _ in batch])
    except TimeoutError:
        error = StoreError(
            f"The memory did not take {len(batch)} entries within {timeout:g} s: it is not known whether it has them."
        )
    except BaseException as raised:
        if retry and isinstance(raised, Exception):
            return False
        error = raised
    for _, future in batch:
        if not future.done() and not future.get_loop().is_closed():
            future.set_result(None) if error is None else _fail(future, error)
    if error is not None and not isinstance(error, Exception):
        raise error
    return True


def _fail(future: asyncio.Future[None], error: BaseException) -> None:
    if isinstance(error, asyncio.CancelledError):
        future.cancel()
    else:
        future.set_exception(error)
