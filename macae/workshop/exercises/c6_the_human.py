"""Challenge 6: The human."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
from typing import Any

from macae.errors import Conflict, NotAllowed, TeamError
from macae.models import EventType, HumanFeedback, PendingCall, Step, StepStatus
from macae.workshop.exercise import Challenge
from macae.workshop.props import pressing
from macae.workshop.props.stand_ins import CardForCheck, WatchfulManager, an_offered_step, listening
from macae.workshop.trial import Trial

CHALLENGE = Challenge(6, "The human", minutes=50, notebook="06-the-human")

GOAL = "Order 5 laptops for the marketing team and book a training session for them next Tuesday."
HOSTILE = "Order <img src=x onerror=\"alert('bought')\"> 5 <b>cheap</b> laptops & bags"
SLOW = 0.4
"""Seconds that the check lets a card wait: long enough to see whether the wait wakes up by itself."""


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
    plain = an_offered_step(
        "Order 5 laptops.", "order_hardware", arguments={"item_name": "laptop", "quantity": 5}
    )
    bare = an_offered_step("Look at the stock.", "check_inventory", agent="StoreAgent")
    for step, parts in ((plain, ("item_name", "laptop", "quantity", "5")), (bare, ())):
        read = pressing.Shown(await html_of(attempt, step, trial)).text
        for words in (step.task, step.agent):
            trial.expect(
                words in read, expected=f"the text {words!r} on the card", seen=read, kind="no-words"
            )
        for words in (str(step.function), *parts):
            trial.expect(words in read, expected=f"the call, with {words!r}", seen=read, kind="no-call")
    trial.proven("Words, agent and call are there.")
    edited = plain.model_copy(update={"updated_action": "Order 3 laptops."})
    read = pressing.Shown(await html_of(attempt, edited, trial)).text
    trial.expect(
        "Order 3 laptops." in read,
        expected="the edited words, 'Order 3 laptops.'",
        seen=read,
        kind="old-words",
    )
    other = PendingCall(tool="order_software", arguments={"product": "editor", "seats": 40})
    asked = plain.model_copy(update={"pending_call": other})
    read = pressing.Shown(await html_of(attempt, asked, trial)).text
    trial.expect(
        "order_software" in read and "40" in read and "order_hardware" not in read,
        expected="the call that the agent asks for now: order_software with 40 seats",
        seen=read,
        look="Where `step.pending_call` is set, that call is what a yes allows.",
        kind="old-call",
    )
    trial.proven("It shows the step as it stands now: edited words, and the call that came up.")
    hostile = an_offered_step(
        HOSTILE, "order_hardware", agent="<i>Agent</i>", arguments={"item_name": "<u>laptop</u>"}
    )
    shown = pressing.Shown(await html_of(attempt, hostile, trial))
    expect_plain(shown, (HOSTILE, "<i>Agent</i>", "<u>laptop</u>"), trial)
    trial.proven("Hostile text is shown, and does nothing.")


async def html_of(attempt: Any, step: Step, trial: Trial) -> str:
    """What the learner's function gives for a step, as HTML."""
    made = await trial.call(attempt, step)
    made = getattr(made, "data", made)  # IPython's HTML object is as good
    if not isinstance(made, str):
        trial.fail(
            expected="a text with HTML",
            seen=made,
            look="Does the function `return` its text?",
            kind="no-text",
        )
    return made


