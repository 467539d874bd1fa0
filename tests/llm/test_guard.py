"""Bounds, cancellation and observers, also around clients that a learner wrote."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from autogen_core import CancellationToken
from autogen_core.models import CreateResult, RequestUsage, UserMessage
from autogen_ext.models.replay import ReplayChatCompletionClient

from macae.errors import ModelBadReply, ModelError, ModelUnavailable
from macae.llm import CallReport, GuardedClient, create_client, guard
from macae.llm.bounded import pause
from tests.llm.conftest import Connect, settings_for
from tests.llm.test_calls import HELLO, read
from tests.support.openai_server import OpenAIServer, error, hang, text

DONE = CreateResult(
    finish_reason="stop", content="hi", usage=RequestUsage(prompt_tokens=1, completion_tokens=2), cached=False
)


class Own(ReplayChatCompletionClient):
    """A learner's client: `behave` is its create, `pieces` its stream."""

    def __init__(
        self, behave: Callable[[], Awaitable[Any]] | None = None, pieces: list[Any] | None = None
    ) -> None:
        super().__init__(["unused"])
        self.behave, self.pieces = behave, pieces or []

    async def create(self, *args: Any, **kwargs: Any) -> CreateResult:
        assert self.behave is not None
        result: CreateResult = await self.behave()
        return result

    async def create_stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[str | CreateResult, None]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


async def arrived(server: OpenAIServer) -> None:
    assert await asyncio.to_thread(server.arrived.acquire, timeout=10)


async def left(server: OpenAIServer) -> None:
    assert await asyncio.to_thread(server.disconnected.wait, 10)


