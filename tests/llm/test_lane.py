"""The shared way to a model: bounded, in order, told why it waits; a rate limit holds everybody."""

from __future__ import annotations

import asyncio
import time

import pytest
from autogen_core import CancellationToken

from macae.errors import ModelRateLimited
from macae.llm.lane import Lane
from tests.llm.conftest import Connect
from tests.llm.test_faults import HELLO
from tests.support.openai_server import OpenAIServer, error, text
from tests.support.waiting import until


async def test_so_many_at_once_in_order() -> None:
    lane, seen, most = Lane(2, 10, 5), [], 0

    async def one(number: int) -> None:
        nonlocal most
        await lane.enter()
        most = max(most, lane.running)
        seen.append(number)
        await asyncio.sleep(0)
        lane.leave()

    await asyncio.gather(*(one(n) for n in range(6)))
    assert seen == list(range(6)) and most == 2 and lane.running == 0


async def test_the_queue_has_a_bound_and_waiting_an_end() -> None:
    lane = Lane(1, 1, 0.05)
    await lane.enter()
    waiting = asyncio.ensure_future(lane.enter())
    await asyncio.sleep(0)
    with pytest.raises(ModelRateLimited, match="MACAE_MODEL_QUEUE"):
        await lane.enter()
    with pytest.raises(ModelRateLimited, match="MACAE_MODEL_PATIENCE"):
        await waiting
    lane.leave()
    await lane.enter()
    assert lane.running == 1, "one who gave up leaves no gap"


async def test_one_who_is_stopped_gives_the_turn_back() -> None:
    lane = Lane(1, 5, 5)
    await lane.enter()
    stopped, next_one = asyncio.ensure_future(lane.enter()), asyncio.ensure_future(lane.enter())
    await asyncio.sleep(0)
    stopped.cancel()
    lane.leave()
    await next_one
    assert lane.running == 1


async def test_a_rate_limit_holds_everybody_and_says_so(connect: Connect, server: OpenAIServer) -> None:
    server.answer(error(429, "slow down", headers={"retry-after": "0.2"}), text("one"), text("two"))
    client = connect(model_retries=2)
    waits: list[tuple[str, float]] = []
    first, second = (client.reporting_to(None, lambda why, s: waits.append((why, s))) for _ in range(2))
    began = time.monotonic()
    one = asyncio.ensure_future(first.create(HELLO))
    await until(lambda: client._rules.lane and client._rules.lane._until)
    two = await second.create(HELLO)
    assert {(await one).content, two.content} == {"one", "two"}
    assert time.monotonic() - began >= 0.2
    assert {why for why, _ in waits} == {"rate limited"} and len(waits) == 2
    assert all(0 < seconds <= 0.2 for _, seconds in waits)


async def test_who_waits_for_a_turn_can_be_stopped(connect: Connect, server: OpenAIServer) -> None:
    server.answer(error(429, "slow down", headers={"retry-after": "60"}))
    client = connect(model_retries=2)
    token = CancellationToken()
    call = asyncio.ensure_future(client.create(HELLO, cancellation_token=token))
    await until(lambda: client._rules.lane and client._rules.lane._until)
    token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(call, 1)
