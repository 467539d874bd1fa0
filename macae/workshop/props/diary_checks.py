"""Checks of a diary of a stream: what an agent and a team tell while they run, and what was made of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat

from macae import contoso
from macae.workshop.props.teams import STATUS, calls_with_a_thought, sort_of
from macae.workshop.trial import Trial

__all__ = ["tells_what_happened"]

IN_AN_AGENT = [
    ("text", "user", "Is the VPN up, and which tickets are open?"),
    ("thought", "help_desk", "Two things are asked, so I look at both."),
    ("call", "help_desk", STATUS),
    ("call", "help_desk", "list_support_tickets"),
    ("text", "help_desk", "The VPN is up, and four tickets are open."),
]
IN_A_TEAM = [("text", "user", "News, please."), ("text", "writer", "Fine."), ("text", "critic", "Fine.")]


async def tells_what_happened(attempt: Any, trial: Trial) -> None:
    """The entries of an agent's stream and of a team's, and whether the streams were read to their ends."""
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
