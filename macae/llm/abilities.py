"""What a model can do, also one that AutoGen has never heard of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autogen_core.models import ModelInfo

__all__ = ["context_window", "fixed_temperature", "model_info"]

_USUAL_WINDOW = 128_000
_REASONING = ("o1", "o3", "o4", "gpt-5")


def model_info(model: str) -> ModelInfo:
    """What AutoGen knows of the model. One that it does not know is taken to call tools and to give structure."""
    from autogen_core.models import ModelFamily, ModelInfo
    from autogen_ext.models.openai._model_info import get_info

    try:
        known = get_info(_short(model))
    except ValueError:
        known = ModelInfo(
            vision=False,
            function_calling=True,
            json_output=True,
            family=ModelFamily.UNKNOWN,
            structured_output=True,
        )
    info = known.copy()
    info["multiple_system_messages"] = True  # an agent with memory sends several
    return info


def context_window(model: str) -> int:
    """How many tokens the model reads at most."""
    from autogen_ext.models.openai._model_info import get_token_limit

    try:
        return get_token_limit(_short(model))
    except KeyError:
        return _USUAL_WINDOW


def fixed_temperature(model: str) -> bool:
    """Whether it is a reasoning model that accepts no temperature but its own."""
    return _short(model).startswith(_REASONING)


def _short(model: str) -> str:
    """The name without its vendor: GitHub Models and LiteLLM write openai/gpt-4o."""
    return model.rpartition("/")[2]
