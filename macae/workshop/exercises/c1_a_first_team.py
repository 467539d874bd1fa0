"""Challenge 1: A first team."""

from __future__ import annotations

from typing import Any

from macae.workshop.exercise import Challenge
from macae.workshop.props.approver_checks import answers_in_time
from macae.workshop.props.diary_checks import tells_what_happened
from macae.workshop.props.help_desk_checks import answers_in_words
from macae.workshop.props.newsroom_checks import always_ends, writes_until_approved
from macae.workshop.props.team_checks import hands_over, works_side_by_side
from macae.workshop.trial import Trial

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(1, "A first team", minutes=45, notebook="01-a-first-team")


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
    await answers_in_words(attempt, trial)


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
        "no-async-for": "A stream comes bit by bit, and between two bits others work: `async for message in stream:`. The rest of the loop is as always.",
        "exception": "Messages are objects, not dicts: `message.source`, `message.content`. And the last thing in the stream is a `TaskResult`: it has neither.",
    },
)
async def diary(attempt: Any, trial: Trial) -> None:
    """Every thought, tool call and text of a stream, in order, as (kind, who, text)."""
    await tells_what_happened(attempt, trial)


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
        "no-reset": "Where the reset stands matters too: inside the loop, as its first line, so that each topic begins without the last one: `for topic in topics:`, then `await team.reset()`, then the run. A new team for each topic does the same.",
        "critics-text": "You return the last message, and that is the critic's. Which messages are the writer's?",
        "limit-text": "`[-2]` is the writer's only when the critic spoke last, and the limit may come after either. Collect the messages whose `.source` is `writer`: the last of those is right in both cases.",
        "first-draft": "You return the writer's first draft. The critic approved of the last one.",
        "names": "The check knows the agents by their names. They are `writer` and `critic`, and the writer begins.",
    },
)
async def newsroom(attempt: Any, trial: Trial) -> None:
    """Each topic is written by one agent and approved by another; the approved texts come back."""
    await writes_until_approved(attempt, trial)
    await always_ends(attempt, trial)


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
        "no-description": "Would you know from `Handoff to hr.` who can tell the leave of Marcus? A `Handoff` has a `description`: write there what the colleague knows.",
        "no-handoff": "The front desk's model was shown no tool to hand over with. `handoffs=[…]` makes them.",
        "raw-result": "The last word was a tool's result. You know that one from exercise 1.",
        "wrong-end": "The team went on after the answer, or stopped before it. Whose text is to be the last? `TextMessageTermination` takes a name.",
        "unknown-agent": "A hand-off's target has to be the name of an agent in the team, letter for letter: `hr` is not `HR`.",
    },
)
async def front_desk(attempt: Any, trial: Trial) -> None:
    """A front desk hands each question to hr or it, and that agent answers with its tools."""
    await hands_over(attempt, trial)


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
        "not-built": "The builder collects nodes and arrows. What `GraphFlow` wants is the graph that it builds: `graph=builder.build()`.",
        "reporter-too-early": "The reporter did not hear both departments. Which arrow is missing?",
        "raw-result": "The reporter was given a tool's result instead of an answer. You know that one from exercise 1.",
        "unknown-agent": "Each agent has to be in both places: a node of the graph, and in the list that `GraphFlow` is given.",
    },
)
async def briefing(attempt: Any, trial: Trial) -> None:
    """hr and it look things up at the same time, then a reporter puts it together."""
    await works_side_by_side(attempt, trial)


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
        "swallows-cancel": "A bare `except:` and `except BaseException:` catch everything, also the stop (`CancelledError`), which has to be passed on. Name what you expect: `except TimeoutError:`.",
        "timeout-raises": "The time limit works, but its exception goes on and ends the team. Turn it into an answer.",
        "no-await": "An async function gives a coroutine at first. Your input function has to be async too, and to await `ask`.",
        "signature": "An async input function is given two things: the prompt, and a cancellation token.",
        "keyboard": "Without an `input_func` a UserProxyAgent asks at the keyboard. Give it a function that awaits `ask`.",
    },
)
async def approver(attempt: Any, trial: Trial) -> None:
    """An agent that gives a person's answer, or "no" when none comes in time."""
    await answers_in_time(attempt, trial)
