"""Where a goal is given: a field, a button, and the team's quick tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from macae.ui import fragments
from macae.ui.parts import Parts, show
from macae.ui.text import clean, esc

__all__ = ["GoalForm"]

MOST_TASKS = 8
"""More quick tasks than this would bury the field."""


def quick_tasks(team: Any) -> list[str]:
    """The quick tasks that the team's agents declare: one of each agent first, each once."""
    lists = [list(getattr(agent, "quick_tasks", ())) for agent in getattr(team, "agents", ())]
    rounds = max(map(len, lists), default=0)
    ordered = [tasks[turn] for turn in range(rounds) for tasks in lists if turn < len(tasks)]
    return list(dict.fromkeys(ordered))[:MOST_TASKS]


class GoalForm:
    """Shown while there is no plan."""

    def __init__(self, parts: Parts, team: Any, banner: str, start: Callable[[], None]) -> None:
        self.field = parts.field("Goal", "What is to be done?", "", "macae-grow", "macae-goal-field", rows=2)
        self.start = parts.button("Make a plan", "list-ol", start, "macae-primary", "macae-start")
        self.tasks = [self._task(parts, text) for text in quick_tasks(team)]
        heading = parts.html(
            value='<div class="macae-goal" role="heading" aria-level="3">Give the team a goal</div>'
            f'<div class="macae-banner">{fragments.icon("microchip")} {esc(banner)}</div>'
        )
        tried = parts.html(value='<div class="macae-sub">Or try one of these:</div>')
        self.widget = parts.column(
            [heading, parts.row([self.field, self.start])]
            + ([tried, parts.row(self.tasks, "macae-tasks")] if self.tasks else []),
            "macae-top",
        )

    @property
    def goal(self) -> str:
        """What was typed."""
        return str(self.field.value).strip()

    def _task(self, parts: Parts, text: str) -> Any:
        return parts.button(
            clean(text), "", lambda: self._fill(text), "macae-task", tip="Take this as the goal"
        )

    def _fill(self, text: str) -> None:
        self.field.value = text
        self.start.focus()

    def close(self) -> None:
        """Hide the form; it is kept for the next goal."""
        show(self.widget, False)
