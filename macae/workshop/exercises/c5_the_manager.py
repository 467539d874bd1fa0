"""Challenge 5: The manager."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from macae.agents.lifecycle import ARROWS, Arrow
from macae.agents.steprun import StepRun
from macae.errors import Conflict, MacaeError, NotAllowed, NotFound
from macae.models import (
    ActionResponse,
    ApprovalRequest,
    Event,
    EventType,
    InputTask,
    PendingCall,
    PlanStatus,
    PlanWithSteps,
    Step,
    StepStatus,
)
from macae.workshop.bench import BAKER, Bench, Courier, Job, Kitchen, a_step, claimed, given_plans, obedient
from macae.workshop.diagnose import home_of
from macae.workshop.exercise import Challenge
from macae.workshop.trial import Trial
from macae.workshop.verdict import NotYet

if TYPE_CHECKING:
    from macae.engine import Engine

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(5, "The manager", minutes=45, notebook="05-the-manager")

S = StepStatus

# 1 · The state machine ----------------------------------------------------------------------------------------------

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


@CHALLENGE.exercise(
    "move_step",
    title="The step's state machine",
    minutes=6,
    hints=(
        "The table says it all: for each event, the statuses that it may start from, and the one that it leads to. Fill `MOVES` first; "
        "the function then only looks things up.",
        "`start, end = MOVES[event]`. If `step.status` is not in `start`, raise `NotAllowed` with a text that names the step, its status "
        "and the event. Else return a copy with the new status.",
        "A step is never changed in place: `step.model_copy(update={…})` gives a changed copy. `**changes` is a dict already.",
        '```\nstart, end = MOVES[event]\nif step.status not in start:\n    raise NotAllowed(f"Step {step.index} is {step.status}; {event} is not '
        'possible now.")\nreturn step.model_copy(update={**changes, "status": end})\n```',
    ),
    when={
        "let-through": "A move that is not in the table was made all the same. What does your function do before it copies?",
        "refused": "A move that the table allows was refused. Compare that row of `MOVES` with the table above, word by word.",
        "in-place": "`step.status = …` changes the step that others hold too. `step.model_copy(update=…)` makes another one.",
        "mute": "Whoever reads the error was not there. Put the step's status and the event into its text.",
    },
)
async def move_step(attempt: Any, trial: Trial) -> None:
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


# 2 · What follows ---------------------------------------------------------------------------------------------------


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


@CHALLENGE.exercise(
    "what_follows",
    title="What can go on now?",
    minutes=7,
    hints=(
        "Three questions about the same list: which planned steps can be offered, which approved steps can start, and is anything still open? "
        "Two of them need to know whether all that a step depends on is over.",
        "`depends_on` holds ids. Make a dict first, from id to status: `status_of = {step.id: step.status for step in steps}`.",
        "`def clear(step): return all(status_of[other] in CLEARED for other in step.depends_on)`. Then `offer` and `start` are one list "
        "comprehension each. `all` of nothing is True: a step that needs nothing is clear.",
        "```\noffer = [s for s in steps if s.status is S.planned and (s.arguments is not None or clear(s))]\n"
        "start = [s for s in steps if s.status is S.approved and clear(s)]\n"
        "if any(s.status not in OVER for s in steps):\n    status = PlanStatus.in_progress\n```",
    ),
    when={
        "skipped-blocks": "Somebody decided to go on without that step. Which two statuses hold nothing back?",
        "over-too-soon": "A failed or rejected step still waits for a person: retry it, skip it, or finish the plan. So the plan is in progress.",
        "ran-on": "A failed step is not one that is over. Only completed and skipped ones clear the way.",
        "one-at-a-time": "Return all the steps that can start, not only the first.",
        "nothing-done": "Is there at least one completed step? If not, nothing was done.",
        "offered-early": "When a step's `arguments` are None, nobody can judge it yet. Offer it once all that it depends on is over.",
    },
)
async def what_follows(attempt: Any, trial: Trial) -> None:
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


# 3 · Dispatch -------------------------------------------------------------------------------------------------------


@CHALLENGE.exercise(
    "dispatch",
    title="Claim, store, then act",
    minutes=8,
    hints=(
        "Four things, in this order: claim and store; open the gate; ask the agent; close the gate. The order is the exercise.",
        'The claim is a move: `move_step(step, "dispatch", owner=…, attempt=step.attempt + 1)`. `await memory.commit(claimed, events=[…])` '
        "stores it, and raises Conflict when somebody else was quicker. Let that one through.",
        "Whatever the agent raises becomes an `ActionResponse` with the status `failure`: `try … except Exception as error`. "
        "`gate.close(step.id)` belongs under `finally`, so that it happens in any case.",
        "```\nclaimed = move_step(step, \"dispatch\", owner=memory.store.owner, attempt=step.attempt + 1)\n"
        "started = memory.event(EventType.step_started, claimed, MANAGER, claimed.task)\n"
        "await memory.commit(claimed, events=[started])\nrun = gate.open(claimed)\n"
        "try:\n    response = await manager.send_message(request_for(claimed), AgentId(claimed.agent, claimed.session_id))\n"
        "except Exception as error:\n    response = ActionResponse(status=\"failure\", message=f\"{step.agent} failed: {error}\")\n"
        "finally:\n    gate.close(step.id)\nreturn run, response\n```",
    ),
    when={
        "not-claimed": "If the process dies while the agent works, only the store knows that it had begun. `await memory.commit(claimed, …)` comes first.",
        "no-owner": "The claim says who works on the step: `owner=memory.store.owner`. Only a dead owner's step is ever taken over.",
        "no-event": "The audit trail is written with the change: `commit(claimed, events=[memory.event(EventType.step_started, claimed, …)])`.",
        "gate-shut": "The agent's tools stay shut until the manager opens the gate for this one step: `run = gate.open(claimed)`.",
        "gate-left-open": "The gate must close again whatever happens, also when the agent fails: `finally`.",
        "agent-error": "Catch what the agent raises, and return it as an ActionResponse with the status `failure`.",
        "twice": "Two looks at the same plan may both find the same approved step. Only the claim in the store decides: commit it, and let Conflict through.",
        "stale-run": "Open the gate for the claimed step, after it was stored: `run = gate.open(claimed)`.",
    },
)  # fmt: skip
async def dispatch(attempt: Any, trial: Trial) -> None:
    """Store the claim on an approved step, open its gate, send its agent an `ActionRequest`, close the gate, return run and response."""
    for answer in ("success", "failure", "break"):
        courier, benches = Courier.like(answer), list[Bench]()
        parts = {"team": Kitchen().team(courier), "manager": Bench.factory(benches)}
        async with trial.engine(
            planner=given_plans([Job("bake", "oat"), Job("sell", "oat")]), **parts
        ) as engine:
            plan = await engine.submit("Bake and sell oat cookies.")
            step = await engine.approve(plan.steps[0])
            edited = await engine.edit(plan.steps[1], "Sell them warm.", arguments={"kind": "oat"})
            for one in (step, await engine.approve(edited)):
                await one_dispatch(attempt, trial, engine, benches[0], one, courier)
    trial.proven("Before the agent is asked, the claim is stored: owner, attempt, and an event.")
    trial.proven("The gate is open while the agent works, and shut afterwards, also when the agent breaks.")
    trial.proven(
        "Whatever the agent raises comes back as a failure; a second claim on the same step is refused."
    )


async def one_dispatch(
    attempt: Any, trial: Trial, engine: Engine, bench: Bench, step: Step, courier: type[Courier]
) -> None:
    """One step, sent out once, and then once more in vain."""
    before = len(courier.notes)
    found = await called(attempt, trial, bench, step.model_copy())
    trial.expect(
        len(courier.notes) == before + 1,
        expected=f"one ActionRequest arrives at {step.agent}",
        seen=f"{len(courier.notes) - before} arrived; returned was {found!r:.200}",
        look="`await manager.send_message(request, AgentId(step.agent, step.session_id))`",
        kind="not-sent",
    )
    message, stored, gate_open = courier.notes[-1]
    trail = await engine.trail(step.plan_id)
    began = [e for e in trail if e.type is EventType.step_started and e.step_id == step.id]
    trial.expect(
        stored is not None and stored.status is S.action_requested,
        expected="when the agent is asked, the stored step is `action_requested` already",
        seen=f"the stored step was `{stored.status if stored else 'missing'}`",
        look="Claim and store before you act.",
        kind="not-claimed",
    )
    assert stored is not None
    trial.expect(
        stored.owner == bench.memory.store.owner,
        expected="the claimed step names its owner, `memory.store.owner`",
        seen=f"owner is {stored.owner!r}",
        look='`move_step(step, "dispatch", owner=…)`',
        kind="no-owner",
    )
    trial.expect(
        stored.attempt == step.attempt + 1,
        expected=f"this is attempt {step.attempt + 1}",
        seen=f"attempt is {stored.attempt}",
        look='`move_step(step, "dispatch", …, attempt=step.attempt + 1)`',
        kind="no-attempt",
    )
    trial.expect(
        len(began) == 1,
        expected="one event `step_started` on the audit trail, stored with the claim",
        seen=f"{len(began)} of them",
        look="`commit(claimed, events=[memory.event(EventType.step_started, claimed, MANAGER, claimed.task)])`",
        kind="no-event",
    )
    trial.expect(
        gate_open,
        expected="the gate is open for the step while its agent works",
        seen="it was shut, so no tool could have run",
        look="`run = gate.open(claimed)`, before the message is sent.",
        kind="gate-shut",
    )
    asked = (message.step_id, message.plan_id, message.session_id, message.action)
    trial.expect(
        asked == (step.id, step.plan_id, step.session_id, step.task),
        expected=f"an ActionRequest with the step's id, plan, session, and its words as they now stand: {step.task!r}",
        seen=f"{message!r}",
        look="`request_for(claimed)` makes it. A person may have edited the step: `step.task` has the newest words.",
        kind="wrong-request",
    )
    trial.expect(
        isinstance(found, tuple)
        and len(found) == 2
        and isinstance(found[0], StepRun)
        and isinstance(found[1], ActionResponse),
        expected="the run that `gate.open` gave, and the agent's ActionResponse: `return run, response`",
        seen=found,
        look="The last line of your function.",
        kind="wrong-result",
    )
    run, response = found
    trial.expect(
        run.step.version == stored.version and run.step.status is S.action_requested,
        expected="the gate was opened for the step as it was claimed and stored",
        seen=f"for a step that is `{run.step.status}`, version {run.step.version} (stored: {stored.version})",
        look="First `commit(claimed, …)`, then `gate.open(claimed)`.",
        kind="stale-run",
    )
    trial.expect(
        step.id not in bench.context.gate.runs,
        expected="the gate is shut again once the agent has answered",
        seen="it was still open",
        look="`gate.close(step.id)` under `finally`.",
        kind="gate-left-open",
    )
    wanted = "success" if courier.answer == "success" else "failure"
    trial.expect(
        response.status == wanted,
        expected=f"a response with the status `{wanted}`",
        seen=response,
        look="Return what the agent answered; only what it raises is turned into a failure.",
        kind="wrong-response",
    )
    said = response.result or response.message
    trial.expect(
        courier.answer != "break" or "oven door" in said,
        expected='a failure that says what was wrong: "the oven door fell off"',
        seen=said,
        look="`except Exception as error:` and `{error}` in the message.",
        kind="silent-failure",
    )
    with contextlib.suppress(Conflict, NotAllowed):
        await trial.call(attempt, bench, step.model_copy())
    trial.expect(
        len(courier.notes) == before + 1,
        expected="a second dispatch of the same approved step is refused, and the agent is not asked again",
        seen="the agent was asked twice",
        look="The step that you were given is old by then: committing the claim raises Conflict. Don't catch it here.",
        kind="twice",
    )


async def called(attempt: Any, trial: Trial, bench: Bench, step: Step) -> Any:
    """What the attempt gives for one step; what the agent raised must not come out of it."""
    try:
        return await trial.call(attempt, bench, step)
    except RuntimeError as error:
        if "oven door" not in str(error):
            raise
        trial.fail(
            expected="an agent that breaks gives a failure, not an exception: the rest of the plan goes on",
            seen=f"{type(error).__name__}: {error}",
            look="`try … except Exception as error:` around `send_message`.",
            kind="agent-error",
        )


# 4 · Outcomes and failures ------------------------------------------------------------------------------------------


class After(NamedTuple):
    """What was stored of an attempt."""

    step: Step
    plan: PlanWithSteps
    trail: list[Event]
    said: list[Any]
    questions: list[Any]


async def outcome(
    attempt: Any, trial: Trial, status: str, text: str, *, made: bool, wants: bool = False, kind: str | None = "oat"
) -> After:  # fmt: skip
    """Let the attempt settle one run of one step."""
    benches: list[Bench] = []
    kitchen = Kitchen()
    jobs = [Job("bake", kind), Job("sell", "oat", (1,))]
    parts = {"team": kitchen.team(), "planner": given_plans(jobs), "manager": Bench.factory(benches)}
    async with trial.engine(**parts) as engine:
        plan = await engine.submit("Bake oat cookies.")
        step = await engine.approve(plan.steps[0])
        bench = benches[0]
        memory, gate = bench.memory, bench.context.gate
        before = {q.id for q in await memory.get_data_by_type("approval_request", ApprovalRequest)}
        run = await claimed(bench, step)
        found = engine.team.tool("bake")
        assert found is not None
        if made:
            await gate.call(BAKER, found[1], {"kind": "oat"})
        if wants:
            run.want("bake", {"kind": "rye"})
        run.notes.append(memory.event(EventType.thought, run.step, BAKER, "Butter first."))
        gate.close(step.id)
        response = ActionResponse(
            status=status,
            message=text,
            result=text,
            step_id=step.id,
            plan_id=plan.id,
            session_id=plan.session_id,
        )
        await trial.call(attempt, bench, run, response)
        after = await engine.plan(plan)
        questions = [
            q for q in await memory.get_data_by_type("approval_request", ApprovalRequest) if q.id not in before
        ]  # fmt: skip
        return After(
            after.steps[0],
            after,
            await engine.trail(plan),
            await memory.get_data_by_type("agent_message"),
            questions,
        )


def expect_outcome(
    trial: Trial, after: After, says: str, status: StepStatus, event: EventType, kind: str
) -> None:
    """What holds for every outcome: the status, the event, nothing lost, nobody owns it."""
    trial.expect(
        after.step.status is status,
        expected=f"{says} The stored step is `{status}`",
        seen=f"it is `{after.step.status}`",
        look="`await memory.commit(after, …)` stores the changed step."
        if after.step.status is S.action_requested
        else "Which branch of your `if` was taken, and why?",
        kind="not-stored" if after.step.status is S.action_requested else kind,
    )
    told = [e for e in after.trail if e.type is event and e.step_id == after.step.id]
    trial.expect(
        len(told) == 1,
        expected=f"{says} One event `{event}` on the audit trail",
        seen=f"{len(told)}; the trail has {', '.join(e.type for e in after.trail)}",
        look=f"`events=[*run.notes, memory.event(EventType.{event}, after, step.agent, text)]`",
        kind="no-event",
    )
    trial.expect(
        any(e.type is EventType.thought for e in after.trail),
        expected="the notes of the attempt (what the agent thought, which model calls it made) are on the audit trail",
        seen="they are lost",
        look="`run.notes` holds events that wait for this write: `events=[*run.notes, …]`.",
        kind="lost-notes",
    )
    trial.expect(
        after.step.owner is None,
        expected="nobody owns the step any more",
        seen=f"owner is {after.step.owner!r}",
        look="`step = await run.result()` gives the step as the attempt has left it, without an owner.",
        kind="still-owned",
    )


@CHALLENGE.exercise(
    "settle",
    title="What came of it",
    minutes=7,
    hints=(
        "Three ways to end: the agent wants a call that nobody approved (`pause`), it is done (`reply`), or it is not (`fail`). "
        "Choose the move and the event first; one `commit` at the end stores everything.",
        '`run.pending` comes first. Then: `if response.status == "success" and was_done(step)`. Everything else is a failure.',
        '`after, told = move_step(step, "fail", error=text), EventType.step_failed`: the move and its event side by side in each branch.',
        "```\nif run.pending:\n    after, told = move_step(step, \"pause\", pending_call=run.pending), EventType.step_paused\n"
        "elif response.status == \"success\" and was_done(step):\n    after, told = move_step(step, \"reply\", agent_reply=text), EventType.step_completed\n"
        "else:\n    after, told = move_step(step, \"fail\", error=text), EventType.step_failed\n"
        "new = [memory.said(step.agent, text, step.plan_id, step.id)]\nif run.pending:\n    new.append(memory.question(after))\n"
        "await memory.commit(after, new=new, events=[*run.notes, memory.event(told, after, step.agent, text)])\n```",
    ),
    when={
        "believed": "The agent says that all is well, but the approved call was never made. Ask `was_done(step)`, not the agent.",
        "not-paused": "The agent came to a call that the person did not approve. That is no failure: the step asks again, with `pending_call=run.pending`.",
        "no-question": "A step that awaits a decision needs its question: `memory.question(after)` goes into `new=[…]`.",
        "lost-notes": "`run.notes` are events that wait to be stored. Put them before your own event: `events=[*run.notes, …]`.",
        "not-stored": "Nothing of it is in the store. `await memory.commit(after, new=…, events=…)` is the last line.",
        "too-strict": "This step had no call to make: its `arguments` were not known. `was_done(step)` knows that case too.",
    },
)  # fmt: skip
async def settle(attempt: Any, trial: Trial) -> None:
    """Store what came of an attempt: completed, failed, or paused because a call was not approved."""
    after = await outcome(attempt, trial, "success", "12 oat cookies are in the shop.", made=True)
    says = "The agent succeeded, and the approved call was made."
    expect_outcome(trial, after, says, S.completed, EventType.step_completed, "not-completed")
    trial.expect(
        after.step.agent_reply == "12 oat cookies are in the shop.",
        expected="the agent's words are stored with the step, as `agent_reply`",
        seen=after.step.agent_reply,
        look='`move_step(step, "reply", agent_reply=text)`',
        kind="no-reply",
    )
    trial.expect(
        any(m.source == BAKER and "12 oat" in m.content for m in after.said),
        expected="what the agent said is stored as a message of its own",
        seen=f"{len(after.said)} messages, none of them this one",
        look="`new=[memory.said(step.agent, text, step.plan_id, step.id)]`",
        kind="no-message",
    )
    trial.proven("A success is stored with the agent's words, the notes and an event.")
    after = await outcome(attempt, trial, "failure", "There is no flour.", made=False)
    expect_outcome(trial, after, "The agent failed.", S.failed, EventType.step_failed, "not-failed")
    trial.expect(
        "no flour" in (after.step.error or ""),
        expected="the reason is stored with the step, as `error`: the person has to decide what to do",
        seen=after.step.error,
        look='`move_step(step, "fail", error=text)`',
        kind="no-reason",
    )
    trial.expect(
        after.plan.overall_status is PlanStatus.in_progress,
        expected="the plan stays in progress: the person may retry, skip or finish",
        seen=f"the plan is {after.plan.overall_status}",
        look="Change the step only.",
        kind="gave-up",
    )
    trial.proven("A failure is stored with its reason, and the plan waits for the person.")
    after = await outcome(attempt, trial, "success", "All done!", made=False)
    says = "The agent says that it succeeded, but the approved call was never made."
    expect_outcome(trial, after, says, S.failed, EventType.step_failed, "believed")
    trial.proven("An agent that only says that it is done is not believed.")
    after = await outcome(attempt, trial, "success", "I looked around.", made=False, kind=None)
    says = "The step had no call bound to it, and the agent answered."
    expect_outcome(trial, after, says, S.completed, EventType.step_completed, "too-strict")
    after = await outcome(attempt, trial, "failure", "A person is asked first.", made=False, wants=True)
    says = "The agent wanted a call that nobody had approved."
    expect_outcome(trial, after, says, S.awaiting_feedback, EventType.step_paused, "not-paused")
    trial.expect(
        after.step.pending_call == PendingCall(tool="bake", arguments={"kind": "rye"}),
        expected="the step shows the call that it asks for, as `pending_call`",
        seen=after.step.pending_call,
        look='`move_step(step, "pause", pending_call=run.pending)`',
        kind="no-call-shown",
    )
    trial.expect(
        len(after.questions) == 1,
        expected="one new question to the person is stored",
        seen=f"{len(after.questions)} new ones",
        look="`memory.question(after)`",
        kind="no-question",
    )
    trial.proven("A call that nobody approved pauses the step, and the person is asked for just that call.")


# 5 · Re-planning ----------------------------------------------------------------------------------------------------

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


@CHALLENGE.exercise(
    "revise_steps",
    title="Re-planning",
    minutes=7,
    hints=(
        "Put each new step beside its twin in the old plan, if it has one: the same agent, words, function and arguments. `sameness(step)` "
        "gives something to compare by, and a dict finds it quickly.",
        "`twins = {sameness(s): s for s in old if s.status in OPEN}`, then for each new step `twins.pop(sameness(step), None)`. "
        "Whatever is left over in the old plan, and open, failed or rejected, is superseded.",
        "The new steps name each other by their own ids. A step that stays keeps its old id, so translate: "
        "`ids = {step.id: (twin or step).id for step, twin in pairs}`.",
        "```\ntwins = {sameness(s): s for s in old if s.status in OPEN}\npairs = [(step, twins.pop(sameness(step), None)) for step in new]\n"
        "ids = {step.id: (twin or step).id for step, twin in pairs}\nlast = max((s.index for s in old), default=0)\nchanged = []\n"
        "for number, (step, twin) in enumerate(pairs, 1):\n    kept = twin or step.model_copy(update={\"index\": last + number})\n"
        "    changed.append(kept.model_copy(update={\"depends_on\": [ids[other] for other in step.depends_on]}))\n"
        "gone = [move_step(s, \"supersede\") for s in old if s.status in OPEN | UNDECIDED and s.id not in ids.values()]\n"
        "return changed + gone\n```",
    ),
    when={
        "yes-lost": "A step that stays the same is the old step, with its id, its status and its approval. Take the twin, not the new one.",
        "old-needs": "A kept step now depends on what the new plan says. Its `depends_on` still names steps of the old plan.",
        "done-again": "Steps that are completed or running stay as they are. Don't put them into the list.",
        "not-superseded": "An open step that the new plan does not have must not run any more: `move_step(step, \"supersede\")`.",
        "failed-kept": "A failed or rejected step is no twin: the person wants another way. It is superseded, and the new one asks.",
        "one-for-two": "Two new steps may be the same. One old step can stand for one of them only: `twins.pop(…)`.",
    },
)  # fmt: skip
async def revise_steps(attempt: Any, trial: Trial) -> None:
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


# 6 · The manager ----------------------------------------------------------------------------------------------------


class Scene:
    """A plan in a real engine with the learner's manager."""

    def __init__(self, trial: Trial, engine: Engine, kitchen: Kitchen, plan: PlanWithSteps) -> None:
        self.trial, self.engine, self.kitchen, self.plan = trial, engine, kitchen, plan

    async def rest(self) -> PlanWithSteps:
        """Wait until nothing is under way for the plan; the plan as it is then stored. Nobody gives the manager a nudge here."""
        live = await self.engine.live(self.plan.session_id)
        while busy := live.busy(self.plan.id):
            await asyncio.wait(busy)
        trouble = live.trouble(self.plan.id)
        self.expect(
            not self.kitchen.alone,
            "the two baking steps, which need nothing of each other, run at the same time",
            "Start each with `self.context.spawn(self.execute_step(step), plan_id)`; don't await one before you start the next.",
            "one-by-one",
        )
        if trouble is not None:
            words = str(trouble)
            if "To do: " in words:
                raise NotImplementedError(words[words.index("To do: ") :])
            raise NotYet(
                "exception",
                "the work on the plan comes to an end",
                words,
                'An earlier exercise\'s function that is not done yet? `mine("dispatch")` gives yours once it passed, ours until then.',
            )
        self.plan = await self.engine.plan(self.plan)
        return self.plan

    @property
    def stands(self) -> str:
        """How the plan and its steps stand."""
        return f"the plan is {self.plan.overall_status}; {described_plainly(self.plan)}"

    def expect(self, ok: Any, expected: str, look: str, kind: str) -> None:
        """End the check unless `ok`, and show how things stand."""
        ran = f"; the kitchen's notes: {', '.join(self.kitchen.log)}" if self.kitchen.log else ""
        self.trial.expect(ok, expected=expected, seen=f"{self.stands}{ran}", look=look, kind=kind)


