"""The context in real agents: AutoGen's AssistantAgent, after a restart in another process, and the engine's departments."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import TextMessage
from autogen_core.model_context import ChatCompletionContext
from autogen_core.models import UserMessage

from macae import AgentSpec, Engine, Settings, Team
from macae.errors import InvalidInput
from macae.llm import create_client
from macae.llm.offline import OfflineChatCompletionClient
from macae.memory import ChatSummary, CosmosBufferedChatCompletionContext, SQLiteStore, Store
from macae.models import EventType, PlanStatus
from macae.tools import tool
from tests.cosmos.peer import Peer
from tests.store.test_context import shape, user
from tests.store.test_summary import noted
from tests.support.scripted import ScriptedClient, obedient, planned

Context = CosmosBufferedChatCompletionContext


async def order_laptop(employee: str, count: int = 1) -> str:
    """Order laptops for an employee."""
    return f"PO-77{count}: {count} laptop(s) for {employee}"


def agent(context: ChatCompletionContext) -> AssistantAgent:
    return AssistantAgent(
        "Buyer",
        OfflineChatCompletionClient(),
        tools=[order_laptop],
        model_context=context,
        system_message="You order things.",
        reflect_on_tool_use=True,
    )


async def test_an_assistant_agent_chats_over_it_and_its_state_travels(store: Store) -> None:
    context = Context("s", "ann", 4, store=store, agent="Buyer")
    buyer = agent(context)
    for count in range(2, 9):
        result = await buyer.run(task=f"Order {count} laptops for Jessica Smith")
        assert isinstance(result.messages[-1], TextMessage)
        assert f"PO-77{count}" in result.messages[-1].content, "the note does not mislead the agent"
    again = await Context("s", "ann", 4, store=store, agent="Buyer").get_messages()
    assert again == await context.get_messages()
    assert 'called order_laptop(employee="Jessica Smith", count=2) -> PO-772' in noted(again)
    state = json.loads(json.dumps(await buyer.save_state()))
    other = agent(Context("t", "ann", 4, store=store, agent="Buyer"))
    await other.load_state(state)
    assert await other.model_context.get_messages() == again
    assert await Context("t", "ann", 4, store=store, agent="Buyer").get_messages() == again


RESTARTED = """
import asyncio, sys
from autogen_agentchat.agents import AssistantAgent
from macae.llm.offline import OfflineChatCompletionClient
from macae.memory import CosmosBufferedChatCompletionContext
async def main(size):
    async with CosmosBufferedChatCompletionContext("s", "ann", size, agent="Buyer") as context:
        buyer = AssistantAgent("Buyer", OfflineChatCompletionClient(), model_context=context)
        for message in await context.get_messages():
            print(str(message.content).replace("\\n", "|"))
        await buyer.run(task="Thank you")
