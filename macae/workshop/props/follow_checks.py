"""Checks of what can go on now: which steps are offered, which start, and how the plan stands."""

from __future__ import annotations

from typing import Any, NamedTuple

from macae.models import PlanStatus, Step
from macae.workshop.props.bench import a_step
from macae.workshop.trial import Trial

__all__ = ["described", "finds_what_follows"]


class Case(NamedTuple):
    """A plan's steps, and what follows: the numbers to offer, the numbers to start, the plan's status; and what goes wrong."""

    says: str
    steps: list[Step]
    offer: set[str]
    start: set[str]
    status: PlanStatus
    kind: str
    look: str = "Which steps does it depend on, and how do they stand?"
    """Where to look when the wrong steps are offered."""


def unknown(number: int, status: str, *after: int) -> Step:
    """A step whose arguments hang on an earlier result."""
    return a_step(number, status, *after, arguments=None)


GOING, DONE = PlanStatus.in_progress, PlanStatus.completed
CASES = (
    Case("A fresh plan: both calls are known, so both are offered.", [a_step(1), a_step(2, "planned", 1)], {"s1", "s2"}, set(), GOING, "not-offered",
         "Its arguments are known, so a person can judge it now; only starting has to wait for the other step."),
    Case("A call without arguments has `{}`: that is known too, so it is offered.",
         [a_step(1, "approved"), a_step(2, "planned", 1, arguments={})], {"s2"}, {"s1"}, GOING, "empty-call",
         "`{}` is false in an `if`, as `None` is. Ask `step.arguments is not None`."),
    Case("A step whose arguments are not known yet is not offered before the step that it needs is over.",
         [a_step(1, "approved"), unknown(2, "planned", 1)], set(), {"s1"}, GOING, "offered-early"),
    Case("Once that step is completed, it is offered.", [a_step(1, "completed"), unknown(2, "planned", 1)], {"s2"}, set(), GOING, "never-offered"),
    Case("An approved step waits for the step that it needs.", [a_step(1, "action_requested"), a_step(2, "approved", 1)], set(), set(), GOING, "too-early"),
    Case("Two steps to wait for, and one of them is still running.",
         [a_step(1, "completed"), a_step(2, "action_requested"), a_step(3, "approved", 1, 2)], set(), set(), GOING, "too-early"),
    Case("A skipped step holds nothing back.", [a_step(1, "skipped"), a_step(2, "approved", 1)], set(), {"s2"}, GOING, "skipped-blocks"),
    Case("Approved steps that need nothing start together.",
         [a_step(1, "approved"), a_step(2, "approved"), a_step(3, "approved", 1)], set(), {"s1", "s2"}, GOING, "one-at-a-time"),
    Case("What needs a failed step stays where it is.", [a_step(1, "failed"), a_step(2, "approved", 1), unknown(3, "planned", 1)], set(), set(), GOING, "ran-on"),
    Case("What needs a rejected step stays where it is, and the rest goes on.",
         [a_step(1, "rejected"), unknown(2, "planned", 1), a_step(3, "approved")], set(), {"s3"}, GOING, "ran-on"),
    Case("One step failed and nothing else is left: a person has still to decide, so the plan is not over.",
         [a_step(1, "completed"), a_step(2, "failed")], set(), set(), GOING, "over-too-soon"),
    Case("A step that waits for its yes: the plan is not over.", [a_step(1, "completed"), a_step(2, "awaiting_feedback")], set(), set(), GOING, "over-too-soon"),
    Case("All completed, skipped or superseded, and at least one completed: the plan is completed.",
         [a_step(1, "superseded"), a_step(2, "completed"), a_step(3, "skipped")], set(), set(), DONE, "never-over"),
    Case("Everything was skipped: nothing was done, so the plan is cancelled, not completed.",
         [a_step(1, "skipped"), a_step(2, "skipped")], set(), set(), PlanStatus.cancelled, "nothing-done"),
)  # fmt: skip


async def finds_what_follows(attempt: Any, trial: Trial) -> None:
    """Return the planned steps to offer, the approved steps to start, and the plan's status."""
    for case in CASES:
        copies = [step.model_copy() for step in case.steps]
        found = await trial.call(attempt, copies)
        trial.expect(
            isinstance(found, tuple | list) and len(found) == 3,
            expected="three things: `return Follow(offer, start, status)`",
            seen=found,
            look="The last line of your function.",
            kind="not-three",
        )
        offer, start, status = found
        for name, steps, wanted in (("offer", offer, case.offer), ("start", start, case.start)):
            trial.expect(
                isinstance(steps, list | tuple | set) and all(isinstance(step, Step) for step in steps),
                expected=f"`{name}` is a list of steps",
                seen=steps,
                look="The steps themselves, not their ids or numbers.",
                kind="no-steps",
            )
            seen = {step.id for step in steps}
            trial.expect(
                seen == wanted,
                expected=f"{case.says} `{name}` is {numbers(wanted)}",
                seen=f"{numbers(seen)}, of the steps {described(case.steps)}",
                look=case.look
                if name == "offer"
                else "Which steps does it depend on, and how do they stand?",
                kind=case.kind,
            )
        trial.expect(
            status == case.status,
            expected=f"{case.says} The status is `{case.status}`",
            seen=f"`{status}`, of the steps {described(case.steps)}",
            look="Which statuses mean that nothing more is to come?",
            kind=case.kind,
        )
    trial.proven("Steps are offered as soon as a person can judge them.")
    trial.proven(
        "An approved step starts when all that it needs is completed or skipped; several start together."
    )
    trial.proven("A failed or rejected step stops only what needs it, and leaves the plan in progress.")


def numbers(ids: set[str]) -> str:
    """Steps as a person names them."""
    return ", ".join(f"step {found[1:]}" for found in sorted(ids)) or "no step"


def described(steps: list[Step]) -> str:
    """The steps with their statuses."""
    return "; ".join(
        f"{s.index} {s.status}{' (needs ' + ', '.join(o[1:] for o in s.depends_on) + ')' if s.depends_on else ''}"
        for s in steps
    )
