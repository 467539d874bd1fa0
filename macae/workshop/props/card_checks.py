"""Checks of a card with buttons: it is a widget, what is typed and pressed is passed on once, and it shows text as text."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from typing import Any

from macae.models import Step
from macae.workshop.props import pressing
from macae.workshop.props.reading_checks import HOSTILE, expect_call, expect_plain
from macae.workshop.props.stand_ins import an_offered_step
from macae.workshop.trial import Trial

__all__ = ["card_is_plain", "passes_on_decisions"]


async def passes_on_decisions(attempt: Any, trial: Trial) -> None:
    """Approve, Reject and Edit call `decided` once, with what was typed."""
    laptops = an_offered_step("Order 5 laptops.", "order_hardware", arguments={"quantity": 5})
    training = an_offered_step("Book a training session.", "book_training_session", agent="HrAgent")
    for step, note in ((laptops, "the black ones"), (training, "in the morning")):
        await pressed_once(attempt, step, "approve", note, trial)
        await pressed_once(attempt, step, "reject", f"too early, {note}", trial)
    trial.proven("Approve and Reject pass on what was typed, once.")
    await pressed_once(attempt, laptops, "edit", "Order 3 laptops.", trial)
    await holds_the_newest_words(attempt, trial)
    trial.proven("Edit passes on the new words.")


async def holds_the_newest_words(attempt: Any, trial: Trial) -> None:
    """What is offered for an edit is the wording as it now stands, not the first one."""
    step = an_offered_step("Order 5 laptops.", "order_hardware", updated_action="Order 4 green laptops.")
    card, _ = await made_card(attempt, step, trial)
    try:
        if not any(field.value == step.task for field in pressing.fields(card)):
            pressing.press(needed(card, "edit", trial))  # an editor that opens first is as good
        held = [field.value for field in pressing.fields(card)]
        trial.expect(
            step.task in held,
            expected=f"a field that holds the words of the step as they now stand: {step.task!r}",
            seen=f"fields that hold {', '.join(map(repr, held)) or 'nothing: there is none'}",
            look="`value=step.task`. A person may have edited the step: `step.action` is the first wording.",
            kind="old-words",
        )
    finally:
        card_closed(card)


async def card_is_plain(attempt: Any, trial: Trial) -> None:
    """Words and call can be read on the card, and nothing of them becomes markup."""
    hostile = an_offered_step(HOSTILE, "order_hardware", arguments={"item_name": "<u>laptop</u>"})
    card, _ = await made_card(attempt, hostile, trial)
    shown = pressing.read(card)
    card_closed(card)
    expect_plain(shown, (HOSTILE, "<u>laptop</u>"), trial)
    expect_call(shown.text, "order_hardware", trial)
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
