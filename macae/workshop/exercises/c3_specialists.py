"""Challenge 3: Specialists."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    RequestUsage,
)

from macae import contoso
from macae.errors import MacaeError, TeamError, ToolRefused
from macae.tools import ActionTool, as_tool, tool
from macae.workshop.exercise import Challenge
from macae.workshop.trial import Trial
from macae.workshop.verdict import NotYet

if TYPE_CHECKING:
    from macae import Team

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(3, "Specialists", minutes=45, notebook="03-specialists")

QUICK_TASK = "Please bake 12 chocolate chip cookies for tomorrow's event."

NO_PARAMETER = (
    'The model sees a parameter as its name, its type and one line of text. Write `item: Annotated[str, "name of the item"]`. '
    "`Annotated[str, Field(…)]` does not work here: AutoGen wants a plain text."
)
SYNC = "A tool is `async def`: then it can be stopped, and it works on its own session's company."
TEXT = (
    "`return` one sentence with the facts in it. What a tool prints, no model reads; a dict would reach it as Python writes it, "
    "`{'in_stock': True}`."
)


# What the checks ask of any tool -------------------------------------------------------------------------------------


def declared(attempt: Any, trial: Trial, effect: str) -> ActionTool:
    """The learner's tool as the engine would take it, or what keeps it from being one."""
    name = getattr(attempt, "__name__", "the tool")
    if not inspect.iscoroutinefunction(inspect.unwrap(attempt)):
        trial.fail(expected=f"`async def {name}(…)`", seen=f"a plain `def {name}(…)`", look=SYNC, kind="sync")
    if not (inspect.getdoc(attempt) or getattr(attempt, "__macae_description__", None)):
        trial.fail(
            expected=f"{name} says in a docstring what it does",
            seen="no docstring",
            look="The docstring's first paragraph is all that a model knows of the tool. Write one sentence.",
            kind="no-docstring",
        )
    try:
        made = as_tool(attempt)
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


# 1 · A tool that looks -----------------------------------------------------------------------------------------------


@CHALLENGE.exercise(
    "check_stock",
    title="A tool that looks",
    minutes=7,
    hints=(
        "Four things make a function a tool: `@tool(effect=…)`, `async def`, a docstring, and a text for each parameter.",
        'The row comes from `one("SELECT * FROM items WHERE name = ? COLLATE NOCASE", item)`. It has `name`, `in_stock` and '
        "`price_usd`. Put all three into one sentence and `return` it.",
        '```\n@tool(effect="read")\nasync def check_stock(item: Annotated[str, "name of the item, e.g. USB-C Dock"]) -> str:\n'
        '    """Say how many of an item are in stock, and what one costs."""\n'
        '    row = one("SELECT * FROM items WHERE name = ? COLLATE NOCASE", item)\n'
        "    return f\"{row['name']}: {row['in_stock']} in stock, …\"\n```",
    ),
    when={
        "sync": "Only one word is missing, in front of `def`.",
        "effect": "What does the tool leave behind? Nothing: so it is a tool that reads. Say so in the line above `async def`.",
        "parameter": 'Between the brackets: `item: Annotated[str, "…"]`, with a plain text.',
        "schema": 'Between the brackets: `item: Annotated[str, "…"]`, with a plain text and no `Field(…)`.',
        "not-text": "Who reads the tool's answer? Not you, a model. What is printed never gets there.",
        "no-facts": "Take the numbers from the row, each time anew. Nothing about the stock belongs into your code.",
    },
)
async def check_stock(attempt: Any, trial: Trial) -> None:
    """Write `check_stock(item)`, an async tool that only looks: how many of an item are in stock, and what one costs."""
    company = trial.company()
    company.db.execute("UPDATE items SET in_stock = 31, price_usd = 187 WHERE name = 'USB-C Dock'")
    company.db.execute("UPDATE items SET in_stock = 6, price_usd = 614.5 WHERE name = 'Standing Desk'")
    before = company.snapshot()
    with contoso.use(company):
        for item, stock, price in (("USB-C Dock", 31, 187.0), ("Standing Desk", 6, 614.5)):
            call = f'check_stock("{item}")'
            text = is_text(trial, await trial.call(attempt, item), call)
            trial.expect(
                {stock, price} <= numbers(text),
                expected=f"{call} tells the row in this check's company: {stock} in stock, ${price:,.2f} each",
                seen=text,
                look="Read the row of the item that was asked for, and put `in_stock` and `price_usd` into the sentence.",
                kind="no-facts",
            )
    trial.proven("It tells the stock and the price of two items, as they stand in Contoso's rows.")
    made = declared(attempt, trial, "read")
    trial.expect(
        list(made.parameters) == ["item"], expected="one parameter, `item`",
        seen=", ".join(made.parameters) or "none", kind="signature",
    )  # fmt: skip
    changed = contoso.diff(before, company)
    trial.expect(
        not changed, expected="a tool that reads changes nothing", seen=str(changed), kind="half-done"
    )
    trial.proven(
        f"A model is shown: {made.name}, “{made.description}”, item: {made.parameters['item']['description']}."
    )
    trial.proven("It is declared as a tool that only looks, and it changed nothing.")


