"""What the buttons of a card do: each is one call of the engine, with the step that the person saw."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from macae.errors import MacaeError
from macae.models import PlanWithSteps, Step
from macae.ui.auto import AUTO_BY
from macae.ui.work import Worker

if TYPE_CHECKING:
    from macae.ui.card import Card

__all__ = ["Actions", "Board", "all_of", "allow_again"]


class Board(Protocol):
    """What a card needs of its board."""

    engine: Any
    auto: bool
    worker: Worker

    def parameters(self, step: Step) -> dict[str, Any]:
        """The JSON schema of the step's tool."""


class Actions:
    """One card's decisions. If the step is not the stored one any more, the engine says so, and the card shows it."""

    def __init__(self, board: Board, card: Card) -> None:
        self.board, self.card = board, card

    def consent(self) -> dict[str, Any]:
        """What goes with a yes to this card: the note, and who says it."""
        return {"note": str(self.card.note.value).strip() or None, "by": AUTO_BY if self.board.auto else None}

    def approve(self) -> None:
        """Yes, to exactly what the card shows."""
        self._do("approve", **self.consent())

    def reject(self) -> None:
        """No; the note is the reason."""
        self._do("reject", self.consent()["note"])

    def retry(self) -> None:
        """Offer it again. To run an interrupted call again is a new yes to it."""
        if self.card.seen.settle:
            self.approve()
        else:
            self._do("retry")

    def skip(self) -> None:
        """Go on without it."""
        self._do("skip")

    def done(self) -> None:
        """The interrupted call did its work."""
        self._do("done", "A person says that it was done.")

    def answer(self) -> None:
        """The person's own step: what they did or decided."""
        self._do("approve", **{**self.consent(), "note": str(self.card.answer.value).strip() or "Done."})

    def save(self) -> None:
        """Store what the editor holds; a wrong value is said on the card, and the editor stays open."""
        editor = self.card.editor
        if editor is None:
            return
        try:
            changes = editor.changes()
        except MacaeError as error:
            self.card.say(str(error))
            return
        if not changes:
            self.card.close_editor()
            return

        async def store() -> None:
            await self.board.engine.edit(editor.step, **changes)
            self.card.stays = True
            self.card.close_editor()

        self.board.worker.act(store, self.card)

    def _do(self, what: str, *arguments: Any, **options: Any) -> None:
        step = self.card.step
        self.board.worker.act(
            lambda: getattr(self.board.engine, what)(step, *arguments, **options), self.card
        )


async def all_of(works: Iterable[Awaitable[Any]]) -> None:
    """Do one after the other, also when one fails; then raise the first error."""
    errors: list[MacaeError] = []
    for work in works:
        try:
            await work
        except MacaeError as error:
            errors.append(error)
    if errors:
        raise errors[0]


async def allow_again(engine: Any, plan: PlanWithSteps) -> None:
    """Let a paused plan use as much again as the limit at which it stands, or what little of that can still be used."""
    limit = engine.held_by(plan)
    more: dict[str, float] = {} if limit is None else {limit.kind: min(limit.limit, limit.room)}
    await engine.allow(plan, **more)
