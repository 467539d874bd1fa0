"""One step as a card. It sends the browser only what changed, and keeps its controls while it lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from macae.models import PlanWithSteps, Step
from macae.ui import fragments
from macae.ui.actions import Actions, Board
from macae.ui.editor import Editor
from macae.ui.parts import Parts, show
from macae.ui.text import esc
from macae.ui.view import StepView, view

__all__ = ["Card"]


class Card:
    """The widgets of one step."""

    def __init__(self, board: Board, parts: Parts, icons: Mapping[str, str]) -> None:
        self.board, self.parts, self.icons = board, parts, icons
        self.actions = Actions(board, self)
        self.answer: Any = None
        self.step: Step
        self.seen: StepView
        self.busy = False
        self.stays = False
        """The focus is to stay on this card after what is under way: it has changed, and wants to be looked at."""
        self.editor: Editor | None = None
        self._calls: dict[str, Any] = {}
        self.head = parts.html()
        self.calls = parts.column([], "macae-calls")
        self.body = parts.html("macae-body")
        self.error = parts.html("macae-hidden")
        self.wait = parts.html("macae-hidden", value=fragments.waiting())
        self.note = parts.field("Note", "Optional note to the agent", "", "macae-grow", "macae-note-field")
        button = parts.button
        self.approve = button("Approve", "check", self.actions.approve, "macae-primary", "macae-approve")
        self.reject = button("Reject", "times", self.actions.reject, "macae-reject")
        self.edit = button("Edit", "pencil", self.open_editor, "macae-edit")
        self.decide = parts.row([self.approve, self.reject, self.edit, self.note], "macae-hidden")
        self.other = parts.row([], "macae-hidden", "macae-other")
        self.place = parts.column([], "macae-place")
        self.widget = parts.column(
            [self.head, self.body, self.calls, self.error, self.wait, self.decide, self.other, self.place],
            "macae-card",
        )

    def update(self, step: Step, plan: PlanWithSteps) -> None:
        """Show the step as it is now."""
        seen = view(step, plan)
        changed = not hasattr(self, "seen") or seen != self.seen
        self.step, self.seen = step, seen
        self.head.value = fragments.head(step, seen, self.icons)
        self.body.value = fragments.body(step, seen)
        self._show_calls(step)
        for widget, word in ((self.approve, "Approve"), (self.reject, "Reject"), (self.edit, "Edit")):
            widget.tooltip = f"{word} step {step.index}"
        if changed:
            self._show_controls(seen)
        if self.editor is not None and not seen.decide:
            self.close_editor()
        classes = [
            "macae-column",
            "macae-card",
            f"macae-tone-{seen.look.tone}",
            f"macae-is-{step.status.value}",
        ]
        self.widget._dom_classes = (*classes, "macae-asks") if seen.asks else tuple(classes)

    def _show_calls(self, step: Step) -> None:
        known = len(self._calls)
        for record in step.calls:
            if record.key not in self._calls:
                self._calls[record.key] = self.parts.html()
            self._calls[record.key].value = fragments.call(record)
        if len(self._calls) != known:
            self.calls.children = tuple(self._calls.values())

    def _show_controls(self, seen: StepView) -> None:
        show(self.decide, seen.decide)
        make, others = self.parts.button, []
        if seen.settle:
            others.append(make("It was done", "check", self.actions.done, "macae-primary", "macae-done"))
        if seen.answer:
            self.answer = self.parts.field(
                "Answer", "What did you do or decide?", "", "macae-grow", "macae-answer"
            )
            others += [self.answer, make("Done", "check", self.actions.answer, "macae-primary", "macae-done")]
        if seen.settle or seen.recover:
            others.append(
                make("Run it again" if seen.settle else "Retry", "repeat", self.actions.retry, "macae-retry")
            )
        if seen.settle or seen.recover or seen.answer:
            others.append(make("Skip", "step-forward", self.actions.skip, "macae-skip"))
        for old in self.other.children:
            old.close()
        for new in others:
            if not new.tooltip:
                new.tooltip = f"{new.description} (step {self.step.index})"
        self.other.children = tuple(others)
        show(self.other, bool(others))

    def first_control(self) -> Any:
        """Where the keyboard's focus goes when this card is next."""
        if self.seen.decide:
            return self.approve
        return self.other.children[0] if self.other.children else self.widget

    def open_editor(self) -> None:
        """Show the editor, with the focus in it."""
        if self.editor is None:
            self.editor = Editor(
                self.parts, self.step, self.board.parameters(self.step), self.actions.save, self.close_editor
            )
            self.place.children = (self.editor.widget,)
        # A browser needs a moment to draw what is new; until then nothing in it can have the focus.
        self.board.worker.soon(0.15, self.editor.action.focus)

    def close_editor(self) -> None:
        """Put the editor away; what was typed in it is dropped."""
        if self.editor is not None:
            self.place.children = ()
            self.editor.widget.close()
            self.editor = None
            self.first_control().focus()

    def working(self, under_way: bool) -> None:
        """Show that something takes its time."""
        show(self.wait, under_way)

    def say(self, text: str) -> None:
        """Show what went wrong with this card; an empty text takes it away."""
        self.error.value = fragments.notice(esc(text), "bad", "exclamation-triangle", "alert") if text else ""
        show(self.error, bool(text))
