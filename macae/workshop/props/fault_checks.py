"""Checks of challenge 8 on the step whose reply does not say what was done."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from macae.models import Event
from macae.workshop.props.happenings import happened, tool
from macae.workshop.props.plain import at_once
from macae.workshop.props.recordings import recorded
from macae.workshop.trial import Trial

__all__ = ["finds_the_fault"]


def claim(number: int, item: str = "chair") -> str:
    """A reply as Procurement gives it."""
    return f"Ordered {number} x {item} for Sales. PO-1007, $2,070, expected on Wed 2026-12-02."


def made_by_hand() -> list[tuple[str, list[Event], list[str], str, str]]:
    """(What is special, the events, the steps at fault, the kind of failure, where to look)."""
    two = [*tool("a", 5, key="a:1"), *tool("a", 7, key="a:2")]
    return [
        (
            "the number of the call stands in another number of the reply",
            tool("a", 12, reply="Ordered 2 x chair for Sales. PO-1012, $2,120 (tag A-1912)."),
            ["a"], "part-of-a-number",
            "`12` stands in `PO-1012`, `$2,120` and `A-1912`. Only a number that stands alone is claimed: no letter, digit, dash, comma or $ at it.",
        ),
        (
            "the number of the call stands in a date",
            tool("a", 15, reply="Ordered 5 x chair for Sales, expected on Tue 2026-12-15."),
            ["a"], "part-of-a-number",
            "A dash ends a word for `\\b`. Say yourself what may not stand beside the number: `(?<![\\w$,.-])` and `(?![\\w,.-]*\\d)`.",
        ),
        (
            "the order comes in two parcels, and the reply tells the sum",
            tool("a", 20, reply=claim(20), result="PO-1007 with 12 chairs, PO-1008 with 8 chairs."),
            [], "result-compared",
            "The tool's result tells the parcels. What it was called with stands in `data[\"arguments\"]` of `tool_started`.",
        ),
        (
            "the order comes in two parcels, and the reply tells the first one only",
            tool("a", 20, reply=claim(12), result="PO-1007 with 12 chairs, PO-1008 with 8 chairs."),
            ["a"], "result-compared",
            "12 stands in the tool's result, and 20 were ordered. What it was called with stands in `data[\"arguments\"]` of `tool_started`.",
        ),
        (
            "two steps at the same time, and the second one's reply is wrong",
            [*tool("a", 3)[:1], *tool("b", 20)[:1], *tool("b", 20)[1:], *tool("a", 3)[1:], happened("step_completed", text=claim(3), step="a"), happened("step_completed", text=claim(4), step="b")],
            ["b"], "steps-mixed",
            "Events of several steps come between each other. Keep the calls by `step_id`.",
        ),
        (
            "a call failed, and a smaller one was done",
            [*tool("a", 400, key="a:1", state="failed"), *tool("a", 4, key="a:2", reply=claim(4))],
            [], "failed-counted",
            "What failed was not done. `tool_finished` says how a call ended; its `key` says which one.",
        ),
        (
            "a quantity was only asked for, by a tool that reads",
            [*tool("a", 50, key="a:1", effect="read"), *tool("a", 5, key="a:2", reply=claim(5))],
            [], "reading-counted",
            "Reading changes nothing. Only calls with the effect `change` were done.",
        ),
        (
            "two orders in one step, both told",
            [*two, happened("step_completed", text=claim(5) + " " + claim(7, "desk"), step="a")],
            [], "one-call-only",
            "A step may have several calls, and a reply several numbers.",
        ),
        (
            "two orders in one step, the first one told wrongly",
            [*two, happened("step_completed", text=claim(9) + " " + claim(7, "desk"), step="a")],
            ["a"], "one-call-only",
            "A step may have several calls. Each of them has to be told.",
        ),
        (
            "two orders in one step, the second one told wrongly",
            [*two, happened("step_completed", text=claim(5) + " " + claim(9, "desk"), step="a")],
            ["a"], "one-call-only",
            "A reply may tell several numbers, and the first one being right is not enough: each call's number has to be among them.",
        ),
        (
            "a tool without a quantity, and a step that a person did",
            [*tool("a", None, reply="Jessica Smith has VPN access."), happened("step_completed", "ann", "I did it myself, 3 of them.", step="b")],
            [], "no-quantity",
            "Not every call has a quantity, and not every step a call: then there is nothing to compare.",
        ),
    ]  # fmt: skip


def quoted(reply: str) -> str:
    """The beginning of a reply, ended at a word."""
    return textwrap.shorten(reply, 140, placeholder=" …")


def why_accused(events: list[Event], found: list[str], step: str) -> tuple[str, str]:
    """Why a step whose reply is right may have been found: (the kind of failure, where to look); empty when nobody knows."""
    asked = {e.data["key"]: str(e.data["arguments"].get("quantity", "")) for e in events if e.type == "tool_started" and e.data["effect"] == "change"}  # fmt: skip
    done, failed = dict[str, set[str]](), set[str]()
    for one in events:
        if one.type == "tool_finished" and asked.get(one.data["key"]) and one.step_id:
            if one.data["state"] == "completed":
                done.setdefault(one.step_id, set()).add(asked[one.data["key"]])
            else:
                failed.add(one.step_id)
    told = {e.step_id: set(re.findall(r"(?<![\w$,.-])\d+(?![\w,.-]*\d)", e.text)) for e in events if e.type == "step_completed"}  # fmt: skip
    right = [one for one in done if one in told and not done[one] - told[one]]
    if len(right) > 1 and set(right) <= set(found) <= set(done):
        number = min(done[step], default="3") if step in done else "3"
        return "number-and-text", f"Every order is accused, as if no number were ever told. {number} is a number, {number!r} a text, and `numbers_told` gives texts."  # fmt: skip
    if step in failed:
        return "failed-counted", "A call of that step failed, and a call that failed did nothing: `state` says how it ended."  # fmt: skip
    more = sorted(told.get(step, set()) - done.get(step, set()))
    if more:
        return "other-numbers", f"The reply may hold other numbers, here {', '.join(more)}: in a name, or of parcels. Each number that was done has to be among them, no more."  # fmt: skip
    return "", ""


def planted(name: str) -> list[str]:
    """The steps of a recording whose reply was falsified: known by the goal, not by the rule that is asked for."""
    slips = {"tuesday": "Order 5 chairs for Marketing", "thursday": "Order 2 laptops for Finance"}
    return [one.step_id or "" for one in recorded(name) if one.type == "step_offered" and one.text.startswith(slips.get(name, "-"))]  # fmt: skip


async def finds_the_fault(attempt: Any, trial: Trial) -> None:
    """Found in two recordings, not found in a clean one, and in a few made by hand."""
    recording(attempt, trial, "tuesday", "Tuesday: the step that ordered 15 chairs and claims 5.")
    for what, events, wanted, kind, look in made_by_hand():
        judged(attempt, trial, what, events, wanted, kind, look)
    trial.proven(
        "Failed calls, reading, several calls in a step and numbers inside of numbers do not mislead it."
    )
    recording(
        attempt,
        trial,
        "thursday",
        "Another recording: the fault is found at another place, with another number.",
    )
    recording(
        attempt,
        trial,
        "friday",
        "A recording without the fault: nothing is found, though calls failed and were slow.",
    )


def recording(attempt: Any, trial: Trial, name: str, proven: str) -> None:
    """One recording."""
    judged(attempt, trial, f"the recording {name!r}", recorded(name), planted(name), "", "")
    trial.proven(proven)


def judged(attempt: Any, trial: Trial, what: str, events: list[Event], wanted: list[str], kind: str, look: str) -> None:  # fmt: skip
    """One call of the learner's function."""
    found = at_once(attempt, trial, events)
    trial.expect(
        isinstance(found, list | tuple) and all(isinstance(one, str) for one in found),
        expected="a list of step ids, which are texts",
        seen=found,
        look="`found.append(event.step_id)`, and return the list, also where it is empty.",
        kind="not-ids",
    )
    if list(found) == wanted:
        return
    if sorted(set(found)) == sorted(wanted):
        trial.fail(
            expected=f"{what}: each step once, in order", seen=found, look="One entry a step.", kind="twice"
        )
    missed = [one for one in wanted if one not in found]
    said = {one.step_id: one.text for one in events if one.type == "step_completed"}
    if missed:
        trial.fail(
            expected=f"{what}: the step at fault is found",
            seen=f"{'nothing' if not found else 'other steps'}. Its reply: {quoted(said.get(missed[0], ''))}",
            look=look or "Compare what `tool_started` says was called with what `step_completed` claims.",
            kind=kind or "missed",
        )
    wrong = next(one for one in found if one not in wanted)
    likely, advice = ("", "") if kind else why_accused(events, list(found), wrong)
    trial.fail(
        expected=f"{what}: {'nothing else' if wanted else 'nothing'} is found",
        seen=f"a step whose reply is right: {quoted(said.get(wrong, '')) or wrong}",
        look=look or advice or "Which call of that step was done, and does its number stand in the reply?",
        kind=kind or likely or "false-alarm",
    )
