"""Challenge 1: what learners write."""

HELP_DESK = """
async def ask_help_desk(model, question):
    agent = AssistantAgent("help_desk", model_client=model, tools=[contoso.tech_support.check_system_status]{more})
    result = await agent.run(task=question)
    return {give}
"""
LAST = "result.messages[-1].content"


def help_desk(more: str = "", give: str = LAST) -> str:
    return HELP_DESK.format(more=f", {more}" if more else "", give=give)


DIARY = """
async def diary(stream):
    entries = []
    async for message in stream:
        {body}
    return entries
"""


def a_diary(*lines: str) -> str:
    return DIARY.format(body="\n        ".join(lines))


THOUGHT = 'if isinstance(message, ThoughtEvent): entries.append(("thought", message.source, message.content))'
CALLS = 'if isinstance(message, ToolCallRequestEvent): entries += [("call", message.source, c.name) for c in message.content]'
TEXT = 'if isinstance(message, TextMessage): entries.append(("text", message.source, message.content))'

NEWSROOM = """
async def newsroom(model, topics):
    writer = AssistantAgent("writer", model_client=model)
    critic = AssistantAgent("critic", model_client=model, system_message="Say APPROVED when it is good.")
    team = RoundRobinGroupChat({agents}{stop})
    texts = []
    for topic in topics:
        {reset}
        result = await team.run(task=topic)
        texts.append({give})
    return texts
"""
OF_WRITER = '[m.content for m in result.messages if m.source == "writer"][-1]'
STOP = 'TextMentionTermination("APPROVED", sources=["critic"]) | MaxMessageTermination(8)'


def a_newsroom(
    stop: str = STOP,
    reset: str = "await team.reset()",
    give: str = OF_WRITER,
    agents: str = "[writer, critic]",
) -> str:
    given = f", termination_condition={stop}" if stop else ""
    return NEWSROOM.format(stop=given, reset=reset, give=give, agents=agents)


FRONT_DESK = """
def front_desk(model):
    desk = AssistantAgent("front_desk", model_client=model{handoffs})
    hr = AssistantAgent("hr", model_client=model, tools=[contoso.hr.get_leave_balance]{rounds})
    it = AssistantAgent("it", model_client=model, tools=[contoso.tech_support.{tool}]{rounds})
    return Swarm({order}{stop})
"""


def a_front_desk(
    handoffs: str = 'handoffs=[Handoff(target="hr", description="People: leave."), Handoff(target="it", description="Systems: VPN.")]',
    rounds: str = "max_tool_iterations=3",
    stop: str = 'TextMessageTermination("hr") | TextMessageTermination("it") | MaxMessageTermination(12)',
    order: str = "[desk, hr, it]",
    tool: str = "reset_password",
) -> str:
    return FRONT_DESK.format(
        handoffs=f", {handoffs}" if handoffs else "",
        rounds=f", {rounds}" if rounds else "",
        stop=f", termination_condition={stop}" if stop else "",
        order=order,
        tool=tool,
    )


BRIEFING = """
def briefing(model):
    hr = AssistantAgent("hr", model_client=model, tools=[contoso.hr.get_leave_balance]{rounds})
    it = AssistantAgent("it", model_client=model, tools=[contoso.tech_support.list_support_tickets]{rounds})
    reporter = AssistantAgent("{name}", model_client=model)
    builder = DiGraphBuilder()
    {graph}
    return {team}
"""
NODES = "builder.add_node(hr).add_node(it).add_node(reporter)"
FLOW = "GraphFlow([hr, it, reporter], graph=builder.build())"


def a_briefing(
    *graph: str, rounds: str = "max_tool_iterations=3", team: str = FLOW, name: str = "reporter"
) -> str:
    return BRIEFING.format(
        graph="\n    ".join([NODES, *graph]), rounds=f", {rounds}" if rounds else "", team=team, name=name
    )


