"""Challenge 1: A first team."""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import AsyncIterator, Sequence
from typing import Any
from unittest.mock import patch

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import ChatAgent, TaskResult, Team
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.messages import TextMessage, ToolCallRequestEvent, ToolCallSummaryMessage
from autogen_agentchat.teams import RoundRobinGroupChat

from macae import contoso
from macae.workshop.exercise import Challenge
from macae.workshop.props.teams import (
    bounded,
    calls_with_a_thought,
    ended,
    heard,
    last_speaker,
    results,
    run_team,
    sort_of,
)
from macae.workshop.trial import Trial

CHALLENGE = Challenge(1, "A first team", minutes=45, notebook="01-a-first-team")

STATUS = "check_system_status"
QUESTIONS = (
    ("Is the VPN up?", ("VPN",), "The VPN is up."),
    ("How are the VPN and the billing system?", ("VPN", "Billing"), "The VPN is up, billing is slow."),
    ("Does the coffee machine work?", ("Coffee machine",), "I know no system of that name."),
)
"""What is asked, the systems that the model looks at one after the other, and what it says then."""


@CHALLENGE.exercise(
    "ask_help_desk",
    title="An agent with a tool",
    minutes=7,
    hints=(
        "Three lines are enough: make the agent, run it on the question, return the text of its last message.",
        "The agent in the cell above lacks one argument. Which one lets the model see the tool's result and go on?",
        "`agent.run(task=…)` is async, so it needs `await`. What it gives has `.messages`, and a message has `.content`.",
        '```\nagent = AssistantAgent("help_desk", model_client=model, tools=[…], max_tool_iterations=3)\nresult = await agent.run(task=question)\nreturn result.messages[-1].content\n```',
    ),
    when={
        "raw-result": "What you return is the tool's result, word for word. The model never saw it: by default one round of tool calls is all. `max_tool_iterations=3` gives it more.",
        "reflect": "`reflect_on_tool_use=True` allows one more answer, and that must be text. This model wanted to look twice. Leave it out, and write `max_tool_iterations=3`.",
        "no-tool": "The model was shown no tool. Which argument of `AssistantAgent` takes them?",
        "not-text": "`run` gives a `TaskResult`, which holds messages, which hold their text in `.content`. How do you get to the last one?",
        "exception": 'Messages are objects: `message.content`, not `message["content"]`. And an agent\'s name is a Python name: no blanks, no hyphens.',
    },
)
async def ask_help_desk(attempt: Any, trial: Trial) -> None:
    """An agent with the tool `check_system_status` answers a question in words."""
    for question, systems, answer in QUESTIONS:
        looks = [[(STATUS, {"system_name": system})] for system in systems]
        model = trial.model(*looks, answer)
        try:
            with contoso.use(trial.company()):
                said = await trial.call(attempt, model, question)
        except RuntimeError as error:
            if "Reflect on tool use" not in str(error):
                raise
            trial.fail(expected="the model may look more than once", seen=str(error), look="`max_tool_iterations=3`, without `reflect_on_tool_use`.", kind="reflect")  # fmt: skip
        trial.expect(model.calls, expected="the model is asked", seen=f"it was not asked; your function gave {said!r:.80}", look="`await agent.run(task=question)`", kind="no-model")  # fmt: skip
        first = model.requests[0]
        trial.expect(STATUS in first.tools, expected=f"the model is shown the tool `{STATUS}`", seen=first.tools or "no tool", look="`tools=[contoso.tech_support.check_system_status]`", kind="no-tool")  # fmt: skip
        trial.expect(question in heard(first), expected=f"the model is asked {question!r}", seen=heard(first), look="`run(task=question)`", kind="no-question")  # fmt: skip
        trial.expect(isinstance(said, str), expected="a text", seen=sort_of(said), look="Return the last message's text: `result.messages[-1].content`.", kind="not-text")  # fmt: skip
        if said.strip() != answer:
            raw = model.calls <= len(systems)
            trial.fail(
                expected=f"the model's answer: {answer!r}",
                seen=f"the tool's result: {said!r:.160}" if raw else said,
                look="How many rounds of tool calls may your agent make?" if raw else "Return the last message's text.",
                kind="raw-result" if raw else "wrong-text",
            )  # fmt: skip
    trial.proven("The model saw what the tool gave, and answered in words.")
    trial.proven("It could look twice, and it was told of a tool's error.")