# 2 · A tool that can say no ------------------------------------------------------------------------------------------


@CHALLENGE.exercise(
    "hand_out",
    title="A tool that can say no",
    minutes=8,
    hints=(
        "Three questions come before the change: is there such an item? Is the quantity at least 1? Are there enough? "
        "For each no: `raise ToolRefused(…)`, with the reason and with what would be possible.",
        '`one(…)` gives `None` when there is no such item. Name those that there are: `every("SELECT name FROM items")` '
        "gives their rows. When there are too few, say how many there are.",
        '```\nif row is None:\n    names = ", ".join(r["name"] for r in every("SELECT name FROM items"))\n'
        '    raise ToolRefused(f"There is no item {item!r}. There is: {names}.")\n'
        'if not 1 <= quantity <= row["in_stock"]:\n    raise ToolRefused(f"… are in stock: {row[\'in_stock\']}.")\n```',
        '```\nleft = row["in_stock"] - quantity\nrun("UPDATE items SET in_stock = ? WHERE sku = ?", left, row["sku"])\n'
        "return f\"Handed out {quantity} of {row['name']}; {left} are left.\"\n```",
    ),
    when={
        "not-refused": '`return "Sorry, …"` looks like a success to everybody but a reader. Which word makes it an error?',
        "wrong-error": "Which error says that nothing was done? It is imported in the cell's first lines.",
        "no-way-out": "Think of the model that reads your reason. What does it need to try again, and better?",
        "negative": "How many are in stock after somebody handed out minus three?",
        "half-done": "Look, refuse, and only then write. In this order nothing can be left half done.",
        "no-row": '`run("UPDATE items SET in_stock = … WHERE …", …)` writes to Contoso. A number in a variable is no row.',
        "effect": "This tool leaves something different behind. Say so in the line above `async def`.",
        "says-too-little": "“ok” tells the model nothing. What would you want to hear at the counter?",
    },
)
async def hand_out(attempt: Any, trial: Trial) -> None:
    """Write `hand_out(item, quantity)`, a tool that lowers the stock, and refuses with a reason what is not possible."""
    company = trial.company()
    company.db.execute("UPDATE items SET in_stock = 19 WHERE name = 'ClearCall Headset'")
    with contoso.use(company):
        await hands_out(attempt, trial, company)
        made = declared(attempt, trial, "change")
        kind = made.parameters.get("quantity", {}).get("type")
        trial.expect(
            kind == "integer", expected="`quantity` is a whole number: `Annotated[int, …]`",
            seen=f"{kind or 'no parameter of this name'}", kind="parameter",
        )  # fmt: skip
        reason = await refused(trial, attempt, company, "Fabrikam Air 13", 5)
        possible(trial, "2" in re.findall(r"\d+", reason), "how many there are: 2", reason)
        trial.proven(f"Too many are refused, and nothing changes: “{reason}”")
        for quantity in (0, -3):
            try:
                await refused(trial, attempt, company, "USB-C Dock", quantity)
            except NotYet as failure:
                raise NotYet("negative", failure.expected, failure.seen, failure.look) from None
        trial.proven("None, and fewer than none, are refused too.")
        reason = await refused(trial, attempt, company, "Unicorn 3000", 1)
        possible(trial, "USB-C Dock" in reason or "Contoso Book" in reason, "which items there are", reason)
        trial.proven("What does not exist is refused with the items that there are.")


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


