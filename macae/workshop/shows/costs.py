"""What a challenge costs with a real model: tokens that were measured, at list prices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import metadata
from pathlib import Path

from macae.llm.prices import cost

__all__ = ["MODELS", "Use", "cost_table", "measured"]

MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-5-mini")
"""The models that the table is made for, unless others are named."""
FILE = Path(__file__).with_name("costs.json")
"""Made by `python -m tests.notebooks.costs --write`."""


@dataclass(frozen=True)
class Use:
    """What one run of a notebook, from top to bottom, asked of a model."""

    calls: int
    prompt_tokens: int
    """Tokens sent: messages, tools and schemas, four characters each."""
    completion_tokens: int
    """Tokens that came back."""
    largest: int
    """Tokens of the longest prompt."""

    def price(self, model: str, runs: float = 1.0) -> float | None:
        """US dollars at list price for so many runs; None where the model's price is not known."""
        usd = cost(model, self.prompt_tokens, self.completion_tokens)
        return None if usd is None else usd * runs


@cache
def measured() -> dict[str, Use]:
    """The use of each challenge, by its notebook's name."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: Use(**use) for name, use in stored.items()}


def cost_table(models: Sequence[str] = MODELS, runs: float = 1.0) -> str:
    """An HTML table: each challenge with its calls and tokens, and US dollars a model for so many runs.

    A price that is not known is shown as a question mark: unpriced is not free.
    """
    uses = measured()
    total = Use(
        sum(use.calls for use in uses.values()),
        sum(use.prompt_tokens for use in uses.values()),
        sum(use.completion_tokens for use in uses.values()),
        max((use.largest for use in uses.values()), default=0),
    )
    head = [
        "Challenge",
        "Calls",
        "Tokens sent",
        "Tokens back",
        "Longest prompt",
        *(f"{m}, USD" for m in models),
    ]
    lines = [_line("th", head)]
    lines += [_line("td", _cells(name, use, models, runs)) for name, use in sorted(uses.items())]
    lines.append(_line("th", _cells("All", total, models, runs)))
    return (
        f'<table style="font-variant-numeric: tabular-nums">{"".join(lines)}</table>'
        f"<p>For {runs:g} {'run' if runs == 1 else 'runs'} of each notebook. Four characters are counted as a token. List prices of "
        f"genai-prices {escape(metadata.version('genai-prices'))}; ? means that it knows no price.</p>"
    )


def _cells(name: str, use: Use, models: Sequence[str], runs: float) -> list[str]:
    counts = (use.calls * runs, use.prompt_tokens * runs, use.completion_tokens * runs, use.largest)
    prices = [use.price(model, runs) for model in models]
    return [
        name,
        *(f"{count:,.0f}" for count in counts),
        *("?" if usd is None else f"{usd:.3f}" for usd in prices),
    ]


def _line(tag: str, cells: Sequence[str]) -> str:
    sides = ["left", *["right"] * (len(cells) - 1)]
    made = [
        f'<{tag} style="text-align: {side}">{escape(cell)}</{tag}>'
        for side, cell in zip(sides, cells, strict=True)
    ]
    return f"<tr>{''.join(made)}</tr>"
