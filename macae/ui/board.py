"""The approval board: a plan, live in a notebook, with a person's decisions as buttons."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from macae.errors import InvalidInput, MacaeError
from macae.models import PlanStatus, PlanWithSteps, Step
from macae.models.plans import OVER_PLAN
from macae.ui import auto
from macae.ui.actions import all_of, allow_again
from macae.ui.card import Card
from macae.ui.live import Live
from macae.ui.static import plan_html
from macae.ui.surface import Surface
from macae.ui.work import Place, Worker

__all__ = ["PlanBoard"]

WAKE = 0.25
"""Seconds after which a waiting cell wakes: a loop that sleeps on doesn't notice the Stop button."""
FOLLOW = 3.0
"""Seconds after a decision in which the focus still goes to a step that asks only then."""


class PlanBoard:
    """Shows a plan and takes a person's decisions: `PlanBoard(engine)` asks for a goal, `PlanBoard(engine, plan)` shows one.

    It lives in the background, so the notebook stays free; `await board.run(goal)` and `await board.done()` wait in a cell
    until the plan is over; `board.plan` is its newest state at any time, also when such a cell was stopped. With
    `MACAE_AUTO_CLICK=1` in the environment it presses its own buttons (see `macae.ui.auto`).
    Raises InvalidInput where no event loop runs.
    """

    def __init__(self, engine: Any, plan: PlanWithSteps | str | None = None) -> None:
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            raise InvalidInput("A board needs a running event loop: make it in a notebook's cell.") from None
        self.engine = engine
        self.auto = auto.auto_click()
        self._plan: PlanWithSteps | None = None
        self.worker = Worker(self._loop, self._after)
        self._live: Live | None = None
        self._changed = asyncio.Event()
        self._displayed = False
        self._follow_until = 0.0
        self._press: asyncio.TimerHandle | None = None
        self.surface = Surface(self)
        if plan is not None:
            self._take(plan)

    @property
    def plan(self) -> PlanWithSteps:
        """The plan on the board, as it was last read: also when the cell that waited for it was stopped.

        Raises InvalidInput while there is none.
        """
        if self._plan is None:
            raise InvalidInput(
                "This board has no plan yet. Run the cell with the board again, or type a goal on the board and press"
                " Make a plan; then run this cell again."
            )
        return self._plan

    async def run(self, goal: str) -> PlanWithSteps:
        """Show the board, make a plan for the goal, and wait until the plan is over. Raises what `Engine.submit` raises.

        A plan that is on the board already is put away first, so that it can't be taken for the new one.
        """
        if not self._displayed:
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]
        if self._plan is not None:
            self._put_away()
        try:
            await self.submit(goal)
        except MacaeError as error:
            self.surface.say(str(error))
            raise
        return await self.done()

    async def submit(self, goal: str) -> PlanWithSteps:
        """Make a plan for the goal and show it. Raises what `Engine.submit` raises."""
        self.surface.working(True)
        try:
            plan: PlanWithSteps = await self.engine.submit(goal)
        finally:
            self.surface.working(False)
        self._take(plan)
        return plan

    async def done(self) -> PlanWithSteps:
        """Wait until the plan is over, and return it. When the board presses its own buttons, a question ends it too."""
        while True:
            plan = self._plan
            if plan is not None and plan.overall_status in OVER_PLAN:
                return plan
            if plan is not None and self.auto and plan.overall_status is not PlanStatus.in_progress:
                return plan
            self._changed.clear()
            waiting = self._loop.create_task(self._changed.wait())
            try:
                await asyncio.wait({waiting}, timeout=WAKE)
            finally:
                waiting.cancel()

    def snapshot(self) -> Any:
        """The plan as it stands, as static HTML that needs no kernel: for exports and saved notebooks."""
        from IPython.display import HTML

        return HTML(plan_html(self._shown(self.plan), self.surface.banner, self.surface.icons))  # type: ignore[no-untyped-call]

    def _shown(self, plan: PlanWithSteps) -> PlanWithSteps:
        """The plan as the engine's policy lets a screen show it; calls that are to be approved stay as they are."""
        shown = getattr(self.engine, "shown_plan", None)
        return shown(plan) if callable(shown) else plan

    def close(self) -> None:
        """Follow the plan no longer. The plan itself goes on, and another board can show it."""
        if self._press is not None:
            self._press.cancel()
            self._press = None
        if self._live is not None:
            self._live.stop()
            self._live = None
        self._changed.set()

    def _repr_mimebundle_(self, **_: Any) -> Any:
        self._displayed = True
        return self.surface.root._repr_mimebundle_()

    # What the buttons do: the cards have their own, these are the board's

    def start(self) -> None:
        """Make a plan for the goal that was typed."""
        self.worker.act(lambda: self.submit(self.surface.form.goal), self.surface)

    def approve_all(self) -> None:
        """Approve each step that asks, as it is shown: one that has changed since keeps asking."""
        cards = self.surface.in_order(self._plan) if self._plan else []
        shown = [(card.step, card.actions.consent()) for card in cards if card.seen.decide]
        self.worker.act(lambda: all_of(self.engine.approve(step, **by) for step, by in shown), self.surface)

    def cancel(self) -> None:
        """Cancel the plan."""
        self.worker.act(lambda: self.engine.cancel(self._plan), self.surface)

    def finish(self) -> None:
        """End the plan as it stands."""
        self.worker.act(lambda: self.engine.finish(self._plan), self.surface)

    def revise(self) -> None:
        """Have the rest of the plan planned anew."""
        self._send(self.surface.top.words, self.engine.revise)

    def allow(self) -> None:
        """Let the plan use as much again as its limits allow, and offer anew what they stopped."""
        plan = self._plan
        if plan is not None:
            self.worker.act(lambda: allow_again(self.engine, plan), self.surface)

    def clarify(self) -> None:
        """Send the answer to the planner."""
        self._send(self.surface.top.answer, self.engine.clarify)

    def new_goal(self) -> None:
        """Put the plan away and ask for another goal."""
        self._put_away()
        self.surface.form.field.focus()

    def parameters(self, step: Step) -> dict[str, Any]:
        """The JSON schema of the step's tool; empty when the team doesn't know it."""
        name = step.pending_call.tool if step.pending_call else step.function
        found = self.engine.team.tool(name) if name else None
        return dict(found[1].schema["parameters"]) if found else {}

    # What happens behind

    def _send(self, field: Any, work: Callable[..., Awaitable[Any]]) -> None:
        async def sent() -> None:
            await work(self._plan, str(field.value))
            field.value = ""  # only now: what was refused can be mended

        self.worker.act(sent, self.surface)

    def _put_away(self) -> None:
        self.close()
        self._plan = None
        self.surface.clear()

    def _take(self, plan: PlanWithSteps | str) -> None:
        self.close()
        if isinstance(plan, PlanWithSteps):
            self._show(plan)
        plan_id, session = (plan, None) if isinstance(plan, str) else (plan.id, plan.session_id)
        self._live = Live(self.engine, plan_id, session, self._show, self.surface.say)

    def _show(self, plan: PlanWithSteps) -> None:
        self._plan = plan
        self.surface.update(self._shown(plan))
        self._changed.set()
        if time.monotonic() < self._follow_until and self.surface.focus_next(plan, None):
            self._follow_until = 0.0
        if self.auto and self._press is None:
            self._press = self._loop.call_later(auto.DELAY, self._press_next)

    def _press_next(self) -> None:
        self._press = None
        if (
            self._plan is not None
            and (button := auto.next_press(self.surface.in_order(self._plan))) is not None
        ):
            button.click()

    async def _after(self, place: Place, went_well: bool) -> None:
        if self._live is not None:
            await self._live.refresh()
        card = place if isinstance(place, Card) else None
        stays = card is not None and card.stays
        if card is not None:
            card.stays = False
        if self._plan is None or self.auto or not went_well:
            return
        self._follow_until = 0.0
        if card is not None and stays:
            # On to the next card's Approve, a second Enter would say yes to a step that nobody has looked at.
            self.surface.focus_on(card)
        elif not self.surface.focus_next(self._plan, card):
            self._follow_until = time.monotonic() + FOLLOW
