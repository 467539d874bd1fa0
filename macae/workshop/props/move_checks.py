"""Checks of a step's moves: what the table allows is made on a copy, everything else is refused with a reason."""

from __future__ import annotations

from typing import Any

from macae.agents.lifecycle import ARROWS, Arrow
from macae.errors import NotAllowed
from macae.models import Step, StepStatus
from macae.workshop.props.bench import a_step
from macae.workshop.trial import Trial

__all__ = ["moves_by_the_table"]

EVENTS = (
    "offer",
    "approve",
    "reject",
    "dispatch",
    "reply",
    "fail",
    "pause",
    "retry",
    "skip",
    "supersede",
)


async def moves_by_the_table(attempt: Any, trial: Trial) -> None:
    """Return a copy of the step after the event; refuse, with NotAllowed, what the table does not allow."""
    for event in EVENTS:
        start, end = ARROWS[Arrow(event)]
        for number, status in enumerate(sorted(start), 1):
            step = a_step(number, status)
            try:
                after = await trial.call(attempt, step, event)
            except (NotAllowed, KeyError) as error:
                trial.fail(
                    expected=f"`{event}` leads from `{status}` to `{end}`",
                    seen=f"{type(error).__name__}: {error}",
                    look=f"The row `{event}` of the table.",
                    kind="refused",
                )
            trial.expect(
                step.status is status,
                expected="the step that was given stays as it is; the move is made on a copy",
                seen=f"its status is `{step.status}` now",
                look="`step.model_copy(update={…})` gives a changed copy.",
                kind="in-place",
            )
            trial.expect(
                isinstance(after, Step),
                expected="the changed copy of the step, returned",
                seen=after,
                look="The last line of your function: does it `return` the step?",
                kind="no-step",
            )
            trial.expect(
                after.status == end and after.id == step.id,
                expected=f"`{event}` leads from `{status}` to `{end}`",
                seen=f"`{after.status}`",
                look=f"The row `{event}` of the table.",
                kind="wrong-end",
            )
    trial.proven(f"Each of the {len(EVENTS)} events leads where the table says.")
    for event in EVENTS:
        for status in StepStatus:
            if status not in ARROWS[Arrow(event)][0]:
                await refusal(attempt, trial, a_step(3, status), event)
    await refusal(attempt, trial, a_step(3, "planned"), "devour", "unknown-event")
    trial.proven("Every other move is refused, with an error that says why.")
    with_more = await trial.call(attempt, a_step(1, "action_requested"), "fail", error="no flour")
    trial.expect(
        with_more.error == "no flour",
        expected='`move_step(step, "fail", error="no flour")` sets the error too',
        seen=f"error is {with_more.error!r}",
        look="`update={**changes, …}`",
        kind="changes-lost",
    )


async def refusal(
    attempt: Any, trial: Trial, step: Step, event: str, other_error: str = "other-error"
) -> None:
    """Expect that the move is refused, in words that help."""
    try:
        after = await trial.call(attempt, step, event)
    except NotAllowed as error:
        trial.expect(
            str(step.status) in str(error) and event in str(error),
            expected=f"an error text that names the status (`{step.status}`) and the event (`{event}`)",
            seen=str(error),
            look="An f-string: `{step.status}` and `{event}` in the text.",
            kind="mute",
        )
        return
    except (KeyError, ValueError, TypeError, AssertionError) as error:
        trial.fail(
            expected=f"`{event}` of a step that is `{step.status}` raises `NotAllowed`",
            seen=f"{type(error).__name__}: {error}",
            look="`raise NotAllowed(…)`: the engine and the board know how to show this one.",
            kind=other_error,
        )
    trial.fail(
        expected=f"`{event}` of a step that is `{step.status}` raises `NotAllowed`",
        seen=f"no error; it returned {'a step that is ' + after.status if isinstance(after, Step) else after}",
        look="Compare `step.status` with the statuses that the event may start from, before anything is copied.",
        kind="let-through",
    )
