"""The board's widgets, from the style sheet down to the cards: what stands where, and when it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from macae.models import PlanStatus, PlanWithSteps
from macae.models.plans import OVER_PLAN
from macae.ui import fragments
from macae.ui.actions import Board
from macae.ui.card import Card
from macae.ui.goal import GoalForm
from macae.ui.parts import Parts, show
from macae.ui.text import esc

__all__ = ["Surface"]


class Presses(Board, Protocol):
    """What the surface's own buttons do."""

    def start(self) -> None:
        """Make a plan for the goal that was typed."""

    def approve_all(self) -> None:
        """Approve each step that asks."""

    def cancel(self) -> None:
        """Cancel the plan."""

    def finish(self) -> None:
        """End the plan as it stands."""

    def clarify(self) -> None:
        """Send the answer to the planner."""

    def new_goal(self) -> None:
        """Put the plan away and ask for another goal."""


class Surface:
    """All widgets of one board; `root` is what is displayed."""

    def __init__(self, board: Presses) -> None:
        self.board, self.parts = board, Parts()
        parts, button = self.parts, self.parts.button
        self.banner = str(board.engine.banner)
        if board.auto:
            self.banner += " · This board presses its own buttons (MACAE_AUTO_CLICK)."
        self.busy = False
        self.icons = {agent.name: agent.icon for agent in getattr(board.engine.team, "agents", ())}
        self.cards: dict[str, Card] = {}
        self.form = GoalForm(parts, board.engine.team, self.banner, board.start)
        self.head, self.progress = parts.html(), parts.html()
        self.all = button("Approve all", "check-square-o", board.approve_all, "macae-primary", "macae-all")
        self.stop = button(
            "Cancel plan", "times-circle", board.cancel, "macae-cancel", tip="Cancel the whole plan"
        )
        self.finish = button("Finish here", "flag-checkered", board.finish, "macae-finish")
        self.finish.tooltip = "End the plan as it stands: what is open or rejected counts as skipped"
        self.again = button("New goal", "plus", board.new_goal, "macae-new")
        self.buttons = parts.row([self.all, self.finish, self.stop, self.again], "macae-buttons")
        self.question = parts.html()
        self.answer = parts.field(
            "Answer", "Your answer to the planner", "", "macae-grow", "macae-clarification"
        )
        send = button(
            "Answer", "reply", board.clarify, "macae-primary", "macae-clarify", tip="Send the answer"
        )
        self.clarification = parts.row([self.answer, send], "macae-hidden")
        self.error = parts.html("macae-hidden")
        self.top = parts.column(
            [self.head, self.progress, self.question, self.clarification, self.buttons],
            "macae-top",
            "macae-hidden",
        )
        self.list = parts.column([], "macae-cards")
        style = parts.html("macae-style", value=fragments.stylesheet())
        self.root = parts.column([style, self.form.widget, self.top, self.error, self.list], "macae-board")
        self.root.tabbable = (
            False  # takes the focus from code when no button is left to take it; Tab passes it over
        )

    def update(self, plan: PlanWithSteps) -> None:
        """Show this plan."""
        self.form.close()
        for step in plan.steps:
            if step.id not in self.cards:
                self.cards[step.id] = Card(self.board, self.parts, self.icons)
            self.cards[step.id].update(step, plan)
        wanted = tuple(self.cards[step.id].widget for step in plan.steps)
        if self.list.children != wanted:
            self.list.children = wanted
        self._update_top(plan)

    def _update_top(self, plan: PlanWithSteps) -> None:
        over = plan.overall_status in OVER_PLAN
        asking = [card for card in self.in_order(plan) if card.seen.asks]
        approvable = sum(card.seen.decide for card in asking)
        self.head.value = fragments.plan_head(plan, self.banner)
        self.progress.value = fragments.plan_progress(plan, [card.step for card in asking])
        asked = plan.human_clarification_request
        self.question.value = fragments.question(asked, plan.human_clarification_response) if asked else ""
        show(self.question, bool(asked))
        show(self.clarification, plan.overall_status is PlanStatus.awaiting_clarification)
        self.all.description = f"Approve all {approvable}"
        show(self.all, approvable > 1)
        show(self.finish, not over and any(card.seen.recover for card in self.in_order(plan)))
        show(self.stop, not over)
        show(self.again, over)
        show(self.top, True)

    def in_order(self, plan: PlanWithSteps) -> list[Card]:
        """The cards of the plan's steps, in the plan's order."""
        return [self.cards[step.id] for step in plan.steps if step.id in self.cards]

    def clear(self) -> None:
        """Show the goal form instead of a plan."""
        show(self.top, False)
        self.list.children = ()
        for card in self.cards.values():
            card.widget.close()
        self.cards = {}
        show(self.form.widget, True)

    def say(self, text: str) -> None:
        """Show a sentence about what went wrong; an empty text takes it away."""
        self.error.value = fragments.notice(esc(text), "bad", "exclamation-triangle", "alert") if text else ""
        show(self.error, bool(text))

    def focus_next(self, plan: PlanWithSteps, after: Card | None) -> bool:
        """Move the focus to the next card that asks, from `after` on and around. False: none asks, the board has it."""
        cards = self.in_order(plan)
        start = cards.index(after) + 1 if after in cards else 0
        asking: Callable[[Card], bool] = lambda card: card.seen.asks  # noqa: E731
        for card in filter(asking, cards[start:] + cards[:start]):
            card.first_control().focus()
            return True
        self.root.focus()
        return False