BOTH = "builder.add_edge(hr, reporter).add_edge(it, reporter)"

WRONG = {
    "ask_help_desk": [
        (
            "not-attempted",
            'async def ask_help_desk(model, question):\n    raise NotImplementedError("To do: make the agent")',
        ),
        ("raw-result", help_desk()),
        ("raw-result", help_desk("max_tool_iterations=2")),
        ("reflect", help_desk("reflect_on_tool_use=True")),
        ("not-text", help_desk("max_tool_iterations=3", give="result")),
        ("not-text", help_desk("max_tool_iterations=3", give=f"print({LAST})")),
        ("not-text", help_desk("max_tool_iterations=3", give="result.messages[-1]")),
        ("exception", help_desk("max_tool_iterations=3", give='result.messages[-1]["content"]')),
        ("no-tool", help_desk("max_tool_iterations=3").replace("tools=[contoso.tech_support.check_system_status], ", "")),
        ("no-question", help_desk("max_tool_iterations=3").replace("task=question", 'task="Is everything all right?"')),
        ("exception", help_desk("max_tool_iterations=3").replace('"help_desk"', '"help desk"')),
        ("no-await", help_desk("max_tool_iterations=3").replace("await ", "")),
        ("no-await", help_desk("max_tool_iterations=3").replace("async def", "def").replace("await ", "")),
        ("no-model", 'async def ask_help_desk(model, question):\n    return "The VPN is up."'),
        ("asyncio-run", help_desk("max_tool_iterations=3").replace("async def", "def").replace("await agent.run(task=question)", "asyncio.run(agent.run(task=question))")),
        ("signature", 'async def ask_help_desk(question):\n    return "The VPN is up."'),
        ("instance", "ask_help_desk = 'The VPN is up.'"),
        ("missing", help_desk("max_tool_iterations=3").replace("AssistantAgent", "AsistantAgent")),
        ("wrong-text", help_desk("max_tool_iterations=3", give="str(result)")),
        ("exception", help_desk('llm_config={"model": "gpt-4o"}')),
    ],
    "diary": [
        ("no-thoughts", a_diary(CALLS, TEXT)),
        ("exception", a_diary(THOUGHT, CALLS, 'if message["type"] == "TextMessage": entries.append(("text", message["source"], message["content"]))')),
        ("exception", a_diary('entries.append(("text", message.source, message.content))')),
        ("one-call", a_diary(THOUGHT, 'if isinstance(message, ToolCallRequestEvent): entries.append(("call", message.source, message.content[0].name))', TEXT)),
        ("not-names", a_diary(THOUGHT, 'if isinstance(message, ToolCallRequestEvent): entries.append(("call", message.source, message.content))', TEXT)),
        ("pieces", a_diary(THOUGHT, CALLS, 'if type(message).__name__ in ("TextMessage", "ModelClientStreamingChunkEvent"): entries.append(("text", message.source, message.content))')),
        ("left-early", a_diary("if not hasattr(message, 'source'): break", THOUGHT, CALLS, TEXT)),
        ("left-early", a_diary("if not hasattr(message, 'source'): return entries", THOUGHT, CALLS, TEXT)),
        ("twice", a_diary("for message in getattr(message, 'messages', [message]):", f"    {THOUGHT}", f"    {CALLS}", f"    {TEXT}")),
        ("not-three", a_diary(THOUGHT, CALLS, "if isinstance(message, TextMessage): entries.append(message.content)")),
        ("not-a-list", a_diary(THOUGHT, CALLS, TEXT).replace("return entries", "print(entries)")),
        ("wrong-entries", a_diary(THOUGHT, CALLS, "if isinstance(message, TextMessage) and message.source != 'user': entries.append(('text', message.source, message.content))")),
        ("wrong-entries", a_diary(THOUGHT, CALLS, TEXT).replace("message.source", '"help_desk"')),
        ("no-async-for", a_diary(THOUGHT, CALLS, TEXT).replace("async for", "for")),
        ("no-async-for", a_diary(THOUGHT, CALLS, TEXT).replace("async for message in stream", "for message in await stream")),
    ],
    "newsroom": [
        ("no-stop", a_newsroom(stop="")),
        ("no-stop", a_newsroom(stop='TextMentionTermination("APPROVED", sources=["critic"])')),
        ("stopped-by-task", a_newsroom(stop='TextMentionTermination("APPROVED") | MaxMessageTermination(8)')),
        ("no-reset", a_newsroom(reset="pass")),
        ("critics-text", a_newsroom(give="result.messages[-1].content")),
        ("limit-text", a_newsroom(give="result.messages[-2].content")),
        ("limit-text", a_newsroom(give="result.messages[-2].content if len(result.messages) < 8 else 'Nobody approved.'")),
        ("first-draft", a_newsroom(give='[m.content for m in result.messages if m.source == "writer"][0]')),
        ("first-draft", a_newsroom(stop="MaxMessageTermination(3)")),
        ("names", a_newsroom(agents="[critic, writer]")),
        ("names", a_newsroom().replace('"writer"', '"author"')),
        ("not-texts", a_newsroom(give='[m for m in result.messages if m.source == "writer"][-1]')),
        ("not-texts", a_newsroom().replace("    return texts", "    return texts[-1]")),
        ("no-await", a_newsroom().replace("await team.run", "team.run")),
        ("exception", a_newsroom(stop='[TextMentionTermination("APPROVED", sources=["critic"]), MaxMessageTermination(8)]')),
        ("exception", a_newsroom(give='result.messages[-2]["content"]')),
    ],
    "front_desk": [
        ("no-stop", a_front_desk(stop="")),
        ("stopped-by-task", a_front_desk(stop="TextMessageTermination() | MaxMessageTermination(12)")),
        ("no-description", a_front_desk(handoffs='handoffs=["hr", "it"]')),
        ("no-description", a_front_desk(handoffs='handoffs=[Handoff(target="hr", description="People: leave, training."), "it"]')),
        ("no-handoff", a_front_desk(handoffs="", stop="MaxMessageTermination(12)")),
        ("no-handoff", a_front_desk(order="[hr, desk, it]")),
        ("raw-result", a_front_desk(rounds="", stop='MaxMessageTermination(5)')),
        ("wrong-end", a_front_desk(stop="MaxMessageTermination(12)").replace("Swarm(", "RoundRobinGroupChat(")),
        ("wrong-end", a_front_desk(stop='TextMessageTermination("front_desk") | MaxMessageTermination(4)')),
        ("not-a-team", a_front_desk().replace("return Swarm", "team = Swarm")),
        ("no-tool", a_front_desk(tool="check_system_status")),
        ("unknown-agent", a_front_desk(handoffs='handoffs=["HR", "IT"]')),
        ("instance", "front_desk = 3"),
        ("exception", a_front_desk().replace('"front_desk"', '"front desk"')),
    ],
    "briefing": [
        ("one-after-the-other", a_briefing("builder.add_edge(hr, it).add_edge(it, reporter)")),
        ("one-after-the-other", a_briefing(team="RoundRobinGroupChat([hr, it, reporter], max_turns=3)")),
        ("reporter-too-early", a_briefing()),
        ("unknown-agent", a_briefing(BOTH, team="GraphFlow([hr, it], graph=builder.build())")),
        ("raw-result", a_briefing(BOTH, rounds="")),
        ("not-built", a_briefing(BOTH, team="GraphFlow([hr, it, reporter], graph=builder)")),
        ("names", a_briefing(BOTH, name="writer")),
        ("not-a-team", a_briefing(BOTH, team="builder.build()")),
        ("not-a-team", a_briefing(BOTH).replace("return ", "")),
        ("exception", a_briefing(BOTH, "builder.add_edge(reporter, hr)")),
        ("no-tool", a_briefing(BOTH).replace("list_support_tickets", "check_system_status")),
    ],
    "approver": [
        ("too-slow", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        return await ask(prompt)\n    return UserProxyAgent('approver', input_func=answer)"),
        ("too-slow", "def approver(ask, seconds):\n    def answer(prompt):\n        return asyncio.run(ask(prompt))\n    return UserProxyAgent('approver', input_func=answer)"),
        ("timeout-raises", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        return await asyncio.wait_for(ask(prompt), seconds)\n    return UserProxyAgent('approver', input_func=answer)"),
        ("swallows-cancel", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        try:\n            return await asyncio.wait_for(ask(prompt), seconds)\n        except:\n            return 'no'\n    return UserProxyAgent('approver', input_func=answer)"),
        ("swallows-cancel", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        try:\n            return await asyncio.wait_for(ask(prompt), seconds)\n        except (TimeoutError, asyncio.CancelledError):\n            return 'no'\n    return UserProxyAgent('approver', input_func=answer)"),
        ("keyboard", "def approver(ask, seconds):\n    return UserProxyAgent('approver')"),
        ("keyboard", "def approver(ask, seconds):\n    def answer(prompt):\n        return input(prompt)\n    return UserProxyAgent('approver', input_func=answer)"),
        ("no-await", "def approver(ask, seconds):\n    return UserProxyAgent('approver', input_func=lambda prompt: ask(prompt))"),
        ("no-await", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        return ask(prompt)\n    return UserProxyAgent('approver', input_func=answer)"),
        ("signature", "def approver(ask, seconds):\n    return UserProxyAgent('approver', input_func=ask)"),
        ("not-an-agent", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        return await ask(prompt)\n    return answer"),
        ("not-an-agent", "def approver(ask, seconds):\n    UserProxyAgent('approver', input_func=ask)"),
        ("wrong-answer", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        try:\n            return await asyncio.wait_for(ask(prompt), seconds)\n        except TimeoutError:\n            return 'yes'\n    return UserProxyAgent('approver', input_func=answer)"),
        ("wrong-answer", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        return 'yes'\n    return UserProxyAgent('approver', input_func=answer)"),
        ("fixed-seconds", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        try:\n            return await asyncio.wait_for(ask(prompt), 0.2)\n        except TimeoutError:\n            return 'no'\n    return UserProxyAgent('approver', input_func=answer)"),
        ("blocking-sleep", "import time\ndef approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        time.sleep(seconds)\n        return await ask(prompt)\n    return UserProxyAgent('approver', input_func=answer)"),
        ("names", "def approver(ask, seconds):\n    async def answer(prompt, cancellation_token=None):\n        return await ask(prompt)\n    return UserProxyAgent('person', input_func=answer)"),
        ("exception", "def approver(ask, seconds):\n    return UserProxyAgent('approver', human_input_mode='ALWAYS')"),
    ],
}  # fmt: skip

RIGHT = {
    "ask_help_desk": [
        help_desk("max_tool_iterations=10, reflect_on_tool_use=True"),
        """
async def ask_help_desk(model, question):
    agent = AssistantAgent("desk", model, tools=[contoso.tech_support.check_system_status], max_tool_iterations=5, model_client_stream=True)
    text = ""
    async for message in agent.run_stream(task=[TextMessage(content=question, source="user")]):
        if isinstance(message, TextMessage):
            text = message.content
    return text
""",
        """
def ask_help_desk(model, question):
    async def work():
        agent = AssistantAgent("desk", model, tools=[contoso.tech_support.check_system_status], max_tool_iterations=5)
        return (await agent.run(task=question)).messages[-1].to_text()
    return work()
""",
    ],
    "diary": [
        """
async def diary(stream):
    names = {"ThoughtEvent": "thought", "TextMessage": "text"}
    found = []
    async for message in stream:
        kind = type(message).__name__
        if kind in names:
            found.append([names[kind], message.source, message.content])
        if kind == "ToolCallRequestEvent":
            found.extend(["call", message.source, call.name] for call in message.content)
    return found
""",
        """
async def diary(stream):
    everything = [message async for message in stream]
    entries = []
    for message in everything[-1].messages:
        match message:
            case ThoughtEvent():
                entries.append(("thought", message.source, message.content))
            case ToolCallRequestEvent():
                entries += [("call", message.source, call.name) for call in message.content]
            case TextMessage():
                entries.append(("text", message.source, message.content))
    return entries
""",
    ],
    "newsroom": [
        """
async def newsroom(model, topics):
    async def one(topic):
        pair = [AssistantAgent(name, model_client=model) for name in ("writer", "critic")]
        stop = TextMentionTermination("APPROVED", sources=["critic"])
        last = ""
        async for message in RoundRobinGroupChat(pair, termination_condition=stop, max_turns=8).run_stream(task=topic):
            if getattr(message, "source", "") == "writer":
                last = message.content
        return last
    return [await one(topic) for topic in topics]
""",
        a_newsroom(stop='(MaxMessageTermination(9) | TextMentionTermination("APPROVED", ["critic"]))'),
    ],
    "front_desk": [
        a_front_desk(),
        """
async def front_desk(model):
    def one(name, *tools):
        return AssistantAgent(name, model_client=model, tools=list(tools), max_tool_iterations=4, system_message="Help.")
    desk = AssistantAgent("front_desk", model, handoffs=[Handoff(target=n, description=f"For {d}") for n, d in (("it", "computers"), ("hr", "people"))])
    team = [desk, one("it", contoso.tech_support.reset_password, contoso.tech_support.check_system_status), one("hr", contoso.hr.get_leave_balance)]
    stop = TextMessageTermination("hr") | TextMessageTermination("it")
    return Swarm(team, termination_condition=stop, max_turns=10)
""",
    ],
    "briefing": [
        a_briefing("builder.add_edge(it, 'reporter')", "builder.add_edge('hr', reporter)"),
        """
def briefing(model):
    start = AssistantAgent("start", model_client=ScriptedModel("Please look."))
    hr = AssistantAgent("hr", model_client=model, tools=[contoso.hr.get_leave_balance], max_tool_iterations=3)
    it = AssistantAgent("it", model_client=model, tools=[contoso.tech_support.list_support_tickets], max_tool_iterations=3)
    reporter = AssistantAgent("reporter", model_client=model)
    builder = DiGraphBuilder()
    for agent in (start, hr, it, reporter):
        builder.add_node(agent)
    builder.add_edge(start, hr).add_edge(start, it).add_edge(hr, reporter).add_edge(it, reporter)
    builder.set_entry_point(start)
    return GraphFlow(builder.get_participants(), builder.build(), termination_condition=MaxMessageTermination(20))
""",
    ],
    "approver": [
        """
def approver(ask, seconds):
    async def answer(prompt, cancellation_token=None):
        try:
            return await asyncio.wait_for(ask(prompt), timeout=seconds)
        except Exception:
            return "no"
    return UserProxyAgent("approver", input_func=answer)
""",
        """
def approver(ask, seconds):
    async def answer(prompt, cancellation_token):
        task = asyncio.ensure_future(ask(prompt))
        done, waiting = await asyncio.wait({task}, timeout=seconds)
        if waiting:
            task.cancel()
            return "no"
        return task.result()
    return UserProxyAgent("approver", description="The one who decides", input_func=answer)
""",
        """
async def approver(ask, seconds):
    async def answer(prompt, token=None):
        said = "no"
        try:
            async with asyncio.timeout(seconds):
                said = await ask("May I? " + prompt)
        except TimeoutError:
            pass
        return said
    return UserProxyAgent(name="approver", input_func=answer)
""",
    ],
}