# 3 · A tool loop -----------------------------------------------------------------------------------------------------


@tool(effect="read")
async def weigh(thing: Annotated[str, "what is to be weighed"]) -> str:
    """Weigh a thing."""
    return f"{thing}: {len(thing) * 137} grams"


@tool(effect="read")
async def measure(thing: Annotated[str, "what is to be measured"]) -> str:
    """Measure a thing."""
    raise ToolRefused(f"{thing} is too long for this ruler. Possible: things up to 30 cm.")


@CHALLENGE.exercise(
    "run_tools",
    title="A tool loop of your own",
    minutes=10,
    hints=(
        "Three parts: ask the model; if its answer is text, return it; else run each call, append what was called and what came "
        "of it, and ask again. A `for` over `range(max_rounds)` is the bound.",
        'A model\'s turn with calls is `AssistantMessage(content=result.content, source="agent")`. Behind it belongs one '
        "`FunctionExecutionResultMessage(content=[…])` with one FunctionExecutionResult for each call.",
        "Around one call: `try:` … `except Exception as error:` with `text, failed = str(error), True`. The lookup of the tool and "
        "`json.loads` stand inside the `try` too: both can fail.",
        "```\ntry:\n    chosen = by_name[call.name]\n    value = await chosen.run_json(json.loads(call.arguments), CancellationToken())\n"
        "    text, failed = chosen.return_value_as_string(value), False\nexcept Exception as error:\n"
        "    text, failed = str(error), True\nanswers.append(FunctionExecutionResult(content=text, name=call.name, "
        "call_id=call.id, is_error=failed))\n```",
    ),
    when={
        "no-tools": "`model.create(messages, tools=…)`: what is not given there, the model cannot call.",
        "error-raised": "A tool's error is news for the model. Catch it around the one call, and make it that call's result.",
        "not-error": "FunctionExecutionResult has a field that says whether the text is an error.",
        "no-reason": "The reason stands in the exception: `str(error)`.",
        "unbounded": "A model can call tools for ever. Count the rounds: `for _ in range(max_rounds):`.",
        "silent-end": "What does the loop give when the last round is over? Without a line after it: None.",
        "swallows-cancel": "`except:` and `except BaseException:` catch a stop too. `except Exception:` lets it through.",
        "one-call": "`result.content` is a list of calls. A model may want several at once.",
        "no-calls": "Before the results stands what was called: the model's own turn, as an AssistantMessage.",
        "call-id": "Each result names its call: `call_id=call.id`.",
    },
)
async def run_tools(attempt: Any, trial: Trial) -> None:
    """Write `run_tools(model, tools, task, max_rounds=4)`: ask, run the calls, feed results and errors back, until there is a text."""
    model = trial.model("Good morning.")
    said = await trial.call(attempt, model, [weigh], "Say good morning.")
    answers(trial, said, "Good morning.")
    trial.expect(
        model.calls == 1,
        expected="after a text the loop is over",
        seen=f"{model.calls} model calls",
        kind="unbounded",
    )
    trial.expect(
        "weigh" in model.requests[0].tools, expected="the model is shown the tools",
        seen=f"it was shown: {', '.join(model.requests[0].tools) or 'none'}", look="`tools=…` of `model.create`.", kind="no-tools",
    )  # fmt: skip
    trial.expect(
        any("Say good morning." in str(message.content) for message in model.requests[0].messages),
        expected="the model is told the task", seen=[str(m.content) for m in model.requests[0].messages], kind="no-task",
    )  # fmt: skip
    trial.proven("A text ends the loop.")

    model = trial.model([("weigh", {"thing": "flour"}), ("weigh", {"thing": "sugar cane"})], "Weighed.")
    answers(
        trial, await trial.call(attempt, model, [weigh, measure], "Weigh flour and sugar cane."), "Weighed."
    )
    first, second = results(trial, model, 2)
    seen = f"{first.content} / {second.content}"
    trial.expect(
        "685" in first.content and "1370" in second.content and not first.is_error,
        expected="the results of both calls, each in its place", seen=seen, kind="no-result",
    )  # fmt: skip
    trial.proven("Two calls in one turn: the model was sent both results, each with its call's id.")

    model = trial.model([("measure", {"thing": "ladder"})], "Too long.")
    try:
        said = await trial.call(attempt, model, [weigh, measure], "Measure the ladder.")
    except ToolRefused as error:
        escaped(trial, error)
    answers(trial, said, "Too long.")
    reaches(trial, model, "up to 30 cm", "the tool's reason")
    trial.proven("A refusal reached the model as an error, with its reason, and the loop went on.")

    for call, what in (
        (FunctionCall(id="a", name="paint", arguments="{}"), "a call of a tool that is not there"),
        (FunctionCall(id="b", name="weigh", arguments='{"thing": '), "arguments that are no JSON"),
    ):
        model = trial.model(turn(call), "I see.")
        try:
            await trial.call(attempt, model, [weigh], "Paint the kitchen.")
        except Exception as error:
            escaped(trial, error, f"{what} becomes a result for the model")
        reaches(trial, model, "", what)
    trial.proven("A tool that is not there, and arguments that are no JSON, are errors for the model too.")
    await is_bounded(attempt, trial)
    await can_be_stopped(attempt, trial)