async def given(messages: Sequence[Any], ends: list[bool]) -> AsyncIterator[Any]:
    """The messages as a stream, and a note when it was read to its end."""
    for message in messages:
        await asyncio.sleep(0)
        yield message
    ends.append(True)


async def stream_of_an_agent(trial: Trial) -> list[Any]:
    """A thought, two calls side by side, and an answer that arrives in pieces."""
    thought = calls_with_a_thought(
        "Two things are asked, so I look at both.",
        (STATUS, '{"system_name": "VPN"}'),
        ("list_support_tickets", "{}"),
    )
    agent = AssistantAgent(
        "help_desk",
        model_client=trial.model(thought, "The VPN is up, and four tickets are open."),
        tools=[contoso.tech_support.check_system_status, contoso.tech_support.list_support_tickets],
        max_tool_iterations=3,
        model_client_stream=True,
    )
    with contoso.use(trial.company()):
        return [m async for m in agent.run_stream(task="Is the VPN up, and which tickets are open?")]


async def stream_of_a_team(trial: Trial) -> list[Any]:
    """A writer and a critic, who says the same as the writer."""
    two = [AssistantAgent(name, model_client=trial.model("Fine.")) for name in ("writer", "critic")]
    team = RoundRobinGroupChat([*two], termination_condition=MaxMessageTermination(3))
    return [m async for m in team.run_stream(task="News, please.")]


IN_AN_AGENT = [
    ("text", "user", "Is the VPN up, and which tickets are open?"),
    ("thought", "help_desk", "Two things are asked, so I look at both."),
    ("call", "help_desk", STATUS),
    ("call", "help_desk", "list_support_tickets"),
    ("text", "help_desk", "The VPN is up, and four tickets are open."),
]
IN_A_TEAM = [("text", "user", "News, please."), ("text", "writer", "Fine."), ("text", "critic", "Fine.")]


@CHALLENGE.exercise(
    "diary",
    title="What happened?",
    minutes=7,
    hints=(
        "`async for message in stream:` gives one object after the other. What it is, its class tells: `isinstance(message, ThoughtEvent)`.",
        "Three kinds count: `ThoughtEvent`, `ToolCallRequestEvent`, `TextMessage`. Each has `.source` and `.content`. Leave out everything else.",
        "A `ToolCallRequestEvent` holds a list in `.content`: one entry for each call, and a call has a `.name`.",
        '```\nif isinstance(message, ThoughtEvent):\n    entries.append(("thought", message.source, message.content))\nelif isinstance(message, ToolCallRequestEvent):\n    for call in message.content:\n        entries.append(("call", message.source, call.name))\nelif …\n```',
    ),
    when={
        "no-thoughts": "The model's words beside its tool calls are missing. Which class in the table above is that?",
        "pieces": "A streaming model sends its answer in pieces, and then whole. Count only the whole: which class is it?",
        "twice": "The last thing in a stream is a `TaskResult`. It repeats all messages. Leave it out.",
        "one-call": "A model can ask for several calls at once. Loop over the event's `.content`.",
        "left-early": "`break` and `return` leave the loop before the stream has closed, and a team then still counts as running. Let the loop end by itself.",
        "exception": "Messages are objects, not dicts: `message.source`, `message.content`. And the last thing in the stream is a `TaskResult`: it has neither.",
    },
)
async def diary(attempt: Any, trial: Trial) -> None:
    """Every thought, tool call and text of a stream, in order, as (kind, who, text)."""
    ends: list[bool] = []
    for make, wanted in ((stream_of_an_agent, IN_AN_AGENT), (stream_of_a_team, IN_A_TEAM)):
        messages = await make(trial)
        ends.clear()
        value = await trial.call(attempt, given(messages, ends))
        trial.expect(isinstance(value, list), expected="a list", seen=sort_of(value), look="Start with `entries = []`, and return it after the loop.", kind="not-a-list")  # fmt: skip
        trial.expect(all(isinstance(e, tuple | list) and len(e) == 3 for e in value), expected="entries of three: (kind, who, text)", seen=value, look='`entries.append(("text", message.source, message.content))`', kind="not-three")  # fmt: skip
        judge_entries([tuple(entry) for entry in value], wanted, trial)
        trial.expect(ends, expected="the stream is read to its end", seen="your loop was left before", look="No `break` and no `return` inside the loop.", kind="left-early")  # fmt: skip
    trial.proven("Thoughts, calls and texts are told apart, each with who it came from, in their order.")
    trial.proven("It works for one agent and for a team, and reads the stream to its end.")


