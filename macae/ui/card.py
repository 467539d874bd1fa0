"""One step as a card. It sends the browser only what changed, and keeps its controls while it lives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from macae.errors import MacaeError
from macae.models import PlanWithSteps, Step
from macae.ui import fragments
from macae.ui.editor import Editor
from macae.ui.parts import Parts, show
from macae.ui.text import esc
from macae.ui.view import StepView, view

__all__ = ["Board", "Card"]

Work = Callable[[], Awaitable[Any]]


class Board(Protocol):
    """What a card needs of its board."""

    engine: Any

    def act(self, work: Work, card: Card | None = None) -> None:
        """Do what a person asked for, then show what came of it and move the focus on."""

    def parameters(self, step: Step) -> dict[str, Any]:
        """The JSON schema of the step's tool."""

    def soon(self, seconds: float, work: Callable[[], None]) -> None:
        """Call `work` on the event loop after so many seconds."""


class Card:
    """The widgets of one step."""

    def __init__(self, board: Board, parts: Parts) -> None:
        self.board, self.parts = board, parts
        self.step: Step
        self.seen: StepView
        self.busy = False
        self.editor: Editor | None = None
        self._calls: dict[str, Any] = {}
        self.head = parts.html()
        self.calls = parts.column([], "macae-calls")
        self.body = parts.html("macae-body")
        self.error = parts.html("macae-hidden")
        self.note = parts.field("Note", "Optional note to the agent", "", "macae-grow", "macae-note-field")
        button = parts.button
        self.approve = button("Approve", "check", self._approve, "macae-primary", "macae-approve")
        self.reject = button("Reject", "times", self._reject, "macae-reject")
        self.edit = button("Edit", "pencil", self.open_editor, "macae-edit")
        self.decide = parts.row([self.approve, self.reject, self.edit, self.note], "macae-hidden")
        self.other = parts.row([], "macae-hidden", "macae-other")
        self.place = parts.column([], "macae-place")
        self.widget = parts.column(
            [self.head, self.body, self.calls, self.error, self.decide, self.other, self.place], "macae-card"
        )

    def update(self, step: Step, plan: PlanWithSteps) -> None:
        """Show the step as it is now."""
        seen = view(step, plan)
        changed = not hasattr(self, "seen") or seen != self.seen
        self.step, self.seen = step, seen
        self.head.value = fragments.head(step, seen)
        self.body.value = fragments.body(step, seen)
        self._show_calls(step)
        for widget, word in ((self.approve, "Approve"), (self.reject, "Reject"), (self.edit, "Edit")):
            widget.tooltip = f"{word} step {step.index}"
        if changed:
            self._show_controls(seen)
        if self.editor is not None and not (seen.decide or seen.recover):
            self.close_editor()
        asks = "macae-asks" if seen.asks else f"macae-is-{step.status.value}"
        self.widget._dom_classes = ("macae-column", "macae-card", f"macae-tone-{seen.look.tone}", asks)

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
            others.append(make("It was done", "check", self._done, "macae-primary", "macae-done"))
        if seen.answer:
            self.answer = self.parts.field(
                "Answer", "What did you do or decide?", "", "macae-grow", "macae-answer"
            )
            others += [self.answer, make("Done", "check", self._answer, "macae-primary", "macae-done")]
        if seen.settle or seen.recover:
            others.append(
                make("Run it again" if seen.settle else "Retry", "repeat", self._retry, "macae-retry")
            )
        if seen.recover:
            others.append(make("Edit", "pencil", self.open_editor, "macae-edit"))
        if seen.settle or seen.recover or seen.answer:
            others.append(make("Skip", "step-forward", self._skip, "macae-skip"))
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
                self.parts, self.step, self.board.parameters(self.step), self._save, self.close_editor
            )
            self.place.children = (self.editor.widget,)
        # A browser needs a moment to draw what is new; until then nothing in it can have the focus.
        self.board.soon(0.15, self.editor.action.focus)

    def close_editor(self) -> None:
        """Put the editor away; what was typed in it is dropped."""
        if self.editor is not None:
            self.place.children = ()
            self.editor.widget.close()
            self.editor = None
            self.first_control().focus()

    def say(self, text: str) -> None:
        """Show what went wrong with this card; an empty text takes it away."""
        self.error.value = fragments.notice(esc(text), "bad", "exclamation-triangle", "alert") if text else ""
        show(self.error, bool(text))

    def _note(self) -> str | None:
        text = str(self.note.value).strip()
        return text or None

    def _approve(self) -> None:
        step = self.step
        self.board.act(lambda: self.board.engine.approve(step, note=self._note()), self)

    def _reject(self) -> None:
        step = self.step
        self.board.act(lambda: self.board.engine.reject(step, self._note()), self)

    def _retry(self) -> None:
        step = self.step
        self.board.act(lambda: self.board.engine.retry(step), self)

    def _skip(self) -> None:
        step = self.step
        self.board.act(lambda: self.board.engine.skip(step), self)

    def _done(self) -> None:
        step = self.step
        self.board.act(lambda: self.board.engine.done(step, "A person says that it was done."), self)

    def _answer(self) -> None:
        step, text = self.step, str(self.answer.value).strip() or "Done."
        self.board.act(lambda: self.board.engine.done(step, text), self)

    def _save(self) -> None:
        editor = self.editor
        if editor is None:
            return
        try:
            changes = editor.changes()
        except MacaeError as error:
            self.say(str(error))
            return
        if not changes:
            self.close_editor()
            return

        async def save() -> None:
            await self.board.engine.edit(editor.step, **changes)
            self.close_editor()

        self.board.act(save, self)
