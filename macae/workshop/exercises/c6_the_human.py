"""Challenge 6: The human."""

from __future__ import annotations

from typing import Any

from macae.workshop.exercise import Challenge
from macae.workshop.props.asking_checks import (
    asks_again_after_a_change,
    asks_again_after_an_edit,
    stores_a_no,
)
from macae.workshop.props.card_checks import card_is_plain, passes_on_decisions
from macae.workshop.props.decision_checks import follows_the_rules
from macae.workshop.props.feedback_checks import does_their_own_step, stores_then_tells
from macae.workshop.props.plan_trials import LAPTOPS
from macae.workshop.props.reading_checks import shows_hostile_text, shows_the_step, shows_what_changed
from macae.workshop.props.waiting_checks import has_no_timeout_of_its_own, waits_for_a_click
from macae.workshop.trial import Trial

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(6, "The human", minutes=50, notebook="06-the-human")


@CHALLENGE.exercise(
    "step_html",
    title="What am I saying yes to?",
    minutes=5,
    hints=(
        "Three things belong on the card: the words (`step.task`), who does it (`step.agent`) and the exact call. Then ask: "
        "which of these texts were written by somebody else? All of them.",
        "`html.escape(text)` turns `<` into `&lt;`, so a browser shows it and does not obey it. Escape each text first, then put "
        "your own tags around it. The call is `step.pending_call` (`.tool`, `.arguments`) where there is one, else "
        "`step.function` and `step.arguments` (which may be None).",
        "```\ncall = step.pending_call\nname, values = (call.tool, call.arguments) if call else (step.function, step.arguments)\n"
        'given = ", ".join(f"{key}={value!r}" for key, value in (values or {}).items())\n'
        'words, who = html.escape(step.task), html.escape(step.agent)\nshown = html.escape(f"{name}({given})")\n'
        'return f"<b>{words}</b><br>{who}: <code>{shown}</code>"\n```',
    ),
    when={
        "not-escaped": "A text became markup. `html.escape` each text on its own, before you put it between your tags.",
        "text-lost": "Do not delete what looks dangerous: a person must see what stands there. Escape it, all of it.",
        "old-words": "A person may have edited the step. `step.task` is the wording as it now stands; `step.action` is the first one.",
        "old-call": "An agent may have asked for another call than the planned one. It is in `step.pending_call`.",
        "no-call": "Words can say one thing and the call another. Show the function and each argument with its value.",
    },
)
async def step_html(attempt: Any, trial: Trial) -> None:
    """A function that gives HTML with the step's words, its agent and the exact call, all of it as plain text to the reader."""
    await shows_the_step(attempt, trial)
    await shows_what_changed(attempt, trial)
    await shows_hostile_text(attempt, trial)


@CHALLENGE.exercise(
    "approval_card",
    title="A card with buttons",
    minutes=10,
    hints=(
        "You need an `HTML` for the text, a `Text` for the note, a `Text` with the step's words for an edit, and three buttons in "
        "an `HBox`; all of it in a `VBox`. What happens when a button is pressed is a function.",
        "`button.on_click(handler)` takes a function with one parameter (the button). Read `note.value` inside the handler: when "
        "the card is made, nothing has been typed yet. After the first press, set `disabled = True` on all three.",
        "```\ndef press(what, field):\n    for button in buttons:\n        button.disabled = True\n    decided(what, field.value)\n\n"
        'approve.on_click(lambda _: press("approve", note))\nedit.on_click(lambda _: press("edit", words))\n```',
    ),
    when={
        "called-early": "`on_click(decided(…))` calls `decided` at once, and gives `on_click` its result. Give it a function: "
        "`on_click(lambda _: …)`.",
        "stale-note": "The note was read when the card was made. Read `note.value` inside the handler.",
        "second-decision": "A decision is made once. What can still be pressed after the first press?",
        "not-escaped": 'The card shows the step\'s text as HTML. Your `step_html` escapes: use it, with `mine("step_html")(step)`.',
        "old-words": "An edit starts from the words as they now stand: `step.task`. `step.action` is the first wording.",
        "same-answer": "In a loop, `lambda _: decided(name, …)` looks `name` up when it is pressed, and finds the last one. Bind it: "
        "`lambda _, name=name: …`.",
    },
)
async def approval_card(attempt: Any, trial: Trial) -> None:
    """A function that gives a widget for a step, with Approve, Reject and Edit, and calls `decided(what, text)` once."""
    await passes_on_decisions(attempt, trial)
    await card_is_plain(attempt, trial)


