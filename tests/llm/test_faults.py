"""What fails, over real HTTP: each fault is one of the package's errors, says what to set, and hides the key."""

from __future__ import annotations

import datetime
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from macae.errors import (
    ModelAuthError,
    ModelBadReply,
    ModelError,
    ModelFiltered,
    ModelNotFound,
    ModelRateLimited,
    ModelUnavailable,
)
from macae.llm import CallReport, Endpoint, GuardedClient
from macae.llm.faults import retry_after
from tests.llm.conftest import KEY, Connect
from tests.llm.test_calls import HELLO, Answer, read
from tests.support.openai_server import OpenAIServer, Reply, drop, error, hang, raw, refusal, text

HTML = "<!DOCTYPE html><html><body>Bad gateway</body></html>"


async def failure(client: GuardedClient, kind: type[ModelError], streamed: bool = False, **more: Any) -> str:
    """The error's text, after a look for secrets and a way to the cause."""
    with pytest.raises(ModelError) as caught:
        await (read(client, **more) if streamed else client.create(HELLO, **more))
    problem = caught.value
    assert type(problem) is kind, problem
    assert KEY not in repr(problem) and KEY not in str(problem)
    assert (
        problem.__cause__ is None and problem.__context__ is None
    )  # what came from the provider isn't shown
    assert "\n" not in str(problem)
    return str(problem)


STATUSES = [
    (error(401, f"Incorrect API key provided: {KEY}."), ModelAuthError, "MACAE_API_KEY"),
    (error(401, "Incorrect API key provided: sk-ab12****wxyz."), ModelAuthError, "***"),
    (error(403, "no access to the model"), ModelAuthError, "MACAE_API_KEY"),
    (error(404, "The model does not exist", code="model_not_found"), ModelNotFound, "MACAE_"),
    (error(404, "The API deployment does not exist", code="DeploymentNotFound"), ModelNotFound, "MACAE_"),
    (error(400, "Unknown model: x", code="unknown_model"), ModelNotFound, "MACAE_"),
    (error(400, "Invalid model name passed in model=x"), ModelNotFound, "MACAE_"),
    (error(400, "filtered", code="content_filter"), ModelFiltered, "the request"),
    (error(400, "x", innererror={"code": "ResponsibleAIPolicyViolation"}), ModelFiltered, "the request"),
    (error(400, "too long", code="context_length_exceeded"), ModelError, "MACAE_BUFFER_SIZE"),
    (error(400, "not supported", param="temperature"), ModelError, "MACAE_TEMPERATURE=none"),
    (error(422, "odd\u0007\nrequest"), ModelError, "odd request"),
    (error(500, "oops"), ModelUnavailable, "500"),
    (error(503, "busy"), ModelUnavailable, "503"),
    (error(429, "used up", code="insufficient_quota"), ModelRateLimited, "quota"),
    (raw(HTML, status=502, kind="text/html"), ModelUnavailable, "proxy"),
    (raw(HTML, status=403, kind="text/html"), ModelUnavailable, "proxy"),
    (raw("nope", status=401, kind="text/plain"), ModelAuthError, "nope"),
    (raw('"' + "x" * 9000, status=418), ModelError, "…"),
]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("reply", "kind", "says"), STATUSES)
async def test_status(
    connect: Connect, server: OpenAIServer, reply: Reply, kind: type[ModelError], says: str, streamed: bool
) -> None:
    server.answer(reply)
    said = await failure(connect(), kind, streamed)
    assert says in said
    assert len(said) < 500
    assert len(server.requests) == 1


BAD_BODIES = [
    raw("{"),
    raw("{}"),
    raw("[]"),
    raw("null"),
    raw(""),
    raw(HTML, kind="text/html"),
    raw('{"choices": []}'),
]


@pytest.mark.parametrize("asked", [None, Answer])
@pytest.mark.parametrize("reply", BAD_BODIES)
async def test_no_chat_completion(
    connect: Connect, server: OpenAIServer, reply: Reply, asked: type[BaseModel] | None
) -> None:
    server.answer(reply)
    assert "MACAE_" in await failure(connect(), ModelBadReply, json_output=asked)