asyncio.run(main(int(sys.argv[1])))
"""


def restarted(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RESTARTED, "4"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


async def test_another_process_goes_on_where_this_one_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACAE_HOME", str(tmp_path))
    async with Context("s", "ann", 4, agent="Buyer") as context:
        buyer = agent(context)
        for count in range(2, 6):
            await buyer.run(task=f"Order {count} laptops for Jessica Smith")
        here = [str(message.content).replace("\n", "|") for message in await context.get_messages()]
    done = await asyncio.to_thread(restarted, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == here and "PO-772" in here[0]
    async with Context("s", "ann", 4, agent="Buyer") as context:
        assert shape(await context.get_messages())[-2] == "u:Thank you"


async def test_a_component_keeps_its_bounds_and_its_model_but_no_secret(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "store.db") as store:
        context = Context(
            "s", "ann", 4, store=store, agent="A", buffer_tokens=500, summary_size=400,
            model_client=OfflineChatCompletionClient(), summary_timeout=3.0,
        )  # fmt: skip
        for number in range(9):
            await context.add_message(user(f"Item {number} costs {number} USD."))
        dumped = context.dump_component()
        shown = await context.get_messages()
    again = ChatCompletionContext.load_component(json.loads(dumped.model_dump_json()))
    assert isinstance(again, Context)
    async with again:
        assert again.dump_component() == dumped
        assert await again.get_messages() == shown and noted(shown)
    async with SQLiteStore(tmp_path / "store.db") as store:
        closed = Context("s", "ann", store=store, model_client=create_client(Settings(home=tmp_path)))
        with pytest.raises(InvalidInput, match="cannot be dumped"):
            closed.dump_component()


async def test_a_setting_switches_to_cosmos_and_no_key_is_in_a_component(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cosmos_peer: Peer, cosmos_database: str
) -> None:
    for name, value in {
        "HOME": str(tmp_path),
        "STORE": "cosmos",
        "COSMOS_ENDPOINT": cosmos_peer.endpoint,
        "COSMOS_KEY": cosmos_peer.key,
        "COSMOS_DATABASE": cosmos_database,
    }.items():
        monkeypatch.setenv(f"MACAE_{name}", value)
    async with Context("s", "ann", 4, agent="A") as context:
        for number in range(30):
            await context.add_message(user(f"Item {number} costs {number} USD."))
        shown = await context.get_messages()
        dumped = context.dump_component().model_dump_json()
    assert not os.path.exists(tmp_path / "macae.db")  # noqa: ASYNC240, PTH110
    assert cosmos_peer.key not in dumped and cosmos_peer.endpoint not in dumped
    rebuilt = ChatCompletionContext.load_component(json.loads(dumped))
    assert isinstance(rebuilt, Context)
    async with rebuilt:
        assert await rebuilt.get_messages() == shown and "Item 3 costs 3 USD." in noted(shown)


# In the engine


@tool(effect="read")
async def look(shelf: str) -> str:
    """Look at a shelf."""
    return f"{len(shelf)} oats on {shelf}"


class Counting:
    """A store that counts what is asked of it."""

    def __init__(self, store: SQLiteStore) -> None:
        self.store, self.asked = store, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.store, name)
        if name not in ("get", "find", "query", "submit", "write", "delete", "events", "sessions"):
            return value

        def counted(*args: Any, **more: Any) -> Any:
            kind = f" {args[0].__name__}" if name in ("get", "find") else ""
            self.asked[name + kind] += 1
            return value(*args, **more)

        return counted


async def run_steps(
    tmp_path: Path, model: Any, times: int, **settings: Any
) -> tuple[Counter[str], Engine, Any]:
    """So many plans of one step in one session: what their steps asked of the store."""
    store = Counting(SQLiteStore(tmp_path / "store.db"))
    team = Team([AgentSpec("ShelfAgent", "You look.", [look])], name="Shelves")
    engine = Engine(model=model, store=store, team=team, settings=Settings(home=tmp_path, **settings))
    session, asked = None, Counter[str]()
    for number in range(times):
        plan = await engine.submit("Look", session_id=session)
        session = plan.session_id
        before = store.asked.copy()
        await engine.approve_all(plan)
        ended = await engine.wait(plan)
        assert ended.overall_status is PlanStatus.completed
        asked = asked + (store.asked - before) if number else asked
    return asked, engine, session


LOOK = {"agent": "ShelfAgent", "function": "look", "args": {"shelf": "top"}}


async def test_departments_keep_notes_without_more_store_requests(tmp_path: Path) -> None:
    """The note is written with the outcome that it waits for, and read once, when an agent comes back to a long chat."""
    counts: dict[int, Counter[str]] = {}
    for size in (100, 2):
        asked, engine, session = await run_steps(
            tmp_path / str(size),
            ScriptedClient(obedient(planned(LOOK))),
            12,
            buffer_size=size,
            summary_size=500,
        )
        counts[size] = asked
        summaries = await engine.store.find(ChatSummary, user_id=engine.user_id, session_id=session)
        assert bool(summaries) is (size == 2)
        await engine.close(0)
    assert counts[2] == counts[100]
    assert not any("Chat" in name for name in counts[2]), counts


async def test_a_department_can_have_its_notes_from_the_model_and_pays_for_them(tmp_path: Path) -> None:
    plain = obedient(planned(LOOK))

    def script(messages: Any, tools: list[str], json_output: Any) -> Any:
        if "keep the notes" in str(messages[0].content):
            return "- Noted: 3 oats on top shelf"
        return plain(messages, tools, json_output)

    model = ScriptedClient(script)
    _, engine, session = await run_steps(tmp_path, model, 9, buffer_size=2, summary="model")
    last = [m for m in model.seen[-1] if isinstance(m, UserMessage) and m.source == "memory"]
    assert "(model)" in str(last[0].content) and "- Noted: 3 oats on top shelf" in str(last[0].content)
    asked = [seen for seen in model.seen if "keep the notes" in str(seen[0].content)]
    assert len(asked) == 1, "once, not at every step"
    events = await engine.store.events(user_id=engine.user_id, session_id=session)
    calls = Counter(
        event.step_id for event in events if event.type is EventType.model_called and event.step_id
    )
    assert sorted(calls.values()) == [2] * 8 + [3], "the call is on the audit trail, and so in the budget"
    await engine.close(0)