@CHALLENGE.exercise(
    "ask",
    title="Wait for a click",
    seconds=20.0,
    minutes=10,
    hints=(
        "A future is a box for one result: `loop.create_future()`. The card's callback fills it, your function waits for it. Three "
        "traps: on some kernels the click arrives on another thread, a plain `await` leaves the Stop button without effect, and a "
        "second click finds the box full.",
        "From another thread only `loop.call_soon_threadsafe(function, …)` is safe. To wait and still wake up: "
        "`await asyncio.wait({answer}, timeout=0.25)` in a loop, until `answer.done()`. For the timeout, remember "
        "`loop.time() + timeout` at the beginning.",
        "```\ndef keep(decision):\n    if not answer.done():\n        answer.set_result(decision)\n\ndef decided(what, text):\n"
        "    loop.call_soon_threadsafe(keep, (what, text))\n\nshow(card(step, decided))\nwhile not answer.done():\n"
        "    await asyncio.wait({answer}, timeout=0.25)\n    # here: is the time up?\nreturn answer.result()\n```",
    ),
    when={
        "not-thread-safe": "The click came on another thread, and your callback touched the loop from there. "
        "`loop.call_soon_threadsafe(keep, (what, text))` hands it over safely.",
        "never-wakes": "Nothing wakes the loop while it waits, so the Stop button is not heard. `asyncio.wait({answer}, timeout=0.25)` "
        "in a loop wakes four times a second.",
        "second-click": "A future takes one result. Ask `answer.done()` before `set_result`, in the function that the loop calls.",
        "endless": "A blocking wait (`Event.wait()`, `queue.get()`) holds up the loop, so the click can never arrive. Await instead.",
        "blocking-sleep": "`time.sleep` holds up the loop, so the click can never arrive. `await asyncio.sleep(0.25)`.",
        "no-timeout": 'Compare `loop.time()` with the end each time that the wait wakes up. The answer is then `("reject", why)`.',
        "default-timeout": "Silence means no only where somebody asked for it. Leave `timeout=None` in the signature.",
    },
)
async def ask(attempt: Any, trial: Trial) -> None:
    """An async function that shows a card, waits for its decision and returns it; with a timeout, silence means no."""
    await waits_for_a_click(attempt, trial)
    has_no_timeout_of_its_own(attempt, trial)


@CHALLENGE.exercise(
    "decide",
    title="An edit is a new question",
    seconds=20.0,
    minutes=8,
    hints=(
        "What did the person see when they said yes? After an edit they have seen the old call. So who has to look again?",
        "`engine.edit(step, words)` returns the step with its new version and its new call. Put that step into `step` and ask again. "
        "When the step has changed under the person's hands, `engine.approve(step)` raises `Conflict`; its `.current` is the step now.",
        '```\nwhile step.status is StepStatus.awaiting_feedback:\n    what, text = await ask(step)\n    try:\n        if what == "edit":\n'
        '            step = await engine.edit(step, text)\n        elif what == "approve":\n'
        "            step = await engine.approve(step, note=text)\n        else: …\n"
        "    except Conflict as changed:\n        step = changed.current\nreturn step\n```",
    ),
    when={
        "not-asked-again": "The words and the call are new. Ask again, with the step that `engine.edit` returned.",
        "old-step": "The second question showed the step as it was before the edit. `step = await engine.edit(step, text)`.",
        "approved-unseen": "A step id means the step as it is now, whatever that is. "
        "Give the engine the step object that the person saw: not its id, and not `error.current`, for nobody has looked at that one.",
        "conflict": "Catch `Conflict`: somebody else was quicker. Ask again, with `error.current`.",
    },
)
async def decide(attempt: Any, trial: Trial) -> None:
    """An async function that asks about a step until the answer is yes or no, and tells the engine."""
    async with trial.engine() as engine:
        plan = await engine.submit(LAPTOPS)
        await asks_again_after_an_edit(attempt, engine, plan, trial)
        await stores_a_no(attempt, engine, plan, trial)
        await asks_again_after_a_change(attempt, engine, trial)


