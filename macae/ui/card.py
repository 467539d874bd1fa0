"""One step as a card. It sends the browser only what changed, and keeps its controls while it lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from macae.errors import MacaeError
from macae.models import PlanWithSteps, Step
from macae.ui import fragments
from macae.ui.auto import AUTO_BY
from macae.ui.editor import Editor
from macae.ui.parts import Parts, show
from macae.ui.text import esc
from macae.ui.view import StepView, view
from macae.ui.work import Worker

__all__ = ["Board", "Card"]


class Board(Protocol):
    """What a card needs of its board."""

    engine: Any
    auto: bool
    worker: Worker

    def parameters(self, step: Step) -> dict[str, Any]:
        """The JSON schema of the step's tool."""


class Card:
    """The widgets of one step."""

    def __init__(self, board: Board, parts: Parts, icons: Mapping[str, str]) -> None:
        self.board, self.parts, self.icons = board, parts, icons
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
        self.board.worker.soon(0.15, self.editor.action.focus)

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
        self._do("approve", **self.consent())

    def _reject(self) -> None:
        self._do("reject", self._note())

    def _retry(self) -> None:
        # To run an interrupted call again is a new yes to it.
        if self.seen.settle:
            self._do("approve", **self.consent())
        else:
            self._do("retry")

    def _skip(self) -> None:
        self._do("skip")

    def _done(self) -> None:
        self._do("done", "A person says that it was done.")

    def _answer(self) -> None:
        self._do("approve", **{**self.consent(), "note": str(self.answer.value).strip() or "Done."})

    def consent(self) -> dict[str, Any]:
        """What goes with a yes to this card: the note, and who says it."""
        return {"note": self._note(), "by": AUTO_BY if self.board.auto else None}

    def _do(self, what: str, *arguments: Any, **options: Any) -> None:
        step = (
            self.step
        )  # the step that the person saw: if it is not the stored one any more, the engine says so
        self.board.worker.act(lambda: getattr(self.board.engine, what)(step, *arguments, **options), self)

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

        self.board.worker.act(save, self)