def described_plainly(plan: PlanWithSteps) -> str:
    """The steps' statuses in order."""
    return "; ".join(f"step {step.index} {step.status}" for step in plan.steps) or "no steps"


async def scene(trial: Trial, engine: Engine, kitchen: Kitchen) -> Scene:
    """Submit the goal, and see that something came of it that is stored."""
    try:
        plan: Any = await engine.submit("Bake and sell cookies.")
    except ValueError as error:  # AutoGen holds a handler to the type that it says it returns
        if "return types" not in str(error):
            raise
        plan = None
    trial.expect(
        isinstance(plan, PlanWithSteps),
        expected="`handle_input_task` returns the stored plan, a PlanWithSteps",
        seen=plan,
        look="`return (await self.memory.state(plan.id)).joined()`",
        kind="no-plan",
    )
    try:
        stored = await engine.plan(plan)
    except NotFound:
        trial.fail(
            expected="the plan is in the store when `submit` returns",
            seen="nothing of it was stored",
            look="`await self.memory.commit(plan, *steps, …)`",
            kind="not-stored",
        )
    return Scene(trial, engine, kitchen, stored)


@CHALLENGE.exercise(
    "GroupChatManager",
    title="The manager",
    kind="class",
    minutes=9,
    ours="macae.agents:GroupChatManager",
    part="manager",
    seconds=20.0,
    hints=(
        "Each method is a few lines that call what you have already. Start with `handle_input_task`: ask the planner, store the plan, then "
        "let `process_next_step` offer the steps.",
        '`process_next_step`: `state = await self.memory.state(plan_id)`, then `mine("what_follows")(list(state.steps.values()))`. Store what is '
        "offered in one commit, with the questions and the events. Then `self.context.spawn(self.execute_step(step), plan_id)` for each step to start.",
        "`execute_step`: `run, response = await dispatch(self, step)`, `await settle(self, run, response)`, and then look what follows: "
        "`await self.process_next_step(step.plan_id)`. `Conflict` or `NotAllowed` means that somebody else was quicker: return.",
        "```\nfollow = mine(\"what_follows\")(list(state.steps.values()))\nchanged = [mine(\"move_step\")(s, \"offer\") for s in follow.offer]\n"
        "new = [self.memory.question(s) for s in changed]\nevents = [self.memory.event(EventType.step_offered, s, MANAGER, s.task) for s in changed]\n"
        "if follow.status is not state.plan.overall_status:\n    plan = state.plan.model_copy(update={\"overall_status\": follow.status})\n"
        "    changed.append(plan)\n    events.append(self.memory.event(EventType.plan_changed, plan, MANAGER, follow.status, status=follow.status))\n"
        "if changed:\n    await self.memory.commit(*changed, new=new, events=events)\n"
        "for step in follow.start:\n    self.context.spawn(self.execute_step(step), plan_id)\n```",
    ),
    when={
        "one-by-one": "`await self.execute_step(step)` in a loop waits for each. `self.context.spawn(…)` starts it and goes on at once.",
        "stops-early": "After a step has ended, somebody has to look what follows: the last line of `execute_step`.",
        "never-completed": "When `what_follows` says that the plan is over, store that: a copy of `state.plan` with the new `overall_status`.",
        "unseen-work": "Work goes on that the engine does not know of. Use `self.context.spawn(…)` instead of `asyncio.create_task(…)`.",
        "not-offered": "The planned steps were stored, but nobody offered them. Call `self.process_next_step(plan.id)` before you return.",
        "no-session": "The session needs its row: `also=[self.memory.session_row(\"active\")]` in the first commit.",
        "no-question": "Each offered step comes with its question: `new=[self.memory.question(step) for …]`.",
        "no-event": "Changes and their events are stored together: `commit(…, events=[…])`.",
    },
)  # fmt: skip
async def group_chat_manager(attempt: Any, trial: Trial) -> None:
    """Lead a plan in the real engine from the goal to the end: store, offer, start side by side, cope with failures, plan again."""
    await from_goal_to_end(attempt, trial)
    await through_a_failure(attempt, trial)
    await planned_again(attempt, trial)


