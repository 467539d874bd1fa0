"""What checks ask of a learner's tool: what a model is shown of it, what it answers, and how it says no."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

from macae import contoso
from macae.errors import MacaeError, TeamError, ToolRefused
from macae.tools import ActionTool, as_tool
from macae.workshop.trial import Trial

__all__ = [
    "NO_DOCSTRING",
    "NO_PARAMETER",
    "SYNC",
    "declared",
    "hands_out",
    "is_text",
    "numbers",
    "possible",
    "refused",
    "tells",
]


NO_PARAMETER = (
    'The model sees a parameter as its name, its type and one line of text. Write `item: Annotated[str, "name of the item"]`. '
    "`Annotated[str, Field(…)]` does not work here: AutoGen wants a plain text."
)
NO_DOCSTRING = (
    "The docstring's first paragraph is all that a model knows of what the tool does. Write one sentence."
)
SYNC = "A tool is `async def`: then it can be stopped, and it works on its own session's company."
TEXT = (
    "`return` one sentence with the facts in it. What a tool prints, no model reads; a dict would reach it as Python writes it, "
    "`{'in_stock': True}`."
)


def declared(attempt: Any, trial: Trial, effect: str) -> ActionTool:
    """The learner's function (or what was made of it) as the engine takes it; else what keeps it from being a tool."""
    made = attempt if isinstance(attempt, ActionTool) else None
    name = made.name if made else getattr(attempt, "__name__", "the tool")
    if not made and not inspect.iscoroutinefunction(inspect.unwrap(attempt)):
        trial.fail(expected=f"`async def {name}(…)`", seen=f"a plain `def {name}(…)`", look=SYNC, kind="sync")
    if not made and not (inspect.getdoc(attempt) or getattr(attempt, "__macae_description__", None)):
        trial.fail(
            expected=f"{name} says in a docstring what it does",
            seen="no docstring",
            look=NO_DOCSTRING,
            kind="no-docstring",
        )
    try:
        made = made or as_tool(attempt)
        parameters = made.parameters
    except TeamError as error:
        trial.fail(
            expected=f"{name} can be shown to a model", seen=str(error), look=NO_PARAMETER, kind="schema"
        )
    for parameter, schema in parameters.items():
        trial.expect(
            schema.get("description") not in (None, "", parameter),
            expected=f"the parameter `{parameter}` of {name} is described",
            seen=f"a model is told no more than: {json.dumps(schema)}",
            look=NO_PARAMETER,
            kind="parameter",
        )
    trial.expect(
        made.effect == effect,
        expected=f'{name} is declared with `@tool(effect="{effect}")`',
        seen=f"its effect is `{made.effect}`",
        look="`read` only looks. `change` leaves something different behind, and then each call needs a person's yes. "
        "What declares nothing counts as `change`.",
        kind="effect",
    )
    return made


def is_text(trial: Trial, value: Any, call: str) -> str:
    """The tool's answer, which has to be text."""
    trial.expect(
        isinstance(value, str) and value.strip(),
        expected=f"{call} returns a text", seen=value, look=TEXT, kind="not-text",
    )  # fmt: skip
    return str(value)


def tells(trial: Trial, text: str, call: str, facts: dict[str, float]) -> None:
    """The answer has the numbers of the row; one that has some of them is told which are missing."""
    found = numbers(text)
    missing = [f"{what} ({number:g})" for what, number in facts.items() if number not in found]
    some = len(missing) < len(facts)
    are = "is" if len(missing) == 1 else "are"
    trial.expect(
        not missing,
        expected=f"{call} tells the row in this check's company: " + ", ".join(f"{what} ({number:g})" for what, number in facts.items()),
        seen=f"{text}: {' and '.join(missing)} {are} missing",
        look="Read the row of the item that was asked for, and put `in_stock` and `price_usd` into the sentence.",
        kind="left-out" if some else "no-facts",
    )  # fmt: skip


async def refused(trial: Trial, attempt: Any, company: contoso.Company, *arguments: Any) -> str:
    """The reason with which the learner's tool refuses the call, having changed nothing."""
    call = f"{getattr(attempt, '__name__', 'the tool')}({', '.join(map(repr, arguments))})"
    before = company.snapshot()
    reason = ""
    try:
        value = await trial.call(attempt, *arguments)
    except ToolRefused as error:
        reason = str(error)
    except MacaeError:
        raise
    except Exception as error:
        trial.fail(
            expected=f"{call} raises ToolRefused",
            seen=f"{type(error).__name__}: {error}",
            look="Look first, refuse with `raise ToolRefused(…)`, and only then change something. Only ToolRefused tells the engine "
            "that nothing was done; after any other error of a changing tool it has to ask a person what became of the call.",
            kind="wrong-error",
        )
    else:
        after = contoso.diff(before, company)
        trial.fail(
            expected=f"{call} raises ToolRefused",
            seen=f"it returned {value!r}" + (f", and changed Contoso: {after}" if after else ""),
            look="A refusal that is returned looks like a success: the step would count as done. `raise ToolRefused(…)`.",
            kind="not-refused",
        )
    changed = contoso.diff(before, company)
    trial.expect(
        not changed, expected=f"{call} changes nothing when it refuses", seen=changed and str(changed),
        look="Ask all your questions before the first `run(…)`.", kind="half-done",
    )  # fmt: skip
    return reason


def numbers(text: str) -> set[float]:
    """The numbers in a text, however they are written."""
    return {float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}


def possible(trial: Trial, said: bool, what: str, reason: str) -> None:
    """A reason has to say what would be possible."""
    trial.expect(
        said, expected=f"the reason says what would be possible: {what}", seen=reason,
        look="The model reads this text, and nothing else. With it, it can try again with a call that works.",
        kind="no-way-out",
    )  # fmt: skip


async def hands_out(attempt: Any, trial: Trial, company: contoso.Company) -> None:
    """The calls that are possible: the right row changes, and the answer says what is left."""
    for item, quantity, left in (("ClearCall Headset", 4, 15), ("Standing Desk", 2, 0)):
        call = f'hand_out("{item}", {quantity})'
        before = company.snapshot()
        try:
            text = is_text(trial, await trial.call(attempt, item, quantity), call)
        except ToolRefused as error:
            look = "Just as many as there are can still be handed out." if not left else ""
            trial.fail(expected=f"{call} is possible", seen=f"refused: {error}", look=look, kind="boundary")
        changed = contoso.diff(before, company)
        trial.expect(
            changed,
            expected=f"after {call} the item's `in_stock` is {left}",
            seen=str(changed),
            kind="no-row",
        )
        rows = [(row.table, row.title.split(" (")[0], row.columns) for row in changed]
        stock = rows[0][2].get("in_stock", (None, None))[1]
        trial.expect(
            len(rows) == 1 and rows[0][0] == "items" and stock == left,
            expected=f"one row changes: {item}, in_stock becomes {left}", seen=str(changed),
            look="Does the WHERE name just this item?", kind="wrong-row",
        )  # fmt: skip
        trial.expect(
            left in numbers(text) or (not left and re.search(r"\b(no|none|nothing)\b", text.lower())),
            expected=f"the answer says how many are left ({left})", seen=text, look=TEXT, kind="says-too-little",
        )  # fmt: skip
    trial.proven("It lowers the stock of the right item, down to the last one, and says what is left.")