def expect_plain(shown: pressing.Shown, texts: tuple[str, ...], trial: Trial) -> None:
    """No text of somebody else has become markup, and none was thrown away."""
    wrong = sorted(mark for mark in shown.marks if mark in {"img", "u"} or mark.startswith("on"))
    trial.expect(
        not wrong,
        expected="the step's text as text: `<img …>` is read, not obeyed",
        seen=f"a browser would make `{wrong[0]}` of it" if wrong else "",
        look="`html.escape(text)` before it goes between your tags.",
        kind="not-escaped",
    )
    for text in texts:
        trial.expect(
            text in shown.text,
            expected=f"exactly this text, visible: {text}",
            seen=shown.text.strip(),
            look="Is it escaped once, and not twice? Is a part of it cut out?",
            kind="text-lost",
        )


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
        "same-answer": "In a loop, `lambda _: decided(name, …)` looks `name` up when it is pressed, and finds the last one. Bind it: "
        "`lambda _, name=name: …`.",
    },
)
async def approval_card(attempt: Any, trial: Trial) -> None:
    """A function that gives a widget for a step, with Approve, Reject and Edit, and calls `decided(what, text)` once."""
    laptops = an_offered_step("Order 5 laptops.", "order_hardware", arguments={"quantity": 5})
    training = an_offered_step("Book a training session.", "book_training_session", agent="HrAgent")
    for step, note in ((laptops, "the black ones"), (training, "in the morning")):
        await pressed_once(attempt, step, "approve", note, trial)
        await pressed_once(attempt, step, "reject", f"too early, {note}", trial)
    trial.proven("Approve and Reject pass on what was typed, once.")
    await pressed_once(attempt, laptops, "edit", "Order 3 laptops.", trial)
    trial.proven("Edit passes on the new words.")
    hostile = an_offered_step(HOSTILE, "order_hardware", arguments={"item_name": "<u>laptop</u>"})
    card, _ = await made_card(attempt, hostile, trial)
    shown = pressing.read(card)
    card_closed(card)
    expect_plain(shown, (HOSTILE, "<u>laptop</u>"), trial)
    trial.expect(
        "order_hardware" in shown.text,
        expected="the call, with 'order_hardware'",
        seen=shown.text,
        kind="no-call",
    )
    trial.proven("Words and call are shown as text, hostile ones too.")


async def made_card(attempt: Any, step: Step, trial: Trial) -> tuple[Any, list[tuple[Any, ...]]]:
    """The learner's card for a step, and the list in which its decisions will be found."""
    from ipywidgets import DOMWidget

    calls: list[tuple[Any, ...]] = []

    def decided(*values: Any, **named: Any) -> None:
        calls.append((*values, *named.values()))

    card = await trial.call(attempt, step, decided)
    trial.expect(
        isinstance(card, DOMWidget),
        expected="a widget, such as a VBox",
        seen=card,
        look="Does the function `return` the box with everything in it?",
        kind="no-widget",
    )
    trial.expect(
        not calls,
        expected="a decision only after somebody has pressed a button",
        seen=f"`decided{calls[0]}` was called while the card was made" if calls else "",
        look="`on_click` wants a function, not the result of a call.",
        kind="called-early",
    )
    return card, calls


def card_closed(card: Any) -> None:
    """Take a card and all that it holds out of the browser's memory again."""
    for widget in list(pressing.widgets_of(card)):
        with contextlib.suppress(Exception):
            widget.close()


def needed(card: Any, what: str, trial: Trial) -> Any:
    """The card's button for `what`, usable with mouse and keyboard."""
    found = pressing.button(card, what)
    if found is None:
        words = ", ".join(pressing.WORDS[what])
        trial.fail(
            expected=f"a button to {what} (a `widgets.Button` whose description has one of these words: {words})",
            seen=pressing.descriptions(card),
            look="Is the button among the children of what you return? A `<button>` inside HTML reaches nobody.",
            kind="no-button",
        )
    trial.expect(
        found.tabbable is not False,
        expected=f"a button {found.description!r} that the Tab key reaches",
        seen="`tabbable=False`",
        kind="no-keyboard",
    )
    return found


def field_for(card: Any, edit: bool, step: Step, trial: Trial) -> Any:
    """Where the note (or the new wording) is typed."""
    found = pressing.fields(card)
    trial.expect(
        found,
        expected="a field to type in (a `widgets.Text` or `Textarea`)",
        seen="none on the card",
        kind="no-field",
    )

    def is_edit(field: Any) -> bool:
        said = f"{field.description} {field.placeholder}".lower()
        return field.value == step.task or any(
            w in said for w in ("edit", "action", "task", "wording", "words", "new", "change")
        )

    def is_note(field: Any) -> bool:
        said = f"{field.description} {field.placeholder}".lower()
        return any(w in said for w in ("note", "reason", "why", "comment", "remark", "feedback"))

    editing = [field for field in found if is_edit(field) and not is_note(field)]
    others = [field for field in found if field not in editing]
    noting = [field for field in found if is_note(field)] or others
    if edit:
        return (editing or [field for field in found if field not in noting] or found)[0]
    return (noting or found)[0]