async def from_goal_to_end(attempt: Any, trial: Trial) -> None:
    """Two steps side by side, and one after them."""
    kitchen, tasks = Kitchen(), list[InputTask]()
    kitchen.together = {"oat", "rye"}
    jobs = [Job("bake", "oat"), Job("bake", "rye"), Job("sell", "oat", (1, 2))]
    planner = given_plans(jobs, tasks=tasks)
    async with trial.engine(team=kitchen.team(), model=trial.model(obedient), planner=planner, manager=attempt) as engine:  # fmt: skip
        here = await scene(trial, engine, kitchen)
        here.expect(
            [s.status for s in here.plan.steps] == [S.awaiting_feedback] * 3,
            "three steps are stored, and all of them are offered: their calls are known",
            "`process_next_step` moves what `what_follows` says is to be offered, and commits it.",
            "not-offered",
        )
        trial.expect(
            not kitchen.log,
            expected="nothing runs before a person has said yes",
            seen=kitchen.log,
            look="Only approved steps start.",
            kind="unasked",
        )
        await on_record(trial, engine, here)
        trial.proven("A goal becomes a stored plan, and its steps are offered with their questions.")
        await trial.waits(engine.approve_all(here.plan), 5, "an answer to `approve_all`")
        await trial.waits(here.rest(), 8, "the end of the work on the plan")
        here.expect(
            not unseen(attempt),
            "the engine knows of all that is under way: it waits for it, stops it, and tells its errors",
            "`self.context.spawn(coroutine, plan_id)` tells the engine; `asyncio.create_task` does not.",
            "unseen-work",
        )
        here.expect("start oat" in kitchen.log and "start rye" in kitchen.log, "both baking steps run after the yes", "`handle_approval` and `process_next_step`", "stops-early")  # fmt: skip
        trial.proven("Approved steps that need nothing of each other run side by side.")
        here.expect(
            "end sale of oat" in kitchen.log,
            "once both are baked, the sale runs too",
            "When a step has ended, call `self.process_next_step(step.plan_id)`.",
            "stops-early",
        )
        here.expect(
            all(kitchen.before(tray, "sale of oat") for tray in ("oat", "rye")),
            "the sale waits for both baking steps",
            "Only what `what_follows` lists under `start` may start.",
            "wrong-order",
        )
        here.expect(
            [line for line in kitchen.log if line.startswith("start")].count("start oat") == 1
            and len(kitchen.log) == 6,
            "each step runs once",
            "A Conflict of `dispatch` means that somebody else was quicker.",
            "twice",
        )
        here.expect(
            here.plan.overall_status is PlanStatus.completed,
            "the plan is completed when all its steps are",
            "Store a copy of `state.plan` with the status that `what_follows` gives.",
            "never-completed",
        )
        trail = await engine.trail(here.plan)
        trial.expect(
            any(e.type is EventType.plan_changed for e in trail),
            expected="an event `plan_changed` on the audit trail when the plan is over",
            seen=", ".join(e.type for e in trail),
            look="`self.memory.event(EventType.plan_changed, plan, MANAGER, …)`",
            kind="no-event",
        )
        trial.proven(
            "What depends on them waits for both; each step runs once; the plan is completed at the end."
        )


