"""Challenge 3: answers of the kind that learners give."""

from __future__ import annotations

READ = 'row = one("SELECT * FROM items WHERE name = ? COLLATE NOCASE", item)'
SAY = "return f\"{row['name']}: {row['in_stock']} in stock, {row['price_usd']} dollars each\""

LOOP_HEAD = """
async def run_tools(model, tools, task, max_rounds=4):
    by_name = {made.name: made for made in map(as_tool, tools)}
    messages = [UserMessage(content=task, source="user")]
"""


def looks(head: str, *, doc: str = '"""Say what is in stock."""', say: str = SAY) -> str:
    return f"{head}\n    {doc}\n    {READ}\n    {say}\n"


def hands(body: str, *, effect: str = "change", quantity: str = 'Annotated[int, "how many"]') -> str:
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    return f"""
@tool(effect="{effect}")
async def hand_out(item: Annotated[str, "name of the item"], quantity: {quantity}) -> str:
    \"\"\"Hand out items.\"\"\"
    row = one("SELECT * FROM items WHERE name = ? COLLATE NOCASE", item)
{lines}
"""


UNKNOWN = """
if row is None:
    raise ToolRefused(f"No {item!r}. There is: {', '.join(r['name'] for r in every('SELECT name FROM items'))}.")
"""
ENOUGH = """
if not 1 <= quantity <= row["in_stock"]:
    raise ToolRefused(f"There are {row['in_stock']}.")
"""
WRITE = """
left = row["in_stock"] - quantity
run("UPDATE items SET in_stock = ? WHERE sku = ?", left, row["sku"])
"""
LEFT = 'return f"{left} are left."'


def loop(
    *,
    ask: str = "await model.create(messages, tools=list(by_name.values()))",
    rounds: str = "for _ in range(max_rounds):",
    turn: str = 'messages.append(AssistantMessage(content=result.content, source="agent"))',
    calls: str = "result.content",
    catch: str = "except Exception as error:",
    said: str = "str(error)",
    failed: str = "True",
    call_id: str = "call.id",
    end: str = 'raise LimitReached("No answer.")',
) -> str:
    return f"""{LOOP_HEAD}
    {rounds}
        result = {ask}
        if isinstance(result.content, str):
            return result.content
        {turn}
        answers = []
        for call in {calls}:
            try:
                value = await by_name[call.name].run_json(json.loads(call.arguments), CancellationToken())
                text, failed = str(value), False
            {catch}
                text, failed = {said}, {failed}
            answers.append(FunctionExecutionResult(content=text, name=call.name, call_id={call_id}, is_error=failed))
        messages.append(FunctionExecutionResultMessage(content=answers))
    {end}
"""


def bakes(
    *,
    bake: str = 'write_down(f"{quantity} {cookie_type} cookies")',
    effect: str = "change",
    quantity: str = 'Annotated[int, "how many"]',
    word: str = "async def",
    doc: str = "Bake cookies.",
    result: str = 'f"Baked {quantity} cookies."',
    spec: str = 'AgentSpec("BakerAgent", "You bake cookies and prepare dough.", [bake_cookies, prepare_dough], quick_tasks=[TASK])',
    more: str = "",
) -> str:
    return f'''
TASK = "Please bake 12 chocolate chip cookies for tomorrow's event."


@tool(effect="{effect}")
{word} bake_cookies(cookie_type: Annotated[str, "kind of cookie"], quantity: {quantity}) -> str:
    """{doc}"""
    {bake}
    return {result}


@tool(effect="change")
async def prepare_dough(dough_type: Annotated[str, "kind of dough"]) -> str:
    """Prepare dough."""
    write_down(f"{{dough_type}} dough")
    return f"Prepared {{dough_type}} dough."

{more}
def bakery():
    return {spec}
'''


PLAIN = 'def check_stock(item: Annotated[str, "name of the item"]) -> str:'
TOOL = f'@tool(effect="read")\nasync {PLAIN}'

