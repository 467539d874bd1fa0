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
    assert any("RunContext" in str(task) for task in asyncio.all_tasks())
    gc.collect()
    assert not any("RunContext" in str(task) for task in asyncio.all_tasks())
    assert [record.message for record in caplog.records] == []