@pytest.mark.parametrize("reply", BAD_BODIES)
async def test_no_stream(connect: Connect, server: OpenAIServer, reply: Reply) -> None:
    server.answer(reply)
    await failure(connect(), ModelBadReply, streamed=True)


STRUCTURE = [
    (refusal("I will not"), ModelBadReply),
    (text(""), ModelBadReply),
    (text(None), ModelBadReply),
    (text("I think it is 3"), ModelBadReply),
    (text('{"number": "many"}'), ModelBadReply),
    (text('{"number": 3, "rea', finish="length"), ModelBadReply),
    (text('{"number"', finish="content_filter"), ModelFiltered),
]


@pytest.mark.parametrize("asked", [True, Answer])
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("reply", "kind"), STRUCTURE)
async def test_structure_that_is_none(
    connect: Connect, server: OpenAIServer, reply: Reply, kind: type[ModelError], streamed: bool, asked: Any
) -> None:
    server.answer(reply)
    if asked is True and reply is STRUCTURE[4][0]:  # this is JSON, and no more was asked for
        await (read(connect(), json_output=True) if streamed else connect().create(HELLO, json_output=True))
        return
    said = await failure(connect(), kind, streamed, json_output=asked)
    if reply.finish == "length":
        assert "cut off" in said


@pytest.mark.parametrize("streamed", [False, True])
async def test_filtered_text(connect: Connect, server: OpenAIServer, streamed: bool) -> None:
    server.answer(text("Once upon", finish="content_filter"))
    await failure(connect(), ModelFiltered, streamed)


async def test_a_model_that_gives_no_structure(connect: Connect, server: OpenAIServer) -> None:
    assert "structured output" in await failure(
        connect(model="gpt-3.5-turbo"), ModelError, json_output=Answer
    )
    assert server.requests == []


async def test_slow_down_then_success(connect: Connect, server: OpenAIServer) -> None:
    slow = error(429, "slow down", headers={"retry-after": "0.05"})
    server.answer(slow, slow, text("hi"))
    reports: list[CallReport] = []
    assert (await connect(model_retries=2).reporting_to(reports.append).create(HELLO)).content == "hi"
    assert len(server.requests) == 3
    assert len(reports) == 1 and reports[0].ok and reports[0].seconds >= 0.1


@pytest.mark.parametrize("streamed", [False, True])
async def test_slow_down_beyond_the_bound_does_not_wait(
    connect: Connect, server: OpenAIServer, streamed: bool
) -> None:
    server.answer(error(429, "slow down", headers={"retry-after": "30"}))
    client = connect(model_retries=5, model_patience=10)
    started = time.monotonic()
    with pytest.raises(ModelRateLimited, match="30 seconds") as caught:
        await (read(client) if streamed else client.create(HELLO))
    assert caught.value.retry_after == 30
    assert time.monotonic() - started < 2
    assert len(server.requests) == 1


async def test_slow_down_for_ever(connect: Connect, server: OpenAIServer) -> None:
    server.answer(error(429, "slow down", headers={"retry-after-ms": "5"}))
    await failure(connect(model_retries=3), ModelRateLimited)
    assert len(server.requests) == 4


@pytest.mark.parametrize("streamed", [False, True])
async def test_failing_server_then_success(connect: Connect, server: OpenAIServer, streamed: bool) -> None:
    server.answer(error(500, headers={"retry-after": "0.01"}), text("hi"))
    client = connect(model_retries=1)
    result = (await read(client))[1] if streamed else await client.create(HELLO)
    assert result.content == "hi"
    assert len(server.requests) == 2


@pytest.mark.parametrize("streamed", [False, True])
async def test_hang_before_the_headers(connect: Connect, server: OpenAIServer, streamed: bool) -> None:
    server.answer(hang())
    started = time.monotonic()
    said = await failure(connect(model_timeout=0.3, model_retries=5), ModelUnavailable, streamed)
    assert "0.3 seconds" in said and "MACAE_MODEL_TIMEOUT" in said
    assert time.monotonic() - started < 2
    assert server.disconnected.wait(5)


