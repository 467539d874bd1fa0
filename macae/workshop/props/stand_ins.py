"""What stands around a learner's part while it is checked: a card that the check presses, a manager that takes notes, a clock's ear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autogen_core import MessageContext, message_handler

from macae.agents.context import AgentContext
from macae.agents.manager import GroupChatManager
from macae.models import ApprovalRequest, Step, StepStatus

__all__ = ["CardForCheck", "LoopEar", "WatchfulManager", "an_offered_step", "listening"]


def an_offered_step(action: str, function: str | None = None, **more: Any) -> Step:
    """A step that awaits a decision; `arguments=` and whatever else a step has."""
    given: dict[str, Any] = {
        "plan_id": "a-plan",
        "session_id": "a-session",
        "user_id": "local",
        "index": 1,
        "agent": "ProcurementAgent",
        "status": StepStatus.awaiting_feedback,
        "version": 1,
        "function": function,
        "action": action,
    }
    return Step(**{**given, **more})


class CardForCheck:
    """A card without buttons: it keeps the callback, and `press` calls it on another thread, as some kernels do."""

    def __init__(self) -> None:
        self.decided: Callable[..., Any] | None = None
        self.up = asyncio.Event()
        """Set once the card is on the screen."""

    def __call__(self, step: Step, decided: Callable[..., Any]) -> Any:
        """Make the card, as `approval_card` does."""
        from ipywidgets import Label

        self.decided = decided
        return Label("A card of the check.")

    def show(self, widget: Any) -> None:
        """Put it on the screen."""
        self.up.set()

    async def press(self, what: str, text: str) -> BaseException | None:
        """Decide, on another thread. Gives what the callback raised there."""
        decided = self.decided
        assert decided is not None

        def pressed() -> BaseException | None:
            try:
                decided(what, text)
            except Exception as error:
                return error
            return None

        return await asyncio.to_thread(pressed)


class LoopEar:
    """What was heard of the event loop."""

    def __init__(self) -> None:
        self.wakes: list[float] = []
        """Seconds of each timer that a task set which was not there before."""
        self.errors: list[str] = []
        """Errors that nobody caught."""


@contextmanager
def listening(loop: asyncio.AbstractEventLoop) -> Iterator[LoopEar]:
    """Hear which timers new tasks set, and which errors stay uncaught; a call from another thread that is not safe raises."""
    ear, known = LoopEar(), asyncio.all_tasks(loop)
    real: Any = loop.call_at
    before, slow, debug = loop.get_exception_handler(), loop.slow_callback_duration, loop.get_debug()

    def call_at(when: float, *arguments: Any, **named: Any) -> Any:
        if asyncio.current_task(loop) not in known:
            ear.wakes.append(when - loop.time())
        return real(when, *arguments, **named)

    def heard(_: Any, context: dict[str, Any]) -> None:
        ear.errors.append(repr(context.get("exception") or context.get("message")))

    patched: Any = loop
    patched.call_at = call_at
    loop.set_exception_handler(heard)
    loop.set_debug(True)
    loop.slow_callback_duration = 60.0
    try:
        yield ear
    finally:
        del patched.call_at
        loop.set_exception_handler(before)
        loop.set_debug(debug)
        loop.slow_callback_duration = slow


class WatchfulManager(GroupChatManager):
    """Our manager, which notes each `ApprovalRequest` with what is stored of the plan's steps at that moment."""

    def __init__(
        self, context: AgentContext, told: list[tuple[ApprovalRequest, dict[str, StepStatus]]]
    ) -> None:
        super().__init__(context)
        self.told = told

    @message_handler
    async def handle_approval(  # type: ignore[override]
        self, message: ApprovalRequest, ctx: MessageContext
    ) -> None:
        """Take a note, then go on as ever."""
        state = await self.memory.state(message.plan_id)
        self.told.append((message, {step.id: step.status for step in state.steps.values()}))
        await GroupChatManager.handle_approval(self, message, ctx)