def judge_entries(seen: list[tuple[Any, ...]], wanted: list[tuple[str, str, str]], trial: Trial) -> None:
    """Say what distinguishes the entries from the ones that were to be found."""
    if seen == wanted:
        return
    kinds = [entry[0] for entry in seen]
    whole = {text for _, _, text in wanted}
    kind, look = "wrong-entries", "Compare it with the list in the text above, entry by entry."
    if "thought" not in kinds and any(one == "thought" for one, _, _ in wanted):
        kind, look = "no-thoughts", "`ThoughtEvent`"
    elif any(not isinstance(entry[2], str) for entry in seen):
        kind, look = (
            "not-names",
            "The third part is a text. For a call it is its `.name`; `.content` is the list of all calls.",
        )
    elif kinds.count("call") < [one for one, _, _ in wanted].count("call"):
        kind, look = "one-call", "One event can hold several calls. Loop over its `.content`."
    elif any(entry[0] == "text" and entry[2] not in whole and entry[2] in IN_AN_AGENT[-1][2] for entry in seen):  # fmt: skip
        kind, look = "pieces", "`ModelClientStreamingChunkEvent` is not wanted; the whole text follows."
    elif len(seen) > len(wanted) and [e for e in dict.fromkeys(seen) if e in wanted] == wanted:
        kind, look = "twice", "The `TaskResult` at the end repeats what came before. Skip it."
    at = next((i for i, (a, b) in enumerate(zip(seen, wanted, strict=False)) if a != b), min(len(seen), len(wanted)))  # fmt: skip
    first, found = (f"{some[at]}" if at < len(some) else "nothing more" for some in (wanted, seen))
    trial.fail(expected=f"as entry number {at + 1}: {first}", seen=found, look=look, kind=kind)


DRAFTS = ("The VPN rests tonight.", "The VPN rests tonight from 18:00 to 20:00.")


def editors(messages: Sequence[Any], tools: list[str]) -> str:
    """A writer with two drafts, and a critic who approves of the second. Who is asked shows in who spoke last."""
    mine = [m for m in messages if m.type == "AssistantMessage"]
    topic = next(str(m.content) for m in messages if m.type == "UserMessage")
    if last_speaker(messages) == "writer":
        return "APPROVED" if DRAFTS[1] in str(messages[-1].content) else "Say when."
    return f"{DRAFTS[min(len(mine), 1)]} ({topic})"


def never_content(messages: Sequence[Any], tools: list[str]) -> str:
    """A critic for whom nothing is good enough."""
    return "Not yet." if last_speaker(messages) == "writer" else "A draft."


