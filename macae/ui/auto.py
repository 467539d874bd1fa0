"""The board presses its own buttons where nobody can: under papermill, nbval and nbconvert.

Set `MACAE_AUTO_CLICK=1` in the environment. The presses go the way of a person's clicks, the board says so in a banner, and the
audit trail shows the approvals as given by `auto:env`.
"""

from __future__ import annotations

import os
from typing import Any

__all__ = ["AUTO_BY", "AUTO_CLICK", "auto_click", "next_press"]

AUTO_CLICK = "MACAE_AUTO_CLICK"
"""The environment variable: `1` (or any text but `0`, `false`, `no`) switches it on."""
AUTO_BY = "auto:env"
"""Who gave the approval, where the board pressed for itself."""
DELAY = 0.05
"""Seconds between what the board shows and its own press."""


def auto_click() -> bool:
    """Whether the environment asks the board to press its own buttons."""
    return os.environ.get(AUTO_CLICK, "0").strip().lower() not in {"", "0", "false", "no"}


def next_press(cards: list[Any]) -> Any | None:
    """The button a patient person who agrees to everything would press next; None when there is none.

    Approves what asks, answers its own steps, says of interrupted work that it was done, and skips what failed.
    """
    for card in cards:
        if card.busy:
            return None
        if card.seen.decide:
            return card.approve
    for card in cards:
        if card.seen.answer:
            return card.other.children[1]
        if card.seen.settle:
            return card.other.children[0]
        if card.seen.recover:
            return card.other.children[-1]
    return None
