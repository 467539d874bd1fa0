"""Our embedding functions, as Chroma knows them: registered by a name that carries version and dimension."""

from __future__ import annotations

from typing import Any

from chromadb.api.types import Documents, EmbeddingFunction, Embeddings, Space
from chromadb.utils.embedding_functions import register_embedding_function
from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

from macae.errors import ModelUnavailable
from macae.memory.semantic.lexical import DIMENSION, VERSION, lexical_vectors
from macae.memory.semantic.model import model_folder, model_is_there

__all__ = ["LEXICAL", "MINILM", "LexicalEmbedding", "MiniLMEmbedding"]

LEXICAL = f"macae-lexical-v{VERSION}-{DIMENSION}"
MINILM = "macae-minilm-v1-384"


@register_embedding_function
class LexicalEmbedding(EmbeddingFunction[Documents]):
    """By letters: see macae/memory/semantic/lexical.py."""

    def __init__(self) -> None:
        pass  # Chroma warns of a function without one

    def __call__(self, input: Documents) -> Embeddings:
        """A vector of length 1 for each text."""
        return list(lexical_vectors(input))

    @staticmethod
    def name() -> str:
        """What Chroma stores beside a collection's vectors."""
        return LEXICAL

    def default_space(self) -> Space:
        """How near is measured."""
        return "cosine"

    def supported_spaces(self) -> list[Space]:
        """The vectors have length 1, so that all three say the same."""
        return ["cosine", "l2", "ip"]

    def get_config(self) -> dict[str, Any]:
        """Nothing can be set: a change is a new version, and so a new name."""
        return {"version": VERSION, "dimension": DIMENSION}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> LexicalEmbedding:
        """For Chroma, from what it stored."""
        LexicalEmbedding.validate_config(config)
        return LexicalEmbedding()

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Raises ValueError where the stored vectors are of another version."""
        if config != {"version": VERSION, "dimension": DIMENSION}:
            raise ValueError(f"{LEXICAL} cannot read vectors that were made with {config}.")


@register_embedding_function
class MiniLMEmbedding(EmbeddingFunction[Documents]):
    """By meaning: Chroma's all-MiniLM-L6-v2, when its files are there. Unlike Chroma's own class it never downloads."""

    def __init__(self) -> None:
        self._made: ONNXMiniLM_L6_V2 | None = None

    def __call__(self, input: Documents) -> Embeddings:
        """A vector of length 1 for each text. Raises ModelUnavailable where the model is not there."""
        if self._made is None:
            if not model_is_there():
                raise ModelUnavailable(
                    f"The MiniLM model is not in {model_folder()}. Fetch it: `macae doctor --fetch`. "
                    "Or set MACAE_EMBEDDING=lexical."
                )
            made = ONNXMiniLM_L6_V2(preferred_providers=["CPUExecutionProvider"])
            made.DOWNLOAD_PATH = model_folder()
            self._made = made
        return list(self._made._forward(list(input)))

    @staticmethod
    def name() -> str:
        """What Chroma stores beside a collection's vectors."""
        return MINILM

    def default_space(self) -> Space:
        """How near is measured."""
        return "cosine"

    def get_config(self) -> dict[str, Any]:
        """Nothing can be set."""
        return {}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> MiniLMEmbedding:
        """For Chroma, from what it stored."""
        return MiniLMEmbedding()
