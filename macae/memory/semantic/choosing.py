"""Which embedding is used, by the settings, and the one line that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from macae.llm.variables import azure_endpoint, base_url, host_of
from macae.memory.semantic.model import MEGABYTES, model_is_there

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["chosen", "describe_embedding", "embedding_function"]


def chosen(settings: Settings) -> str:
    """`lexical`, `minilm`, `openai` or `azure`: what `auto` comes down to now."""
    if settings.embedding != "auto":
        return settings.embedding
    return "minilm" if model_is_there() else "lexical"


def embedding_function(settings: Settings) -> Any:
    """The Chroma embedding function that the settings ask for. Nothing is loaded or sent before its first use.

    Raises ConfigError naming each variable that a server's embedding lacks, ModelUnavailable where the MiniLM model was asked
    for and is not there.
    """
    kind = chosen(settings)
    if kind == "lexical":
        from macae.memory.semantic.functions import LexicalEmbedding

        return LexicalEmbedding()
    if kind == "minilm":
        from macae.memory.semantic.functions import MiniLMEmbedding

        return MiniLMEmbedding()
    from macae.memory.semantic.served import served_embedding

    return served_embedding(settings, kind)


def describe_embedding(settings: Settings) -> str:
    """One line for notebooks and the command line: what turns texts into vectors here. Holds no secret, loads nothing."""
    kind = chosen(settings)
    if kind == "openai":
        return f"Embedding: {settings.embedding_model} at {host_of(base_url(settings))} (openai). Texts are sent there."
    if kind == "azure":
        where = host_of(azure_endpoint(settings)) if azure_endpoint(settings) else "no endpoint is set"
        return f"Embedding: deployment {settings.embedding_model} at {where} (azure). Texts are sent there."
    there = model_is_there()
    if kind == "minilm" and there:
        return "Embedding: MiniLM, by meaning, on this computer (minilm)."
    if kind == "minilm":
        return (
            "Embedding: MiniLM was asked for, but its model is not there. Fetch it: `macae doctor --fetch`."
        )
    if there:
        return "Embedding: lexical, by letters, not by meaning (MACAE_EMBEDDING=auto or minilm would use the model that is there)."
    return (
        "Embedding: lexical, by letters, not by meaning: no model is there. "
        f"`macae doctor --fetch` brings one ({MEGABYTES} MB)."
    )