@CHALLENGE.exercise(
    "after_decision",
    title="What a decision makes of a step",
    minutes=6,
    hints=(
        "The state machine stands in `macae.agents.lifecycle`. It has a function for each of the three cases; each gives a changed "
        "copy, and says no (`NotAllowed`) where no arrow leads.",
        "No: `lifecycle.move(step, Arrow.reject, human_feedback=…, human_approval_status=…)`. Yes: `lifecycle.approve(step, None, note)` "
        "(the approval itself, None here, is put in by the ledger). The person's own step: `lifecycle.answer(step, text)`.",
        "```\nif not message.approved:\n    return lifecycle.move(step, Arrow.reject, human_feedback=note,\n"
        '                          human_approval_status=HumanFeedbackStatus.rejected)\nif step.agent == "HumanAgent":\n'
        '    return lifecycle.answer(step, note or "done")\nreturn lifecycle.approve(step, None, note)\n```',
    ),
    when={
        "no-rule": "The status was set by hand, so no rule was asked. `lifecycle.move` and `lifecycle.approve` know the rules.",
        "changed-in-place": "Others hold the same step. Leave it as it is and return a changed copy: the lifecycle functions do.",
        "still-pending": "The step is rejected, but its `human_approval_status` still says `pending`. `lifecycle.move` takes it, "
        "as it takes `human_feedback`: `human_approval_status=HumanFeedbackStatus.rejected`.",
        "note-lost": "The person's words belong into the step's `human_feedback`: `lifecycle.move(step, Arrow.reject, human_feedback=…)`.",
        "own-step": "A step of `HumanAgent` is the person's own work: the yes is its result. `lifecycle.answer(step, text)`.",
        "pending-call": "The yes is for the call that came up. `lifecycle.approve` binds it to the step.",
    },
)
async def after_decision(attempt: Any, trial: Trial) -> None:
    """A function of a step and a HumanFeedback that gives the step after the decision, by the rules of the lifecycle."""
    await follows_the_rules(attempt, trial)


@CHALLENGE.exercise(
    "HumanAgent",
    title="The person's agent",
    kind="class",
    part="human",
    seconds=20.0,
    ours="macae.agents:HumanAgent",
    minutes=8,
    hints=(
        "Three things, in this order: find the step, store what the decision makes of it, tell the manager that it may go on.",
        "`await memory.held_step(plan_id, step_id)` finds, `await memory.update_step(step)` stores. When `message.step_id` is None, "
        'the decision is on each step named in `message.versions`. Then `await self.send_message(ApprovalRequest(…), AgentId("GroupChatManager", self.id.key))`.',
        "```\nmemory = self.context.memory\nids = [message.step_id] if message.step_id else list(message.versions)\nfor step_id in ids:\n"
        "    step = await memory.held_step(message.plan_id, step_id)\n"
        '    await memory.update_step(mine("after_decision")(step, message))\nawait self.send_message(…)\n```',
    ),
    when={
        "not-stored": "After the decision the store still has the old step. `await self.context.memory.update_step(changed)`.",
        "manager-not-told": "The decision is stored and nobody knows. Send the manager an `ApprovalRequest`.",
        "told-too-early": "The manager looked, and the step was not stored yet. First store, then tell.",
        "self-approved": "The person said no, and your agent stored a yes. Only a yes that came through `engine.approve` opens the gate.",
        "all-at-once": "With `step_id=None` the decision is on several steps: those in `message.versions`.",
        "no-handler": "The engine wants a method with `@message_handler` whose parameter is `message: HumanFeedback`.",
    },
)
async def HumanAgent(attempt: Any, trial: Trial) -> None:
    """A RoutedAgent that stores each HumanFeedback with its step, and then tells the manager."""
    await stores_then_tells(attempt, trial)
    await does_their_own_step(attempt, trial)
