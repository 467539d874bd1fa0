"""A session is opened once, however many ask for it; one that cannot be opened leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, cast

import pytest

from macae.engine.livesessions import LiveSessions
from macae.errors import StoreError


class Opened:
    """As much of a session as is asked of it here."""

    used = 0.0


async def test_many_who_ask_at_once_get_one_session() -> None:
    sessions, opened = LiveSessions(), 0

    async def open() -> Any:
        nonlocal opened
        opened += 1
        await asyncio.sleep(0)
        return Opened()

    found = await asyncio.gather(*(sessions.ready("ann", "s", open) for _ in range(20)))
    assert opened == 1 and {id(one) for one in found} == {id(sessions.get("ann", "s"))}


async def test_who_waited_for_one_that_could_not_be_opened_tries_it_alone() -> None:
    sessions, opening, most = LiveSessions(), 0, 0

    async def open() -> Any:
        nonlocal opening, most
        opening += 1
        most = max(most, opening)
        await asyncio.sleep(0)
        opening -= 1
        raise StoreError("The disk is full.")

    found = await asyncio.gather(
        *(sessions.ready("ann", "s", open) for _ in range(5)), return_exceptions=True
    )
    assert [str(one) for one in found] == ["The disk is full."] * 5
    assert most == 1
    del found  # with the frames that its tracebacks keep
    await asyncio.sleep(0)
    gc.collect()
    assert len(sessions) == 0 and not sessions._opening, "a session that never was is not remembered"
    with pytest.raises(StoreError):
        await sessions.ready("ann", "s", open)
    await sessions.ready("ann", "s", cast(Any, lambda: asyncio.sleep(0, Opened())))
    assert len(sessions) == 1
