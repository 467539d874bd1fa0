"""Checks of the pieces that only look at steps: the table of moves, what follows, a plan made anew."""

from __future__ import annotations

from typing import Any, NamedTuple

from macae.agents.lifecycle import ARROWS, Arrow
from macae.errors import NotAllowed
from macae.models import PlanStatus, Step, StepStatus
from macae.workshop.props.bench import a_step
from macae.workshop.trial import Trial

__all__ = ["EVENTS", "finds_what_follows", "keeps_what_stays", "moves_by_the_table"]

S = StepStatus

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
    trial.proven("Every other move is refused, with an error that says why.")
    with_more = await trial.call(attempt, a_step(1, "action_requested"), "fail", error="no flour")
    trial.expect(
        with_more.error == "no flour",
        expected='`move_step(step, "fail", error="no flour")` sets the error too',
        seen=f"error is {with_more.error!r}",
        look="`update={**changes, …}`",
        kind="changes-lost",
    )


async def refusal(attempt: Any, trial: Trial, step: Step, event: str) -> None:
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
            kind="other-error",
        )
    trial.fail(
        expected=f"`{event}` of a step that is `{step.status}` raises `NotAllowed`",
        seen=f"no error; it returned {'a step that is ' + after.status if isinstance(after, Step) else after}",
        look="Compare `step.status` with the statuses that the event may start from, before anything is copied.",
        kind="let-through",
    )


class Case(NamedTuple):
    """A plan's steps, and what follows: the numbers to offer, the numbers to start, the plan's status; and what goes wrong."""

    says: str
    steps: list[Step]
    offer: set[str]
    start: set[str]
    status: PlanStatus
    kind: str


def unknown(number: int, status: str, *after: int) -> Step:
    """A step whose arguments hang on an earlier result."""
    return a_step(number, status, *after, arguments=None)


