"""Embeddings from a server: OpenAI's, any that speaks its protocol, or Azure OpenAI. Keys stay in the client's headers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from chromadb.api.types import Documents, EmbeddingFunction, Embeddings, Space
from chromadb.utils.embedding_functions import register_embedding_function

from macae.config import Settings, load_settings
from macae.errors import ConfigError, ModelBadReply
from macae.llm.endpoint import Endpoint, plain_url
from macae.llm.faults import explain
from macae.llm.variables import (
    azure_endpoint,
    azure_version,
    base_url,
    is_local,
    key_of,
    wrong_key,
    wrong_url,
)

if TYPE_CHECKING:
    from openai import OpenAI

__all__ = ["SERVED", "ServedEmbedding", "served_embedding"]

SERVED = "macae-served-v1"
BATCH_TEXTS = 64
BATCH_CHARACTERS = 200_000
"""One request's; a server takes about 300,000 tokens."""
LONGEST_WAIT = 30.0
"""Seconds between two attempts, whatever the server asks for."""


@register_embedding_function
class ServedEmbedding(EmbeddingFunction[Documents]):
    """See the module. Made without a look at the settings: Chroma makes one only to look at a collection."""

    def __init__(self, kind: str, settings: Settings) -> None:
        self._settings = settings
        self._kind = kind
        self._endpoint = _endpoint(kind, settings)
        self._client: OpenAI | None = None

    def __call__(self, input: Documents) -> Embeddings:
        """The vectors, of length 1. Raises a ModelError that says what to set."""
        vectors: Embeddings = []
        batch: list[str] = []
        size = 0
        for text in input:
            if batch and (len(batch) == BATCH_TEXTS or size + len(text) > BATCH_CHARACTERS):
                vectors += self._ask(batch)
                batch, size = [], 0
            batch.append(text)
            size += len(text)
        return vectors + self._ask(batch) if batch else vectors

    def _ask(self, texts: list[str]) -> Embeddings:
        """One request, with retries, all together within settings.model_timeout."""
        until = time.monotonic() + self._settings.model_timeout
        for attempt in range(self._settings.model_retries + 1):
            try:
                left = max(0.1, until - time.monotonic())
                reply = self._opened().embeddings.create(
                    model=self._endpoint.model, input=texts, encoding_format="float", timeout=left
                )
                return self._read(reply, len(texts))
            except Exception as problem:
                fault = explain(problem, self._endpoint, self._settings.model_timeout)
                wait = min(LONGEST_WAIT, fault.wait if fault.wait is not None else 0.5 * 2**attempt)
                last = attempt == self._settings.model_retries
                if last or not fault.again or time.monotonic() + wait >= until:
                    raise fault.error from None
                time.sleep(wait)
        raise AssertionError("unreachable")

    def _read(self, reply: Any, count: int) -> Embeddings:
        try:
            rows = [np.asarray(item.embedding, dtype=np.float32) for item in sorted(reply.data, key=_place)]
            lengths = {len(row) for row in rows if row.ndim == 1}
            good = len(rows) == count and len(lengths) == 1 and 0 not in lengths
            good = good and all(bool(np.isfinite(row).all()) for row in rows)
        except (AttributeError, TypeError, ValueError):
            good = False
        if not good:
            raise ModelBadReply(
                f"{self._endpoint} answered something that is no embedding of {count} texts. "
                f"Check that {self._endpoint.address_variable} is the API's address and MACAE_EMBEDDING_MODEL an embedding model."
            )
        units = (row / (float(np.linalg.norm(row)) or 1.0) for row in rows)
        return [np.asarray(row, dtype=np.float32) for row in units]

    def _opened(self) -> OpenAI:
        if self._client is None:
            import openai

            kind = openai.AzureOpenAI if self._kind == "azure" else openai.OpenAI
            arguments = _access(self._kind, self._settings)
            self._client = kind(**arguments, max_retries=0, timeout=self._settings.model_timeout)
        return self._client

    @staticmethod
    def name() -> str:
        """What Chroma stores beside a collection's vectors."""
        return SERVED

    def default_space(self) -> Space:
        """How near is measured."""
        return "cosine"

    def get_config(self) -> dict[str, Any]:
        """Which model, and where: what Chroma stores. No key."""
        return {"kind": self._kind, "model": self._endpoint.model, "address": self._endpoint.address}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> ServedEmbedding:
        """For Chroma, from what it stored: the model is that one, the key and the address are the settings' own."""
        return ServedEmbedding(config["kind"], load_settings(embedding_model=config["model"]))

    def __repr__(self) -> str:
        return f"ServedEmbedding({self._endpoint})"


def served_embedding(settings: Settings, kind: str) -> ServedEmbedding:
    """An embedding function for `openai` or `azure`. Raises ConfigError naming each variable that is missing or wrong."""
    _access(kind, settings)
    return ServedEmbedding(kind, settings)


def _where(kind: str, settings: Settings) -> tuple[str, str, str, str]:
    """The address, the key, and the variables that set them."""
    if kind == "azure":
        variable, address = "AZURE_OPENAI_API_KEY", "MACAE_AZURE_ENDPOINT (or AZURE_OPENAI_ENDPOINT)"
        url = azure_endpoint(settings)
    else:
        variable, address = "OPENAI_API_KEY", "MACAE_BASE_URL (or OPENAI_BASE_URL)"
        url = base_url(settings).removesuffix("/embeddings")
    return url, key_of(settings, variable), address, f"MACAE_API_KEY (or {variable})"


def _endpoint(kind: str, settings: Settings) -> Endpoint:
    url, key, address, key_variable = _where(kind, settings)
    return Endpoint(
        settings.embedding_model, "" if wrong_url(address, url) else plain_url(url), key_variable=key_variable,
        address_variable=address, model_variable="MACAE_EMBEDDING_MODEL", timeout_variable="MACAE_MODEL_TIMEOUT",
        remote=True, secrets=(key,) if key else (),
    )  # fmt: skip


def _access(kind: str, settings: Settings) -> dict[str, Any]:
    """What the client is made with. Raises ConfigError."""
    url, key, address, key_variable = _where(kind, settings)
    problems = (wrong_url(address, url) if url else [f"{address} is missing"]) + wrong_key(key_variable, key)
    if not key and kind != "azure" and not is_local(url):
        problems.append(f"{key_variable} is missing")
    if problems:
        raise ConfigError(
            f"The embedding {kind} cannot be used: {'; '.join(problems)}. "
            "Set it in the environment or in .env, or use MACAE_EMBEDDING=lexical."
        )
    if kind != "azure":
        return {"base_url": url, "api_key": key or "none"}
    access: dict[str, Any] = {"api_key": key} if key else {"azure_ad_token_provider": _signed_in}
    return {"azure_endpoint": url, "api_version": azure_version(settings), **access}


def _signed_in() -> str:
    """A token of whoever Azure says we are. Blocks."""
    from azure.identity import DefaultAzureCredential

    with DefaultAzureCredential() as credential:
        return credential.get_token("https://cognitiveservices.azure.com/.default").token


def _place(item: Any) -> int:
    return int(getattr(item, "index", 0) or 0)