@CHALLENGE.exercise(
    "newsroom",
    title="A writer and a critic",
    minutes=8,
    hints=(
        "One condition, one team; then one run for each topic. The condition has two halves: the critic's word, and a limit.",
        "`A | B` ends the team when either is met. `TextMentionTermination` takes `sources=[…]`: whose words count.",
        "A team remembers. `await team.reset()` before each topic makes it forget the last one.",
        "The news is the last message whose `.source` is `writer`. The very last one is the critic's word.",
        '```\nstop = TextMentionTermination("APPROVED", sources=["critic"]) | MaxMessageTermination(8)\nteam = RoundRobinGroupChat([writer, critic], termination_condition=stop)\nfor topic in topics:\n    await team.reset()\n    result = await team.run(task=topic)\n    texts.append([m.content for m in result.messages if m.source == "writer"][-1])\n```',
    ),
    when={
        "no-stop": "Nothing ends your team when the critic is never content. Add a limit: `… | MaxMessageTermination(8)`.",
        "stopped-by-task": "The topic itself held the word APPROVED, and that ended the team before anybody spoke. `TextMentionTermination(…, sources=[…])` says whose words count.",
        "no-reset": "The second topic's team still knew the first topic. What makes a team forget?",
        "critics-text": "You return the last message, and that is the critic's. Which messages are the writer's?",
        "first-draft": "You return the writer's first draft. The critic approved of the last one.",
        "names": "The check knows the agents by their names. They are `writer` and `critic`, and the writer begins.",
    },
)
async def newsroom(attempt: Any, trial: Trial) -> None:
    """Each topic is written by one agent and approved by another; the approved texts come back."""
    topics = ["Tonight", "In the canteen"]
    model = trial.model(bounded(editors))
    texts = await ended(trial, trial.call(attempt, model, topics), model)
    judge_team(model.requests, trial)
    trial.expect(isinstance(texts, list) and len(texts) == 2 and all(isinstance(t, str) for t in texts), expected="a list with one text for each of the two topics", seen=texts, look="`texts.append(….content)` for each topic, and `return texts` at the end.", kind="not-texts")  # fmt: skip
    second = next((r for r in model.requests if topics[1] in heard(r)), None)
    trial.expect(second is not None, expected=f"the topic {topics[1]!r} is given to the team", seen="it never was", look="`team.run(task=topic)` for each of `topics`.", kind="no-topic")  # fmt: skip
    trial.expect(second and topics[0] not in heard(second), expected="the second topic starts afresh", seen="the writer was still shown the first topic and all that was said of it", look="`await team.reset()` before each run.", kind="no-reset")  # fmt: skip
    for text, topic in zip(texts, topics, strict=True):
        if DRAFTS[1] in text and topic in text:
            continue
        kind = "critics-text" if "APPROVED" in text else "first-draft" if DRAFTS[0] in text else "wrong-text"
        trial.expect(False, expected=f"the text that the critic approved of, for {topic!r}", seen=text, look="Of the messages with the source `writer`, the last.", kind=kind)  # fmt: skip
    trial.proven("Writer and critic took turns until the critic said APPROVED; the approved text came back.")
    trial.proven("The second topic began with nothing of the first.")
    await newsroom_ends(attempt, trial)


async def newsroom_ends(attempt: Any, trial: Trial) -> None:
    """The two ends that are easily missed: a topic that holds the word, and a critic who never says it."""
    model = trial.model(bounded(editors))
    try:
        texts = await ended(trial, trial.call(attempt, model, ["Your leave is APPROVED within a day"]), model)
    except Exception:
        if model.calls:
            raise
        texts = []
    critics = [r for r in model.requests if last_speaker(r.messages) == "writer"]
    trial.expect(len(critics) > 1, expected="only the critic's APPROVED ends the team", seen=f"the topic held the word APPROVED, and the team stopped after {model.calls} calls of the model", look='`TextMentionTermination("APPROVED", sources=["critic"])`', kind="stopped-by-task")  # fmt: skip
    trial.expect(texts and DRAFTS[1] in texts[0], expected="the approved text", seen=texts, look="Of the messages with the source `writer`, the last.", kind="wrong-text")  # fmt: skip
    trial.proven("Only the critic's word counts, not one in the topic or the draft.")
    model = trial.model(bounded(never_content))
    await ended(trial, trial.call(attempt, model, ["Tonight"]), model)
    trial.expect(model.calls <= 12, expected="an end after 8 messages or so", seen=f"{model.calls} calls of the model", look="`MaxMessageTermination(8)` counts the task too.", kind="too-long")  # fmt: skip
    trial.proven("A critic who is never content does not keep the team for ever.")


