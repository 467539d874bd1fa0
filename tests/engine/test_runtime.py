"""The runtime under the engine."""

from __future__ import annotations

import asyncio
import gc

import pytest

from macae.engine.runtime import QuietRuntime


async def test_one_that_was_never_stopped_goes_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    """An engine that nobody closed: what asyncio says then would stand in red under a learner's next cell."""

    async def forget() -> None:
        QuietRuntime().start()
        await asyncio.sleep(0)  # it waits for messages

    await forget()

    def alive() -> bool:
        return any("RunContext" in str(task) for task in asyncio.all_tasks())

    assert alive()
    for _ in range(20):
        await asyncio.sleep(0)
        gc.collect()
        if not alive():
            break
    assert not alive()
    assert [record.message for record in caplog.records] == []
