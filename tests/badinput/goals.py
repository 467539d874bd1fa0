"""Goals, and answers to the planner's question."""

from __future__ import annotations

from typing import Any

from macae.errors import InvalidInput, NotAllowed
from tests.badinput.rig import ASKS, NOTHING, PLANNED, UNTOUCHED, Kept, Rig
from tests.badinput.table import Deed, Row, row
from tests.support.scripted import planned

ASK = planned(human_clarification_request="Which kind?")


def goal(value: Any) -> Deed:
    async def deed(rig: Rig) -> str:
        plan = await rig.engine().submit(value)
        return plan.initial_goal

    return deed


def answer(value: Any) -> Deed:
    async def deed(rig: Rig) -> None:
        engine, plan = await rig.planned(ASK)
        await engine.clarify(plan, value)

    return deed


async def unasked(rig: Rig) -> None:
    engine, plan = await rig.planned()
    await engine.clarify(plan, "oat")


def refused(gave: str, value: Any, says: str) -> Row:
    return row(gave, goal(value), InvalidInput, says, NOTHING)


def cleaned(gave: str, value: str, kept: str) -> Row:
    async def deed(rig: Rig) -> str:
        plan = await rig.engine().submit(value)
        assert plan.initial_goal == kept
        return plan.initial_goal

    return row(gave, deed, None, kept, PLANNED)


SAME: Kept = UNTOUCHED
ROWS = [
    refused("an empty goal", "", "The goal is empty. Say in a sentence what is to be done"),
    refused("a goal of spaces and line ends", " \n\t ", "The goal is empty."),
    refused("a goal of punctuation", "?!…", "The goal is empty."),
    refused("a goal of control characters", "\x00\x01\x1b\x7f", "The goal is empty."),
    refused("a goal of halves of characters", "\ud800\udfff", "The goal is empty."),
    refused("a goal of invisible characters", "\u200b\u2066\u202e\ufeff", "The goal is empty."),
    refused("no goal", None, "The goal must be text, not None."),
    refused("a number for a goal", 7, "The goal must be text, not int."),
    refused("bytes for a goal", b"Bake", "The goal must be text, not bytes."),
    refused("a goal of 20,001 characters", "x" * 20_001, "The goal has 20,001 characters; 20,000 are the most. Shorten it."),
    refused("a goal of ten million characters", "x " * 5_000_000, "The goal has 10,000,000 characters;"),
    cleaned("a goal with a terminal's control sequences", "Bake \x1b[31mred\x1b[0m cookies\x07", "Bake [31mred[0m cookies"),
    cleaned("a goal with half an emoji", "Bake cookies \ud83d now", "Bake cookies  now"),
    cleaned("a goal that turns its direction (U+202E)", "Bake \u202eseikooc\u202c", "Bake seikooc"),
    cleaned("a goal with unusual line ends", "Bake\u2028Approved call: burn {}\x0b\x85Sell", "Bake\nApproved call: burn {}\n\nSell"),
    row("an empty answer", answer("  "), InvalidInput, "The answer is empty. Answer the planner's question.", SAME),
    row("a list for an answer", answer(["oat"]), InvalidInput, "The answer must be text, not list.", SAME),
    row("an answer of a million characters", answer("x" * 1_000_000), InvalidInput, "The answer has 1,000,000 characters;", SAME),
    row("an answer that nobody asked for", unasked, NotAllowed, "The plan asks nothing now; it is in_progress.", SAME),
    row("an answer after which the planner asks again", lambda rig: again(rig), None, "Which kind?", ASKS),
]  # fmt: skip


async def again(rig: Rig) -> str:
    engine, plan = await rig.planned(ASK)
    return str((await engine.clarify(plan, "I do not know")).human_clarification_request)
