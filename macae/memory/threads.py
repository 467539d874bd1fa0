"""Blocking work off the event loop, bounded in time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

__all__ = ["in_thread"]

T = TypeVar("T")


async def in_thread(work: Callable[[], T], seconds: float) -> T:
    """What `work` gives, or TimeoutError after `seconds`. A thread that hangs is left behind.

    Not asyncio.to_thread: the interpreter waits for that one's threads when it ends, so one hanging call would never let go.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if result.done():
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value: T | None = None
        failed: BaseException | None = None
        try:
            value = work()
        except BaseException as error:
            # Rust code that panics raises something that is no Exception; StopIteration cannot be set on a future.
            failed = (
                error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}: {error}")
            )
            if isinstance(error, StopIteration):
                failed = RuntimeError("StopIteration")
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, value, failed)

    threading.Thread(target=run, name="macae-memory", daemon=True).start()
    return await asyncio.wait_for(result, seconds)
