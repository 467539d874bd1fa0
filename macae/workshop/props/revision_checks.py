"""Checks of a plan made anew: what stays keeps its id and its approval, what is gone is superseded."""

from __future__ import annotations

from typing import Any

from macae.models import Step, StepStatus
from macae.workshop.props.bench import a_step
from macae.workshop.props.follow_checks import described
from macae.workshop.trial import Trial

__all__ = ["keeps_what_stays"]

S = StepStatus

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