def judge_team(requests: Sequence[Any], trial: Trial) -> None:
    """Whether writer and critic took turns."""
    trial.expect(requests, expected="the team speaks", seen="the model was not asked", look="`await team.run(task=topic)`", kind="no-model")  # fmt: skip
    spoke = [last_speaker(request.messages) for request in requests]
    trial.expect(spoke[0] == "user" and spoke[1:2] == ["writer"], expected="the agent `writer` begins, and the agent `critic` answers it", seen=f"somebody was asked after: {', '.join(spoke[:4])}", look='`RoundRobinGroupChat([writer, critic], …)`, with the names "writer" and "critic".', kind="names")  # fmt: skip


LEAVE = "How many days of leave has Marcus Bell left?"
PASSWORD = "Reset the password of Marcus Bell."
WORK = {
    "get_leave_balance": ({"employee_name": "Marcus Bell"}, "Marcus has 10 days of vacation left."),
    "reset_password": ({"employee_name": "Marcus Bell"}, "His password is reset."),
    "list_support_tickets": ({"status": "open"}, "Four tickets are open."),
}
"""What an agent with that tool does: the call's arguments, and what it says afterwards."""


def departments(messages: Sequence[Any], tools: list[str]) -> Any:
    """A front desk that hands over, and departments that use their tool and answer."""
    asked = next((str(m.content) for m in messages if m.type == "UserMessage"), "")
    for tool, (arguments, answer) in WORK.items():
        if tool in tools:
            return answer if results(messages) is not None else [(tool, arguments)]
    target = "transfer_to_it" if "password" in asked else "transfer_to_hr"
    return [(target, {})] if target in tools else "I cannot help with that."


async def a_team(attempt: Any, trial: Trial, *arguments: Any) -> Any:
    """The team that the learner's function makes."""
    team = await trial.call(attempt, *arguments)
    look = "`return Swarm(…)` or `return GraphFlow(…)`: the team itself. The check runs it."
    trial.expect(isinstance(team, Team), expected="a team that can be run", seen=sort_of(team), look=look, kind="not-a-team")  # fmt: skip
    return team


def judge_answer(result: TaskResult, who: str, answer: str, tool: str, trial: Trial) -> None:
    """Whether the agent with that tool used it, and had the last word."""
    used = [call.name for m in result.messages if isinstance(m, ToolCallRequestEvent) for call in m.content]
    trial.expect(tool in used, expected=f"`{tool}` is called", seen=f"these calls: {', '.join(used)}" if used else "no tool was called", look=f"`tools=[…]` of the agent that has `{tool}`.", kind="no-tool")  # fmt: skip
    last = result.messages[-1]
    if isinstance(last, TextMessage) and (last.source, last.content) == (who, answer):
        again = sum(isinstance(m, TextMessage) and m.source == who for m in result.messages)
        trial.expect(again == 1, expected=f"it is over as soon as {who} has answered", seen=f"{who} answered {again} times", look=f"`TextMessageTermination({who!r})`", kind="wrong-end")  # fmt: skip
        return
    said = f"{last.source}: {last.to_text():.160} ({type(last).__name__})"
    kind, look = (
        "wrong-end",
        f"`TextMessageTermination({who!r})` ends a team with the text of that agent. {result.stop_reason}",
    )
    if isinstance(last, ToolCallSummaryMessage):
        kind, look = (
            "raw-result",
            "That is the tool's own result. `max_tool_iterations=3` lets the model answer.",
        )
    trial.expect(False, expected=f"{who} has the last word: {answer!r}", seen=said, look=look, kind=kind)


