"""One memory for a team of agents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core.memory import ListMemory
from autogen_core.models import FunctionExecutionResultMessage

from macae.errors import NotAllowed
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


async def test_what_others_wrote_does_not_crowd_out_what_is_asked_for(tmp_path: Path) -> None:
    for inner in (SQLMemory(tmp_path / "team.db", k=5), ListMemory()):
        bob, ann = TeamMemory(inner, "bob"), TeamMemory(CachedMemory(inner), "ann")
        for number in range(9):
            await bob.add(note(f"the budget, the budget of project {number}", kind="note"))
        await ann.add(note("the board agreed on the budget in a long meeting on Friday", kind="news"))
        assert len(await texts(bob, "budget", by="ann")) == 1
    sql = TeamMemory(SQLMemory(tmp_path / "team.db"), "ann")
    assert await texts(sql, "budget", by="ann", where={"kind": "note"}) == []
    assert len(await texts(sql, "budget", by="bob", k=2, where={"kind": "note"})) == 2


async def test_nobody_replaces_what_another_wrote(tmp_path: Path) -> None:
    for inner in (SQLMemory(tmp_path / "team.db"), ListMemory()):
        ann, bob = TeamMemory(inner, "ann"), TeamMemory(CachedMemory(inner), "bob")
        await inner.add(note("from before", "old"))
        await ann.add(note("a fact", "f1"))
        with pytest.raises(NotAllowed, match="'f1' is ann's"):
            await bob.add_many([note("mine", "f2"), note("a lie", "f1")])
        assert await texts(inner) == ["a fact", "from before"]
        await ann.add(note("a better fact", "f1"))
        await bob.add(note("newer", "old"))
        assert await texts(inner) == ["a better fact", "newer"]