def unseen(attempt: Any) -> list[asyncio.Task[Any]]:
    """The learner's tasks that still run although the engine knows of nothing under way."""
    names = home_of(attempt)
    frames = {task: getattr(task.get_coro(), "cr_frame", None) for task in asyncio.all_tasks()}
    return [task for task, frame in frames.items() if frame is not None and frame.f_globals is names]


async def on_record(trial: Trial, engine: Engine, here: Scene) -> None:
    """The session, the events and the questions are stored with the plan."""
    try:
        await engine.plans(here.plan.session_id)
    except NotFound:
        trial.fail(
            expected="the session has its row, so that the plan is found again after a restart",
            seen="`engine.plans(session_id)` finds no such session",
            look='`also=[self.memory.session_row("active")]` in the first commit.',
            kind="no-session",
        )
    memory = (await engine.live(here.plan.session_id)).memory
    trial.expect(
        any(
            "Bake and sell" in getattr(m, "content", "")
            for m in await memory.get_data_by_type("agent_message")
        ),
        expected="what the person said, their goal, is stored as a message",
        seen="no such message",
        look="`new=[said]` in the first commit.",
        kind="goal-lost",
    )
    trail = [event.type for event in await engine.trail(here.plan)]
    trial.expect(
        EventType.plan_created in trail and trail.count(EventType.step_offered) == 3,
        expected="the audit trail has `plan_created`, and `step_offered` for each of the three steps",
        seen=", ".join(trail) or "an empty trail",
        look="`events=[…]` in each commit.",
        kind="no-event",
    )
    questions = await memory.get_data_by_type("approval_request")
    trial.expect(
        len(questions) == 3,
        expected="a question to the person is stored with each offered step",
        seen=f"{len(questions)} questions",
        look="`new=[self.memory.question(step) for step in …]`",
        kind="no-question",
    )


