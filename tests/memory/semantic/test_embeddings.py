"""What turns texts into vectors: by letters everywhere alike; by a server over real HTTP; by the model where its files are."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromadb.utils.embedding_functions import known_embedding_functions
from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2
from pydantic import SecretStr

from macae.config import Settings
from macae.errors import (
    ConfigError,
    InvalidInput,
    ModelAuthError,
    ModelBadReply,
    ModelError,
    ModelRateLimited,
    ModelUnavailable,
)
from macae.memory.semantic import SemanticMemory, describe_embedding, embedding_function, model
from macae.memory.semantic.functions import LEXICAL, LexicalEmbedding
from macae.memory.semantic.lexical import DIMENSION, lexical_vectors
from tests.memory.semantic.conftest import note
from tests.memory.semantic.recall import TEXTS_AND_QUESTIONS, recall
from tests.support.openai_server import OpenAIServer, error, hang, raw, vectors

KEY = "the-very-secret-0123456789-key"
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        running.answer(vectors(lambda texts: lexical_vectors(texts).tolist()))
        yield running


def served(server: OpenAIServer, **more: Any) -> Settings:
    given = {"embedding": "openai", "base_url": server.url, "api_key": SecretStr(KEY), "model_timeout": 5.0}
    return Settings(_env_file=None, **(given | more))


def shape(row: Any) -> tuple[list[int], list[float]]:
    """The first places of a vector that are not zero, and what stands there."""
    places = np.flatnonzero(row)[:4]
    return places.tolist(), [round(float(row[place]), 4) for place in places]


# By letters


def test_the_lexical_vectors_are_the_same_in_every_process_and_version() -> None:
    row = lexical_vectors(["Jessica's new Laptop costs 1,200 €"])[0]
    assert (
        row.shape == (DIMENSION,) and row.dtype == np.float32 and abs(float(np.linalg.norm(row)) - 1) < 1e-5
    )
    code = (
        "from macae.memory.semantic.lexical import lexical_vectors as v\n"
        'import sys; sys.stdout.buffer.write(v(["Jessica\'s new Laptop costs 1,200 \u20ac"])[0].tobytes())'
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        cwd=REPOSITORY,
        env={"PYTHONHASHSEED": "7"},
    )
    assert other.stdout == row.tobytes()
    # Stored vectors must stay comparable: when this changes, VERSION has to change too.
    assert shape(row) == ([33, 50, 89, 111], [0.1476, -0.11, -0.0995, 0.2063])


def test_accents_capitals_and_endings_do_not_matter_much_and_nothing_is_near_to_nothing() -> None:
    a, b, c, d, empty = lexical_vectors(
        ["Café MEETING rooms", "cafe meeting room", "ｃａｆé", "invoice payment", " … "]
    )
    assert float(a @ b) > 0.75 and float(a @ c) > 0.3 and abs(float(a @ d)) < 0.2
    assert not empty.any()
    (long,) = lexical_vectors(["word " * 100_000 + "x" * 10_000])
    assert np.isfinite(long).all()


def test_recall_of_the_lexical_embedding_does_not_fall() -> None:
    shared_words = TEXTS_AND_QUESTIONS[:30]
    assert recall(lexical_vectors, 1, shared_words) >= 0.93
    assert recall(lexical_vectors, 1) >= 0.78 and recall(lexical_vectors, 5) >= 0.8


async def test_it_is_registered_and_its_name_carries_version_and_dimension(settings: Settings) -> None:
    function = embedding_function(settings)
    assert (
        known_embedding_functions[LEXICAL] is LexicalEmbedding and function.name() == "macae-lexical-v1-1024"
    )
    assert function.default_space() == "cosine"
    assert isinstance(LexicalEmbedding.build_from_config(function.get_config()), LexicalEmbedding)
    with pytest.raises(ValueError, match="cannot read vectors"):
        LexicalEmbedding.build_from_config({"version": 0, "dimension": 64})
    async with SemanticMemory("notes", user_id="registered", settings=settings) as memory:
        await memory.add(note("something"))
        stored = memory._shelf._collection.configuration
        assert stored["embedding_function"].name() == LEXICAL and stored["hnsw"]["space"] == "cosine"


async def test_any_chroma_embedding_function_can_be_given(settings: Settings) -> None:
    asked: list[str] = []

    def own(input: list[str]) -> Any:
        asked.extend(input)
        return [np.array([len(text), 1.0], dtype=np.float32) for text in input]

    async with SemanticMemory("notes", user_id="own", settings=settings, embedding=own) as memory:
        await memory.add_many([note("aaaaaaaa", id="long"), note("a", id="short")])
        assert (await memory.query("bb", k=1)).results[0].metadata["id"] == "short"
        assert asked == ["aaaaaaaa", "a", "bb"]
        with pytest.raises(ConfigError, match="of one's own"):
            memory.dump_component()
    async with SemanticMemory("notes", user_id="own", settings=settings) as memory:
        assert await memory.count() == 0  # another embedding never meets the old vectors


async def test_functions_without_a_name_of_their_own_are_told_apart_or_refused(settings: Settings) -> None:
    def make(name: str) -> Any:
        def embed(input: list[str]) -> Any:
            return lexical_vectors(input)

        embed.__qualname__ = name
        return embed

    names = {
        SemanticMemory("notes", settings=settings, embedding=one)._shelf.collection_name
        for one in (make("a"), make("b"), LexicalEmbedding())
    }
    assert len(names) == 3
    for nameless in (lambda input: lexical_vectors(input), partial(lexical_vectors)):
        with pytest.raises(InvalidInput, match="no name of its own"):
            SemanticMemory("notes", settings=settings, embedding=nameless)
        async with SemanticMemory(settings=settings, embedding=nameless, on="memory") as memory:
            await memory.add(note("something"))  # nobody else's vectors are there
            assert await memory.count() == 1


@pytest.mark.parametrize("broken", [lambda input: 1 / 0, lambda input: [], lambda input: time.sleep(5)])
async def test_an_embedding_function_that_fails_is_named(settings: Settings, broken: Any) -> None:
    quick = settings.model_copy(update={"model_timeout": 0.2})
    async with SemanticMemory("notes", settings=quick, embedding=broken, timeout=0.2, on="memory") as memory:
        start = time.monotonic()
        with pytest.raises(ModelError, match="embedding"):
            await memory.add(note("something"))
        assert time.monotonic() - start < 4


# By a server


async def test_a_servers_embeddings_over_http(server: OpenAIServer, settings: Settings) -> None:
    chosen = served(server, home=settings.home)
    async with SemanticMemory("notes", user_id="served", settings=chosen) as memory:
        await memory.add_many([note(f"the text number {n}", id=str(n)) for n in range(150)])
        assert (await memory.query("the text number 149", k=1)).results[0].metadata == {
            "id": "149",
            "score": 1.0,
        }
    sent = [len(request.json["input"]) for request in server.requests]
    assert sent == [64, 64, 22, 1]
    first = server.requests[0]
    assert first.path == "/v1/embeddings" and first.headers["authorization"] == f"Bearer {KEY}"
    assert first.json["model"] == "text-embedding-3-small"
    stored = (settings.chroma_path / "chroma.sqlite3").read_bytes() + b"".join(
        file.read_bytes() for file in settings.chroma_path.rglob("*wal")
    )
    assert b"macae-served" in stored and KEY.encode() not in stored


def test_azures_path_and_key(server: OpenAIServer) -> None:
    azure = served(
        server, embedding="azure", base_url=None, azure_endpoint=server.azure_url, embedding_model="embed-1"
    )
    function = embedding_function(azure)
    assert len(function(["a text"])[0]) == DIMENSION
    request = server.requests[0]
    assert request.path.startswith("/openai/deployments/embed-1/embeddings?api-version=")
    assert request.headers["api-key"] == KEY
    assert KEY not in repr(function) + str(function.get_config()) + describe_embedding(azure)


def test_another_model_or_server_is_another_collection(server: OpenAIServer) -> None:
    names = set()
    for changed in (
        {},
        {"embedding_model": "other"},
        {"base_url": "http://127.0.0.1:9/v1"},
        {"embedding": "lexical"},
    ):
        memory = SemanticMemory("notes", user_id="ann", settings=served(server, **changed), on="disk")
        names.add(memory._shelf.collection_name)
    assert len(names) == 4


@pytest.mark.parametrize(
    ("reply", "kind", "requests"),
    [
        (error(401, f"wrong key {KEY}"), ModelAuthError, 1),
        (error(429, "slow down", headers={"retry-after": "0"}), ModelRateLimited, 3),
        (error(500, headers={"retry-after": "0"}), ModelUnavailable, 3),
        (raw("{}"), ModelBadReply, 1),
        (raw('{"data": [{"index": 0, "embedding": []}]}'), ModelBadReply, 1),
        (raw('{"data": [{"index": 0, "embedding": ["x"]}]}'), ModelBadReply, 1),
        (raw('{"data": []}'), ModelBadReply, 1),
        (raw("<html>a proxy</html>", kind="text/html"), ModelBadReply, 1),
    ],
)
async def test_a_server_that_fails_is_told_without_the_key(
    server: OpenAIServer,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    reply: Any,
    kind: Any,
    requests: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer(reply)
    async with SemanticMemory(
        "notes", user_id="failing", settings=served(server, home=settings.home)
    ) as memory:
        with pytest.raises(kind) as caught:
            await memory.add(note("something"))
    assert len(server.requests) == requests
    assert KEY not in str(caught.value) + caplog.text


async def test_a_retry_that_succeeds_is_not_seen(server: OpenAIServer) -> None:
    server.answer(error(503, headers={"retry-after": "0"}), vectors(lambda texts: [[3.0, 4.0]] * len(texts)))
    assert [round(float(n), 3) for n in embedding_function(served(server))(["x"])[0]] == [0.6, 0.8]


def test_a_server_that_hangs_is_left_in_time(server: OpenAIServer) -> None:
    server.answer(hang())
    start = time.monotonic()
    with pytest.raises(ModelUnavailable, match=r"within 0\.4 seconds"):
        embedding_function(served(server, model_timeout=0.4))(["x"])
    assert time.monotonic() - start < 4


def test_what_is_not_set_is_named() -> None:
    with pytest.raises(ConfigError, match="MACAE_API_KEY") as caught:
        embedding_function(Settings(_env_file=None, embedding="openai"))
    assert "MACAE_EMBEDDING=lexical" in str(caught.value)
    with pytest.raises(ConfigError, match="MACAE_AZURE_ENDPOINT"):
        embedding_function(Settings(_env_file=None, embedding="azure"))


# By the model


def test_the_models_constants_are_chromas() -> None:
    theirs = ONNXMiniLM_L6_V2
    assert (model.URL, model.SHA256) == (theirs.MODEL_DOWNLOAD_URL, theirs._MODEL_SHA256)
    assert model.ARCHIVE == theirs.ARCHIVE_FILENAME
    assert theirs.DOWNLOAD_PATH.parts[-4:] == model.model_folder().parts[-4:]


async def test_a_model_that_is_not_there_is_never_fetched_unasked(settings: Settings) -> None:
    auto, asked = (settings.model_copy(update={"embedding": kind}) for kind in ("auto", "minilm"))
    assert embedding_function(auto).name() == LEXICAL
    async with SemanticMemory("notes", settings=asked) as memory:
        with pytest.raises(ModelUnavailable, match="macae doctor --fetch"):
            await memory.add(
                note("something")
            )  # the network is forbidden here: a download would be NetworkUsed


def test_one_line_says_which_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: OpenAIServer
) -> None:
    def line(**given: Any) -> str:
        said = describe_embedding(Settings(_env_file=None, **given))
        assert said.startswith("Embedding: ") and "\n" not in said
        return said

    assert "by letters" in line() and "macae doctor --fetch" in line()
    assert "is not there" in line(embedding="minilm")
    assert "text-embedding-3-small at 127.0.0.1" in line(embedding="openai", base_url=server.url)
    assert "no endpoint" in line(embedding="azure")
    assert "user:pass" not in line(embedding="openai", base_url="http://user:pass@127.0.0.1:1/v1")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    place = model.model_folder() / "onnx"
    place.mkdir(parents=True)
    for name in model.FILES:
        (place / name).touch()
    assert (
        "by meaning" in line()
        and "by meaning" in line(embedding="minilm")
        and "by letters" in line(embedding="lexical")
    )
    assert embedding_function(Settings(_env_file=None)).name() == "macae-minilm-v1-384"