@CHALLENGE.exercise(
    "front_desk",
    title="Handing over",
    minutes=8,
    hints=(
        "One more agent, a condition, and the team. The front desk needs no tools; it needs `handoffs`.",
        'What the model knows of a colleague is the text of the hand-off: `Handoff(target="hr", description="Questions about people, leave and training.")`.',
        "In a `Swarm` the first agent of the list begins. Whoever has the word keeps it until it hands over, so the team ends when hr or it has answered in text.",
        '```\nstop = TextMessageTermination("hr") | TextMessageTermination("it") | MaxMessageTermination(12)\nreturn Swarm([desk, hr, it], termination_condition=stop)\n```',
    ),
    when={
        "no-stop": "Nothing ends your team, so the last agent talks on and on. Which message should be the last one?",
        "stopped-by-task": "`TextMessageTermination()` without a name also sees the task, which is a text too. Name the agents.",
        "no-handoff": "The front desk's model was shown no tool to hand over with. `handoffs=[…]` makes them.",
        "raw-result": "The last word was a tool's result. You know that one from exercise 1.",
        "wrong-end": "The team went on after the answer, or stopped before it. Whose text is to be the last? `TextMessageTermination` takes a name.",
        "unknown-agent": "A hand-off's target has to be the name of an agent in the team, letter for letter: `hr` is not `HR`.",
    },
)
async def front_desk(attempt: Any, trial: Trial) -> None:
    """A front desk hands each question to hr or it, and that agent answers with its tools."""
    model = trial.model(bounded(departments))
    company = trial.company()
    with contoso.use(company):
        team = await a_team(attempt, trial, model)
        result = await run_team(trial, team, LEAVE, model)
        tools = model.requests[0].tools
        missing = [name for name in ("transfer_to_hr", "transfer_to_it") if name not in tools]
        trial.expect(not missing, expected="the agent that begins can hand over to hr and to it", seen=f"its tools: {', '.join(tools) or 'none'}", look='`handoffs=[Handoff(target="hr", …), Handoff(target="it", …)]` on the first agent of the list.', kind="no-handoff")  # fmt: skip
        begins = next(m.source for m in result.messages if m.source != "user")
        trial.expect(begins == "front_desk", expected="front_desk begins", seen=f"{begins} begins", look='Its name is "front_desk", and it is the first in the list.', kind="names")  # fmt: skip
        judge_answer(result, "hr", WORK["get_leave_balance"][1], "get_leave_balance", trial)
        trial.proven("A question about leave went to hr, and hr answered with its tool.")
        before = company.snapshot()
        result = await run_team(trial, team, PASSWORD, model)
        judge_answer(result, "it", WORK["reset_password"][1], "reset_password", trial)
        trial.expect(contoso.diff(before, company), expected="a password is reset in the company", seen="no row has changed", look="`tools=[contoso.tech_support.reset_password, …]`", kind="no-change")  # fmt: skip
    trial.proven("After a reset the same team took the next question: it reset a password.")
    model = trial.model(bounded(lambda messages, tools: "I do not know."))
    with contoso.use(company):
        await run_team(trial, await a_team(attempt, trial, model), LEAVE, model)
    trial.proven("It ends also when nobody hands over.")


def at_once(messages: Sequence[Any], tools: list[str]) -> Any:
    """Two departments with a tool each, and one agent without: it reports."""
    return departments(messages, tools) if tools else "Marcus: 10 days left. IT: four tickets."


