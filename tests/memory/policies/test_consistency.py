"""The store and its index: what differs is found, and mended."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from autogen_core.memory import ListMemory

from macae.config import Settings
from macae.errors import NotAllowed
from macae.memory import Change, SQLiteStore
from macae.memory.policies import (
    BatchingMemory,
    CachedMemory,
    EvictingMemory,
    GuardedMemory,
    SQLMemory,
    StoredTexts,
    TracedMemory,
    VersionedMemory,
    check_consistency,
    repair_consistency,
)
from macae.memory.semantic import SemanticMemory
from macae.models import AgentMessage
from tests.memory.policies.support import note, texts

_users = itertools.count()


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[SemanticMemory]:
    settings = Settings(_env_file=None, home=tmp_path, embedding="lexical")
    async with SemanticMemory("index", user_id=f"u{next(_users)}", settings=settings, on="memory") as made:
        yield made


async def test_differences_are_found_and_mended_both_ways(index: SemanticMemory, tmp_path: Path) -> None:
    store = SQLMemory(tmp_path / "store.db")
    await store.add_many([note(f"fact number {n}", f"f{n}") for n in range(5)])
    await index.add_many([note(f"fact number {n}", f"f{n}") for n in (0, 1, 2)])
    await index.add_many([note("an older text", "f1"), note("forgotten", "gone")])
    found = await check_consistency(store, index)
    assert (found.compared, found.not_in_index, found.not_in_store, found.changed) == (
        6,
        ["f3", "f4"],
        ["gone"],
        ["f1"],
    )
    assert not found.ok and found.added == found.deleted == []
    assert sorted(await index.ids()) == ["f0", "f1", "f2", "gone"]  # a check changes nothing
    done = await repair_consistency(CachedMemory(store), TracedMemory(CachedMemory(index)))
    assert (done.added, done.deleted) == (["f3", "f4", "f1"], ["gone"])
    assert str(done) == (
        "6 entries compared; 2 not in the index; 1 not in the store any more; 1 with another text or other metadata; "
        "3 added to the index; 1 deleted from the index."
    )
    after = await check_consistency(store, index)
    assert after.ok and str(after) == "5 entries compared; all is well."
    assert (await index.get(["f1"]))[0].content == "fact number 1"


async def test_other_metadata_is_a_difference_and_stamps_are_none(
    index: SemanticMemory, tmp_path: Path
) -> None:
    store = VersionedMemory(SQLMemory(tmp_path / "store.db"))
    await store.add(note("a fact", "f", by="ann", kind="note", tags=["a", "b"]))
    stamping = EvictingMemory(index)
    assert (await repair_consistency(store, stamping)).added == ["f"]
    assert (await check_consistency(store, stamping)).ok
    for other in ({"by": "tom", "kind": "note"}, {"by": "ann", "tags": ["a"]}, {}):
        await index.add(note("a fact", "f", **other))
        assert (await repair_consistency(store, stamping)).changed == ["f"]
        assert (await index.query("fact", where={"by": "ann", "kind": "note"})).results
    assert (await check_consistency(store, stamping)).ok


async def test_the_session_stores_messages_are_a_source(index: SemanticMemory, tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "macae.db") as store:
        for user, session, text in (
            ("ann", "s1", "The order is sent."),
            ("ann", "s2", "The invoice is paid."),
            ("ann", "s2", "   "),
            ("tom", "s1x", "A secret."),
        ):
            message = AgentMessage(
                session_id=session, user_id=user, content=text, source="Agent", plan_id="p"
            )
            await store.write(user, session, [Change(message, expect=0)])
        source = StoredTexts(store, "ann")
        done = await repair_consistency(source, BatchingMemory(CachedMemory(index)))
        assert len(done.added) == 2
        assert await texts(index, "order", k=1) == ["The order is sent."]
        (found,) = (await index.query("order", k=1)).results
        assert isinstance((found.metadata or {})["ts"], int)
        assert (found.metadata or {})["session_id"] == "s1" and (found.metadata or {})["source"] == "Agent"
        assert (await check_consistency(source, index)).ok
        assert len((await check_consistency(StoredTexts(store, "ann", "s1"), index)).not_in_store) == 1


async def test_who_may_only_read_checks_but_does_not_mend(tmp_path: Path) -> None:
    store, inner = SQLMemory(tmp_path / "store.db"), ListMemory()
    await store.add(note("fact", "f"))
    reader = GuardedMemory(CachedMemory(inner), "clerk", {"clerk": {"read"}})
    assert (await check_consistency(store, reader)).not_in_index == ["f"]
    with pytest.raises(NotAllowed):
        await repair_consistency(store, reader)
    assert inner.content == []
    writer = BatchingMemory(CachedMemory(inner))
    assert (await repair_consistency(store, writer)).added == ["f"]