async def pressed_once(attempt: Any, step: Step, what: str, text: str, trial: Trial) -> None:
    """Make a card, type, press, and look at what was decided; then press again."""
    card, calls = await made_card(attempt, step, trial)
    try:
        first = needed(card, what, trial)
        field_for(card, what == "edit", step, trial).value = text
        results = pressing.press(first)
        if what == "edit" and not calls:  # an editor that opens first is as good
            save = pressing.button(card, "save", other_than=first)
            if save is not None and pressing.fields(card):
                field_for(card, True, step, trial).value = text
                results = pressing.press(save)
        waiting = [made for made in results if inspect.iscoroutine(made)]
        for made in waiting:
            made.close()
        trial.expect(
            not waiting,
            expected="a handler that does its work when it is called",
            seen="an `async def` handler: a button does not await it, so nothing happened",
            look="Write the handler with `def`.",
            kind="async-click",
        )
        await asyncio.sleep(0.01)
        trial.expect(
            calls,
            expected=f"one call of `decided({what!r}, {text!r})`",
            seen=f"{first.description or first.tooltip!r} was pressed, and `decided` was not called",
            look="Is there an `on_click` for this button?",
            kind="no-call-back",
        )
        judge_call(calls[0], what, text, trial)
        for again in (what, "reject", "approve"):
            if (button := pressing.button(card, again)) is not None:
                pressing.press(button)
        await asyncio.sleep(0.01)
        trial.expect(
            len(calls) == 1,
            expected="one decision, however often somebody presses",
            seen=f"{len(calls)} decisions: {', '.join(map(str, calls))}",
            look="Disable all buttons at the first press, or remember that it was decided.",
            kind="second-decision",
        )
    finally:
        card_closed(card)


def judge_call(call: tuple[Any, ...], what: str, text: str, trial: Trial) -> None:
    """Whether `decided` was told the truth."""
    said = str(call[0]).lower() if call else ""
    trial.expect(
        said == what,
        expected=f"`decided({what!r}, …)` for this button",
        seen=f"`decided{call}`",
        look="The first value is one of 'approve', 'reject' and 'edit'.",
        kind="same-answer" if said in {"approve", "reject", "edit"} else "wrong-words",
    )
    passed_on = str(call[1]) if len(call) > 1 else ""
    trial.expect(
        passed_on.strip() == text,
        expected=f"`decided({what!r}, {text!r})`, with what was typed",
        seen=f"`decided{call}`",
        look="Read the field's `.value` in the handler, at the moment of the press.",
        kind="stale-note",
    )


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
    loop = asyncio.get_running_loop()
    step = an_offered_step("Order 5 laptops.", "order_hardware")
    with listening(loop) as ear:
        for decision in (
            ("approve", "the black ones"),
            ("reject", "too early"),
            ("edit", "Order 3 laptops."),
        ):
            card = CardForCheck()
            task = asyncio.ensure_future(trial.call(attempt, step, card, show=card.show))
            try:
                await until_shown(task, card, trial)
                if decision[0] == "approve":
                    await asyncio.sleep(SLOW)
                    still_waits(task, trial)
                    woke = ear.wakes and min(ear.wakes) <= 1.0
                    trial.expect(
                        woke,
                        expected="a wait that wakes up every 0.25 s, so that the Stop button is heard",
                        seen=f"{SLOW} seconds without waking",
                        look="`await asyncio.wait({answer}, timeout=0.25)`, in a loop.",
                        kind="never-wakes",
                    )
                error = await card.press(*decision)
                thread_safe(error, trial)
                found = await trial.waits(task, 3, f"the decision {decision}, soon after the click")
                trial.expect(
                    tuple(found) == decision if isinstance(found, tuple | list) else False,
                    expected=f"the decision as it was made: {decision}",
                    seen=found,
                    look="Return what the callback was given: `(what, text)`.",
                    kind="wrong-decision",
                )
                thread_safe(await card.press("reject", "a second click"), trial)
                await asyncio.sleep(0.02)
                no_errors(ear.errors, "a second click that changes nothing", trial)
            finally:
                task.cancel()
        trial.proven("It returns the decision, also when the click comes on another thread.")
        trial.proven("The wait wakes up by itself, so Stop works; a second click changes nothing.")
        await silence(attempt, step, ear.errors, trial)
    default = inspect.signature(attempt).parameters.get("timeout")
    trial.expect(
        default is None or default.default is None or default.default is inspect.Parameter.empty,
        expected="no timeout unless one is asked for: `timeout=None`",
        seen=f"timeout={default.default!r}" if default else "",
        kind="default-timeout",
    )
    trial.proven("With a timeout, silence means no; without one it waits.")