def turn(call: FunctionCall) -> CreateResult:
    """A model's turn with one call, just as it is."""
    usage = RequestUsage(prompt_tokens=10, completion_tokens=5)
    return CreateResult(content=[call], finish_reason="function_calls", usage=usage, cached=False)


def answers(trial: Trial, said: Any, text: str) -> None:
    """The loop gives the model's text."""
    trial.expect(
        said == text, expected=f"the model's answer as a text: {text!r}", seen=said,
        look="When `result.content` is a `str`, return it.", kind="no-answer",
    )  # fmt: skip


def escaped(
    trial: Trial, error: Exception, expected: str = "a tool's error becomes a result for the model"
) -> NoReturn:
    """An error that should have become a result."""
    trial.fail(
        expected=expected, seen=f"{type(error).__name__}: {error} ended the loop",
        look="`try:` and `except Exception as error:` around what belongs to one call, the lookup of the tool included.",
        kind="error-raised",
    )  # fmt: skip


def results(trial: Trial, model: Any, count: int) -> list[FunctionExecutionResult]:
    """The results in the model's second request, which have to fit the calls before them."""
    trial.expect(
        model.calls > 1,
        expected="the model is asked again after its calls",
        seen="it was asked once",
        kind="no-result",
    )
    messages = model.requests[1].messages
    order = ", ".join(type(message).__name__ for message in messages)
    asked = [m for m in messages if isinstance(m, AssistantMessage) and not isinstance(m.content, str)]
    told = [m for m in messages if isinstance(m, FunctionExecutionResultMessage)]
    trial.expect(
        told, expected="a FunctionExecutionResultMessage with what came of the calls", seen=order,
        look="Append it to `messages` before the model is asked again.", kind="no-result",
    )  # fmt: skip
    trial.expect(
        asked and messages.index(asked[0]) < messages.index(told[0]),
        expected="the model's calls, as an AssistantMessage, before their results", seen=order,
        look="Real services refuse a result whose call they cannot see.", kind="no-calls",
    )  # fmt: skip
    found = [result for message in told for result in message.content]
    calls = [call for message in asked for call in message.content]
    trial.expect(
        len(found) == count, expected=f"a result for each call: {count}", seen=len(found), kind="one-call"
    )
    trial.expect(
        [result.call_id for result in found] == [getattr(call, "id", "") for call in calls],
        expected="each result has its call's id",
        seen=[result.call_id for result in found], kind="call-id",
    )  # fmt: skip
    return found