GOING, DONE = PlanStatus.in_progress, PlanStatus.completed
CASES = (
    Case("A fresh plan: both calls are known, so both are offered.", [a_step(1), a_step(2, "planned", 1)], {"s1", "s2"}, set(), GOING, "not-offered"),
    Case("A step whose arguments are not known yet is not offered before the step that it needs is over.",
         [a_step(1, "approved"), unknown(2, "planned", 1)], set(), {"s1"}, GOING, "offered-early"),
    Case("Once that step is completed, it is offered.", [a_step(1, "completed"), unknown(2, "planned", 1)], {"s2"}, set(), GOING, "not-offered"),
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
                look="Which steps does it depend on, and how do they stand?",
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


YES = {"by": "local", "version": 1, "hash": "as shown"}


def newly(number: int, kind: str, *after: int) -> Step:
    """A step of a plan made anew; its id is `n1`, `n2`, …"""
    return a_step(
        number,
        "planned",
        id=f"n{number}",
        version=0,
        action=f"Bake {kind}.",
        arguments={"kind": kind},
        depends_on=[f"n{other}" for other in after],
    )


def formerly(number: int, status: str, kind: str, *after: int) -> Step:
    """A step of the stored plan."""
    more = {"approval": YES} if status in ("approved", "completed", "action_requested") else {}
    return Step.model_validate(
        {
            **a_step(number, status, *after, action=f"Bake {kind}.", arguments={"kind": kind}).model_dump(),
            **more,
        }
    )


async def keeps_what_stays(attempt: Any, trial: Trial) -> None:
    """Hold a new plan against the stored one: return the steps to store. What stays the same keeps its id, status and approval."""
    old = [
        formerly(1, "completed", "bread"),
        formerly(2, "rejected", "oat", 1),
        formerly(3, "approved", "rye", 2),
        formerly(4, "awaiting_feedback", "plum", 3),
        formerly(5, "planned", "fig", 4),
        formerly(6, "action_requested", "nut"),
    ]
    new = [newly(1, "almond"), newly(2, "rye", 1), newly(3, "fig", 2), newly(4, "plain", 2, 3)]
    copies = [step.model_copy() for step in old]
    changed = await trial.call(attempt, copies, [step.model_copy() for step in new])
    trial.expect(
        isinstance(changed, list | tuple) and all(isinstance(step, Step) for step in changed),
        expected="a list of the steps to store",
        seen=changed,
        look="The last line of your function: does it return the list?",
        kind="no-list",
    )
    found = {step.id: step for step in changed}
    trial.expect(
        len(found) == len(changed),
        expected="each step once",
        seen=f"{len(changed)} steps with {len(found)} ids",
        look="Is a step both kept and superseded?",
        kind="twofold",
    )
    trial.expect(
        [s.status for s in copies] == [s.status for s in old],
        expected="the steps that were given stay as they are; changes are made on copies",
        seen=described(copies),
        look="`model_copy(update={…})`",
        kind="in-place",
    )
    trial.expect(
        "s3" in found and found["s3"].approval is not None and found["s3"].status is S.approved,
        expected="the approved step that both plans have (rye) keeps its id, its status and its approval",
        seen=f"{found['s3'].status}, approval {found['s3'].approval}" if "s3" in found else f"it is not in the list: {sorted(found)}",
        look="If a new step has a twin in the old plan, keep the twin.",
        kind="yes-lost",
    )  # fmt: skip
    trial.expect(
        "n2" not in found and "n3" not in found,
        expected="what stays is not stored a second time as a new step",
        seen=f"ids {', '.join(sorted(found))}",
        look="Either the twin or the new step, never both.",
        kind="twofold",
    )
    for gone, kind in (("s2", "failed-kept"), ("s4", "not-superseded")):
        trial.expect(
            gone in found and found[gone].status is S.superseded,
            expected=f"step {gone[1:]} is not in the new plan any more: it is superseded",
            seen=found[gone].status if gone in found else "it is not in the list",
            look='`move_step(step, "supersede")` for what is open, failed or rejected and has no place in the new plan.',
            kind=kind if gone not in found or found[gone].status is not S.superseded else "",
        )
    trial.expect(
        "s1" not in found and "s6" not in found,
        expected="the completed step and the running one are left alone",
        seen=", ".join(f"step {i[1:]}: {found[i].status}" for i in ("s1", "s6") if i in found),
        look="Only open, failed and rejected steps are replaced.",
        kind="done-again",
    )
    needs = {i: found[i].depends_on for i in ("s3", "s5", "n1", "n4") if i in found}
    trial.expect(
        needs == {"s3": ["n1"], "s5": ["s3"], "n1": [], "n4": ["s3", "s5"]},
        expected="who depends on whom is as in the new plan, with the ids that are stored: rye on almond (n1), fig on rye (s3), plain on both (s3, s5)",
        seen=needs,
        look="`ids = {step.id: (twin or step).id …}` translates the new plan's ids.",
        kind="old-needs",
    )
    trial.expect(
        all(found[i].index > 6 for i in ("n1", "n4")),
        expected="new steps are numbered after the old ones (from 7 on)",
        seen=f"{found['n1'].index} and {found['n4'].index}",
        look='`update={"index": last + number}`',
        kind="same-number",
    )
    trial.proven("An unchanged step keeps its id and its approval, and waits for what the new plan says.")
    trial.proven("Open steps that are gone are superseded; what is done or running is left alone.")
    await again(attempt, trial)


async def again(attempt: Any, trial: Trial) -> None:
    """A failed step that the new plan has again, twins in the new plan, and an old plan without steps."""
    changed = await trial.call(attempt, [formerly(1, "failed", "oat")], [newly(1, "oat")])
    stands = {step.id: step.status for step in changed}
    trial.expect(
        stands == {"s1": S.superseded, "n1": S.planned},
        expected="a failed step that the new plan has again is superseded, and the new one is asked about",
        seen=stands,
        look="Failed and rejected steps are no twins.",
        kind="failed-kept",
    )
    changed = await trial.call(
        attempt, [formerly(1, "approved", "oat")], [newly(1, "oat"), newly(2, "oat", 1)]
    )
    stands = {step.id: step.status for step in changed}
    trial.expect(
        stands == {"s1": S.approved, "n2": S.planned},
        expected="one yes is for one step: of two same new steps, one keeps it and the other is new",
        seen=stands,
        look="`twins.pop(…)` gives each twin away once.",
        kind="one-for-two",
    )
    changed = await trial.call(attempt, [], [newly(1, "oat")])
    trial.expect(
        [step.id for step in changed] == ["n1"],
        expected="a plan that had no steps yet just gets the new ones",
        seen=changed,
        look="`max(…, default=0)`",
        kind="empty-plan",
    )
    trial.proven("One yes is for one step, also when the new plan wants the same thing twice.")