async def until_shown(task: asyncio.Future[Any], card: CardForCheck, trial: Trial) -> None:
    """Wait until the card is on the screen."""
    looking = asyncio.ensure_future(card.up.wait())
    await asyncio.wait({task, looking}, timeout=2, return_when=asyncio.FIRST_COMPLETED)
    looking.cancel()
    if task.done():
        still_waits(task, trial)
    trial.expect(
        card.decided is not None and card.up.is_set(),
        expected="a card made by `card(step, decided)`, and handed to `show`",
        seen="the card was made and never shown" if card.decided else "no card",
        look="`show(card(step, decided))`",
        kind="not-shown",
    )


def still_waits(task: asyncio.Future[Any], trial: Trial) -> None:
    """Nobody has pressed anything, so there is no decision yet."""
    if task.done():
        trial.fail(
            expected="a card that is shown, and then a wait until somebody presses a button",
            seen=f"it returned {task.result()!r}, and nobody had pressed anything",
            look="`show(card(step, decided))`, then wait for the decision.",
            kind="no-wait",
        )


def thread_safe(error: BaseException | None, trial: Trial) -> None:
    """The callback raised nothing on its thread."""
    if error is None:
        return
    unsafe = isinstance(error, RuntimeError) and "on-thread-safe" in str(error)
    loopless = isinstance(error, RuntimeError) and "no running event loop" in str(error)
    full = isinstance(error, asyncio.InvalidStateError)
    trial.fail(
        expected="a callback that any thread may call" if not full else "a second click that changes nothing",
        seen=f"{type(error).__name__}: {error}",
        look="`loop.call_soon_threadsafe(keep, (what, text))`, with the loop from `asyncio.get_running_loop()` in `ask` itself."
        if unsafe or loopless
        else "",
        kind="not-thread-safe" if unsafe or loopless else "second-click" if full else "exception",
    )


def no_errors(errors: list[str], expected: str, trial: Trial) -> None:
    """Nothing was raised behind the scenes."""
    trial.expect(
        not errors,
        expected=expected,
        seen=errors[0] if errors else "",
        look="`if not answer.done():` before `answer.set_result(…)`.",
        kind="second-click",
    )


async def silence(attempt: Any, step: Step, errors: list[str], trial: Trial) -> None:
    """With a timeout, no answer is a no, and a late click changes nothing."""
    card = CardForCheck()
    task = asyncio.ensure_future(trial.call(attempt, step, card, timeout=0.4, show=card.show))
    try:
        await asyncio.wait({task}, timeout=3)
        trial.expect(
            task.done(),
            expected='("reject", why) after 0.4 seconds of silence, with timeout=0.4',
            seen="after 3 seconds it still waited",
            kind="no-timeout",
        )
        found = task.result()
        trial.expect(
            isinstance(found, tuple | list) and len(found) == 2 and found[0] == "reject" and found[1],
            expected='("reject", why), with a reason in words',
            seen=found,
            look="Silence is never a yes. Say why: the reason is stored with the step.",
            kind="timeout-yes",
        )
        if card.decided is not None:
            thread_safe(await card.press("approve", "too late"), trial)
        await asyncio.sleep(0.02)
        no_errors(errors, "a late click that changes nothing", trial)
    finally:
        task.cancel()


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
        "approved-unseen": "A step id means the step as it is now, whatever that is. Give the engine the step object that the person saw.",
        "conflict": "Catch `Conflict`: somebody else was quicker. Ask again, with `error.current`.",
    },
)
async def decide(attempt: Any, trial: Trial) -> None:
    """An async function that asks about a step until the answer is yes or no, and tells the engine."""
    async with trial.engine() as engine:
        plan = await engine.submit(GOAL)
        asked: list[Step] = []

        def person(*answers: tuple[str, str]) -> Any:
            left = list(answers)
            asked.clear()

            async def ask(step: Step) -> tuple[str, str]:
                asked.append(step.model_copy())
                trial.expect(
                    left,
                    expected="no further question once the answer was yes or no",
                    seen=f"question {len(asked)}, about a step that is {step.status.value}",
                    look="After `approve` and `reject`, `return` the step.",
                    kind="asked-too-often",
                )
                return left.pop(0)

            return ask

        new = "Order 3 laptops for the marketing team."
        done = await trial.call(
            attempt, engine, plan.steps[0], person(("edit", new), ("approve", "black ones"))
        )
        trial.expect(
            len(asked) > 1,
            expected="two questions: the step, and then the edited step",
            seen="one question; after the edit nobody looked at the new call",
            kind="not-asked-again",
        )
        trial.expect(
            asked[1].task == new and (asked[1].arguments or {}).get("quantity") == 3,
            expected="the second question with the new words and the new call (3 laptops)",
            seen=f"{asked[1].task!r} with {asked[1].arguments}",
            kind="old-step",
        )
        plan = await engine.wait(plan)
        first = plan.steps[0]
        trial.expect(
            first.approval is not None and first.status is StepStatus.completed,
            expected="the edited step, approved and then carried out",
            seen=f"it is {first.status.value}",
            kind="not-approved",
        )
        trial.expect(
            first.human_feedback == "black ones",
            expected="the person's note ('black ones') stored with the step",
            seen=first.human_feedback,
            look="`engine.approve(step, note=text)`",
            kind="note-lost",
        )
        types = [event.type for event in await engine.trail(plan) if event.step_id == first.id]
        order = [
            types.index(t) for t in (EventType.step_edited, EventType.step_approved, EventType.tool_started)
        ]
        trial.expect(order == sorted(order), expected="edited, approved, run", seen=types, kind="order")
        trial.expect(
            isinstance(done, Step) and done.id == first.id,
            expected="the step as it is stored now, returned",
            seen=done,
            kind="no-step",
        )
        trial.proven("An edited step was asked again, and the approval covers what was seen: 3 laptops.")
        why = "Not this week"
        await trial.call(attempt, engine, plan.steps[1], person(("reject", why)))
        second = (await engine.plan(plan)).steps[1]
        trial.expect(
            second.status is StepStatus.rejected and second.human_feedback == why,
            expected=f"the step rejected, with the reason {why!r}",
            seen=f"{second.status.value}, {second.human_feedback!r}",
            look="`engine.reject(step, text)`",
            kind="not-rejected",
        )
        trial.proven("A no is stored with its reason.")
        await changed_meanwhile(attempt, engine, trial)