def reaches(trial: Trial, model: Any, reason: str, what: str) -> None:
    """An error is told to the model: marked as one, with its reason."""
    (found,) = results(trial, model, 1)
    trial.expect(
        found.is_error, expected=f"{what} is marked as an error", seen=f"is_error={found.is_error}: {found.content!r}",
        look="`FunctionExecutionResult(…, is_error=True)`.", kind="not-error",
    )  # fmt: skip
    trial.expect(
        reason in found.content and found.content.strip(), expected=f"{what} is in the result: “… {reason}”", seen=found.content,
        look="The model can only mend what it is told. Never an empty text, never “Error”.", kind="no-reason",
    )  # fmt: skip


async def is_bounded(attempt: Any, trial: Trial) -> None:
    """A model that never answers does not keep the loop going."""

    def again(messages: Any, tools: list[str]) -> list[tuple[str, dict[str, Any]]]:
        if model.calls > 8:
            trial.fail(
                expected="after `max_rounds=3` rounds of calls the loop ends", seen="the model was asked more than 8 times",
                look="Each round costs money. Bound them.", kind="unbounded",
            )  # fmt: skip
        return [("weigh", {"thing": f"stone {model.calls}"})]

    model = trial.model(again)
    try:
        said = await trial.call(attempt, model, [weigh], "Weigh all stones.", max_rounds=3)
    except NotYet:
        raise
    except Exception as error:
        said = str(error) or type(error).__name__
    trial.expect(
        model.calls in (3, 4),
        expected="`max_rounds=3` means three rounds",
        seen=f"{model.calls} model calls",
        kind="unbounded",
    )
    trial.expect(
        isinstance(said, str) and said.strip(), expected="it says so when the rounds are used up: `raise LimitReached(…)`",
        seen=said, look="Whoever called your loop would take nothing for an answer.", kind="silent-end",
    )  # fmt: skip
    trial.proven("A model that only calls tools is stopped after `max_rounds` rounds.")


async def can_be_stopped(attempt: Any, trial: Trial) -> None:
    """A stop while a tool runs ends the loop; it is no error for the model."""
    entered = asyncio.Event()

    @tool(effect="read")
    async def stand_still() -> str:
        """Wait for ever."""
        entered.set()
        await asyncio.Event().wait()
        return "never"

    model = trial.model([("stand_still", {})], "Stopped.")
    task = asyncio.ensure_future(attempt(model, [stand_still], "Stand still."))
    await trial.waits(entered.wait(), 2, "the start of the tool that was called")
    task.cancel()
    await asyncio.wait({task}, timeout=2)
    told = (
        ""
        if not task.done() or task.cancelled()
        else f", and ended with {task.exception() or task.result()!r}"
    )
    trial.expect(
        task.cancelled(), expected="Stop (■) ends the loop while a tool runs", seen=f"the loop took the stop for a tool's error{told}",
        look="`CancelledError` is no `Exception`: catch `Exception`, and a stop gets through.", kind="swallows-cancel",
    )  # fmt: skip
    trial.proven("A stop gets through, also while a tool runs.")


# 4 · A department of one's own ---------------------------------------------------------------------------------------