async def through_a_failure(attempt: Any, trial: Trial) -> None:
    """A step fails: the rest goes on, the person retries, skips or finishes."""
    for decision, end in (("retry", PlanStatus.completed), ("skip", PlanStatus.completed), ("finish", PlanStatus.failed)):  # fmt: skip
        kitchen = Kitchen()
        kitchen.broken = {"oat"}
        jobs = [Job("bake", "oat"), Job("sell", "oat", (1,)), Job("bake", "rye")]
        async with trial.engine(team=kitchen.team(), model=trial.model(obedient), planner=given_plans(jobs), manager=attempt) as engine:  # fmt: skip
            here = await scene(trial, engine, kitchen)
            await trial.waits(engine.approve_all(here.plan), 5, "an answer to `approve_all`")
            await trial.waits(here.rest(), 8, "the end of the work on the plan")
            failed, sale, rye = here.plan.steps
            here.expect(
                failed.status is S.failed and rye.status is S.completed,
                "the first step fails (the oven is too cold), and the third, which does not need it, is completed",
                "`settle` stores the failure; `process_next_step` goes on with the rest.",
                "failure-stops-all",
            )
            here.expect(
                sale.status is S.approved and "start sale of oat" not in kitchen.log,
                "what needs the failed step waits",
                "`what_follows`",
                "ran-on",
            )
            here.expect(
                here.plan.overall_status is PlanStatus.in_progress,
                "the plan waits for the person",
                "A failed step does not end the plan.",
                "over-too-soon",
            )
            kitchen.broken.clear()
            try:
                if decision == "retry":
                    await engine.approve(await engine.retry(failed))
                elif decision == "skip":
                    await engine.skip(failed)
                else:
                    await engine.finish(here.plan)
            except MacaeError as error:
                trial.fail(
                    expected=f"the person can {decision} after a failure",
                    seen=str(error),
                    look="How do the plan and the step stand?",
                    kind="no-way-on",
                )
            await trial.waits(here.rest(), 8, "the end of the work on the plan")
            here.expect(
                here.plan.overall_status is end,
                f"after `{decision}` the plan goes on, and comes to its end: {end}",
                "`handle_approval` is told of every decision; it has to look what follows.",
                "no-way-on",
            )
    trial.proven("A failing step leaves the plan to the person: retry, skip and finish all lead on.")


