"""The step's state machine: which event leads from where to where, and nothing else.

Every function here is pure: it takes a step and gives a changed copy. Who stores it, and when, is the ledger's business.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from macae.errors import NotAllowed
from macae.models import Approval, CallRecord, HumanFeedbackStatus, PendingCall, Step, StepStatus

__all__ = [
    "ARROWS",
    "Arrow",
    "answer",
    "approve",
    "bind",
    "cancel",
    "claim",
    "describe",
    "edit",
    "move",
    "release",
]

S = StepStatus


class Arrow(StrEnum):
    """What can happen to a step."""

    offer = "offer"
    edit = "edit"
    approve = "approve"
    answer = "answer"
    reject = "reject"
    dispatch = "dispatch"
    reply = "reply"
    fail = "fail"
    pause = "pause"
    """A changing call came up that the approval does not cover."""
    release = "release"
    """Its owner died before a changing call had started."""
    interrupt = "interrupt"
    """Its owner died after a changing call had started."""
    done = "done"
    """A person says that the interrupted call did its work."""
    retry = "retry"
    skip = "skip"
    supersede = "supersede"
    cancel = "cancel"


ARROWS: Mapping[Arrow, tuple[frozenset[StepStatus], StepStatus]] = {
    Arrow.offer: (frozenset({S.planned}), S.awaiting_feedback),
    Arrow.edit: (frozenset({S.planned, S.awaiting_feedback, S.approved}), S.awaiting_feedback),
    Arrow.approve: (frozenset({S.awaiting_feedback}), S.approved),
    Arrow.answer: (frozenset({S.awaiting_feedback}), S.completed),
    Arrow.reject: (frozenset({S.awaiting_feedback}), S.rejected),
    Arrow.dispatch: (frozenset({S.approved}), S.action_requested),
    Arrow.reply: (frozenset({S.action_requested}), S.completed),
    Arrow.fail: (frozenset({S.action_requested}), S.failed),
    Arrow.pause: (frozenset({S.action_requested}), S.awaiting_feedback),
    Arrow.release: (frozenset({S.action_requested}), S.approved),
    Arrow.interrupt: (frozenset({S.action_requested}), S.awaiting_feedback),
    Arrow.done: (frozenset({S.awaiting_feedback, S.failed}), S.completed),
    Arrow.retry: (frozenset({S.failed, S.rejected}), S.awaiting_feedback),
    Arrow.skip: (frozenset({S.planned, S.awaiting_feedback, S.failed, S.rejected}), S.skipped),
    Arrow.supersede: (
        frozenset({S.planned, S.awaiting_feedback, S.approved, S.failed, S.rejected}),
        S.superseded,
    ),
    Arrow.cancel: (frozenset({S.planned, S.awaiting_feedback, S.approved, S.action_requested}), S.cancelled),
}
"""For each arrow: the statuses that it may start from, and the one that it leads to."""


def may_follow(before: StepStatus, after: StepStatus) -> bool:
    """Whether some arrow leads from one status to the other (or nothing moves)."""
    return before is after or any(before in start and after is end for start, end in ARROWS.values())


def describe(step: Step) -> str:
    """How an error names a step."""
    return f'Step {step.index} ("{step.task[:80]}", {step.agent})'


def move(step: Step, arrow: Arrow, **changes: Any) -> Step:
    """The step after `arrow`, with `changes` made. Raises NotAllowed, naming step and status, where none leads on."""
    start, end = ARROWS[arrow]
    if step.status not in start:
        allowed = ", ".join(sorted(start))
        raise NotAllowed(f"{describe(step)} is {step.status}; {arrow} is possible when it is {allowed}.")
    return step.model_copy(update={**changes, "status": end})


def bind(step: Step, function: str | None, arguments: dict[str, Any] | None) -> Step:
    """The step bound to another call (or to none)."""
    return step.model_copy(update={"function": function, "arguments": arguments, "pending_call": None})


def edit(step: Step, action: str, function: str | None, arguments: dict[str, Any] | None) -> Step:
    """The person's wording and the call that goes with it; an earlier approval is gone."""
    changed = bind(step, function, arguments)
    return move(changed, Arrow.edit, updated_action=action, approval=None)


def approve(step: Step, approval: Approval | None, note: str | None) -> Step:
    """Approved. The call that was asked for becomes the step's own; an interruption has been answered."""
    call = step.pending_call
    bound = bind(step, call.tool, call.arguments) if call else step
    return move(
        bound,
        Arrow.approve,
        approval=approval,
        human_feedback=note or step.human_feedback,
        human_approval_status=HumanFeedbackStatus.addressed,
        interrupted_calls=[],
        error=None,
    )


def answer(step: Step, text: str) -> Step:
    """The person has done their own step."""
    return move(
        step,
        Arrow.answer,
        agent_reply=text,
        human_feedback=text,
        human_approval_status=HumanFeedbackStatus.addressed,
    )


def claim(step: Step, owner: str) -> Step:
    """Being carried out, by `owner`."""
    return move(step, Arrow.dispatch, owner=owner, attempt=step.attempt + 1)


def under_way(step: Step, call: CallRecord) -> bool:
    """Whether a call was running when this attempt was cut off, so that nobody saw how it ended."""
    return call.state == "started" or (call.state == "unknown" and call.attempt == step.attempt)


def may_have_run(calls: Iterable[CallRecord]) -> list[str]:
    """How a person is told of calls that were cut off: those that change something, one by one."""
    return [f"{call.tool}: it may have run" for call in calls if call.effect == "change"]


def release(step: Step, known: Mapping[str, str] | None = None, in_vain: bool = False) -> Step:
    """A step whose owner is gone: approved again, or awaiting and interrupted if a changing call had started.

    `known` maps the keys of calls that are known to have had their effect to their results: those are taken as
    completed, and the person is told so.
    """
    known = known or {}
    calls: list[CallRecord] = []
    touched: list[str] = []
    for call in step.calls:
        cut_off = under_way(step, call)
        if cut_off and call.effect == "read":
            call = call.model_copy(update={"state": "failed", "is_error": True, "result": "interrupted"})
        elif cut_off and call.key in known:
            call = call.model_copy(
                update={"state": "completed", "is_error": False, "result": known[call.key]}
            )
            touched.append(f"{call.tool}: it did run")
        elif cut_off:
            call = call.model_copy(update={"state": "unknown"})
            touched += may_have_run([call])
        calls.append(call)
    if in_vain and not touched:
        touched.append("nothing that it did could be stored, several times over")
    if not touched:
        return move(step, Arrow.release, owner=None, calls=calls)
    return move(step, Arrow.interrupt, owner=None, calls=calls, interrupted_calls=touched, approval=None)


def cancel(step: Step) -> Step:
    """Cancelled; of the changing calls that were running it says that they may have run."""
    unsure = may_have_run(call for call in step.calls if under_way(step, call))
    changes: dict[str, Any] = {"owner": None}
    if unsure:
        changes |= {"interrupted_calls": unsure, "error": "; ".join(unsure)}
    return move(step, Arrow.cancel, **changes)


def pause(step: Step, call: PendingCall) -> Step:
    """Awaiting again, showing the call that came up; the former yes does not cover it."""
    return move(step, Arrow.pause, pending_call=call, owner=None, approval=None)


def approval_of(step: Step, by: str, note: str | None) -> Approval:
    """A yes to the step as it now stands."""
    return Approval(by=by, version=step.version, hash=step.hash, note=note, time=time.time())
