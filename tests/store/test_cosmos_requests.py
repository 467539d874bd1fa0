"""Requests are money: what a step and a plan cost, what the read cache saves, how pages are read."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from macae import Engine
from macae.config import Settings
from macae.errors import ConfigError, Conflict
from macae.memory import Change, SQLiteStore
from macae.memory.cosmos import CosmosStore, reading
from macae.memory.cosmos.known import GLANCE
from macae.memory.opening import open_store
from macae.models import AgentMessage, ApprovalRequest, EventType, PlanStatus, Session, Step, StepStatus
from tests.cosmos.peer import Peer
from tests.store.cosmosdb import MakeStore, a_step, happened, kept, make_store, put, said, store
from tests.support.scripted import ScriptedClient, planned

__all__ = ["make_store", "store"]

MOST_A_STEP = 6


def kinds(peer: Peer) -> list[str]:
    """What was asked since the last time, leases left out."""
    asked = [request["kind"] for request in peer.requests()]
    peer.forget()
    return asked


async def test_a_step_costs_at_most_six_requests(
    cosmos_peer: Peer, cosmos_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Approve, claim, model, tool started, tool finished, completion; with a store that the settings alone name."""
    for name, value in {
        "HOME": str(tmp_path),
        "STORE": "cosmos",
        "COSMOS_ENDPOINT": cosmos_peer.endpoint,
        "COSMOS_KEY": cosmos_peer.key,
        "COSMOS_DATABASE": cosmos_database,
        "LEASE": "60",
    }.items():
        monkeypatch.setenv(f"MACAE_{name}", value)
    async with Engine() as engine:
        assert isinstance(engine.store, CosmosStore)
        cosmos_peer.forget()
        plan = await engine.submit("Onboard a new employee, Jessica Smith.")
        assert len(kinds(cosmos_peer)) <= 4
        agents: set[str] = set()
        completed = asyncio.Event()
        engine.subscribe(lambda event: completed.set() if event.type is EventType.step_completed else None)
        for step in (await engine.plan(plan)).steps:
            kinds(cosmos_peer)
            completed.clear()
            await engine.approve(step)
            await asyncio.wait_for(completed.wait(), 10)
            asked = kinds(cosmos_peer)
            assert len(asked) <= MOST_A_STEP
            # Approved and claimed, tool started, tool finished, completed; and an agent's chat when it first works here.
            first = step.agent not in agents
            # (On a slow machine the head is looked at again.)
            assert sorted(kind for kind in asked if kind != "read") == ["batch"] * 4 + ["query"] * first
            agents.add(step.agent)
            plan = await engine.wait(plan)
            assert plan.steps[step.index - 1].status is StepStatus.completed
            assert len(kinds(cosmos_peer)) <= 3, "looks at the head, and the steps"
        assert plan.overall_status is PlanStatus.completed
    assert not (tmp_path / "macae.db").exists()


async def test_the_longest_plan_fits_with_all_its_questions(
    cosmos_peer: Peer, make_store: MakeStore, tmp_path: Path
) -> None:
    plan_of_50 = planned(
        *({"agent": "HrAgent", "action": f"Say {n}.", "function": None, "args": {}} for n in range(50))
    )
    settings = Settings(home=tmp_path, max_steps=50, _env_file=None)
    store = make_store()
    async with Engine(store=store, settings=settings, model=ScriptedClient(lambda *_: plan_of_50)) as engine:
        plan = await engine.submit("Say it all.")
        session = plan.session_id
    assert [step.status for step in plan.steps] == [StepStatus.awaiting_feedback] * 50
    assert len(await store.find(ApprovalRequest, user_id=plan.user_id, session_id=session)) == 50
    assert cosmos_peer.requests("batch")[-1]["status"] == 200


async def test_what_is_submitted_together_is_one_request(cosmos_peer: Peer, store: CosmosStore) -> None:
    step = a_step()
    await store.write("ann", "s", [Change(step, 0)])
    cosmos_peer.forget()
    futures = []
    for number in range(1, 21):
        step.tokens = number
        futures.append(
            store.submit("ann", "s", [Change(step, number), Change(said("x"), 0)], [happened("x")])
        )
    await asyncio.gather(*futures)
    assert kinds(cosmos_peer) == ["batch"]
    assert step.version == 21
    assert [e.seq for e in await store.events(user_id="ann", session_id="s")] == sorted(
        e for e in range(3, 43, 2)
    )


async def test_pages_follow_by_continuation_token_and_an_unchanged_session_costs_one_look(
    cosmos_peer: Peer, store: CosmosStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 10)
    await put(store, *(str(n) for n in range(35)))
    cosmos_peer.forget()

    async def read() -> list[str]:
        found = await store.find(AgentMessage, user_id="ann", session_id="s")
        return [message.content for message in found]

    assert await read() == [str(n) for n in range(35)]
    assert kinds(cosmos_peer) == ["query"] * 4
    assert await read() == [str(n) for n in range(35)]
    assert kinds(cosmos_peer) in ([], ["read"])
    await asyncio.sleep(GLANCE)
    assert len(await read()) == 35
    assert kinds(cosmos_peer) == ["read"]


