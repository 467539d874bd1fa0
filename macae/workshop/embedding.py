"""The doctor's look at the embedding model, and its download when a person asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from macae.errors import ConfigError, MacaeError
from macae.memory.semantic import describe_embedding
from macae.memory.semantic.model import MEGABYTES, fetch_model, model_folder, model_is_there
from macae.workshop.findings import Finding, ok, problem

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["check_embedding", "fetch_embedding"]

FETCH = f"`macae doctor --fetch` downloads it ({MEGABYTES} MB)"


def check_embedding(settings: Settings) -> list[Finding]:
    """What turns texts into vectors, and whether the model is there."""
    line = describe_embedding(settings).removeprefix("Embedding: ")
    if settings.embedding == "minilm" and not model_is_there():
        return [problem("Embedding", line, f"{FETCH}; or set MACAE_EMBEDDING=lexical.")]
    if settings.embedding in ("openai", "azure"):
        from macae.memory.semantic import embedding_function

        try:
            embedding_function(settings)
        except ConfigError as error:
            return [
                problem("Embedding", str(error), "Set the named variables, in the environment or in .env.")
            ]
    return [ok("Embedding", line)]


def fetch_embedding(told: Callable[[int, int], None] | None = None) -> Finding:
    """Download the model unless it is there. Never raises."""
    if model_is_there():
        return ok("Model", f"the MiniLM model is in {model_folder()}")
    try:
        folder = fetch_model(told=told)
    except MacaeError as error:
        return problem(
            "Model", str(error), "Try again when there is a network, or install from a packed folder."
        )
    return ok("Model", f"the MiniLM model was downloaded, checked, and put into {folder}")
