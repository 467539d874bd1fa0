"""One memory for a team of agents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core.memory import ListMemory
from autogen_core.models import FunctionExecutionResultMessage

from macae.memory.policies import BatchingMemory, CachedMemory, GuardedMemory, SQLMemory, TeamMemory
from tests.memory.policies.support import note, texts
from tests.support.scripted import ScriptedClient


async def test_who_wrote_what_is_stored_and_cannot_be_claimed(tmp_path: Path) -> None:
    inner = SQLMemory(tmp_path / "team.db")
    ann, tom = TeamMemory(CachedMemory(inner), "ann"), TeamMemory(BatchingMemory(inner), "tom")
    await ann.add(note("The room is booked.", agent="tom"))
    await tom.add(note("The room is small."))
    assert [(one.metadata or {})["agent"] for one in (await inner.query("")).results] == ["ann", "tom"]
    assert await texts(tom, "room", by="ann") == ["The room is booked."]
    assert await texts(ann, "room") == ["The room is booked.", "The room is small."]


async def test_two_agents_of_a_team_share_what_one_noted(tmp_path: Path) -> None:
    """A real AgentChat team: the first writes by its tool, the second is told it, with the writer's name."""
    shared = SQLMemory(tmp_path / "team.db")
    scout_memory = TeamMemory(GuardedMemory(shared, "scout", {"scout": {"read", "write"}}), "scout")
    writer_memory = TeamMemory(GuardedMemory(CachedMemory(shared), "writer", {"writer": {"read"}}), "writer")

    def scout_says(messages: Any, tools: list[str], json_output: Any) -> Any:
        if isinstance(messages[-1], FunctionExecutionResultMessage):
            return "I have found the venue."
        return [("remember", {"note": "The venue for the party costs 300 dollars."})]

    def writer_says(messages: Any, tools: list[str], json_output: Any) -> str:
        told = " ".join(str(message.content) for message in messages)
        return (
            "It costs 300 dollars."
            if "scout: The venue for the party costs 300 dollars." in told
            else "Unknown."
        )

    scout = AssistantAgent(
        "scout",
        ScriptedClient(scout_says),
        memory=[scout_memory],
        tools=[scout_memory.remember],
        reflect_on_tool_use=True,
    )
    writer = AssistantAgent("writer", ScriptedClient(writer_says), memory=[writer_memory])
    team = RoundRobinGroupChat([scout, writer], termination_condition=MaxMessageTermination(40), max_turns=2)
    result = await team.run(task="What does the venue for the party cost?")
    assert str(result.messages[-1].content) == "It costs 300 dollars."  # type: ignore[union-attr]
    (stored,) = (await shared.query("venue")).results
    assert (stored.metadata or {})["agent"] == "scout"


async def test_an_entry_from_elsewhere_has_no_known_author() -> None:
    inner = ListMemory(memory_contents=[note("from before")])
    assert await texts(TeamMemory(CachedMemory(inner), "ann"), by="ann") == []
    assert await texts(TeamMemory(CachedMemory(inner), "ann")) == ["from before"]