async def test_the_read_cache_sees_what_others_write_and_keeps_what_was_not_touched(
    cosmos_peer: Peer, make_store: MakeStore
) -> None:
    here, there = make_store(), make_store()
    step, message = a_step(), said("hello")
    await here.write("ann", "s", [Change(step, 0), Change(message, 0)])
    await here.find(AgentMessage, user_id="ann", session_id="s")
    cosmos_peer.forget()
    step.tokens = 1
    await here.write("ann", "s", [Change(step, 1)])
    assert await here.get(Step, step.id, user_id="ann", session_id="s") == step
    assert await here.find(AgentMessage, user_id="ann", session_id="s") == [message]
    assert set(kinds(cosmos_peer)) <= {"batch", "read"}

    other = await there.get(Step, step.id, user_id="ann", session_id="s")
    assert other is not None
    other.tokens = 2
    await there.write("ann", "s", [Change(other, 2)])
    await asyncio.sleep(GLANCE)
    assert await here.get(Step, step.id, user_id="ann", session_id="s") == other
    with pytest.raises(Conflict) as caught:
        await here.write("ann", "s", [Change(step, 2)])
    assert caught.value.current == other
    assert await here.get(Step, step.id, user_id="bob", session_id="s") is None


async def test_writers_in_two_processes_lose_no_event(make_store: MakeStore) -> None:
    here, there = make_store(timeout=10.0), make_store(timeout=10.0)
    writes = [put(store, f"{name}{n}") for n in range(15) for name, store in (("a", here), ("b", there))]
    for n in range(0, len(writes), 6):
        await asyncio.gather(*writes[n : n + 6])
    await asyncio.sleep(GLANCE)
    assert await kept(here) == await kept(there)
    assert sorted(await kept(here)) == sorted(f"{name}{n}" for n in range(15) for name in "ab")
    for name in "ab":
        assert [text for text in await kept(here) if text[0] == name] == [f"{name}{n}" for n in range(15)]


async def test_divided_by_user_and_session_users_share_nothing(
    cosmos_peer: Peer, make_store: MakeStore
) -> None:
    store = make_store(partition="user_session", container="both")
    mine, theirs = a_step(id="1"), a_step(id="1").model_copy(update={"user_id": "bob", "action": "Theirs"})
    await store.write("ann", "s", [Change(mine, 0)], [happened("mine")])
    await store.write("bob", "s", [Change(theirs, 0)])
    assert await store.get(Step, "1", user_id="ann", session_id="s") == mine
    assert await store.get(Step, "1", user_id="bob", session_id="s") == theirs
    assert [e.seq for e in await store.events(user_id="ann", session_id="s")] == [2]
    assert await store.find(Step, user_id="bob") == [theirs]
    rows = await store.query(
        "SELECT * FROM c WHERE c.session_id=@s", [{"name": "@s", "value": "s"}], user_id="ann"
    )
    assert [row["action"] for row in rows] == ["Bake"]
    mine.tokens = 3
    await store.write("ann", "s", [Change(mine, 1)])
    await store.delete("bob", "s", ["1"])
    assert await store.find(Step, user_id="bob") == []
    assert await store.owner_alive(store.owner)
    for number in range(3):
        await store.write("ann", f"t{number}", [Change(Session(id=f"t{number}"), 0)])
    page = await store.sessions(user_id="ann", limit=2)
    rest = await store.sessions(user_id="ann", limit=2, before=page.next)
    assert [item.id for item in [*page.items, *rest.items]] == ["t2", "t1", "t0"]
    with pytest.raises(ConfigError, match="MACAE_COSMOS_PARTITION"):
        await make_store(container="both").open()


def test_the_settings_say_which_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen(**more: Any) -> Any:
        return open_store(Settings(home=tmp_path, _env_file=None, **more))

    assert isinstance(chosen(), SQLiteStore)
    with pytest.raises(ConfigError, match="MACAE_COSMOS_ENDPOINT"):
        chosen(store="cosmos")
    monkeypatch.setenv("COSMOSDB_ENDPOINT", "https://upstream.documents.azure.com/")
    monkeypatch.setenv("COSMOSDB_DATABASE", "theirs")
    monkeypatch.setenv("COSMOSDB_CONTAINER", "memories")
    place = chosen(store="cosmos", cosmos_key="c2VjcmV0").place
    assert (place.endpoint, place.database, place.container) == (
        "https://upstream.documents.azure.com/",
        "theirs",
        "memories",
    )
    assert "c2VjcmV0" not in repr(place)
    ours = chosen(store="cosmos", cosmos_database="ours", cosmos_container="c").place
    assert (ours.database, ours.container, ours.key) == ("ours", "c", None)