@CHALLENGE.exercise(
    "briefing",
    title="Side by side",
    minutes=6,
    hints=(
        "Draw it first: two boxes beside each other, and an arrow from each to the third. Two arrows are two edges.",
        "`builder.add_node(agent)` for each agent, `builder.add_edge(a, b)` for each arrow. What no arrow leads to begins.",
        "`GraphFlow` wants the agents and the graph: `GraphFlow([hr, it, reporter], graph=builder.build())`.",
        "```\nbuilder = DiGraphBuilder()\nfor agent in (hr, it, reporter):\n    builder.add_node(agent)\nbuilder.add_edge(hr, reporter).add_edge(it, reporter)\nreturn GraphFlow([hr, it, reporter], graph=builder.build())\n```",
    ),
    when={
        "one-after-the-other": "One of the two departments had to wait for the other. Is there an arrow between them, or a team that takes turns?",
        "reporter-too-early": "The reporter did not hear both departments. Which arrow is missing?",
        "raw-result": "The reporter was given a tool's result instead of an answer. You know that one from exercise 1.",
        "unknown-agent": "Each agent has to be in both places: a node of the graph, and in the list that `GraphFlow` is given.",
    },
)
async def briefing(attempt: Any, trial: Trial) -> None:
    """hr and it look things up at the same time, then a reporter puts it together."""
    model = trial.model(bounded(at_once))
    answers = [WORK["get_leave_balance"][1], WORK["list_support_tickets"][1]]
    with contoso.use(trial.company()):
        team = await a_team(attempt, trial, model)
        result = await run_team(trial, team, "What should I know about Marcus Bell?", model)
    by_tool = {tool: [r for r in model.requests if tool in r.tools] for tool in WORK}
    for who, tool in (("hr", "get_leave_balance"), ("it", "list_support_tickets")):
        trial.expect(by_tool[tool], expected=f"{who} is asked, with its tool `{tool}`", seen=f"no model call with that tool among {model.calls}", look=f"An agent {who} with that tool, as a node of the graph.", kind="no-tool")  # fmt: skip
    told = [answer for tool in by_tool for r in by_tool[tool][:1] for answer in answers if answer in heard(r)]
    trial.expect(not told, expected="hr and it begin at the same time", seen="one of them was only asked after the other had answered", look="No edge between the two.", kind="one-after-the-other")  # fmt: skip
    trial.proven("hr and it were asked at the same time.")
    last = [r for r in model.requests if not r.tools]
    missing = [answer for answer in answers if not last or answer not in heard(last[0])]
    if missing:
        raw = any(isinstance(m, ToolCallSummaryMessage) for m in result.messages)
        trial.expect(
            False,
            expected="the reporter is given what hr and it have said",
            seen="nobody without tools was asked" if not last else f"it was given: {heard(last[0]):.300}",
            look="`max_tool_iterations=3`" if raw else "An edge to the reporter from each of the two.",
            kind="raw-result" if raw else "reporter-too-early" if last else "no-reporter",
        )  # fmt: skip
    trial.expect(len(last) == 1, expected="the reporter speaks once", seen=f"it was asked {len(last)} times", look="One edge from each of the two, and nothing that leads back.", kind="reporter-again")  # fmt: skip
    end = result.messages[-1]
    trial.expect(end.source == "reporter", expected="the reporter has the last word", seen=f"{end.source} has it", look='An agent named "reporter", at the end of the graph.', kind="names")  # fmt: skip
    trial.proven("The reporter heard both, and spoke once, at the end.")


TIMED_OUT = "no"


def causes(error: BaseException | None) -> list[BaseException]:
    """An exception and what caused it."""
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


async def asked(
    person: ChatAgent, seconds: float, trial: Trial, what: str = "what the person answered"
) -> str:
    """What a person's agent says, within the seconds. What keeps it from speaking is told."""
    keyboard: list[str] = []

    def typed(prompt: str = "") -> str:
        keyboard.append(prompt)
        raise RuntimeError("the keyboard was asked")

    try:
        with patch.object(builtins, "input", typed):
            result = await trial.waits(person.run(task="May I publish this?"), seconds, what)  # fmt: skip
    except RuntimeError as error:
        text = str(error)
        if keyboard:
            trial.fail(expected="the person is asked by `await ask(prompt)`", seen="`input()` was called: a box at the keyboard, without a time limit", look="`UserProxyAgent(…, input_func=…)`, with a function of your own.", kind="keyboard")  # fmt: skip
        if any(isinstance(cause, TimeoutError) for cause in causes(error)):
            trial.fail(expected='"no" when nobody answers in time', seen="a TimeoutError, which ends the whole team", look="`except TimeoutError:` inside your input function.", kind="timeout-raises")  # fmt: skip
        if "coroutine" in text:
            trial.fail(expected="a text", seen="a coroutine of `ask` that nobody awaited", look="`async def` for your input function, and `await ask(prompt)` inside it.", kind="no-await")  # fmt: skip
        if "positional argument" in text:
            trial.fail(expected="an async input function with two parameters", seen=text.rpartition(": ")[2], look="`async def answer(prompt, cancellation_token=None):`", kind="signature")  # fmt: skip
        raise
    last = result.messages[-1]
    trial.expect(last.source == "approver", expected='an agent named "approver"', seen=f"it is named {last.source!r}", look='`UserProxyAgent("approver", …)`', kind="names")  # fmt: skip
    return str(last.to_text()) if isinstance(last, TextMessage) else repr(last)


