"""Challenge 5: The manager."""

from __future__ import annotations

from typing import Any

from macae.workshop.exercise import Challenge
from macae.workshop.props.closing_checks import leaves_what_was_cut_off
from macae.workshop.props.dispatch_checks import claims_before_it_acts
from macae.workshop.props.follow_checks import finds_what_follows
from macae.workshop.props.manager_checks import from_goal_to_end, planned_again, through_a_failure
from macae.workshop.props.move_checks import moves_by_the_table
from macae.workshop.props.outcome_checks import stores_the_outcome
from macae.workshop.props.revision_checks import keeps_what_stays
from macae.workshop.trial import Trial

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(5, "The manager", minutes=45, notebook="05-the-manager")


@CHALLENGE.exercise(
    "move_step",
    title="The step's state machine",
    minutes=6,
    hints=(
        "The table says it all: for each event, the statuses that it may start from, and the one that it leads to. Fill `MOVES` first; "
        "the function then only looks things up.",
        "If `event` is in `MOVES`: `start, end = MOVES[event]`. If it is not, or if `step.status` is not in `start`, raise `NotAllowed` with a text that names the step, its status "
        "and the event. Else return a copy with the new status.",
        "A step is never changed in place: `step.model_copy(update={…})` gives a changed copy. `**changes` is a dict already.",
        '```\nstart, end = MOVES.get(event, ((), None))\nif step.status not in start:\n    raise NotAllowed(f"Step {step.index} is {step.status}; '
        '{event} is not possible now.")\nreturn step.model_copy(update={**changes, "status": end})\n```',
    ),
    when={
        "let-through": "A move that is not in the table was made all the same. What does your function do before it copies?",
        "refused": "A move that the table allows was refused. Compare that row of `MOVES` with the table above, word by word.",
        "unknown-event": "`MOVES[event]` raises KeyError for an event that is not in the table. Nobody downstream expects that one: "
        "`if event not in MOVES:`, or `MOVES.get(event, ((), None))`.",
        "in-place": "`step.status = …` changes the step that others hold too. `step.model_copy(update=…)` makes another one.",
        "mute": "Whoever reads the error was not there. Put the step's status and the event into its text.",
    },
)
async def move_step(attempt: Any, trial: Trial) -> None:
    """Return a copy of the step after the event; refuse, with NotAllowed, what the table does not allow."""
    await moves_by_the_table(attempt, trial)


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
        "not-offered": "Its arguments are known, so a person can judge it now. Only starting has to wait for what the step depends on.",
        "empty-call": "`{}` is a call without arguments: that is known. Only None is not: `step.arguments is not None`.",
        "offered-early": "When a step's `arguments` are None, nobody can judge it yet. Offer it once all that it depends on is over.",
    },
)
async def what_follows(attempt: Any, trial: Trial) -> None:
    """Return the planned steps to offer, the approved steps to start, and the plan's status."""
    await finds_what_follows(attempt, trial)


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
        "stop-swallowed": "A stop is no failure of the agent. `except Exception` lets `CancelledError` through, `except BaseException` does not.",
        "no-attempt": "A step may be tried again after a failure. Count on from where it stands: `attempt=step.attempt + 1`.",
        "agent-error": "Catch what the agent raises, and return it as an ActionResponse with the status `failure`.",
        "twice": "Two looks at the same plan may both find the same approved step. Only the claim in the store decides: commit it, and let Conflict through.",
        "stale-run": "Open the gate for the claimed step, after it was stored: `run = gate.open(claimed)`.",
    },
)  # fmt: skip
async def dispatch(attempt: Any, trial: Trial) -> None:
    """Store the claim on an approved step, open its gate, send its agent an `ActionRequest`, close the gate, return run and response."""
    await claims_before_it_acts(attempt, trial)


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
        "needless-question": "A step that is over asks nothing any more. Only a paused one comes with `memory.question(after)`.",
        "wrong-order": "What the agent thought came before the outcome: `events=[*run.notes, …]`, your own event last.",
        "lost-notes": "`run.notes` are events that wait to be stored. Put them before your own event: `events=[*run.notes, …]`.",
        "not-stored": "Nothing of it is in the store. `await memory.commit(after, new=…, events=…)` is the last line.",
        "too-strict": "This step had no call to make: its `arguments` were not known. `was_done(step)` knows that case too.",
    },
)  # fmt: skip
async def settle(attempt: Any, trial: Trial) -> None:
    """Store what came of an attempt: completed, failed, or paused because a call was not approved."""
    await stores_the_outcome(attempt, trial)


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
    await keeps_what_stays(attempt, trial)


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
        "`handle_input_task`: `created = self.memory.event(EventType.plan_created, plan, PLANNER, plan.initial_goal)`, then "
        "`await self.memory.commit(plan, *steps, new=[said], events=[created], also=[self.memory.session_row(\"active\")])`, then "
        "`await self.process_next_step(plan.id)`.",
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
        "conflict-out": "A `Conflict` got out of `execute_step`. Somebody else was quicker, so there is nothing to do: catch it (and `NotAllowed`), and return.",
        "cut-off-settled": "`run.released` says that the engine is closing. What the step did is not known yet: `return` before `settle`.",
        "status-untold": "Who reads the trail later wants to know how the plan ended: `status=follow.status` goes into the event `plan_changed`.",
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
    await leaves_what_was_cut_off(attempt, trial)
