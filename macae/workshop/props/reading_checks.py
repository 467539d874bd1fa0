"""Checks of what a person reads before they decide: the words, the agent and the exact call, and no text that turns into markup."""

from __future__ import annotations

from typing import Any

from macae.models import PendingCall, Step
from macae.workshop.props import pressing
from macae.workshop.props.stand_ins import an_offered_step
from macae.workshop.trial import Trial

__all__ = [
    "HOSTILE",
    "expect_call",
    "expect_plain",
    "shows_hostile_text",
    "shows_the_step",
    "shows_what_changed",
]

HOSTILE = "Order <img src=x onerror=\"alert('bought')\"> 5 <b>cheap</b> laptops & bags"


def laptops() -> Step:
    """A step with a call and its arguments."""
    return an_offered_step(
        "Order 5 laptops.", "order_hardware", arguments={"item_name": "laptop", "quantity": 5}
    )


async def shows_the_step(attempt: Any, trial: Trial) -> None:
    """Words, agent and call stand in the HTML, with and without arguments."""
    bare = an_offered_step("Look at the stock.", "check_inventory", agent="StoreAgent")
    for step, parts in ((laptops(), ("item_name", "laptop", "quantity", "5")), (bare, ())):
        read = pressing.Shown(await html_of(attempt, step, trial)).text
        for words in (step.task, step.agent):
            trial.expect(
                words in read, expected=f"the text {words!r} on the card", seen=read, kind="no-words"
            )
        for words in (str(step.function), *parts):
            expect_call(read, words, trial)
    trial.proven("Words, agent and call are there.")


async def shows_what_changed(attempt: Any, trial: Trial) -> None:
    """A step that a person edited, and one whose agent asks for another call."""
    plain = laptops()
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


async def shows_hostile_text(attempt: Any, trial: Trial) -> None:
    """Text that somebody else wrote is text to the reader."""
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


def expect_call(read: str, words: str, trial: Trial) -> None:
    """These words of the call can be read."""
    trial.expect(words in read, expected=f"the call, with {words!r}", seen=read, kind="no-call")