async def test_hang_in_the_middle_of_a_stream(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("a long story", hang=True))
    pieces: list[object] = []
    reports: list[CallReport] = []
    client = connect(model_timeout=0.3, model_retries=5).reporting_to(reports.append)
    with pytest.raises(ModelUnavailable, match="MACAE_MODEL_TIMEOUT"):
        async for piece in client.create_stream(HELLO):
            pieces.append(piece)
    assert pieces == ["a lo"]
    assert server.disconnected.wait(5)
    assert len(server.requests) == 1  # what has begun is not asked for twice
    assert [r.ok for r in reports] == [False]


async def test_dropped_connection(connect: Connect, server: OpenAIServer) -> None:
    server.answer(drop())
    assert "cannot be reached" in await failure(connect(), ModelUnavailable)


async def test_dropped_in_the_middle_of_a_stream(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("a long story", drop=True))
    assert "broke off" in await failure(connect(model_retries=3), ModelUnavailable, streamed=True)
    assert len(server.requests) == 1


async def test_error_in_the_middle_of_a_stream(connect: Connect, server: OpenAIServer) -> None:
    server.answer(raw('data: {"error": {"message": "overloaded"}}\n\n', kind="text/event-stream"))
    assert "overloaded" in await failure(connect(), ModelUnavailable, streamed=True)


async def test_dead_port(connect: Connect) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        said = await failure(connect(f"http://127.0.0.1:{taken.getsockname()[1]}"), ModelUnavailable)
    assert "refused" in said and "MACAE_" in said


async def test_unknown_host(connect: Connect) -> None:
    said = await failure(connect("https://name:pass@nowhere.invalid/v1?key=abc"), ModelUnavailable)
    assert "cannot be resolved" in said and "nowhere.invalid" in said
    assert "pass" not in said and "abc" not in said


async def test_untrusted_certificate(connect: Connect, tmp_path: Path) -> None:
    with OpenAIServer(tls=self_signed(tmp_path)) as secure:
        assert "SSL_CERT_FILE" in await failure(connect(secure.host), ModelUnavailable)


async def test_no_tls_where_it_is_expected(connect: Connect, server: OpenAIServer) -> None:
    said = await failure(connect(server.host.replace("http:", "https:")), ModelUnavailable)
    assert "TLS" in said


async def test_wrong_path(connect: Connect, server: OpenAIServer) -> None:
    server.answer(text("hi"))
    assert "MACAE_" in await failure(connect(f"{server.host}/elsewhere"), ModelNotFound)


async def test_closed_client(connect: Connect) -> None:
    client = connect()
    await client.close()
    await client.close()
    assert "closed" in await failure(client, ModelError)


@pytest.mark.parametrize(
    "key",
    [
        "sk-ab12****wxyz",
        "sk-proj-Ab_1-2",
        "ghp_abcdEFGH1234",
        "github_pat_11ABC_x",
        "eyJhbGciOi.eyJzdWI.sig-1",
    ],
)
def test_what_looks_like_a_key_is_hidden(key: str) -> None:
    quoted = Endpoint("m").quote(f"Incorrect key {key}, or Bearer {key}!")
    assert quoted.startswith("Incorrect key ***, or Bearer ***")
    assert Endpoint("m", secrets=("pass word",)).quote("my pass\n word") == "my ***"


def test_retry_after() -> None:
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=20)
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after-ms": "250", "retry-after": "9"}) == 0.25
    assert 17 < (retry_after({"retry-after": soon.strftime("%a, %d %b %Y %H:%M:%S GMT")}) or 0) <= 20
    assert [retry_after({"retry-after": odd}) for odd in ("soon", "nan", "inf", "")] == [None] * 4
    assert retry_after({"retry-after": "-5"}) == 0
    assert retry_after({}) is None


def self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    file = folder / "server.pem"
    file.write_bytes(
        made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