WRONG = {
    "check_stock": [
        ("not-attempted", "def check_stock(item):\n    raise NotImplementedError('To do')"),
        ("sync", looks(f'@tool(effect="read")\n{PLAIN}')),
        ("effect", looks(f"async {PLAIN}")),
        ("effect", looks(f'@tool(effect="change")\nasync {PLAIN}')),
        ("no-docstring", looks(TOOL, doc="# says what is in stock")),
        ("parameter", looks('@tool(effect="read")\nasync def check_stock(item: str) -> str:')),
        ("schema", looks('@tool(effect="read")\nasync def check_stock(item):')),
        (
            "schema",
            "from pydantic import Field\n\n"
            + looks('@tool(effect="read")\nasync def check_stock(item: Annotated[str, Field(description="name")]) -> str:'),
        ),
        ("not-text", looks(TOOL, say=SAY.replace("return f", "print(f") + ")")),
        ("not-text", looks(TOOL, say="return dict(row)")),
        ("not-text", looks(TOOL, say="return row['in_stock']")),
        ("no-facts", looks(TOOL, say='return "USB-C Dock: 17 in stock, $165 each."')),
        ("left-out", looks(TOOL, say="return f\"{row['name']}: {row['in_stock']} in stock\"")),
        ("left-out", looks(TOOL, say="return f\"{row['name']}: ${row['price_usd']} each\"")),
        ("exception", looks(TOOL, say="return f\"{row['stock']} in stock\"")),
        ("missing", looks(TOOL, say='return describe(row)')),
        ("half-done", looks(TOOL, say=f'run("UPDATE items SET in_stock = in_stock - 1 WHERE sku = ?", row["sku"]); {SAY}')),
        ("signature", looks('@tool(effect="read")\nasync def check_stock() -> str:')),
    ],
    "hand_out": [
        ("not-attempted", "def hand_out(item, quantity):\n    raise NotImplementedError('To do')"),
        ("not-refused", hands(UNKNOWN + 'if quantity > row["in_stock"]:\n    return "Sorry, not enough."\n' + WRITE + LEFT)),
        ("not-refused", hands(UNKNOWN + "try:\n" + "\n".join(f"    {x}" for x in (ENOUGH + WRITE).strip().splitlines() if x)
                              + '\nexcept ToolRefused:\n    return "ok"\n' + LEFT)),
        ("wrong-error", hands(UNKNOWN + 'if not 1 <= quantity <= row["in_stock"]:\n    raise ValueError("not possible")\n' + WRITE + LEFT)),
        ("wrong-error", hands(UNKNOWN + WRITE + LEFT)),
        ("wrong-error", hands(ENOUGH + WRITE + LEFT)),
        ("no-way-out", hands(UNKNOWN + 'if not 1 <= quantity <= row["in_stock"]:\n    raise ToolRefused("Not possible.")\n' + WRITE + LEFT)),
        ("no-way-out", hands('if row is None:\n    raise ToolRefused(f"There is no {item}.")\n' + ENOUGH + WRITE + LEFT)),
        ("negative", hands(UNKNOWN + 'if quantity > row["in_stock"]:\n    raise ToolRefused(f"There are {row[\'in_stock\']}.")\n' + WRITE + LEFT)),
        ("boundary", hands(UNKNOWN + 'if not 1 <= quantity < row["in_stock"]:\n    raise ToolRefused(f"There are {row[\'in_stock\']}.")\n' + WRITE + LEFT)),
        ("half-done", hands(
            'run("UPDATE items SET in_stock = max(0, in_stock - ?) WHERE name = ?", quantity, item)\n' + UNKNOWN + ENOUGH
            + 'return f"{row[\'in_stock\'] - quantity} are left."')),
        ("no-row", hands(UNKNOWN + ENOUGH + 'left = row["in_stock"] - quantity\n' + LEFT)),
        ("wrong-row", hands(UNKNOWN + ENOUGH + 'left = row["in_stock"] - quantity\nrun("UPDATE items SET in_stock = ?", left)\n' + LEFT)),
        ("wrong-row", hands(UNKNOWN + ENOUGH + WRITE.replace("left, ", "quantity, ") + LEFT)),
        ("says-too-little", hands(UNKNOWN + ENOUGH + WRITE + 'return "ok"')),
        ("not-text", hands(UNKNOWN + ENOUGH + WRITE)),
        ("effect", hands(UNKNOWN + ENOUGH + WRITE + LEFT, effect="read")),
        ("parameter", hands(UNKNOWN + ENOUGH + WRITE + LEFT, quantity="int")),
    ],
    "run_tools": [
        ("not-attempted", LOOP_HEAD + "    raise NotImplementedError('To do')"),
        ("no-tools", loop(ask="await model.create(messages)")),
        ("plain-functions", loop(ask="await model.create(messages, tools=tools)")),
        ("no-await", loop(ask="model.create(messages, tools=list(by_name.values()))")),
        ("no-calls", loop(turn="")),
        ("one-call", loop(calls="result.content[:1]")),
        ("call-id", loop(call_id="call.name")),
        ("error-raised", loop(catch="except KeyError as error:")),
        ("error-raised", loop(catch="except ToolRefused as error:")),
        ("not-error", loop(failed="False")),
        ("no-reason", loop(said='"Error"')),
        ("swallows-cancel", loop(catch="except BaseException as error:")),
        ("unbounded", loop(rounds="while True:", end="")),
        ("silent-end", loop(end="return None")),
        ("no-result", loop().replace("        messages.append(FunctionExecutionResultMessage(content=answers))\n", "")),
        ("no-answer", loop(end='raise LimitReached("No answer.")').replace("            return result.content\n", "            return result\n")),
        ("no-answer", LOOP_HEAD + """
    result = await model.create(messages, tools=list(by_name.values()))
    return str(result.content)
"""),
        ("no-task", loop().replace("UserMessage(content=task", 'UserMessage(content="Help me."')),
    ],
    "bakery": [
        ("not-attempted", "def bakery():\n    raise NotImplementedError('To do')"),
        ("not-a-spec", bakes(spec='[AgentSpec("BakerAgent", "You bake.", [bake_cookies, prepare_dough])]')),
        ("not-a-spec", bakes().replace("    return AgentSpec", "    AgentSpec")),
        ("name", bakes(spec='AgentSpec("Baker", "You bake.", [bake_cookies, prepare_dough], quick_tasks=[TASK])')),
        ("declaration", bakes(spec='AgentSpec("Baker Agent", "You bake.", [bake_cookies, prepare_dough], quick_tasks=[TASK])')),
        ("tools", bakes(spec='AgentSpec("BakerAgent", "You bake cookies.", [bake_cookies], quick_tasks=[TASK])')),
        ("sync", bakes(word="def")),
        ("effect", bakes(effect="read")),
        ("parameter", bakes(quantity='Annotated[str, "how many"]')),
        ("parameter", bakes(quantity="int")),
        ("no-row", bakes(bake="pass")),
        ("no-row", bakes(bake='write_down("Cookies baked.")')),
        ("not-text", bakes(result="quantity")),
        ("quick-task", bakes(spec='AgentSpec("BakerAgent", "You bake cookies.", [bake_cookies, prepare_dough])')),
        ("async-def", bakes().replace("def bakery", "async def bakery")),
        (
            "same-name",
            bakes(
                spec='AgentSpec("BakerAgent", "You bake cookies.", [bake_cookies, prepare_dough, save_note], quick_tasks=[TASK])',
                more='@tool(effect="change")\nasync def save_note(title: Annotated[str, "title"]) -> str:\n'
                '    """Save a note."""\n    write_down(title)\n    return "Saved."\n\n',
            ),
        ),
        (
            "planned-otherwise",
            bakes(
                spec='AgentSpec("BakerAgent", "You bake.", [bake_chocolate_chip_cookies, bake_cookies, prepare_dough], quick_tasks=[TASK])',
                more='@tool(effect="change")\nasync def bake_chocolate_chip_cookies(quantity: Annotated[int, "how many"]) -> str:\n'
                '    """Bake chocolate chip cookies for an event."""\n    write_down(f"{quantity}")\n    return "Baked."\n\n',
            ),
        ),
        ("refused", bakes(bake='if cookie_type != "chocolate chip":\n        raise ToolRefused("Possible: chocolate chip.")\n'
                          '    write_down(f"{quantity} {cookie_type}")')),
        ("missing", bakes(bake='write_it_down(f"{quantity} {cookie_type}")')),
        ("no-docstring", bakes(doc="")),
    ],
    "tool_catalogue": [
        ("not-attempted", "def tool_catalogue(team):\n    raise NotImplementedError('To do')"),
        ("another-team", """
def tool_catalogue(team):
    return "\\n".join(
        f"{e['agent']} {e['function']}({', '.join(e['arguments'])}): {e['description']}" for e in retrieve_all_agent_tools()
    )
"""),
        ("no-tools-agent", """
def tool_catalogue(team):
    described = {agent.name: agent.description for agent in team}
    lines = []
    for e in retrieve_all_agent_tools(team):
        lines.append(f"{e['agent']} ({described[e['agent']]}): {e['function']}({', '.join(e['arguments'])}): {e['description']}")
    return "\\n".join(lines)
"""),
        ("not-text", "def tool_catalogue(team):\n    return retrieve_all_agent_tools(team)"),
        ("not-text", "def tool_catalogue(team):\n    print([agent.name for agent in team])"),
        ("too-long", """
def tool_catalogue(team):
    return "\\n".join(
        f"{agent.name}: {agent.description}\\n" + "\\n".join(f"- {made.name}: {made.description} {made.schema}" for made in agent.action_tools)
        for agent in team
    )
"""),
        ("parameters", """
def tool_catalogue(team):
    return "\\n".join(
        f"{agent.name}: {agent.description}\\n" + "\\n".join(f"- {made.name}: {made.description}" for made in agent.action_tools)
        for agent in team
    )
"""),
        ("as-python", """
def tool_catalogue(team):
    lines = []
    for agent in team:
        lines.append(f"{agent.name}: {agent.description}")
        for made in agent.action_tools:
            lines.append(f"- {made.name}({list(made.parameters)}): {made.description}")
    return "\\n".join(lines)
"""),
        ("no-description", """
def tool_catalogue(team):
    return "\\n".join(
        f"{agent.name}\\n" + "\\n".join(f"- {made.name}({', '.join(made.parameters)})" for made in agent.action_tools) for agent in team
    )
"""),
        ("wrong-agent", """
def tool_catalogue(team):
    agents = "\\n".join(f"{agent.name}: {agent.description}" for agent in team)
    tools = "\\n".join(
        f"- {made.name}({', '.join(made.parameters)}): {made.description}" for agent in team for made in agent.action_tools
    )
    return agents + "\\n" + tools
"""),
        ("async-def", """
async def tool_catalogue(team):
    return "\\n".join(f"{agent.name}: {agent.description}" for agent in team)
"""),
        ("exception", """
def tool_catalogue(team):
    return "\\n".join(agent.nmae for agent in team)
"""),
    ],
}  # fmt: skip