async def planned_again(attempt: Any, trial: Trial) -> None:
    """A question first; then another way after a no."""
    kitchen = Kitchen()
    planner = given_plans(
        "Which cookies?", [Job("bake", "oat"), Job("sell", "oat", (1,))], [Job("bake", "rye"), Job("sell", "oat", (1,))]
    )  # fmt: skip
    async with trial.engine(team=kitchen.team(), model=trial.model(obedient), planner=planner, manager=attempt) as engine:  # fmt: skip
        here = await scene(trial, engine, kitchen)
        here.expect(
            here.plan.overall_status is PlanStatus.awaiting_clarification,
            "a plan that asks a question is stored as awaiting_clarification",
            "`stamped(planned, message)` gives the plan with its status; offer nothing before it is in progress.",
            "question-lost",
        )
        await engine.clarify(here.plan, "Oat cookies.")
        await here.rest()
        here.expect(
            [s.status for s in here.plan.steps] == [S.awaiting_feedback] * 2,
            "after the answer, the two steps of the new plan are offered",
            "`plan_again` ends with a look at what follows.",
            "not-offered",
        )
        first, second = here.plan.steps
        await engine.approve(second)
        await engine.reject(first, "no oats left")
        await here.rest()
        await engine.revise(here.plan, "use rye")
        await here.rest()
        found = {step.status: step for step in here.plan.steps}
        here.expect(
            set(found) == {S.superseded, S.approved, S.awaiting_feedback},
            "after the revision: the rejected step superseded, the unchanged one still approved, the new one offered",
            '`mine("revise_steps")(old, new)`',
            "yes-lost",
        )
        await engine.approve(found[S.awaiting_feedback])
        await trial.waits(here.rest(), 8, "the end of the work on the plan")
        here.expect(
            here.plan.overall_status is PlanStatus.completed and kitchen.before("rye", "sale of oat"),
            "the new step runs, then the one that was approved before, and the plan is completed",
            "Who depends on whom, after the revision?",
            "wrong-order",
        )
    trial.proven("Planned again after an answer or a no, an unchanged step keeps its approval.")
