"""The table: its rows, by group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.badinput.rig import Kept, Rig

Deed = Callable[[Rig], Awaitable[Any]]


@dataclass(frozen=True)
class Row:
    """One bad input."""

    gave: str
    """What went in, for people."""
    deed: Deed
    """Gives it. Returns the text that is told where no error is raised."""
    error: type[Exception] | None
    says: tuple[str, ...]
    """Parts of what is told, in order."""
    kept: Kept


def row(gave: str, deed: Deed, error: type[Exception] | None, says: str | tuple[str, ...], kept: Kept) -> Row:
    """A row; `says` may be one part."""
    return Row(gave, deed, error, (says,) if isinstance(says, str) else says, kept)


def groups() -> dict[str, list[Row]]:
    """All rows, under their titles."""
    from tests.badinput import (
        decisions,
        goals,
        ids,
        markup,
        memories,
        models,
        moving,
        parts,
        plans,
        stores,
        teams,
        tools,
    )

    return {
        "Goals and answers": goals.ROWS,
        "Ids and other people's data": ids.ROWS,
        "Decisions": decisions.ROWS,
        "Plans from a model": plans.ROWS,
        "Tool calls and replies from a model": models.ROWS,
        "What tools do": tools.ROWS,
        "The store": stores.ROWS,
        "Moving what is stored, and Cosmos DB": moving.ROWS,
        "Memories": memories.ROWS,
        "Teams": teams.ROWS,
        "Settings and parts": parts.ROWS,
        "Markup and scripts": markup.ROWS,
    }
