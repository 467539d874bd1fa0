"""What works, over real HTTP: text, streams, tools, structure, usage."""

from __future__ import annotations

import json

import pytest
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    SystemMessage,
    UserMessage,
)
from pydantic import BaseModel

from macae.llm import CallReport, GuardedClient
from macae.tools import as_tool, tool
from tests.llm.conftest import KEY, Connect
from tests.support.openai_server import OpenAIServer, calls, text

HELLO = [UserMessage(content="Hello?", source="user")]


class Answer(BaseModel):
    number: int
    reason: str


@tool(effect="read")
async def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


async def read(client: GuardedClient, **more: object) -> tuple[list[str], CreateResult]:
    pieces: list[str] = []
    result = None
    async for item in client.create_stream(HELLO, **more):  # type: ignore[arg-type]
        if isinstance(item, CreateResult):
            result = item
        else:
            pieces.append(item)
    assert result is not None
    return pieces, result


async def test_text(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("Good day"))
    client = connect()
    result = await client.create(
        [SystemMessage(content="Be kind."), *HELLO, SystemMessage(content="Be short.")]
    )
    assert (result.content, result.finish_reason) == ("Good day", "stop")
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (11, 7)
    assert (client.total_usage().prompt_tokens, client.actual_usage().completion_tokens) == (11, 7)
    sent = server.requests[0]
    assert [m["role"] for m in sent.json["messages"]] == ["system", "user", "system"]
    assert KEY in (sent.headers.get("api-key", "") + sent.headers.get("authorization", ""))


async def test_azure_calls_the_deployment(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("hi"))
    await connect().create(HELLO)
    path = server.requests[0].path
    if path.startswith("/openai"):
        assert path == "/openai/deployments/dep/chat/completions?api-version=2024-10-21"
    else:
        assert path == "/v1/chat/completions"


async def test_stream_with_usage(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("Good day to you"))
    pieces, result = await read(connect())
    assert "".join(pieces) == result.content == "Good day to you"
    assert len(pieces) > 1
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (11, 7)


@pytest.mark.parametrize("streamed", [False, True])
async def test_tools_in_parallel(connect: Connect, server: OpenAIServer, streamed: bool) -> None:
    server.answer(calls(("add", {"a": 1, "b": 2}), ("add", {"a": 3, "b": 4}), content="Let me see"))
    client = connect()
    tools = [as_tool(add)]
    result = (await read(client, tools=tools))[1] if streamed else await client.create(HELLO, tools=tools)
    assert isinstance(result.content, list)
    assert [(c.name, json.loads(c.arguments)) for c in result.content] == [
        ("add", {"a": 1, "b": 2}),
        ("add", {"a": 3, "b": 4}),
    ]
    assert [c.id for c in result.content] == ["call_1", "call_2"]
    assert (result.finish_reason, result.thought) == ("function_calls", "Let me see")
    assert server.requests[0].json["tools"][0]["function"]["name"] == "add"


async def test_one_tool_and_its_result(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("It is 3."))
    asked = AssistantMessage(content=[FunctionCall(id="1", name="add", arguments="{}")], source="a")
    told = FunctionExecutionResultMessage(
        content=[FunctionExecutionResult(content="3", name="add", call_id="1", is_error=False)]
    )
    result = await connect().create([*HELLO, asked, told], tools=[as_tool(add)])
    assert result.content == "It is 3."
    assert [m["role"] for m in server.requests[0].json["messages"]] == ["user", "assistant", "tool"]


@pytest.mark.parametrize("streamed", [False, True])
async def test_structure(connect: Connect, server: OpenAIServer, streamed: bool) -> None:
    server.answer(text('{"number": 3, "reason": "counted"}'))
    client = connect()
    asked = {"json_output": Answer}
    result = (await read(client, **asked))[1] if streamed else await client.create(HELLO, json_output=Answer)
    assert isinstance(result.content, str)
    assert Answer.model_validate_json(result.content).number == 3
    assert server.requests[0].json["response_format"]["json_schema"]["name"] == "Answer"


async def test_any_json(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("{}"))
    assert (await connect().create(HELLO, json_output=True)).content == "{}"
    assert server.requests[0].json["response_format"] == {"type": "json_object"}


async def test_another_model_answers_without_a_warning(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("hi", model="gpt-4o-2099-01-01"))
    assert (await connect().create(HELLO)).content == "hi"


async def test_unknown_model_can_use_tools(connect: Connect, server: OpenAIServer) -> None:
    server.answer(calls(("add", {"a": 1, "b": 1})))
    client = connect(model="llama3.2")
    assert client.model_info["function_calling"] and client.model_info["structured_output"]
    assert client.model_info.get("multiple_system_messages") is True
    assert client.capabilities == client.model_info
    assert isinstance((await client.create(HELLO, tools=[as_tool(add)])).content, list)


@pytest.mark.parametrize(
    ("more", "sent"),
    [
        ({}, 0.0),
        ({"temperature": 0.7}, 0.7),
        ({"temperature": None}, None),
        ({"model": "o3-mini"}, None),
        ({"model": "o3-mini", "temperature": 1.0}, 1.0),
    ],
)
async def test_temperature(
    connect: Connect, server: OpenAIServer, more: dict[str, object], sent: object
) -> None:
    server.answer(text("hi"))
    await connect(**more).create(HELLO)
    body = server.requests[0].json
    assert body.get("temperature") == sent
    assert ("temperature" in body) == (sent is not None)


async def test_many_calls_share_one_connection(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("hi"))
    client = connect()
    for _ in range(3):
        await client.create(HELLO)
        await read(client)
    assert server.connections == 1


async def test_reports(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("hi"))
    reports: list[CallReport] = []
    client = connect()
    await client.create(HELLO)
    watched = client.reporting_to(reports.append)
    await watched.create(HELLO)
    await read(watched)
    await watched.close()  # closes nothing
    await client.create(HELLO, cancellation_token=CancellationToken())
    assert [(r.ok, r.error, r.prompt_tokens, r.completion_tokens) for r in reports] == [
        (True, None, 11, 7)
    ] * 2
    assert all(r.model == client.model and 0 < r.seconds < 5 for r in reports)
    assert client.total_usage().prompt_tokens == 44


async def test_an_observer_that_fails_breaks_nothing(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("hi"))

    def broken(report: CallReport) -> None:
        raise ValueError("observer")

    assert (await connect().reporting_to(broken).create(HELLO)).content == "hi"


async def test_tokens_are_estimated_without_the_network(connect: Connect) -> None:
    client = connect(model="llama3.2")
    few = client.count_tokens(HELLO)
    many = client.count_tokens(
        [*HELLO, UserMessage(content="word " * 400, source="user")], tools=[as_tool(add)]
    )
    assert 0 < few < 20
    assert 400 < many < 800
    assert client.remaining_tokens(HELLO) == 128_000 - few