@pytest.mark.parametrize("by", ["task", "token"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_cancelling_a_waiting_call(
    connect: Connect, server: OpenAIServer, by: str, streamed: bool
) -> None:
    server.answer(hang())
    reports: list[CallReport] = []
    client, token = connect().reporting_to(reports.append), CancellationToken()
    work: Any = (
        read(client, cancellation_token=token) if streamed else client.create(HELLO, cancellation_token=token)
    )
    task = asyncio.ensure_future(work)
    await arrived(server)
    started = time.monotonic()
    if by == "task":
        task.cancel()
    else:
        token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 1
    await left(server)
    assert [(r.ok, r.error) for r in reports] == [(False, "cancelled")]


@pytest.mark.parametrize("by", ["task", "token"])
async def test_cancelling_in_the_middle_of_a_stream(connect: Connect, server: OpenAIServer, by: str) -> None:
    server.answer(text("a long story", hang=True))
    client, token, first = connect(), CancellationToken(), asyncio.Event()

    async def consume() -> None:
        async for _ in client.create_stream(HELLO, cancellation_token=token):
            first.set()

    task = asyncio.ensure_future(consume())
    await first.wait()
    started = time.monotonic()
    if by == "task":
        task.cancel()
    else:
        token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 1
    await left(server)


@pytest.mark.parametrize("by", ["task", "token"])
async def test_cancelling_while_waiting_for_the_next_try(
    connect: Connect, server: OpenAIServer, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer(error(500, headers={"retry-after": "3"}))
    token, waits = CancellationToken(), asyncio.Event()

    async def watched(seconds: float, token: CancellationToken | None) -> None:
        waits.set()
        await pause(seconds, token)

    monkeypatch.setattr("macae.llm.attempts.pause", watched)
    task = asyncio.ensure_future(connect(model_retries=2).create(HELLO, cancellation_token=token))
    await waits.wait()
    await asyncio.sleep(0)
    started = time.monotonic()
    if by == "task":
        task.cancel()
    else:
        token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 1
    assert len(server.requests) == 1


async def test_the_token_also_stops_a_client_that_does_not_know_it() -> None:
    begun, token = asyncio.Event(), CancellationToken()

    async def hanging() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(guard(Own(hanging), timeout=5).create(HELLO, cancellation_token=token))
    await begun.wait()
    token.cancel()
    started = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 1


async def test_a_token_that_was_cancelled_before(connect: Connect, server: OpenAIServer) -> None:
    token = CancellationToken()
    token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connect().create(HELLO, cancellation_token=token)


async def test_leaving_a_stream_closes_it(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("a long story", hang=True))
    reports: list[CallReport] = []
    stream = connect().reporting_to(reports.append).create_stream(HELLO)
    assert await anext(stream) == "a lo"
    await stream.aclose()
    await left(server)
    assert [(r.ok, r.error) for r in reports] == [(False, "not read to its end")]


async def test_many_calls_at_once(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("hi"))
    client = connect()
    results = await asyncio.gather(*(client.create(HELLO) for _ in range(20)))
    assert [r.content for r in results] == ["hi"] * 20
    assert client.total_usage().prompt_tokens == 220


def test_one_client_belongs_to_one_loop(server: OpenAIServer) -> None:
    server.answer(text("hi", headers={"content-type": "application/json", "connection": "close"}))
    client = create_client(settings_for("openai", server.url))
    assert asyncio.run(client.create(HELLO)).content == "hi"
    with pytest.raises(ModelError, match="one client for each event loop"):
        asyncio.run(client.create(HELLO))
    asyncio.run(client.close())


async def test_a_clients_own_error_keeps_its_cause() -> None:
    async def broken() -> None:
        raise AttributeError("my own mistake")

    with pytest.raises(ModelError, match="AttributeError: my own mistake") as caught:
        await guard(Own(broken)).create(HELLO)
    assert isinstance(caught.value.__cause__, AttributeError)


async def test_a_client_that_returns_nothing() -> None:
    async def nothing() -> None:
        return None

    with pytest.raises(ModelBadReply, match="gave no result"):
        await guard(Own(nothing)).create(HELLO)
    with pytest.raises(ModelBadReply, match="gave no result"):
        await read(guard(Own(pieces=["a", "b"])))


async def test_a_client_that_hangs_and_ignores_cancellation() -> None:
    free = asyncio.Event()

    async def stubborn() -> CreateResult:
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue
        return DONE

    started = time.monotonic()
    with pytest.raises(ModelUnavailable, match=r"within 0.05 seconds.*guard"):
        await guard(Own(stubborn), timeout=0.05).create(HELLO)
    assert time.monotonic() - started < 2
    free.set()


async def test_a_client_that_cancels_itself_has_failed() -> None:
    async def odd() -> None:
        raise asyncio.CancelledError

    with pytest.raises(ModelError, match="cancelled its own call"):
        await guard(Own(odd)).create(HELLO)


async def test_a_client_that_fails_once_is_tried_again_where_wanted() -> None:
    tries: list[int] = []

    async def flaky() -> CreateResult:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionResetError("gone")
        return DONE

    with pytest.raises(ModelUnavailable):
        await guard(Own(flaky)).create(HELLO)
    tries.clear()
    assert (await guard(Own(flaky), retries=1).create(HELLO)).content == "hi"


async def test_a_stream_that_fails_after_its_first_piece_is_not_asked_again() -> None:
    client = guard(Own(pieces=["a", ConnectionResetError("gone")]), retries=3)
    with pytest.raises(ModelUnavailable):
        await read(client)


async def test_a_slow_reader_has_the_models_time_for_itself() -> None:
    client = guard(Own(pieces=["a", "b", DONE]), timeout=0.05)
    got: list[object] = []
    late = asyncio.Event()
    async for piece in client.create_stream(HELLO):
        if not got:
            asyncio.get_running_loop().call_later(0.1, late.set)
            await late.wait()  # longer than the model may take
        got.append(piece)
    assert got == ["a", "b", DONE]


async def test_guarding_twice_is_guarding_once() -> None:
    client = guard(ReplayChatCompletionClient(["one", "two", "three"]))
    assert guard(client) is client
    reports: list[CallReport] = []
    view = guard(client, on_call=reports.append)
    assert isinstance(view, GuardedClient) and view is not client
    assert (await view.create([UserMessage(content="x", source="u")])).content == "one"
    assert [(r.ok, r.model) for r in reports] == [(True, "ReplayChatCompletionClient")]
    assert client.total_usage() == view.total_usage()
    await client.close()
    with pytest.raises(ModelError, match="closed"):
        await view.create(HELLO)
