"""What a model call costs, from the price list of the package genai-prices; nothing is asked over the network."""

from __future__ import annotations

from functools import lru_cache

from macae.config import Settings

__all__ = ["cost", "priced_model"]


def priced_model(settings: Settings, own_client: bool = False) -> str | None:
    """The name under which the model's price is looked up; "" when it costs nothing; None when it cannot be known."""
    if own_client:
        return None
    return "" if settings.provider == "offline" else settings.model


def cost(model: str | None, prompt_tokens: int, completion_tokens: int) -> float | None:
    """US dollars at list price, or None where the model's price is not known: unpriced is not free."""
    if model is None:
        return None
    if not model:
        return 0.0
    rates = _rates(model)
    return None if rates is None else prompt_tokens * rates[0] + completion_tokens * rates[1]


@lru_cache(maxsize=64)
def _rates(model: str) -> tuple[float, float] | None:
    """US dollars a prompt token and a completion token."""
    from genai_prices import Usage, calc_price

    try:
        prompt = calc_price(Usage(input_tokens=1_000), model_ref=model).total_price
        completion = calc_price(Usage(output_tokens=1_000), model_ref=model).total_price
    except LookupError:
        return None
    return float(prompt) / 1_000, float(completion) / 1_000
