"""The rows of the Gantt: one for each agent, with as many lanes as it does things at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macae.monitoring.replay.views import Bar

__all__ = ["MOST_ROWS", "Row", "rows_of"]

MOST_ROWS = 24
MOST_LANES = 8


@dataclass
class Row:
    """One agent's bars, each with its lane; `top` and `height` in inches."""

    agent: str
    bars: list[tuple[Bar, int]] = field(default_factory=list)
    lanes: int = 1
    top: float = 0.0
    height: float = 0.0

    def lane(self, number: int) -> tuple[float, float]:
        """Where the bars of a lane begin and end, in inches from the top."""
        inner = self.height * (0.56 if self.lanes == 1 else 0.8)
        each = inner / self.lanes
        top = self.top + (self.height - inner) / 2 + number * each
        return top, top + each - (0.025 if self.lanes > 1 else 0)

    @property
    def middle(self) -> float:
        """Half way down."""
        return self.top + self.height / 2


def rows_of(agents: Sequence[str], bars: Sequence[Bar]) -> tuple[list[Row], float]:
    """The rows in this order, laid out from the top, and their height together."""
    rows = [Row(agent) for agent in agents[:MOST_ROWS]]
    by_agent: dict[str, list[Bar]] = {row.agent: [] for row in rows}
    for bar in bars:
        if bar.agent in by_agent:
            by_agent[bar.agent].append(bar)
    usual = 0.56 if len(rows) <= 8 else 0.44 if len(rows) <= 14 else 0.34
    at = 0.0
    for row in rows:
        row.bars, row.lanes = in_lanes(by_agent[row.agent])
        row.top, row.height = at, max(usual, min(row.lanes * 0.25 + 0.1, 1.3))
        at += row.height
    return rows, at


def in_lanes(bars: Sequence[Bar]) -> tuple[list[tuple[Bar, int]], int]:
    """Each bar with its lane: what belongs to one step stays in one lane, and what overlaps is in different ones."""
    groups: dict[str, list[Bar]] = {}
    for number, bar in enumerate(sorted(bars, key=lambda bar: (bar.start, bar.end))):
        groups.setdefault(bar.step_id or f"\0{number}", []).append(bar)
    lanes: list[float] = []
    placed: list[tuple[Bar, int]] = []
    alone = [group for group in groups.values() if not _overlaps_itself(group)]
    mixed = [[bar] for group in groups.values() if _overlaps_itself(group) for bar in group]
    for group in sorted([*alone, *mixed], key=lambda group: group[0].start):
        start, end = group[0].start, max(bar.end for bar in group)
        free = next((lane for lane, until in enumerate(lanes) if until <= start + 1e-9), None)
        if free is None and len(lanes) < MOST_LANES:
            lanes.append(end)
            free = len(lanes) - 1
        elif free is None:
            free = min(range(len(lanes)), key=lanes.__getitem__)
        lanes[free] = max(lanes[free], end)
        placed += [(bar, free) for bar in group]
    return placed, max(len(lanes), 1)


def _overlaps_itself(group: Sequence[Bar]) -> bool:
    return any(later.start < earlier.end - 1e-9 for earlier, later in pairwise(group))