async def changed_meanwhile(attempt: Any, engine: Any, trial: Trial) -> None:
    """While the person looks, somebody else edits the step: a yes to what was shown is no yes to what it is now."""
    step = (await engine.submit(GOAL)).steps[0]
    asked: list[Step] = []

    async def ask(shown: Step) -> tuple[str, str]:
        asked.append(shown)
        if len(asked) == 1:
            await engine.edit(shown, "Order 50 laptops for the marketing team.")
            return "approve", ""
        return "reject", "Fifty is too many"

    try:
        await trial.call(attempt, engine, step, ask)
    except Conflict as error:
        trial.fail(
            expected="a second question, when somebody else changed the step meanwhile",
            seen=f"Conflict: {error}",
            look="`except Conflict as changed:`, and go on with `changed.current`.",
            kind="conflict",
        )
    now = (await engine.plan(step.plan_id)).steps[0]
    trial.expect(
        len(asked) == 2 and "50" in asked[1].task and now.status is StepStatus.rejected,
        expected="nobody's yes for 50 laptops: the person saw 5 and has to be asked again",
        seen=f"{len(asked)} question(s), and the step is {now.status.value}",
        look="Give `engine.approve` the step that was shown; on `Conflict` ask again.",
        kind="approved-unseen",
    )
    trial.proven("A step that changed meanwhile was asked again; the old yes did not count.")


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
        "own-step": "A step of `HumanAgent` is the person's own work: the yes is its result. `lifecycle.answer(step, text)`.",
        "pending-call": "The yes is for the call that came up. `lifecycle.approve` binds it to the step.",
    },
)
async def after_decision(attempt: Any, trial: Trial) -> None:
    """A function of a step and a HumanFeedback that gives the step after the decision, by the rules of the lifecycle."""

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
    trial.expect(
        answered.status is StepStatus.completed and answered.agent_reply == "Blue.",
        expected="the person's own step completed, with 'Blue.' as its reply",
        seen=f"{answered.status.value}, reply {answered.agent_reply!r}",
        kind="own-step",
    )
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
        expected=f"the person's words on the step: {note!r}",
        seen=step.human_feedback,
        look="`message.human_feedback`",
        kind="note-lost",
    )


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
    told: list[Any] = []
    async with trial.engine(human=attempt, manager=lambda context: WatchfulManager(context, told)) as engine:
        try:
            plan = await engine.submit(GOAL)
        except TeamError as error:
            trial.fail(
                expected="an agent that the engine can build, and that handles HumanFeedback",
                seen=str(error),
                kind="no-handler" if "handler" in str(error) else "exception",
            )
        first, second = plan.steps
        approved = await trial.call(engine.approve, first, "black ones")
        trial.expect(
            approved.approval is not None,
            expected="the approval stored with the step",
            seen=f"the step is {approved.status.value}, without an approval",
            kind="not-stored",
        )
        await heard(told, first, StepStatus.approved, trial)
        plan = await engine.wait(plan)
        first, second = plan.steps
        trial.expect(
            first.status is StepStatus.completed and second.status is StepStatus.awaiting_feedback,
            expected="the first step carried out, the second still waiting",
            seen=f"{first.status.value} and {second.status.value}",
            kind="wrong-status",
        )
        trial.expect(
            first.human_feedback == "black ones",
            expected="the note stored with the step",
            seen=first.human_feedback,
            kind="note-lost",
        )
        types = [event.type for event in await engine.trail(plan) if event.step_id == first.id]
        order = [
            types.index(t) for t in (EventType.step_approved, EventType.step_started, EventType.tool_started)
        ]
        trial.expect(order == sorted(order), expected="approved, started, run", seen=types, kind="order")
        trial.proven("A yes is stored with its step, then the manager is told, then the work runs.")
        told.clear()
        await refused(engine, second, trial)
        await heard(told, second, StepStatus.rejected, trial)
        trial.proven("A no is stored with its reason, and nothing runs.")
        await several(engine, trial)
        trial.proven("A decision on several steps reaches each of them.")
    await own_step(attempt, trial)
    trial.proven("The person's own step is done with their answer.")


