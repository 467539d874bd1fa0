"""Checks of what a decision makes of a step: its status, the person's words, and what happened in which order."""

from __future__ import annotations

from typing import Any

from macae.errors import NotAllowed
from macae.models import Event, EventType, HumanFeedback, HumanFeedbackStatus, PendingCall, Step, StepStatus
from macae.workshop.props.stand_ins import an_offered_step
from macae.workshop.trial import Trial

__all__ = ["follows_the_rules", "in_order", "is_rejected", "is_their_answer"]


async def follows_the_rules(attempt: Any, trial: Trial) -> None:
    """Yes, no and an answer lead where the lifecycle says, on a copy; a step that is over stays so."""

    def word(approved: bool, text: str | None) -> HumanFeedback:
        return HumanFeedback(
            step_id="s", plan_id="a-plan", session_id="a-session", approved=approved, human_feedback=text
        )

    async def after(step: Step, message: HumanFeedback) -> Step:
        before = step.model_dump()
        found = await trial.call(attempt, step, message)
        if not isinstance(found, Step):
            trial.fail(expected="a Step", seen=found, look="Does each branch `return`?", kind="no-step")
        trial.expect(
            step.model_dump() == before,
            expected="the given step as it was, and a changed copy",
            seen=f"the step that was given is {step.status.value} now",
            kind="changed-in-place",
        )
        return found

    step = an_offered_step("Order 5 laptops.", "order_hardware", arguments={"quantity": 5})
    yes = await after(step, word(True, "black ones"))
    stands(yes, StepStatus.approved, "black ones", trial)
    no = await after(step, word(False, "too early"))
    stands(no, StepStatus.rejected, "too early", trial)
    stands(await after(step, word(False, None)), StepStatus.rejected, None, trial)
    trial.proven("Yes leads to approved, no to rejected, with the person's words.")
    own = an_offered_step("Choose a colour.", agent="HumanAgent")
    answered = await after(own, word(True, "Blue."))
    is_their_answer(answered, trial)
    trial.proven("The person's own step is done with their answer.")
    asked = step.model_copy(
        update={"pending_call": PendingCall(tool="order_software", arguments={"seats": 4})}
    )
    bound = await after(asked, word(True, None))
    trial.expect(
        bound.function == "order_software" and bound.arguments == {"seats": 4} and bound.pending_call is None,
        expected="the call that came up (order_software, 4 seats) as the step's own",
        seen=f"{bound.function} with {bound.arguments}",
        kind="pending-call",
    )
    for approved in (True, False):
        over = step.model_copy(update={"status": StepStatus.completed})
        try:
            found = await trial.call(attempt, over, word(approved, "again"))
        except NotAllowed:
            continue
        trial.fail(
            expected="NotAllowed for a step that is completed already",
            seen=f"{found.status.value}" if isinstance(found, Step) else found,
            look="The lifecycle's functions raise it by themselves.",
            kind="no-rule",
        )
    trial.proven("A step that is over stays so.")
    trial.expect(
        no.human_approval_status == HumanFeedbackStatus.rejected,
        expected="a rejected step whose `human_approval_status` says `rejected` too",
        seen=f"it says `{no.human_approval_status}`",
        look="`lifecycle.move(step, Arrow.reject, human_feedback=…, human_approval_status=HumanFeedbackStatus.rejected)`",
        kind="still-pending",
    )


def stands(step: Step, status: StepStatus, note: str | None, trial: Trial) -> None:
    """The step has this status and these words."""
    trial.expect(
        step.status is status,
        expected=f"a step that is {status.value}",
        seen=f"it is {step.status.value}",
        kind="wrong-status",
    )
    trial.expect(
        step.human_feedback == note,
        expected=f"the person's words in the step's `human_feedback`: {note!r}",
        seen=f"`human_feedback` is {step.human_feedback!r}",
        look="The words are in `message.human_feedback`. Give them to the lifecycle's function.",
        kind="note-lost",
    )


def is_rejected(step: Step, why: str, trial: Trial, look: str = "") -> None:
    """The step is rejected, and the reason is stored with it."""
    trial.expect(
        step.status is StepStatus.rejected and step.human_feedback == why,
        expected=f"the step rejected, with the reason {why!r}",
        seen=f"{step.status.value}, {step.human_feedback!r}",
        look=look,
        kind="not-rejected",
    )


def is_their_answer(step: Step, trial: Trial, look: str = "") -> None:
    """The person's own step is done, with what they said."""
    trial.expect(
        step.status is StepStatus.completed and step.agent_reply == "Blue.",
        expected="the person's own step completed, with 'Blue.' as its reply",
        seen=f"{step.status.value}, reply {step.agent_reply!r}",
        look=look,
        kind="own-step",
    )


def in_order(trail: list[Event], step: Step, wanted: tuple[EventType, ...], said: str, trial: Trial) -> None:
    """These events of a step are on the audit trail in this order."""
    types = [event.type for event in trail if event.step_id == step.id]
    order = [types.index(one) for one in wanted]
    trial.expect(order == sorted(order), expected=said, seen=types, kind="order")