@CHALLENGE.exercise(
    "bakery",
    title="A department of your own",
    minutes=9,
    part="agents",
    hints=(
        "Two tools above, one declaration below. `bakery()` takes nothing and returns one `AgentSpec(…)`.",
        '`AgentSpec(name, system_message, [tools], quick_tasks=[…], icon="birthday-cake")`. The name is BakerAgent, and the tools '
        "are your two functions themselves, without brackets behind them.",
        '```\n@tool(effect="change")\nasync def bake_cookies(\n    cookie_type: Annotated[str, "kind of cookie, e.g. oatmeal"],\n'
        '    quantity: Annotated[int, "how many"],\n) -> str:\n    """Bake cookies of one kind."""\n'
        '    write_down(f"{quantity} {cookie_type} cookies")\n    return f"Baked {quantity} {cookie_type} cookies."\n```',
        '```\nreturn AgentSpec(\n    "BakerAgent",\n    "You are the baker of Contoso. You bake cookies and prepare dough.",\n'
        '    [bake_cookies, prepare_dough],\n    quick_tasks=["Please bake 12 chocolate chip cookies for tomorrow\'s event."],\n)\n```',
    ),
    when={
        "not-a-spec": "Does `bakery` end with `return AgentSpec(…)`?",
        "name": "The guide calls it BakerAgent: one word, no spaces.",
        "no-row": "A sentence bakes nothing. Call `write_down(…)` in both tools, before they return.",
        "effect": "A baked cookie cannot be unbaked. Which effect does such a tool have?",
        "parameter": '`cookie_type: Annotated[str, "…"]`, `quantity: Annotated[int, "…"]`, `dough_type: Annotated[str, "…"]`.',
        "same-name": "A plan names a step's tool. If two agents have a tool of one name, which of them is meant?",
        "planned-otherwise": "The planner knows only what the declaration says: system message, docstrings, parameters. Do they speak of baking cookies?",
    },
)
async def bakery(attempt: Any, trial: Trial) -> None:
    """Write `bakery()`: it returns the AgentSpec of the BakerAgent, whose tools bake_cookies and prepare_dough write to Contoso."""
    spec = await the_spec(attempt, trial)
    tools = {made.name: made for made in spec.action_tools}
    wanted = {"bake_cookies": ["cookie_type", "quantity"], "prepare_dough": ["dough_type"]}
    for name, parameters in wanted.items():
        trial.expect(
            name in tools, expected=f"a tool {name}", seen=", ".join(tools) or "no tools", kind="tools"
        )
        declared(tools[name].function, trial, "change")
        trial.expect(
            list(tools[name].parameters) == parameters, expected=f"{name}({', '.join(parameters)})",
            seen=f"{name}({', '.join(tools[name].parameters)})", kind="parameter",
        )  # fmt: skip
    kind = tools["bake_cookies"].parameters["quantity"].get("type")
    trial.expect(
        kind == "integer",
        expected="`quantity` is a whole number: `Annotated[int, …]`",
        seen=kind,
        kind="parameter",
    )
    trial.expect(
        QUICK_TASK in spec.quick_tasks, expected=f"the quick task “{QUICK_TASK}”",
        seen=list(spec.quick_tasks), look="`quick_tasks=[…]`: goals that the board offers as buttons.", kind="quick-task",
    )  # fmt: skip
    trial.proven("BakerAgent is declared, with its two tools and its quick task.")

    company = trial.company()
    with contoso.use(company):
        await leaves_a_row(trial, company, tools["bake_cookies"].function, "oatmeal", 30)
        await leaves_a_row(trial, company, tools["bake_cookies"].function, "ginger", 7)
        await leaves_a_row(trial, company, tools["prepare_dough"].function, "rye")
    trial.proven("Both tools leave a row in Contoso.")
    await joins_the_engine(trial, spec)


async def the_spec(attempt: Any, trial: Trial) -> Any:
    """The declaration that the learner's function gives."""
    from macae import AgentSpec

    trial.expect(
        not inspect.iscoroutinefunction(attempt), expected="a plain function: `def bakery():`", seen="`async def bakery`",
        look="It only declares, so there is nothing to wait for. The tools are async.", kind="async-def",
    )  # fmt: skip
    try:
        spec = await trial.call(attempt)
    except TeamError as error:
        kind = "sync" if "not async" in str(error) else "declaration"
        trial.fail(
            expected="a declaration that works",
            seen=str(error),
            look=SYNC if kind == "sync" else "",
            kind=kind,
        )
    trial.expect(
        isinstance(spec, AgentSpec), expected="an AgentSpec", seen=spec, look="`return AgentSpec(…)`, just one, not in a list.",
        kind="not-a-spec",
    )  # fmt: skip
    trial.expect(spec.name == "BakerAgent", expected="the name BakerAgent", seen=spec.name, kind="name")
    return spec