@CHALLENGE.exercise(
    "approver",
    title="A person in the team",
    minutes=6,
    hints=(
        "An `input_func` is a function that the agent calls when it is the person's turn. What it returns is what the person says.",
        "Write an `async def` inside `approver`, with the parameters `prompt` and `cancellation_token=None`. It awaits `ask(prompt)`.",
        "`asyncio.wait_for(ask(prompt), seconds)` waits so long and no longer. Then it raises `TimeoutError`; catch it.",
        '```\nasync def answer(prompt, cancellation_token=None):\n    try:\n        return await asyncio.wait_for(ask(prompt), seconds)\n    except TimeoutError:\n        return "no"\n\nreturn UserProxyAgent("approver", input_func=answer)\n```',
    ),
    when={
        "too-slow": "Your agent waits for ever when nobody answers. `asyncio.wait_for` or `asyncio.timeout` sets a limit.",
        "timeout-raises": "The time limit works, but its exception goes on and ends the team. Turn it into an answer.",
        "no-await": "An async function gives a coroutine at first. Your input function has to be async too, and to await `ask`.",
        "signature": "An async input function is given two things: the prompt, and a cancellation token.",
        "keyboard": "Without an `input_func` a UserProxyAgent asks at the keyboard. Give it a function that awaits `ask`.",
    },
)
async def approver(attempt: Any, trial: Trial) -> None:
    """An agent that gives a person's answer, or "no" when none comes in time."""
    prompts: list[str] = []

    async def quick(prompt: str) -> str:
        prompts.append(prompt)
        await asyncio.sleep(0.01)
        return f"yes, number {len(prompts)}"

    async def slow(prompt: str) -> str:
        await asyncio.sleep(0.4)
        return "yes, at last"

    async def silent(prompt: str) -> str:
        await asyncio.sleep(6)  # longer than the check waits, and short enough for a thread of theirs to end
        return "yes, next day"

    person = await trial.call(attempt, quick, 2.0)
    trial.expect(isinstance(person, ChatAgent), expected="an agent", seen=sort_of(person), look="`return UserProxyAgent(…)`", kind="not-an-agent")  # fmt: skip
    for number in (1, 2):
        said = await asked(person, 3.0, trial)
        trial.expect(said == f"yes, number {number}", expected=f"what `ask` gave: 'yes, number {number}'", seen=said, look="Return what `await ask(prompt)` gives.", kind="wrong-answer")  # fmt: skip
    trial.expect(all(isinstance(p, str) and p for p in prompts), expected="`ask` is given the prompt", seen=prompts, look="`ask(prompt)`", kind="no-prompt")  # fmt: skip
    trial.proven("The agent says what the person answered, each time anew.")
    said = await asked(
        await trial.call(attempt, silent, 0.05), 1.5, trial, f'"{TIMED_OUT}", because nobody answers'
    )
    trial.expect(said == TIMED_OUT, expected=f'"{TIMED_OUT}" when nobody answers in time', seen=said, look=f'`return "{TIMED_OUT}"` after a TimeoutError.', kind="wrong-answer")  # fmt: skip
    trial.proven("Nobody answered: after the time limit it said no.")
    said = await asked(await trial.call(attempt, slow, 2.0), 3.0, trial)
    trial.expect(said == "yes, at last", expected="an answer that takes a while counts, when it comes before `seconds` are over", seen=said, look="Use the parameter `seconds`, not a number of your own.", kind="fixed-seconds")  # fmt: skip
    trial.proven("A slow answer counts, as long as it is in time.")