async def heard(told: list[Any], step: Step, status: StepStatus, trial: Trial) -> None:
    """The manager was told of this plan, after the step was stored."""
    for _ in range(50):
        if told:
            break
        await asyncio.sleep(0.01)
    trial.expect(
        any(message.plan_id == step.plan_id for message, _ in told),
        expected="an ApprovalRequest for this plan, sent to the manager",
        seen="the manager heard nothing",
        kind="manager-not-told",
    )
    seen = told[0][1].get(step.id)
    trial.expect(
        seen is not StepStatus.awaiting_feedback,
        expected=f"the step stored as {status.value} before the manager is told",
        seen="the manager was told first",
        kind="told-too-early",
    )


async def refused(engine: Any, step: Step, trial: Trial) -> None:
    """A person's no stays a no."""
    try:
        after = await trial.call(engine.reject, step, "No time")
    except NotAllowed as error:
        trial.fail(
            expected="the step rejected",
            seen=f"NotAllowed: {error}",
            look="`message.approved` is False here.",
            kind="self-approved",
        )
    trial.expect(
        after.status is StepStatus.rejected and after.human_feedback == "No time",
        expected="the step rejected, with the reason 'No time'",
        seen=f"{after.status.value}, {after.human_feedback!r}",
        kind="not-rejected",
    )


async def several(engine: Any, trial: Trial) -> None:
    """A yes to all that waits."""
    plan = await engine.submit(GOAL)
    try:
        approved = await trial.call(engine.approve_all, plan)
    except Exception as error:
        trial.fail(
            expected="both steps approved by `engine.approve_all(plan)` (it sends `step_id=None`)",
            seen=f"{type(error).__name__}: {error}",
            kind="all-at-once",
        )
    trial.expect(
        len(approved) == 2 and all(step.approval for step in approved),
        expected="both steps approved by `engine.approve_all(plan)`",
        seen=[step.status.value for step in approved],
        kind="all-at-once",
    )
    await engine.wait(plan)


async def own_step(attempt: Any, trial: Trial) -> None:
    """A step that is for the person."""
    theirs: dict[str, Any] = {
        "agent": "HumanAgent",
        "action": "Choose a colour.",
        "function": None,
        "arguments": [],
        "depends_on": [],
    }
    text = json.dumps(
        {
            "initial_goal": "g",
            "summary": "Asks.",
            "human_clarification_request": None,
            "impossible": None,
            "steps": [theirs],
        }
    )
    async with trial.engine(human=attempt, model=trial.model(text)) as engine:
        plan = await engine.submit("Choose a colour for the box.")
        await trial.call(engine.approve, plan.steps[0], "Blue.")
        done = (await engine.wait(plan)).steps[0]
        trial.expect(
            done.status is StepStatus.completed and done.agent_reply == "Blue.",
            expected="the person's own step completed, with 'Blue.' as its reply",
            seen=f"{done.status.value}, reply {done.agent_reply!r}",
            look="Use your `after_decision`: it knows the person's own steps.",
            kind="own-step",
        )