async def leaves_a_row(
    trial: Trial, company: contoso.Company, function: Any, what: str, *quantity: int
) -> None:
    """The tool works, and Contoso shows that it did."""
    call = f"{function.__name__}({', '.join(map(repr, (what, *quantity)))})"
    before = company.snapshot()
    is_text(trial, await trial.call(function, what, *quantity), call)
    changed = contoso.diff(before, company)
    rows = [" ".join(map(str, (row.after or {}).values())) for row in changed if row.kind != "removed"]
    trial.expect(
        any(what in row and all(n in numbers(row) for n in quantity) for row in rows),
        expected=f"after {call} a row in Contoso says so", seen=str(changed),
        look="`write_down(…)` keeps a note in Contoso; put the kind and the quantity into it.", kind="no-row",
    )  # fmt: skip


async def joins_the_engine(trial: Trial, spec: Any) -> None:
    """The real engine plans the quick task for the BakerAgent, waits for a yes, and carries it out."""
    from macae.agents.departments import default_team

    try:
        team = default_team().plus(spec)
    except TeamError as error:
        trial.fail(expected="BakerAgent can join Contoso's team", seen=str(error), kind="same-name")
    async with trial.engine(team=team) as engine:
        plan = await engine.submit(QUICK_TASK)
        steps = [f"{step.agent}: {step.function} {json.dumps(step.arguments)}" for step in plan.steps]
        step = plan.steps[0] if plan.steps else None
        trial.expect(
            step is not None and step.agent == "BakerAgent" and step.function == "bake_cookies",
            expected="the quick task becomes a step of BakerAgent, with bake_cookies", seen="; ".join(steps) or plan.summary or "",
            look="The planner chooses by the system message's first sentence and by the tools' docstrings.", kind="planned-otherwise",
        )  # fmt: skip
        arguments = (step and step.arguments) or {}
        trial.expect(
            arguments.get("quantity") == 12 and "chocolate chip" in str(arguments.get("cookie_type")),
            expected='bake_cookies with quantity 12 and cookie_type "chocolate chip"', seen="; ".join(steps),
            look="The model fills a parameter from its name, type and text.", kind="planned-otherwise",
        )  # fmt: skip
        company = await engine.company_for(plan.session_id)
        before = company.snapshot()
        await engine.approve_all(plan)
        plan = await trial.waits(engine.wait(plan), 5, "the end of the plan")
        step = plan.steps[0]
        trial.expect(
            step.status == "completed", expected="the approved step is carried out",
            seen=f"{step.status}: {step.error or step.agent_reply}", kind="not-done",
        )  # fmt: skip
        trial.expect(
            contoso.diff(before, company),
            expected="the company shows it",
            seen="nothing changed",
            kind="no-row",
        )
    trial.proven(
        f"The real engine planned “{QUICK_TASK}” for BakerAgent: bake_cookies, 12. After a yes it was baked."
    )


# 5 · What the planner sees -------------------------------------------------------------------------------------------


@tool(effect="read")
async def find_seat(day: Annotated[str, "which day"], people: Annotated[int, "how many"] = 2) -> str:
    """Look for a free table in the café."""
    return "Table 4."


@tool(effect="change")
async def reserve_seat(table: Annotated[int, "number of the table"]) -> str:
    """Reserve a table in the café."""
    return "Reserved."


@tool(effect="change")
async def mend_chair(chair: Annotated[str, "which chair"]) -> str:
    """Have a broken chair mended."""
    return "Mended."


def café() -> Team:
    """A team that nobody could know by heart; one of its agents has no tools."""
    from macae import AgentSpec, Team

    return Team(
        [
            AgentSpec(
                "WaiterAgent", "You look after the guests of the café. Be kind.", [find_seat, reserve_seat]
            ),
            AgentSpec("PoetAgent", "You write short poems. They rhyme."),
            AgentSpec("CarpenterAgent", "You repair furniture. You are quick.", [mend_chair]),
        ]
    )