RIGHT = {
    "check_stock": [
        """
@tool(effect="read", description="Tells the stock and the price of an item.")
async def check_stock(item: Annotated[str, "what is looked for"]):
    found = [r for r in every("SELECT * FROM items") if r["name"].lower() == item.lower()]
    if not found:
        raise ToolRefused("No such item.")
    return f"We have {found[0]['in_stock']:d}, at ${found[0]['price_usd']:.2f}"
""",
        """
@tool(effect="read")
async def check_stock(item: Annotated[str, "name of the item"]) -> str:
    '''Say how many of an item are in stock, and what one costs.'''
    row = contoso.current().db.execute("SELECT in_stock, price_usd FROM items WHERE name = ?", (item,)).fetchone()
    return "{} in stock, {} each".format(*row)
""",
        """
from macae.contoso.calls import reads
from macae.contoso.lookup import item as found


@reads
async def check_stock(item: Annotated[str, "name of the item"]) -> str:
    '''Say how many of an item are in stock, and what one costs.'''
    row = found(item)
    return f"{row['name']}: {row['in_stock']} at {row['price_usd']}"
""",
    ],
    "hand_out": [
        """
from macae.contoso.calls import changes
from macae.contoso.lookup import item as found


@changes
async def hand_out(item: Annotated[str, "name"], quantity: Annotated[int, "how many"] = 1) -> str:
    '''Hand out.'''
    try:
        row = found(item)
    except ToolRefused:
        raise ToolRefused("We only have: " + ", ".join(r["name"] for r in every("SELECT name FROM items"))) from None
    if quantity < 1:
        raise ToolRefused("At least 1.")
    if run("UPDATE items SET in_stock = in_stock - ? WHERE sku = ? AND in_stock >= ?", quantity, row["sku"], quantity) == 0:
        raise ToolRefused(f"Only {row['in_stock']} left.")
    left = row["in_stock"] - quantity
    return f"Done, {left} left." if left else "Done, none left."
""",
        hands(
            UNKNOWN
            + 'if quantity < 1:\n    raise ToolRefused("Choose 1 or more.")\n'
            + 'if quantity > row["in_stock"]:\n    raise ToolRefused(f"Only {row[\'in_stock\']} are there.")\n'
            + 'run("UPDATE items SET in_stock = in_stock - ? WHERE name = ? COLLATE NOCASE", quantity, item)\n'
            + "left = one(\"SELECT in_stock FROM items WHERE name = ?\", row['name'])[0]\n"
            + LEFT
        ),
    ],
    "run_tools": [
        loop(),
        loop(end='return "I could not finish this in time."'),
        LOOP_HEAD
        + """
    async def answer(call):
        try:
            chosen = by_name[call.name]
            value = await chosen.run_json(json.loads(call.arguments), CancellationToken())
        except Exception as error:
            return FunctionExecutionResult(content=repr(error), name=call.name, call_id=call.id, is_error=True)
        text = chosen.return_value_as_string(value)
        return FunctionExecutionResult(content=text, name=call.name, call_id=call.id, is_error=False)

    import asyncio

    rounds = 0
    while not isinstance((result := await model.create(messages, tools=[t.schema for t in by_name.values()])).content, str):
        rounds += 1
        if rounds > max_rounds:
            raise LimitReached("Too many rounds.")
        messages += [
            AssistantMessage(content=result.content, source="me"),
            FunctionExecutionResultMessage(content=list(await asyncio.gather(*map(answer, result.content)))),
        ]
    return result.content
""",
    ],
    "bakery": [
        bakes(),
        """
from autogen_core.tools import FunctionTool
from macae.contoso.rows import add as insert


def bakery():
    async def bake_cookies(cookie_type: Annotated[str, "what kind"], quantity: Annotated[int, "number of cookies"]) -> str:
        insert("messages", sent_on="2026-11-21", sender="baker", recipient="all", subject=cookie_type, body=f"{quantity} pieces")
        return "There are cookies in the kitchen."

    async def prepare_dough(dough_type: Annotated[str, "what kind"]) -> str:
        insert("messages", sent_on="2026-11-21", sender="baker", recipient="all", subject=dough_type, body="dough")
        return "The dough rests."

    class BakerAgent(BaseAgent):
        def __init__(self, model_client, session_id, user_id, memory, tools, agent_id):
            super().__init__("BakerAgent", model_client, session_id, user_id, memory, tools, agent_id, system_message="Bake well.")

    return AgentSpec(
        name="BakerAgent",
        system_message="Bakes cookies, and prepares dough for them.",
        tools=[
            FunctionTool(bake_cookies, description="Bake a number of cookies."),
            FunctionTool(prepare_dough, description="Prepare a dough."),
        ],
        quick_tasks=["Prepare rye dough.", "Please bake 12 chocolate chip cookies for tomorrow's event."],
        agent_class=BakerAgent,
    )
""",
    ],
    "tool_catalogue": [
        """
def tool_catalogue(team):
    described = {}
    for e in retrieve_all_agent_tools(team):
        parameters = ", ".join(f"{name}: {schema.get('type', 'any')}" for name, schema in e["arguments"].items())
        described.setdefault(e["agent"], []).append(f"  {e['function']}({parameters}) -> {e['description']}")
    return "\\n\\n".join("\\n".join([f"# {a.name} ({a.description})", *described.get(a.name, ["  no tools"])]) for a in team)
""",
        """
from macae.agents.catalogue import signature


def tool_catalogue(team):
    return "\\n".join(f"{a.name}: {a.description}\\n" + "\\n".join(map(signature, a.action_tools)) for a in team)
""",
        """
def tool_catalogue(team):
    text = ""
    for agent in team:
        text += f"{agent.name}: {agent.description}\\n"
        for made in agent.tools:
            text += f"{agent.name}.{made.name} {' '.join(made.parameters)} {made.description}\\n"
    return text
""",
    ],
}
