"""The board's upper part: the goal, how far the plan is, and the decisions that concern all of it."""

from __future__ import annotations

from typing import Protocol

from macae.agents.budget import NAMES, Limit
from macae.models import PlanStatus, PlanWithSteps
from macae.models.plans import OVER_PLAN
from macae.ui import fragments
from macae.ui.actions import Board
from macae.ui.card import Card
from macae.ui.parts import Parts, show
from macae.ui.text import esc

__all__ = ["Presses", "Top"]


class Presses(Board, Protocol):
    """What the buttons that concern the whole plan do."""

    def start(self) -> None:
        """Make a plan for the goal that was typed."""

    def approve_all(self) -> None:
        """Approve each step that asks."""

    def cancel(self) -> None:
        """Cancel the plan."""

    def finish(self) -> None:
        """End the plan as it stands."""

    def revise(self) -> None:
        """Have the rest planned anew."""

    def allow(self) -> None:
        """Let the plan use more than its limit."""

    def clarify(self) -> None:
        """Send the answer to the planner."""

    def new_goal(self) -> None:
        """Put the plan away and ask for another goal."""


class Top:
    """Its widgets; hidden until there is a plan."""

    def __init__(self, board: Presses, parts: Parts, banner: str) -> None:
        self.board, self.banner = board, banner
        button, field = parts.button, parts.field
        self.head, self.progress, self.question, self.limit = (parts.html() for _ in range(4))
        self.all = button("Approve all", "check-square-o", board.approve_all, "macae-primary", "macae-all")
        self.finish = button("Finish here", "flag-checkered", board.finish, "macae-finish")
        self.finish.tooltip = "End the plan as it stands: what is open or rejected counts as skipped"
        self.stop = button("Cancel plan", "times-circle", board.cancel, "macae-cancel")
        self.again = button("New goal", "plus", board.new_goal, "macae-new")
        self.more = button("Allow as much again", "plus", board.allow, "macae-primary", "macae-allow")
        self.buttons = parts.row([self.all, self.more, self.finish, self.stop, self.again])
        self.answer = field("Answer", "Your answer to the planner", "", "macae-grow")
        send = button(
            "Answer", "reply", board.clarify, "macae-primary", "macae-clarify", tip="Send the answer"
        )
        self.clarification = parts.row([self.answer, send], "macae-hidden")
        self.words = field("Another way", "What is to be different? (may stay empty)", "", "macae-grow")
        anew = button("Plan anew", "random", board.revise, "macae-revise")
        anew.tooltip = (
            "Have the planner find another way for what is not done; you see it before anything runs"
        )
        self.revision = parts.row([self.words, anew], "macae-hidden")
        self.widget = parts.column(
            [
                self.head,
                self.progress,
                self.question,
                self.clarification,
                self.limit,
                self.buttons,
                self.revision,
            ],
            "macae-top",
            "macae-hidden",
        )

    def update(self, plan: PlanWithSteps, cards: list[Card]) -> None:
        """Show the plan as it is now."""
        status = plan.overall_status
        over, paused = status in OVER_PLAN, status is PlanStatus.paused
        stuck = status is PlanStatus.in_progress and any(card.seen.recover for card in cards)
        waiting = [card.step for card in cards if card.seen.asks or (stuck and card.seen.recover)]
        approvable = sum(card.seen.decide for card in cards)
        self.head.value = fragments.plan_head(plan, self.banner, stuck)
        self.progress.value = fragments.plan_progress(plan, waiting)
        asked = plan.human_clarification_request
        self.question.value = fragments.question(asked, plan.human_clarification_response) if asked else ""
        limit = self.board.engine.held_by(plan) if paused else None
        why = limit.text if limit is not None else "The limit was lifted."
        self.limit.value = fragments.notice(esc(why), "ask", "pause") if paused else ""
        self.more.description = more_label(limit)
        self.all.description = f"Approve all {approvable}"
        shown = {
            self.question: bool(asked),
            self.clarification: status is PlanStatus.awaiting_clarification,
            self.limit: paused,
            self.more: paused and (limit is None or limit.raisable),
            self.all: approvable > 1,
            self.finish: stuck or paused,
            self.revision: stuck,
            self.stop: not over,
            self.again: over,
            self.widget: True,
        }
        for widget, visible in shown.items():
            show(widget, visible)


def more_label(limit: Limit | None) -> str:
    """What the button allows, and for whom: a yes for the day is more than one for the plan."""
    if limit is None:
        return "Go on"
    much = "as much again" if limit.room >= limit.limit else f"{limit.said(limit.room)} more"
    if limit.scope == "plan":
        return f"Allow {much}"
    return f"Allow {NAMES[limit.scope].removesuffix(' (UTC)')} {much}"