@CHALLENGE.exercise(
    "tool_catalogue",
    title="What the planner sees",
    minutes=6,
    hints=(
        "Go through the team: `for agent in team:`, and inside `for made in agent.action_tools:`. Collect lines, join them at the end.",
        "An agent has `name` and `description`. A tool (`made`) has `name`, `description` and `parameters`, a dict by parameter name.",
        '```\nlines = []\nfor agent in team:\n    lines.append(f"{agent.name}: {agent.description}")\n'
        "    for made in agent.action_tools:\n        lines.append(f\"- {made.name}({', '.join(made.parameters)}): {made.description}\")\n"
        'return "\\n".join(lines)\n```',
    ),
    when={
        "another-team": "Is `team` used, or does something in there always take Contoso's own team?",
        "no-tools-agent": "retrieve_all_agent_tools lists tools. Who has none is not in it. Go through the team instead.",
        "too-long": "JSON repeats “title”, “type” and “description” for each parameter. The names alone are enough.",
        "parameters": "A tool's `parameters` is a dict; joined with commas it gives their names.",
    },
)
async def tool_catalogue(attempt: Any, trial: Trial) -> None:
    """Write `tool_catalogue(team)`: a compact text of any team: each agent, and below it a line for each of its tools."""
    from macae import AgentSpec, Team, retrieve_all_agent_tools
    from macae.agents.departments import default_team

    alone = Team([AgentSpec("LonelyAgent", "You count stones. Slowly.", [weigh])])
    for team in (alone, café(), default_team()):
        text = await trial.call(attempt, team)
        trial.expect(
            isinstance(text, str), expected="one text", seen=text, look='`"\\n".join(lines)`', kind="not-text"
        )
        tells_all(trial, text, team)
        longest = max(len(json.dumps(retrieve_all_agent_tools(team))) // 2, 600)
        trial.expect(
            len(text) <= longest,
            expected=f"at most {longest:,} characters for a team of {len(list(team))}",
            seen=f"{len(text):,} characters",
            look="It is sent with every goal, and every character is paid for. Leave out what the planner can do without.",
            kind="too-long",
        )
        trial.proven(
            f"{len(list(team))} agents, {len(retrieve_all_agent_tools(team))} tools: {len(text):,} characters."
        )


def tells_all(trial: Trial, text: str, team: Team) -> None:
    """Each agent with its description, and each of its tools after it, with parameters and description."""
    lines = text.splitlines()
    for agent in team:
        if agent.name not in text:
            kind = "another-team" if agent.tools else "no-tools-agent"
            trial.fail(
                expected=f"{agent.name} is in the catalogue",
                seen=text,
                look="Every agent of the given team.",
                kind=kind,
            )
        trial.expect(
            agent.description in text, expected=f"what {agent.name} is for: “{agent.description}”", seen=text,
            look="`agent.description`: the first sentence of its system message.", kind="no-description",
        )  # fmt: skip
        for made in agent.action_tools:
            at = next((n for n, line in enumerate(lines) if re.search(rf"\b{made.name}\b", line)), None)
            if at is None:
                trial.fail(expected=f"the tool {made.name} of {agent.name}", seen=text, kind="another-team")
            above = [a.name for line in lines[: at + 1] for a in team if re.search(rf"\b{a.name}\b", line)]
            trial.expect(
                above and above[-1] == agent.name, expected=f"{made.name} stands with its agent, {agent.name}",
                seen=f"it stands with {above[-1] if above else 'nobody'}", kind="wrong-agent",
            )  # fmt: skip
            line = lines[at]
            missing = [name for name in made.parameters if name not in line]
            trial.expect(not missing, expected=f"the parameters of {made.name} on its line: {', '.join(made.parameters)}", seen=line, kind="parameters")  # fmt: skip
            trial.expect(made.description in line, expected=f"what {made.name} does: “{made.description}”", seen=line, kind="no-description")  # fmt: skip
