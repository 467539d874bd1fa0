"""Decisions that cannot be made, or not so."""

from __future__ import annotations

import math
from typing import Any

from macae.errors import Conflict, InvalidInput, NotAllowed
from macae.models import StepStatus
from tests.badinput.ids import on
from tests.badinput.rig import CHANGED, UNTOUCHED, Rig, step_is
from tests.badinput.table import Deed, Row, row


def bad(gave: str, call: Any, says: str | tuple[str, ...], error: type[Exception] = InvalidInput) -> Row:
    return row(gave, on(call), error, says, UNTOUCHED)


def cleaned(gave: str, call: Any, told: str) -> Row:
    async def deed(rig: Rig) -> str:
        engine, plan = await rig.planned()
        step = await call(engine, plan)
        return str(step.human_feedback or step.arguments)

    return row(gave, deed, None, told, CHANGED)


def over(then: Any) -> Deed:
    """A decision on a plan that is cancelled."""

    async def deed(rig: Rig) -> None:
        engine, plan = await rig.planned()
        plan = await engine.cancel(plan)
        rig.look()
        await then(engine, plan)

    return deed


async def stale(rig: Rig) -> None:
    engine, plan = await rig.planned()
    await engine.reject(plan.steps[0], "no sugar")
    await engine.approve(plan.steps[0])


async def events_after_words(engine: Any, plan: Any) -> None:
    async for _ in engine.events(plan, after="x"):
        pass


SAYS_NO = step_is("The first decision stays: the step is rejected.", StepStatus.rejected, ran=[])
ROWS = [
    bad("a number for a note", lambda e, p: e.approve(p.steps[0], 7), "The note must be text, not int."),
    bad("a note of two million characters", lambda e, p: e.approve(p.steps[0], "x" * 2_000_000), "The note has 2,000,000 characters; 20,000 are the most. Shorten it."),
    bad("a number for who approves", lambda e, p: e.approve(p.steps[0], by=7), "The name of who approves must be text, not int."),
    bad("a name of who approves with a line end", lambda e, p: e.approve_all(p, by="me\nauto:env"), "The name of who approves 'me\\nauto:env' cannot be used: give up to 200 visible characters on one line."),
    bad("a dictionary for a reason", lambda e, p: e.reject(p.steps[0], {}), "The reason must be text, not dict."),
    bad("an empty action", lambda e, p: e.edit(p.steps[0], "  "), "The action is empty. Say in a sentence what the agent is to do."),
    bad("a number for an action", lambda e, p: e.edit(p.steps[0], 7), "The action must be text, not int."),
    bad("an action of a million characters", lambda e, p: e.edit(p.steps[0], "x" * 1_000_000), "The action has 1,000,000 characters;"),
    bad("a list for arguments", lambda e, p: e.edit(p.steps[0], arguments=[1]), 'The arguments must be a dictionary by name, such as {"quantity": 5}.'),
    bad("arguments named by numbers", lambda e, p: e.edit(p.steps[0], arguments={7: "oat"}), "The arguments must be a dictionary by name"),
    bad("an argument that the tool does not have", lambda e, p: e.edit(p.steps[0], arguments={"kind": "oat", "colour": "red"}), "bake has no argument 'colour'; it has kind, quantity."),
    bad("an argument of the wrong kind", lambda e, p: e.edit(p.steps[0], arguments={"kind": "oat", "quantity": "many"}), "bake: quantity: Input should be a valid integer"),
    bad("no number at all for a number", lambda e, p: e.edit(p.steps[0], arguments={"kind": "oat", "quantity": math.nan}), "bake: quantity: Input should be a finite number"),
    bad("an object for an argument", lambda e, p: e.edit(p.steps[0], arguments={"kind": object()}), "bake: kind: Input should be a valid string"),
    bad("arguments without the one that is needed", lambda e, p: e.edit(p.steps[0], arguments={}), "bake: kind: Field required"),
    bad("another agent's tool for a step", lambda e, p: e.edit(p.steps[0], function="sell", arguments={"kind": "oat"}), "BakerAgent has no function 'sell'."),
    bad("a dictionary for a function", lambda e, p: e.edit(p.steps[0], function={"a": 1}, arguments={"kind": "oat"}), "The function must be a name, not dict."),
    bad("retrying a step that awaits a yes", lambda e, p: e.retry(p.steps[0]), ('Step 1 ("Use bake.", BakerAgent) is awaiting_feedback;', "retry is possible when it is failed, rejected."), NotAllowed),
    bad("`done` for a step that was not interrupted", lambda e, p: e.done(p.steps[0], "It is done."), "was not interrupted: approve, reject, retry or skip it.", NotAllowed),
    bad("an empty result for `done`", lambda e, p: e.done(p.steps[0], ""), "The result is empty. Say in a sentence what was done."),
    bad("a number for a reason to skip", lambda e, p: e.skip(p.steps[0], 7), "The reason must be text, not int."),
    bad("a number for a reason to cancel", lambda e, p: e.cancel(p, 7), "The reason must be text, not int."),
    bad("a number for a wish to revise", lambda e, p: e.revise(p, 7), "The wish must be text, not int."),
    bad("allowing more to a plan that is not paused", lambda e, p: e.allow(p, tokens=5), "The plan is in_progress, not paused at a limit.", NotAllowed),
    bad("words for an amount", lambda e, p: e.allow(p, tokens="many"), "tokens must be a number from 0 up, not 'many'."),
    bad("no number at all for dollars", lambda e, p: e.allow(p, usd=math.nan), "usd must be a number from 0 up, not nan."),
    bad("less than nothing", lambda e, p: e.allow(p, seconds=-1), "seconds must be a number from 0 up, not -1."),
    bad("words for a time-out", lambda e, p: e.wait(p, "soon"), "timeout must be a number from 0 up, not 'soon'."),
    bad("words for an event's number", events_after_words, "after must be a number from 0 up, not 'x'."),
    row("approving a step that was rejected meanwhile", stale, Conflict, ('Step 1 ("Use bake.", BakerAgent) has changed: it is rejected now.',), SAYS_NO),
    row("approving a step of a cancelled plan", over(lambda e, p: e.approve(p.steps[0])), NotAllowed, "its plan is cancelled.", UNTOUCHED),
    row("cancelling a cancelled plan", over(lambda e, p: e.cancel(p)), NotAllowed, "The plan is cancelled already.", UNTOUCHED),
    row("finishing a cancelled plan", over(lambda e, p: e.finish(p)), NotAllowed, "The plan is cancelled already.", UNTOUCHED),
    row("revising a cancelled plan", over(lambda e, p: e.revise(p)), NotAllowed, "The plan is cancelled; it cannot be revised.", UNTOUCHED),
    cleaned("a note with a terminal's control sequences and half a character", lambda e, p: e.approve(p.steps[1], "gently \x1b[31m\ud83d"), "gently [31m"),
    cleaned("a reason that turns its direction", lambda e, p: e.reject(p.steps[0], "\u202eon"), "on"),
    cleaned("an argument with half a character", lambda e, p: e.edit(p.steps[0], arguments={"kind": "oat\ud83d"}), "{'kind': 'oat\ufffd'}"),
]  # fmt: skip
