"""The board's widgets, from the style sheet down to the cards: what stands where, and when it is shown."""

from __future__ import annotations

from collections.abc import Callable

from macae.models import PlanWithSteps
from macae.ui import fragments
from macae.ui.card import Card
from macae.ui.goal import GoalForm
from macae.ui.parts import Parts, show
from macae.ui.text import esc
from macae.ui.top import Presses, Top

__all__ = ["Surface"]


class Surface:
    """All widgets of one board; `root` is what is displayed."""

    def __init__(self, board: Presses) -> None:
        self.board, self.parts = board, Parts()
        parts = self.parts
        self.banner = str(board.engine.banner)
        if board.auto:
            self.banner += " · This board presses its own buttons (MACAE_AUTO_CLICK)."
        self.busy = False
        self.icons = {agent.name: agent.icon for agent in getattr(board.engine.team, "agents", ())}
        self.cards: dict[str, Card] = {}
        self.form = GoalForm(parts, board.engine.team, self.banner, board.start)
        self.top = Top(board, parts, self.banner)
        self.error = parts.html("macae-hidden")
        self.wait = parts.html("macae-hidden", value=fragments.waiting())
        self.list = parts.column([], "macae-cards")
        style = parts.html("macae-style", value=fragments.stylesheet())
        self.root = parts.column(
            [style, self.form.widget, self.top.widget, self.wait, self.error, self.list], "macae-board"
        )
        # Takes the focus from code when no button is left to take it; Tab passes it over.
        self.root.tabbable = False

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
        self.top.update(plan, self.in_order(plan))

    def in_order(self, plan: PlanWithSteps) -> list[Card]:
        """The cards of the plan's steps, in the plan's order."""
        return [self.cards[step.id] for step in plan.steps if step.id in self.cards]

    def clear(self) -> None:
        """Show the goal form instead of a plan, with nothing left of what was typed or said for the last one."""
        for field in (self.form.field, self.top.answer, self.top.words):
            field.value = ""
        self.say("")
        show(self.top.widget, False)
        self.list.children = ()
        for card in self.cards.values():
            card.widget.close()
        self.cards = {}
        show(self.form.widget, True)

    def working(self, under_way: bool) -> None:
        """Show that something takes its time."""
        show(self.wait, under_way)

    def say(self, text: str) -> None:
        """Show a sentence about what went wrong; an empty text takes it away."""
        self.error.value = fragments.notice(esc(text), "bad", "exclamation-triangle", "alert") if text else ""
        show(self.error, bool(text))

    def focus_on(self, card: Card) -> None:
        """Move the focus to this card; to the board, when the card asks nothing any more."""
        (card.first_control() if card.seen.asks else self.root).focus()

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
