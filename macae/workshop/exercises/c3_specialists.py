"""Challenge 3: Specialists."""

from __future__ import annotations

import json
from typing import Any

from autogen_core import FunctionCall

from macae import contoso
from macae.errors import ToolRefused
from macae.workshop.exercise import Challenge
from macae.workshop.props.department_checks import (
    QUICK_TASK,
    cafe,
    is_plain,
    joins_the_engine,
    leaves_a_row,
    names_alone,
    tells_all,
    the_spec,
)
from macae.workshop.props.loop_checks import (
    answers,
    can_be_stopped,
    escaped,
    is_bounded,
    measure,
    reaches,
    results,
    turn,
    unwrapped,
    weigh,
)
from macae.workshop.props.tool_checks import (
    declared,
    hands_out,
    is_text,
    numbers,
    possible,
    refused,
    tells,
)
from macae.workshop.trial import Trial
from macae.workshop.verdict import NotYet

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(3, "Specialists", minutes=45, notebook="03-specialists")


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
        "left-out": 'The sentence has to tell the name, how many are in stock (`row["in_stock"]`), and what one costs (`row["price_usd"]`).',
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
            tells(trial, text, call, {"how many are in stock": stock, "the price": price})
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
        "wrong-error": "Which error says that nothing was done? You saw it raised above, in “When a tool cannot do it”: `ToolRefused`.",
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
        possible(trial, 2 in numbers(reason), "how many there are: 2", reason)
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
        "plain-functions": "`tools` are plain functions; a model client wants what `as_tool` made of them. That is in `by_name`: give it `list(by_name.values())`.",
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
    try:
        said = await trial.call(attempt, model, [weigh], "Say good morning.")
    except AttributeError as error:
        unwrapped(trial, error)
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
        declared(tools[name], trial, "change")
        trial.expect(
            set(parameters) <= set(tools[name].parameters) and tools[name].required <= set(parameters),
            expected=f"{name}({', '.join(parameters)}); further parameters have a default",
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
        await leaves_a_row(trial, company, tools["bake_cookies"], cookie_type="oatmeal", quantity=20)
        await leaves_a_row(trial, company, tools["bake_cookies"], cookie_type="ginger", quantity=7)
        await leaves_a_row(trial, company, tools["prepare_dough"], dough_type="rye")
    trial.proven("Both tools leave a row in Contoso.")
    await joins_the_engine(trial, spec)


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
        "as-python": "A dict or a list in an f-string is shown as Python writes it. `', '.join(made.parameters)` gives the names alone.",
    },
)
async def tool_catalogue(attempt: Any, trial: Trial) -> None:
    """Write `tool_catalogue(team)`: a compact text of any team: each agent, and below it a line for each of its tools."""
    from macae import AgentSpec, Team, retrieve_all_agent_tools
    from macae.agents.departments import default_team

    is_plain(attempt, trial, "It only puts words together, so there is nothing to wait for.")
    alone = Team([AgentSpec("LonelyAgent", "You count stones. Slowly.", [weigh])])
    lengths: list[str] = []
    for team in (alone, cafe(), default_team()):
        text = await trial.call(attempt, team)
        trial.expect(
            isinstance(text, str), expected="one text", seen=text, look='`"\\n".join(lines)`', kind="not-text"
        )
        tells_all(trial, text, team)
        longest = max(len(json.dumps(retrieve_all_agent_tools(team))) * 2 // 3, 600)
        trial.expect(
            len(text) <= longest,
            expected=f"at most {longest:,} characters for a team of {len(list(team))}",
            seen=f"{len(text):,} characters",
            look="It is sent with every goal, and every character is paid for. Leave out what the planner can do without.",
            kind="too-long",
        )
        lengths.append(f"{len(text):,}")
    names_alone(trial, text, team)
    trial.proven(f"Teams of 1, 3 and 7 agents: {', '.join(lengths[:2])} and {lengths[2]} characters.")
    trial.proven("Every agent is there, and every tool with its agent, its parameters and what it does.")
