"""The rows of the Gantt: one for each agent, with as many lanes as it does things at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macae.monitoring.replay.views import Bar

__all__ = ["MOST_ROWS", "Row", "rows_of", "run_together"]

MOST_ROWS = 24
MOST_LANES = 8
Span = tuple[float, float]
"""From, to."""


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
    """Each bar with its lane: as many lanes as things go on at once; a step stays in its lane while that is free."""
    free_from: list[float] = []
    last_lane: dict[str, int] = {}
    placed: list[tuple[Bar, int]] = []
    for bar in sorted(bars, key=lambda bar: (bar.start, bar.end)):
        free = [lane for lane, until in enumerate(free_from) if until <= bar.start + 1e-9]
        usual = last_lane.get(bar.step_id or "")
        if bar.kind == "waiting" and free_from:
            lane = 0  # a person is waited for once at a time
        elif usual is not None and usual in free:
            lane = usual
        elif free:
            lane = free[0]
        elif len(free_from) < MOST_LANES:
            lane = len(free_from)
        else:
            lane = min(range(MOST_LANES), key=free_from.__getitem__)
        if lane == len(free_from):
            free_from.append(bar.end)
        free_from[lane] = max(free_from[lane], bar.end)
        if bar.step_id:
            last_lane[bar.step_id] = lane
        placed.append((bar, lane))
    return placed, max(len(free_from), 1)


def run_together(spans: Iterable[Span], narrow: float, apart: float) -> list[Span]:
    """The spans in order; those no wider than `narrow` and less than `apart` from each other made one, which looks the same."""
    found: list[Span] = []
    run = False
    for start, end in sorted(spans):
        thin = end - start <= narrow
        if found and run and thin and start - found[-1][1] < apart:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
        run = thin
    return found
