"""Time bounds for asynchronous work that may hang, also for work that does not want to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from contextvars import ContextVar
from typing import Any, TypeVar

from autogen_core import CancellationToken

__all__ = ["bounded", "pause", "remember_response"]

T = TypeVar("T")

_GRACE = 0.5
"""Seconds that cancelled work gets to let go of its connections. Then it is left behind."""
_END: Any = object()
_opened: ContextVar[list[Any]] = ContextVar("macae_llm_opened_responses")


async def bounded(
    start: Callable[[], AsyncGenerator[T, None]], deadline: float, token: CancellationToken | None
) -> AsyncGenerator[T, None]:
    """What `start()` yields, until `deadline` (in the loop's time); then TimeoutError.

    The work runs in one task of its own, so that a bound or a cancellation holds even where the work ignores it, and so
    that a slow reader doesn't use up the model's time. A cancelled `token` raises CancelledError at once.
    """
    queue: asyncio.Queue[T] = asyncio.Queue()

    async def work() -> None:
        opened: list[Any] = []
        _opened.set(opened)
        try:
            async with aclosing(start()) as items:
                async for item in items:
                    queue.put_nowait(item)
        finally:
            for response in opened:
                await response.aclose()

    task = asyncio.ensure_future(work())
    task.add_done_callback(lambda _: queue.put_nowait(_END))
    task.add_done_callback(_see_error)
    cancelled = _link(task, token, queue)
    try:
        while True:
            async with asyncio.timeout_at(deadline):
                item = await queue.get()
            if item is _END:
                break
            yield item
        if cancelled():
            raise asyncio.CancelledError
        if task.cancelled():  # by itself: to the caller that is a failure, not a cancellation
            raise RuntimeError("the client cancelled its own call")
        task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_GRACE)


async def remember_response(response: Any) -> None:
    """A hook for an HTTP client: closes `response` when the work ends in which it was opened.

    AutoGen leaves a stream that is stopped half-way to the garbage collector, and so the server goes on for nobody.
    """
    opened = _opened.get(None)
    if opened is not None:
        opened.append(response)


async def pause(seconds: float, token: CancellationToken | None) -> None:
    """Sleep; a cancelled `token` raises CancelledError at once."""
    task = asyncio.ensure_future(asyncio.sleep(seconds))
    if token is not None:
        token.link_future(task)
    try:
        await task
    finally:
        task.cancel()


def _link(
    task: asyncio.Task[None], token: CancellationToken | None, queue: asyncio.Queue[Any]
) -> Callable[[], bool]:
    """Let `token` cancel `task` and wake its reader. Gives whether that has happened."""
    if token is None:
        return lambda: False

    def cancel() -> None:
        task.cancel()
        queue.put_nowait(_END)

    token.add_callback(cancel)
    return token.is_cancelled


def _see_error(task: asyncio.Task[None]) -> None:
    """Keep asyncio from reporting the error of work that was left behind."""
    if not task.cancelled():
        task.exception()
