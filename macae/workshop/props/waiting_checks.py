"""Checks of a wait for a click: it hears clicks from other threads, wakes up by itself, and takes silence for a no."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from macae.models import Step
from macae.workshop.props.stand_ins import CardForCheck, LoopEar, an_offered_step, listening
from macae.workshop.trial import Trial

__all__ = ["has_no_timeout_of_its_own", "waits_for_a_click"]

SLOW = 0.4
"""Seconds that the check lets a card wait: long enough to see whether the wait wakes up by itself."""
DECISIONS = (("approve", "the black ones"), ("reject", "too early"), ("edit", "Order 3 laptops."))


async def waits_for_a_click(attempt: Any, trial: Trial) -> None:
    """Each kind of decision is waited for and returned; then nobody presses anything."""
    step = an_offered_step("Order 5 laptops.", "order_hardware")
    with listening(asyncio.get_running_loop()) as ear:
        for decision in DECISIONS:
            await one_click(attempt, step, decision, ear, trial)
        trial.proven("It returns the decision, also when the click comes on another thread.")
        trial.proven("The wait wakes up by itself, so Stop works; a second click changes nothing.")
        await silence(attempt, step, ear.errors, trial)


def has_no_timeout_of_its_own(attempt: Any, trial: Trial) -> None:
    """Where nobody asks for a timeout, there is none."""
    default = inspect.signature(attempt).parameters.get("timeout")
    trial.expect(
        default is None or default.default is None or default.default is inspect.Parameter.empty,
        expected="no timeout unless one is asked for: `timeout=None`",
        seen=f"timeout={default.default!r}" if default else "",
        kind="default-timeout",
    )
    trial.proven("With a timeout, silence means no; without one it waits.")


async def one_click(attempt: Any, step: Step, decision: tuple[str, str], ear: LoopEar, trial: Trial) -> None:
    """Show a card, press once, look at what was returned, and press once more."""
    card = CardForCheck()
    task = asyncio.ensure_future(trial.call(attempt, step, card, show=card.show))
    try:
        await until_shown(task, card, trial)
        if decision[0] == "approve":
            await asyncio.sleep(SLOW)
            still_waits(task, trial)
            woke = ear.wakes and min(ear.wakes) <= 1.0
            trial.expect(
                woke,
                expected="a wait that wakes up every 0.25 s, so that the Stop button is heard",
                seen=f"{SLOW} seconds without waking",
                look="`await asyncio.wait({answer}, timeout=0.25)`, in a loop.",
                kind="never-wakes",
            )
        error = await card.press(*decision)
        thread_safe(error, trial)
        found = await trial.waits(task, 3, f"the decision {decision}, soon after the click")
        trial.expect(
            tuple(found) == decision if isinstance(found, tuple | list) else False,
            expected=f"the decision as it was made: {decision}",
            seen=found,
            look="Return what the callback was given: `(what, text)`.",
            kind="wrong-decision",
        )
        thread_safe(await card.press("reject", "a second click"), trial)
        await asyncio.sleep(0.02)
        no_errors(ear.errors, "a second click that changes nothing", trial)
    finally:
        task.cancel()


async def until_shown(task: asyncio.Future[Any], card: CardForCheck, trial: Trial) -> None:
    """Wait until the card is on the screen."""
    looking = asyncio.ensure_future(card.up.wait())
    await asyncio.wait({task, looking}, timeout=2, return_when=asyncio.FIRST_COMPLETED)
    looking.cancel()
    if task.done():
        still_waits(task, trial)
    trial.expect(
        card.decided is not None and card.up.is_set(),
        expected="a card made by `card(step, decided)`, and handed to `show`",
        seen="the card was made and never shown" if card.decided else "no card",
        look="`show(card(step, decided))`",
        kind="not-shown",
    )


def still_waits(task: asyncio.Future[Any], trial: Trial) -> None:
    """Nobody has pressed anything, so there is no decision yet."""
    if task.done():
        trial.fail(
            expected="a card that is shown, and then a wait until somebody presses a button",
            seen=f"it returned {task.result()!r}, and nobody had pressed anything",
            look="`show(card(step, decided))`, then wait for the decision.",
            kind="no-wait",
        )


def thread_safe(error: BaseException | None, trial: Trial) -> None:
    """The callback raised nothing on its thread."""
    if error is None:
        return
    unsafe = isinstance(error, RuntimeError) and "on-thread-safe" in str(error)
    loopless = isinstance(error, RuntimeError) and "no running event loop" in str(error)
    full = isinstance(error, asyncio.InvalidStateError)
    trial.fail(
        expected="a callback that any thread may call" if not full else "a second click that changes nothing",
        seen=f"{type(error).__name__}: {error}",
        look="`loop.call_soon_threadsafe(keep, (what, text))`, with the loop from `asyncio.get_running_loop()` in `ask` itself."
        if unsafe or loopless
        else "",
        kind="not-thread-safe" if unsafe or loopless else "second-click" if full else "exception",
    )


def no_errors(errors: list[str], expected: str, trial: Trial) -> None:
    """Nothing was raised behind the scenes."""
    trial.expect(
        not errors,
        expected=expected,
        seen=errors[0] if errors else "",
        look="`if not answer.done():` before `answer.set_result(…)`.",
        kind="second-click",
    )


async def silence(attempt: Any, step: Step, errors: list[str], trial: Trial) -> None:
    """With a timeout, no answer is a no, and a late click changes nothing."""
    card = CardForCheck()
    task = asyncio.ensure_future(trial.call(attempt, step, card, timeout=0.4, show=card.show))
    try:
        await asyncio.wait({task}, timeout=3)
        trial.expect(
            task.done(),
            expected='("reject", why) after 0.4 seconds of silence, with timeout=0.4',
            seen="after 3 seconds it still waited",
            kind="no-timeout",
        )
        found = task.result()
        trial.expect(
            isinstance(found, tuple | list) and len(found) == 2 and found[0] == "reject" and found[1],
            expected='("reject", why), with a reason in words',
            seen=found,
            look="Silence is never a yes. Say why: the reason is stored with the step.",
            kind="timeout-yes",
        )
        if card.decided is not None:
            thread_safe(await card.press("approve", "too late"), trial)
        await asyncio.sleep(0.02)
        no_errors(errors, "a late click that changes nothing", trial)
    finally:
        task.cancel()
