"""The step's state machine is exactly the table of the design."""

from __future__ import annotations

from itertools import product

import pytest

from macae.agents import lifecycle
from macae.agents.lifecycle import ARROWS, Arrow
from macae.agents.planstate import PlanState
from macae.errors import NotAllowed
from macae.models import CallRecord, PendingCall, Plan, PlanStatus, Step, StepStatus

S = StepStatus
TABLE = {
    (S.planned, Arrow.offer): S.awaiting_feedback,
    **{(s, Arrow.edit): S.awaiting_feedback for s in (S.planned, S.awaiting_feedback, S.approved)},
    (S.awaiting_feedback, Arrow.approve): S.approved,
    (S.awaiting_feedback, Arrow.answer): S.completed,
    (S.awaiting_feedback, Arrow.reject): S.rejected,
    (S.approved, Arrow.dispatch): S.action_requested,
    (S.action_requested, Arrow.reply): S.completed,
    (S.action_requested, Arrow.fail): S.failed,
    (S.action_requested, Arrow.pause): S.awaiting_feedback,
    (S.action_requested, Arrow.release): S.approved,
    (S.action_requested, Arrow.interrupt): S.awaiting_feedback,
    **{(s, Arrow.done): S.completed for s in (S.awaiting_feedback, S.failed)},
    **{(s, Arrow.retry): S.awaiting_feedback for s in (S.failed, S.rejected)},
    **{(s, Arrow.skip): S.skipped for s in (S.planned, S.awaiting_feedback, S.failed, S.rejected)},
    **{
        (s, Arrow.supersede): S.superseded
        for s in (S.planned, S.awaiting_feedback, S.approved, S.failed, S.rejected)
    },
    **{
        (s, Arrow.cancel): S.cancelled
        for s in (S.planned, S.awaiting_feedback, S.approved, S.action_requested)
    },
}


def step(status: StepStatus = S.planned, **more: object) -> Step:
    return Step(
        plan_id="p", session_id="s", user_id="u", action="Do it.", agent="A", status=status, index=1, **more
    )


@pytest.mark.parametrize(("status", "arrow"), list(product(StepStatus, Arrow)))
def test_every_arrow(status: StepStatus, arrow: Arrow) -> None:
    wanted = TABLE.get((status, arrow))
    before = step(status)
    if wanted is None:
        with pytest.raises(NotAllowed, match=r'Step 1 \("Do it.", A\)'):
            lifecycle.move(before, arrow)
    else:
        assert lifecycle.move(before, arrow).status is wanted
    assert before.status is status
    assert set(ARROWS) == set(Arrow)


def test_approving_a_pending_call_makes_it_the_steps_own() -> None:
    asked = step(
        S.awaiting_feedback,
        function="a",
        arguments={"x": 1},
        pending_call=PendingCall(tool="b", arguments={"y": 2}),
    )
    yes = lifecycle.approval_of(asked, "me", None)
    done = lifecycle.approve(asked, yes, None)
    assert (done.function, done.arguments, done.pending_call) == ("b", {"y": 2}, None)
    assert done.hash == yes.hash != step(function="a", arguments={"x": 1}).hash


@pytest.mark.parametrize(
    ("state", "effect", "known", "status", "says"),
    [
        ("started", "read", {}, S.approved, []),
        ("completed", "change", {}, S.approved, []),
        ("started", "change", {}, S.awaiting_feedback, ["t: it may have run"]),
        ("unknown", "change", {}, S.awaiting_feedback, ["t: it may have run"]),
        ("started", "change", {"k": "yes"}, S.awaiting_feedback, ["t: it did run"]),
    ],
)
def test_a_dead_owners_step(
    state: str, effect: str, known: dict[str, str], status: StepStatus, says: list[str]
) -> None:
    call = CallRecord(key="k", tool="t", effect=effect, state=state, attempt=1)  # type: ignore[arg-type]
    freed = lifecycle.release(step(S.action_requested, calls=[call], attempt=1, owner="gone"), known)
    assert (freed.status, freed.interrupted_calls, freed.owner) == (status, says, None)
    assert (freed.approval is None) or status is S.approved


def outcome(*statuses: StepStatus) -> PlanStatus | None:
    plan = Plan(session_id="s", user_id="u", initial_goal="g")
    ended = PlanState(plan, [step(status, id=str(i)) for i, status in enumerate(statuses)]).outcome([])
    return ended.overall_status if ended else None


def test_a_plan_is_completed_only_when_something_was_done() -> None:
    assert outcome(S.completed, S.skipped, S.superseded) is PlanStatus.completed
    assert outcome(S.skipped, S.skipped) is PlanStatus.cancelled
    for open_status in (S.planned, S.awaiting_feedback, S.approved, S.action_requested, S.failed, S.rejected):
        assert outcome(S.completed, open_status) is None


def test_a_step_is_offered_when_its_arguments_are_known_and_runs_when_its_dependencies_are_done() -> None:
    plan = Plan(session_id="s", user_id="u", initial_goal="g")
    first = step(id="1", function="f", arguments={})
    later = step(id="2", function="f", arguments=None, depends_on=["1"])
    known = step(id="3", function="f", arguments={"x": 1}, depends_on=["1"])
    state = PlanState(plan, [first, later, known])
    offered = {s.id for s, _ in state.follow_up([first, later, known], "me").steps}
    assert offered == {"1", "3"}
    for status in (S.completed, S.skipped):
        done = first.model_copy(update={"status": status})
        yes = lifecycle.approval_of(known, "me", None)
        ready = known.model_copy(update={"status": S.approved, "version": 2, "approval": yes})
        state = PlanState(plan, [first, later, ready])
        follow = {s.id: s.status for s, _ in state.follow_up([done], "me").steps}
        assert follow == {"2": S.awaiting_feedback, "3": S.action_requested}
